#!/usr/bin/env php
<?php
// Keeps a list of addresses to send nothing more to: README.md. PHP 8.1 or later.
//
// usage: consumer.php SOCKET NAME FILE

/** Writes all of the line, or says that it can't. */
function say($server, string $line): bool
{
    return @fwrite($server, $line) === strlen($line);
}

/** The list is on disk before the event is acknowledged. */
function suppress($list, string $recipient): void
{
    if (fwrite($list, "$recipient\n") === false || !fsync($list)) {
        exit("The list can't be written.\n");
    }
}

/** Takes events until the connection ends. */
function follow(string $path, string $name, $list): void
{
    $server = @stream_socket_client("unix://$path", $code, $why);
    if (!$server || !say($server, "FOLLOW $name\n")) {
        fwrite(STDERR, "$path: $why\n");
        return;
    }
    stream_set_timeout($server, 365 * 86400); // silence is no error
    $is_ours = false; // events before the answer to FOLLOW weren't asked for, and come again
    while (($line = fgets($server)) !== false) {
        $message = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
        $is_ours = $is_ours || isset($message['following']);
        if ($is_ours && isset($message['v'])) {
            if ($message['kind'] === 'bounce' && ($message['advice'] ?? '') === 'suppress' && isset($message['recipient'])) {
                suppress($list, $message['recipient']);
            }
            if (!say($server, "ACK {$message['seq']}\n")) {
                break;
            }
        } elseif (isset($message['gap']) || isset($message['error'])) {
            fwrite(STDERR, "dsnd: $line");
        }
    }
    fclose($server);
}

if ($argc !== 4) {
    exit("usage: consumer.php SOCKET NAME FILE\n");
}
$list = fopen($argv[3], 'a') ?: exit(1);
while (true) {
    follow($argv[1], $argv[2], $list);
    sleep(1);
}
