"""Other readers of bounces over the same mails in the same run, as far as this machine has them (Debian: libsisimai-perl, python3-flufl.bounce)."""
import subprocess
import sys
import time

# each reads a directory of mails given as its last argument, and prints how many gave a result
SISIMAI = ['perl', '-MSisimai', '-e', 'my $n = 0; my $got = Sisimai->make($ARGV[0], "delivered" => 0) || []; '
           '$n += 1 for map { $_->dump("json") } @$got; print "$n\\n"']
FLUFL = ['/usr/bin/python3', '-c', '''
import email, os, sys
from flufl.bounce import all_failures
n = 0
for entry in os.scandir(sys.argv[1]):
    with open(entry.path, 'rb') as mail:
        try:
            n += any(all_failures(email.message_from_bytes(mail.read())))
        except Exception:  # some mails are too much for it
            pass
print(n)
''']
PEERS = {'Sisimai for Perl': (SISIMAI, ['perl', '-MSisimai', '-e', 'print Sisimai->version']),
         'flufl.bounce (addresses only)': (FLUFL, ['/usr/bin/python3', '-c', 'import flufl.bounce; print(flufl.bounce.__version__)'])}


def version(command):
    try:
        got = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return got.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def run(command):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900)
    return time.monotonic() - start


def measure(build, folder, count, rounds, spread):
    """Mails a second of one process of each, in turns with dsnctl."""
    peers = {name: (command, version(ask)) for name, (command, ask) in PEERS.items()}
    missing = [name for name, (_, known) in peers.items() if known is None]
    for name in missing:
        print(f'bench: {name} is not installed: not measured', file=sys.stderr)
    present = {name: got for name, got in peers.items() if got[1] is not None}
    if not present:
        return []
    ours = [build / 'src/cli/dsnctl', 'parse', '--json', '--rules=', '-j', '1', folder]
    times = {name: [] for name in present}
    own = []
    for _ in range(rounds):
        own.append(count / run(ours))
        for name, (command, _) in present.items():
            times[name].append(count / run([*command, str(folder)]))
    return [{'name': name, 'version': present[name][1], 'per_s': spread(times[name]),
             'times_faster': spread([a / b for a, b in zip(own, times[name])])} for name in present]
