#!/usr/bin/env python3
"""Writes HTML's named characters as the rows of a const array, sorted by name: { "auml", "\\303\\244" }.

Usage: gen-entities.py OUTPUT.H

The names are those of the HTML standard, which doesn't change any more; Python's html.entities has them.
"""
import html.entities
import sys


def main():
    names = {name[:-1]: text for name, text in html.entities.html5.items() if name.endswith(';')}
    with open(sys.argv[1], 'w', encoding='ascii') as out:
        for name, text in sorted(names.items(), key=lambda item: item[0].encode('ascii')):
            out.write('{ "%s", "%s" },\n' % (name, ''.join('\\%03o' % byte for byte in text.encode('utf-8'))))


if __name__ == '__main__':
    main()
