"""Compares what dsnctl makes of each mail fixtures/FOLDER/NAME.eml with events/FOLDER.jsonl beside this file.

    golden.py DSNCTL FIXTURES [--update]

A file holds the events of all mails of the folder, one a line, byte for byte as dsnctl writes them, but with the mail's
name at the front, and without the keys that tell where and by what they were made: id, ruleset, source. The built-in rules
alone are used. --update writes the files anew: read the diff before you commit it.
"""
import collections
import difflib
import json
import os
import subprocess
import sys

LEFT_OUT = ('id', 'ruleset', 'source')
EVENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'events')


def bare(line, event):
    """The line without the keys that are left out. JSON written by Python escapes less than ours: they're cut out of it."""
    for key in filter(event.__contains__, LEFT_OUT):
        text = '"%s":%s' % (key, json.dumps(event[key], ensure_ascii=False, separators=(',', ':')))
        assert line.count(text) == 1, (line, key)
        line = line.replace(text + ',', '', 1) if text + ',' in line else line.replace(',' + text, '', 1)
    return line


def read_events(dsnctl, fixtures):
    """{folder: {mail: its lines}}"""
    run = subprocess.run([dsnctl, 'parse', '--json', '--rules', '', fixtures], stdout=subprocess.PIPE, check=True)
    texts = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in run.stdout.decode('utf-8').splitlines():
        event = json.loads(line)
        folder, mail = os.path.split(event['source']['file'])
        if mail.endswith('.eml'):
            texts[folder][mail].append('{"mail":%s,%s' % (json.dumps(mail), bare(line, event)[1:]))
    return texts


def read_golden(path):
    """{mail: its lines}"""
    mails = collections.defaultdict(list)
    if os.path.exists(path):
        with open(path, encoding='utf-8', newline='') as file:
            for line in file.read().splitlines():
                mails[json.loads(line)['mail']].append(line)
    return mails


def write_golden(path, mails):
    with open(path, 'w', encoding='utf-8', newline='') as file:
        file.writelines(line + '\n' for mail in sorted(mails) for line in mails[mail])


def report(folder, mail, wanted, got):
    print('%s/%s: not as in tests/golden/events; if it should be, run golden.py DSNCTL FIXTURES --update and read the diff' % (folder, mail))
    # a line for each key: whole events are too long to compare by eye
    sys.stdout.writelines(difflib.unified_diff(*([key + '\n' for line in lines for key in line.replace(',"', ',\n"').split('\n')]
                                                 for lines in (wanted, got)), 'wanted', 'got', n=0))


def main():
    dsnctl, fixtures, *options = sys.argv[1:]
    assert set(options) <= {'--update'}, options
    folders = sorted({folder for folder, _, names in os.walk(fixtures) if any(name.endswith('.eml') for name in names)})
    mails_there = sum(name.endswith('.eml') for _, _, names in os.walk(fixtures) for name in names)
    texts, differing, seen = read_events(dsnctl, fixtures), 0, 0
    for folder in folders:
        path, got = os.path.join(EVENTS, os.path.basename(folder) + '.jsonl'), texts[folder]
        wanted = read_golden(path)
        seen += len(got)
        for mail in sorted(set(got) | set(wanted)):
            if got[mail] != wanted[mail]:
                differing += 1
                if not options:
                    report(os.path.basename(folder), mail, wanted[mail], got[mail])
        if options:
            write_golden(path, {mail: lines for mail, lines in got.items() if lines})
    print('%d mails, %d %s' % (seen, differing, 'rewritten' if options else 'differ'))
    sys.exit(seen != mails_there or seen == 0 or (differing > 0 and not options))


main()
