"""Holds the journal's message catalogue to the daemon: each log line has an id and an entry, and an entry names no field that
its line lacks. Then journalctl reads the catalogue.

    catalog.py ROOT
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = sys.argv[1]
CATALOG = os.path.join(ROOT, 'systemd/dsnd.catalog')


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def logged():
    """What the daemon logs: the event's name -> its fields."""
    events = {}
    for path in glob.glob(os.path.join(ROOT, 'src/daemon/**/*.c'), recursive=True):
        for function, arguments in re.findall(r'\blog_(event|segment) \(((?:"(?:[^"\\]|\\.)*"|[^;])*)\);', read(path)):
            strings = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments)
            if re.match('LOG_[A-Z]+,', arguments):
                fields = {'SEGMENT', 'BYTES'} if function == 'segment' else set()
                events[strings[0]] = fields | {text for text in strings[1:] if re.fullmatch('[A-Z_]+', text)}
    return events


def catalogued():
    """The catalogue: name -> (id, text)."""
    entries = re.findall(r'^# ([a-z-]+)\n-- ([0-9a-f]{32})\n(.*?)(?=^# |\Z)', read(CATALOG), re.M | re.S)
    return {name: (number, text) for name, number, text in entries}


def check():
    events, entries = logged(), catalogued()
    code = re.findall(r'\{ "([a-z-]+)", "([0-9a-f]{32})" \}', read(os.path.join(ROOT, 'src/daemon/base/message.c')))
    assert len(events) > 20, events
    yield from ('%s is logged, and not in message.c' % name for name in events.keys() - dict(code).keys())
    yield from ('%s is in message.c, and never logged' % name for name in dict(code).keys() - events.keys())
    if [(name, number) for name, (number, _) in sorted(entries.items())] != code:
        yield 'message.c and dsnd.catalog differ, or message.c is not sorted'
    if len({number for _, number in code}) != len(code):
        yield 'an id stands twice'
    for name, (_, text) in entries.items():
        fields = events.get(name, set())
        yield from ('the entry of %s names %s, which its line lacks' % (name, field)
                    for field in re.findall('@DSND_([A-Z_]+)@', text) if field not in fields)
        if not re.match(r'Subject: .*\nDefined-By: dsnd\nDocumentation: man:dsnd\(8\)\n\n\S', text):
            yield 'the entry of %s lacks a header' % name


def check_journalctl():
    with tempfile.TemporaryDirectory() as root:
        folder = os.path.join(root, 'usr/lib/systemd/catalog')
        os.makedirs(folder)
        shutil.copy(CATALOG, folder)
        subprocess.run(['journalctl', '--update-catalog', '--root', root], check=True)
        listed = subprocess.run(['journalctl', '--list-catalog', '--root', root], check=True, stdout=subprocess.PIPE, encoding='utf-8').stdout
    ids = {number for number, _ in catalogued().values()}
    if {line.split()[0] for line in listed.splitlines()} != ids:
        yield 'journalctl lists other messages:\n' + listed


def main():
    errors = list(check())
    if shutil.which('journalctl'):
        errors += check_journalctl()
    print('\n'.join(errors + ['%d errors' % len(errors)]))
    sys.exit(bool(errors))


main()
