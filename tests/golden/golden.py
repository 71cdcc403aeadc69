"""Compares what dsnctl makes of fixtures/**/NAME.eml with NAME.json beside it.

    golden.py DSNCTL FIXTURES [--update | --update-all]

NAME.json holds the mail's events, one a line, byte for byte as dsnctl writes them, but without the keys that
tell where and by what they were made: id, ruleset, source. The built-in rules alone are used.
--update writes the files anew that are there, --update-all one for each mail: read the diff before you commit it.
A mail without NAME.json is left to expected.tsv.
"""
import difflib
import json
import os
import subprocess
import sys

LEFT_OUT = ('id', 'ruleset', 'source')


def read_events(dsnctl, fixtures):
    """The events as golden text, by file."""
    run = subprocess.run([dsnctl, 'parse', '--json', '--rules', '', fixtures], stdout=subprocess.PIPE)
    texts = {}
    for line in run.stdout.decode('utf-8').splitlines():
        event = json.loads(line)
        name = event['source']['file']
        # JSON written by Python escapes less than ours: cut the keys out of the line instead
        for key in filter(event.__contains__, LEFT_OUT):
            text = '"%s":%s' % (key, json.dumps(event[key], ensure_ascii=False, separators=(',', ':')))
            assert line.count(text) == 1, (name, key)
            line = line.replace(text + ',', '', 1) if text + ',' in line else line.replace(',' + text, '', 1)
        texts[name] = texts.get(name, '') + line + '\n'
    return run.returncode, texts


def find(fixtures, suffix):
    return sorted(os.path.join(folder, name)[:-len(suffix)] for folder, _, names in os.walk(fixtures)
                  for name in names if name.endswith(suffix))


def read(path):
    if not os.path.exists(path):
        return ''
    with open(path, encoding='utf-8', newline='') as file:
        return file.read()


def report(mail, wanted, got):
    print('%s: not as in its .json; if it should be, run golden.py DSNCTL FIXTURES --update and read the diff' % mail)
    sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), 'wanted', 'got'))


def main():
    dsnctl, fixtures, *options = sys.argv[1:]
    assert set(options) <= {'--update', '--update-all'}, options
    mails, goldens = find(fixtures, '.eml'), find(fixtures, '.json')
    code, texts = read_events(dsnctl, fixtures)
    differing = 0
    for mail in mails if '--update-all' in options else sorted(set(mails) & set(goldens)):
        got, wanted = texts.get(mail + '.eml', ''), read(mail + '.json')
        if got and got == wanted:
            continue
        differing += 1
        if options:
            with open(mail + '.json', 'w', encoding='utf-8', newline='') as file:
                file.write(got)
        else:
            report(mail, wanted, got)
    orphans = sorted(set(goldens) - set(mails))
    for name in orphans:
        print('%s.json: there is no such mail' % name)
    print('%d mails, %d with a .json, %d %s' % (len(mails), len(find(fixtures, '.json')), differing,
                                                'rewritten' if options else 'differ'))
    sys.exit(bool(code or orphans or not (goldens or options) or (differing and not options)))


main()
