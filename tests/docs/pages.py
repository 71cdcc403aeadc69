"""Holds the man pages to what they describe: the event's keys and words, and the options of the programs.

    pages.py ROOT DSNCTL DSND RELAY
"""
import glob
import json
import os
import re
import subprocess
import sys

ROOT, DSNCTL, DSND, RELAY = sys.argv[1:]


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding='utf-8') as file:
        return file.read()


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding='utf-8', timeout=30).stdout


def words_of(page, macro):
    """What the page sets with a macro, in its own lines and in lists."""
    found = set()
    for line in page.splitlines():
        if re.match(r'\.(It |Op |Sx |Ql )?%s ' % macro, line) or ' %s ' % macro in line:
            found |= set(re.split(r'[\s,|]+', line.split(macro + ' ', 1)[1]))
    return found


def keys_of(schema, prefix=''):
    for key, value in schema.get('properties', {}).items():
        yield prefix + key
        yield from keys_of(value, prefix + key + '.')


def enums_of(schema):
    for value in schema.values() if isinstance(schema, dict) else []:
        yield from enums_of(value)
    if isinstance(schema, dict):
        yield from schema.get('enum', [])


def check_events():
    """Every key has its entry, every word of a list and every category stands in the page."""
    page = read('man', 'dsn-events.7')
    schema = json.loads(read('docs', 'event.schema.json'))
    entries = set()
    for line in re.findall(r'^\.It Cm (.*?)(?: No .*)?$', page, re.M):
        entries |= set(re.split(r'[ ,]+', line))
    words = words_of(page, 'Cm')
    categories = {line.split('\t')[0] for line in read('rules', 'taxonomy.tsv').splitlines() if not line.startswith('#')}
    yield from ('dsn-events(7) lacks the key %s' % key for key in keys_of(schema) if key not in entries)
    yield from ('dsn-events(7) lacks the word %s' % word for word in enums_of(schema) if word not in words)
    yield from ('dsn-events(7) lacks the category %s' % name for name in categories - entries)


def check_options(name, page, text):
    """The options in a --help and in the page are the same."""
    page_options = {option for option in re.findall(r'Fl -?-?([a-z][a-z-]+)|\| -([a-z][a-z-]+)', page) for option in option if option}
    help_options = set(re.findall(r'--([a-z][a-z-]+)', text))
    yield from ('%s lacks --%s' % (name, option) for option in sorted(help_options - page_options - {'help'}))
    yield from ('%s has --%s, which the program lacks' % (name, option) for option in sorted(page_options - help_options))


def check_dsnctl():
    page = read('man', 'dsnctl.1')
    verbs = re.findall(r'^  ([a-z]+) ', run(DSNCTL, '--help'), re.M)
    assert len(verbs) > 5, verbs
    synopsis = page[:page.index('.Sh DESCRIPTION')]
    texts = {verb: run(DSNCTL, verb, '--help').split('Options:', 1)[1] for verb in verbs}
    for verb in verbs:
        # each verb's own forms, so that an option of another verb doesn't stand for it
        forms = ''.join(form for form in synopsis.split('.Nm\n') if re.match(r'\.Cm %s\b' % verb, form))
        if not forms:
            yield 'the synopsis of dsnctl(1) lacks %s' % verb
        yield from check_options('the synopsis of dsnctl(1) for %s' % verb, forms, texts[verb])
    yield from check_options('dsnctl(1)', page, ''.join(texts.values()))


def check_keys():
    """Every key that a relay's code asks for has its entry in dsn-relay.conf(5), and no other."""
    code = ''.join(open(path, encoding='utf-8').read() for path in glob.glob(os.path.join(ROOT, 'src/relay/**/*.c'), recursive=True))
    asked = set(re.findall(r'(?:section_(?:text|need|number|bool|choice|secret)|read_key) \(\s*\w+(?:->\w+)?,\s*"(\w+)"', code))
    told = {key for line in re.findall(r'^\.It Cm (.*)$', read('man', 'dsn-relay.conf.5'), re.M) for key in re.split('[ ,]+', line)}
    assert len(asked) > 10, asked
    yield from ('dsn-relay.conf(5) lacks %s' % key for key in sorted(asked - told))
    yield from ('dsn-relay.conf(5) has %s, which no code asks for' % key for key in sorted(told - asked))


def main():
    errors = [*check_events(), *check_dsnctl(), *check_options('dsnd(8)', read('man', 'dsnd.8'), run(DSND, '--help')),
              *check_options('dsn-relay(8)', read('man', 'dsn-relay.8'), run(RELAY, '--help')), *check_keys()]
    for error in errors:
        print(error)
    print('%d errors' % len(errors))
    sys.exit(bool(errors))


main()
