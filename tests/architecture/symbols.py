"""Holds the shared library to its public headers: it exports what they declare, with a version, and nothing else.

    symbols.py ROOT LIBDSN.SO
"""
import glob
import os
import re
import subprocess
import sys


def declared(path):
    """The functions and tables that a header declares, without those it defines itself."""
    text = open(path, encoding='utf-8').read()
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
    text = re.sub(r'^\s*#([^\n]*\\\n)*[^\n]*\n', '', text, flags=re.M)
    text = re.sub(r'DSN_(BEGIN|END)_DECLS|G_DEFINE_AUTOPTR_CLEANUP_FUNC \([^)]*\)', '', text)
    bodies = 1
    while bodies:
        text, bodies = re.subn(r'\{[^{}]*\}', ';', text)
    for declaration in text.split(';'):
        words = declaration.strip()
        if words.startswith(('static inline', 'typedef')):
            continue
        match = re.search(r'\b(dsn_\w+) \(', words) or re.match(r'extern\b.*?\b(dsn_\w+)(\[|$)', words)
        if match:
            yield match[1]


def exported(library):
    lines = subprocess.run(['nm', '-D', '--defined-only', library], check=True, stdout=subprocess.PIPE, encoding='utf-8').stdout
    for line in lines.splitlines():
        _, kind, name = line.split()
        if kind != 'A':  # the versions themselves
            yield name


def main():
    root, library = sys.argv[1:]
    wanted = set()
    for path in glob.glob(os.path.join(root, 'include/dsn/*.h')):
        wanted |= set(declared(path))
    symbols = [name.partition('@@') for name in exported(library)]
    names = {name for name, _, _ in symbols}
    errors = ['%s is declared, and not in src/core/libdsn.map' % name for name in sorted(wanted - names)]
    errors += ['%s is exported, and in no header' % name for name in sorted(names - wanted)]
    errors += ['%s has no version' % name for name, _, version in symbols if not version.startswith('LIBDSN_')]
    print('\n'.join(errors + ['%d symbols, %d errors' % (len(names), len(errors))]))
    sys.exit(bool(errors) or not names)


main()
