"""Writes python/dsn/_events.py: the types of an event's keys, from docs/event.schema.json.

    gen-events.py SCHEMA OUTPUT
"""
import json
import sys

HEAD = '''"""The keys of an event, made from docs/event.schema.json; docs/events.md tells what they mean. Each may be missing."""
from typing import Dict, List, TypedDict

'''


def type_of(key, schema, defs):
    if '$ref' in schema:
        schema = defs[schema['$ref'].split('/')[-1]]
    kind = schema.get('type') or type(schema['const'] if 'const' in schema else schema['enum'][0]).__name__
    if kind == 'object':
        return class_of(key) if 'properties' in schema else 'Dict[str, str]'
    if kind == 'array':
        item = schema['prefixItems'][0] if 'prefixItems' in schema else schema['items']
        return 'List[%s]' % type_of(key, item, defs)
    return {'string': 'str', 'str': 'str', 'integer': 'int', 'int': 'int'}[kind]


def class_of(key):
    return ''.join(word.capitalize() for word in key.split('_'))


def typed_dict(name, properties, defs):
    # written as a call: some keys are words of the language
    lines = ['    %r: %s,\n' % (key, type_of(key, value, defs)) for key, value in properties.items()]
    return '%s = TypedDict(%r, {\n%s}, total=False)\n' % (name, name, ''.join(lines))


def main():
    path, output = sys.argv[1:]
    schema = json.load(open(path, encoding='utf-8'))
    objects = [(class_of(key), value['properties']) for key, value in schema['properties'].items() if 'properties' in value]
    parts = [typed_dict(name, properties, schema.get('$defs', {}))
             for name, properties in objects + [('Event', schema['properties'])]]
    with open(output, 'w', encoding='utf-8') as file:
        file.write(HEAD + '\n'.join(parts))


main()
