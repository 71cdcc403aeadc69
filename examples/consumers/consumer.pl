#!/usr/bin/perl
# Keeps a list of addresses to send nothing more to: README.md.
#
# usage: consumer.pl SOCKET NAME FILE
use strict;
use warnings;
use IO::Handle;
use IO::Socket::UNIX;
use JSON::PP;

my ($path, $name, $file) = @ARGV;
die "usage: consumer.pl SOCKET NAME FILE\n" unless defined $file;
$SIG{PIPE} = 'IGNORE';
open my $suppressed, '>>:encoding(UTF-8)', $file or die "$file: $!\n";

# Takes events until the connection ends.
sub follow {
    my $server = IO::Socket::UNIX->new(Peer => $path) or return warn "$path: $!\n";
    $server->autoflush(1);
    print $server "FOLLOW $name\n";
    my $is_ours = 0; # events before the answer to FOLLOW weren't asked for, and come again
    while (my $line = <$server>) {
        my $message = decode_json($line);
        $is_ours ||= exists $message->{following};
        if ($is_ours && exists $message->{v}) {
            suppress($message->{recipient})
                if $message->{kind} eq 'bounce' && ($message->{advice} // '') eq 'suppress' && defined $message->{recipient};
            print $server "ACK $message->{seq}\n";
        } elsif ($message->{gap} || $message->{error}) {
            warn "dsnd: $line";
        }
    }
}

sub suppress {
    my ($recipient) = @_;
    print $suppressed "$recipient\n" and $suppressed->flush and $suppressed->sync or die "$file: $!\n";
}

while (1) {
    follow();
    sleep 1;
}
