"""Checks events against docs/event.schema.json, and that schema, docs/events.md and the field table agree.

    schema.py ROOT                       the documents and the table
    schema.py ROOT DSNCTL PATH...        also the events that DSNCTL gives for the mails below each PATH
Paths that don't exist are stepped over; exit 77 (skipped) without the jsonschema module.
"""
import json
import os
import re
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print('python3-jsonschema is not installed')
    sys.exit(77)


def strict(schema):
    """The schema with no keys but those it names: a new key must be documented before it's used."""
    if isinstance(schema, dict):
        schema = {key: strict(value) for key, value in schema.items()}
        if 'properties' in schema:
            schema.setdefault('additionalProperties', False)
    elif isinstance(schema, list):
        schema = [strict(value) for value in schema]
    return schema


def keys_of(schema):
    for key, value in schema['properties'].items():
        yield key
        if 'properties' in value:
            yield from (key + '.' + name for name in value['properties'])


def keys_of_table(root):
    """The keys in src/core/event/fields.c, as `group.key`."""
    text = open(os.path.join(root, 'src/core/event/fields.c'), encoding='utf-8').read()
    for name, group, key in re.findall(r'^    (REPORT|RECIPIENT)(?:_NAME)? \((?:(NULL|"\w+"), )?"(\w+)"',
                                       text, re.M):
        yield group.strip('"') + '.' + key if name == 'REPORT' and group != 'NULL' else key


def check_documents(root, schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    page = open(os.path.join(root, 'docs/events.md'), encoding='utf-8').read()
    keys, table = list(keys_of(schema)), list(keys_of_table(root))
    errors = ['docs/events.md does not document %s' % key for key in keys
              if '`%s`' % key.split('.')[-1] not in page]
    errors += ['docs/event.schema.json lacks %s' % key for key in table if key not in keys]
    if len(table) < 40:
        errors.append('only %d keys read from src/core/event/fields.c: has its form changed?' % len(table))
    if [key for key in keys if key in table] != table:
        errors.append('docs/event.schema.json has the keys in another order than the table')
    return errors


def check_events(schema, dsnctl, path):
    validator = jsonschema.Draft202012Validator(strict(schema))
    run = subprocess.run([dsnctl, 'parse', '--json', '--explain', path], stdout=subprocess.PIPE)
    errors = [] if run.returncode == 0 else ['%s: exit %d' % (path, run.returncode)]
    lines = run.stdout.decode('utf-8').split('\n')
    if lines.pop() != '' or not lines:
        errors.append('%s: no events, or the last one has no line feed' % path)
    for line in lines:
        event = json.loads(line)
        name = event.get('source', {}).get('file', '?')
        errors += ['%s: %s: %s' % (name, '.'.join(map(str, e.path)), e.message[:200])
                   for e in validator.iter_errors(event)]
    print('%s: %d events' % (path, len(lines)))
    return errors


def main():
    root = sys.argv[1]
    schema = json.load(open(os.path.join(root, 'docs/event.schema.json'), encoding='utf-8'))
    errors = check_documents(root, schema)
    for path in filter(os.path.exists, sys.argv[3:]):
        errors += check_events(schema, sys.argv[2], path)
    for error in errors[:50]:
        print(error)
    print('%d errors' % len(errors))
    sys.exit(bool(errors))


main()
