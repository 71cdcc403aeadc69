#!/usr/bin/env python3
"""Holds the `codes` records of the rules to what is known of providers' codes and tokens.

usage: providercodes.py RULES KNOWN ACCEPTED
  RULES     the directory of rule files
  KNOWN     a table: provider, code, variant, reply, category, class, meaning, remedy, source, sureness
  ACCEPTED  rows of it that are judged otherwise, with the category and the reason

That the lines of the records hold in a refusal is the linter's to prove (dsnctl rules lint); here each row of the
table must have a line that says the same, or a reason why not. Exit 1 if one has neither.
"""
import collections
import pathlib
import re
import sys

HARD = {'bad_mailbox', 'bad_domain', 'domain_no_mail', 'moved', 'inactive_mailbox', 'suppressed'}
KINDS = {'token', 'status', 'reply', 'case', 'type'}


def rows(path):
    for line in pathlib.Path(path).read_text(encoding='utf-8').splitlines():
        if line and not line.startswith('#'):
            yield line.split('\t')


def split(line):
    """A rule line's words, as docs/rules.md has them."""
    return [re.sub(r'\\(.)', r'\1', quoted) if quoted else bare
            for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"#]\S*)', line)]


def verdict(words):
    """CATEGORY [CLASS] -> (category, class)"""
    return words[0], words[1] if len(words) > 1 else 'hard' if words[0] in HARD else 'soft'


def read_codes(directory):
    """{provider: [(text, verdict, meaning)]} of all `codes` records."""
    found = collections.defaultdict(list)
    for path in sorted(pathlib.Path(directory).rglob('*.rules')):
        sender = None
        for line in path.read_text(encoding='utf-8').splitlines():
            words = split(line)
            if words and not line.startswith(' '):
                sender = words[1] if words[0] == 'codes' else None
            if not sender or not words or words[0] not in KINDS:
                continue
            rest = words[2:]
            if rest[0].isdigit():
                rest = rest[1:]
            n = 2 if rest[1] in ('hard', 'soft') else 1
            found[sender].append((words[1], verdict(rest[:n]), rest[n]))
    return found


def has_line(lines, code, wanted, meaning):
    """A line with this meaning; or, of a code that comes with several replies, with this code."""
    bare = code.strip('[]()').lower()
    return any(said == wanted and (told == meaning or text.strip('[]()').lower() == bare) for text, said, told in lines)


def main():
    rules, known, accepted_path = sys.argv[1:]
    codes = read_codes(rules)
    accepted = {tuple(row[:4]): row[4:] for row in rows(accepted_path)}
    n = bad = 0
    for provider, code, variant, reply, category, cls, meaning, *_ in rows(known):
        key = provider, code, variant, reply
        other = accepted.pop(key, None)
        wanted = verdict(other[0].split()) if other else (category, cls)
        n += 1
        if other and not other[1:]:
            print('%s: accepted without a reason' % ' '.join(key))
            bad += 1
        if not has_line(codes[provider], code, wanted, meaning):
            print('%s: no line says %s %s: %s' % (' '.join(key), *wanted, meaning))
            bad += 1
    for key in accepted:
        print('%s: accepted, but not in the table' % ' '.join(key))
    print('%d codes and tokens, %d wrong' % (n, bad))
    return 1 if bad or accepted else 0


sys.exit(main())
