#!/usr/bin/env python3
"""Turns rules/sisimai-agents.tsv into the rows of a const array; refuses a format that no rule file has.

Usage: gen-agents.py SISIMAI-AGENTS.TSV RULES-DIRECTORY OUTPUT.H
"""
import pathlib
import re
import sys


def main(source, rules, target):
    formats = {found for path in pathlib.Path(rules).rglob("*.rules")
               for found in re.findall(r"^format (\S+)", path.read_text(encoding="utf-8"), re.M)}
    rows, seen = [], set()
    with open(source, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 2 or not re.fullmatch(r"[A-Za-z0-9-]+", fields[1]):
                sys.exit(f"{source}:{number}: a format and an agent's name must stand here, with a tab between them")
            if fields[0] not in formats:
                sys.exit(f"{source}:{number}: no rule file has the format '{fields[0]}'")
            if fields[0] in seen:
                sys.exit(f"{source}:{number}: '{fields[0]}' stands here a second time")
            seen.add(fields[0])
            rows.append('    { "%s", "%s" },\n' % tuple(fields))
    with open(target, "w", encoding="utf-8") as f:
        f.writelines(rows)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
