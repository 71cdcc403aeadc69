"""docs/formats.md names every key that the other tools' formats have, no other, and the words of rules/taxonomy.tsv.

    formatdocs.py DSNCTL FIXTURES DOCUMENT TAXONOMY
"""
import json
import re
import subprocess
import sys

DSNCTL, FIXTURES, DOCUMENT, TAXONOMY = sys.argv[1:]
# objects that are documented key by key
OPEN = {'sisimai': (), 'ses': ('bounce', 'complaint', 'delivery', 'deliveryDelay', 'mail'), 'kumomta': ('response',)}

# no delivery report among the fixtures tells the address
UNSEEN = {'delivery.remoteMtaIp'}


def keys_of(record, opened):
    for key, value in record.items():
        if key in opened:
            yield from ('%s.%s' % (key, inner) for inner in value)
        else:
            yield key


def keys_seen(name):
    run = subprocess.run([DSNCTL, 'parse', '--format=' + name, '--rules', '', FIXTURES], stdout=subprocess.PIPE, encoding='utf-8')
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 0 and len(records) > 100, run.returncode
    return {key for record in records for key in keys_of(record, OPEN[name])}


def main():
    with open(DOCUMENT, encoding='utf-8') as file:
        sections = dict(part.split('\n', 1) for part in file.read().split('\n## ')[1:])
    with open(TAXONOMY, encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file if not line.startswith('#')]
    faults = []
    for name in OPEN:
        documented = set(re.findall(r'^\| `([\w.]+)` \|', sections[name], re.M))
        faults += ['%s: %s is not documented' % (name, key) for key in sorted(keys_seen(name) - documented)]
        faults += ['%s: no record has %s' % (name, key) for key in sorted(documented - keys_seen(name) - UNSEEN)]
    words = [[cell.strip(' `') for cell in line.strip('|').split('|')] for line in sections['Categories'].splitlines() if line.startswith('| `')]
    if words != [[row[0], row[4], row[7], row[5], row[6]] for row in rows]:
        faults.append('the table of categories is not that of %s' % TAXONOMY)
    print('\n'.join(faults))
    return 1 if faults else 0


sys.exit(main())
