"""parse --format=sisimai beside Sisimai itself: the same keys with the same types, and the same token for the same bounce.
Prints how often the values agree. Skips (77) where Sisimai 4.25 isn't installed (Debian: libsisimai-perl).

    sisimai.py DSNCTL FIXTURES
"""
import collections
import json
import os
import subprocess
import sys

DSNCTL, FIXTURES = sys.argv[1:]
# what version 5 added or renamed
NEW_KEYS = {'hardbounce', 'decodedby', 'command', 'feedbackid'}
DUMP = r'use Sisimai; use JSON; my $json = JSON->new->utf8; for my $file (@ARGV) { my $dump = Sisimai->dump($file) // "[]";' \
       r' utf8::encode($dump) if utf8::is_utf8($dump); print "$dump\n"; }'


def sisimai_records(files):
    run = subprocess.run(['perl', '-e', DUMP, *files], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300)
    assert run.returncode == 0, run
    return [json.loads(line) for line in run.stdout.decode('utf-8', 'replace').splitlines()]


def our_records(files):
    run = subprocess.run([DSNCTL, 'parse', '--format=sisimai', '--rules', '', *files], stdout=subprocess.PIPE, timeout=300)
    assert run.returncode == 0, run
    found = collections.defaultdict(list)
    for line in run.stdout.decode('utf-8').splitlines():
        record = json.loads(line)
        found[record['origin']].append(record)
    return [found[name] for name in files]


def pairs(theirs, ours):
    """Records of the same recipient."""
    for record in theirs:
        same = [other for other in ours if other['recipient'].lower() == record['recipient'].lower()]
        if same:
            yield record, same[0]


def check(name, theirs, ours, agreement):
    faults = []
    if set(ours) - set(theirs) != NEW_KEYS or set(theirs) - set(ours):
        faults.append('keys %s' % sorted(set(ours) ^ set(theirs)))
    for key, value in theirs.items():
        # Sisimai gives a few reply codes as numbers, the rest as strings
        # and null for no callback, which is an empty string in 5.1
        if type(value) is not type(ours.get(key)) and not (key == 'replycode' and isinstance(value, int)) and (key, value) != ('catch', None):
            faults.append('%s: %r, but Sisimai has %r' % (key, ours.get(key), value))
        agreement[key] += str(value).lower() == str(ours.get(key)).lower()
    made_of = ('addresser', 'recipient', 'timestamp')
    if all(theirs[key] == ours[key] for key in made_of) and theirs['token'] != ours['token']:
        faults.append('another token')
    return ['%s: %s' % (name, fault) for fault in faults]


def main():
    try:
        has_sisimai = subprocess.run(['perl', '-MSisimai', '-MJSON', '-e', '1'], stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        has_sisimai = False
    if not has_sisimai:
        print('Sisimai is not installed (libsisimai-perl)')
        return 77
    files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(FIXTURES) for name in names if name.endswith('.eml'))
    agreement, n, faults = collections.Counter(), 0, []
    for name, theirs, ours in zip(files, sisimai_records(files), our_records(files), strict=True):
        for their_record, our_record in pairs(theirs, ours):
            faults += check(name, their_record, our_record, agreement)
            n += 1
    print('\n'.join(faults))
    for key, count in sorted(agreement.items()):
        print('%-16s equal in %d of %d records' % (key, count, n))
    if n < 150:
        print('only %d records to compare' % n)
    return 1 if faults or n < 150 else 0


sys.exit(main())
