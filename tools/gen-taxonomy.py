#!/usr/bin/env python3
"""Turns rules/taxonomy.tsv into the rows of a const array; refuses a table that isn't sound.

Usage: gen-taxonomy.py TAXONOMY.TSV OUTPUT.H
"""
import re
import sys

COLUMNS = 10
WORDS = {
    "class": {"hard": "HARD", "soft": "SOFT", "none": "NEITHER"},
    "fault": {w: w.upper() for w in
              ("recipient", "domain", "sender", "content", "infrastructure", "remote", "unknown")},
    "advice": {"none": "NOTHING", **{w: w.upper() for w in
               ("suppress", "retry", "slow_down", "fix_sender", "fix_content", "review")}},
}


def fail(path, line, message):
    sys.exit(f"{path}:{line}: {message}")


def word(path, line, column, value):
    known = WORDS[column]
    if value not in known:
        fail(path, line, f"unknown {column} '{value}'; it must be one of: {' '.join(known)}")
    return f"DSN_{column.upper()}_{known[value]}"


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def row(path, line, fields):
    if len(fields) != COLUMNS:
        fail(path, line, f"{len(fields)} columns where {COLUMNS} must be")
    if any(not f or f != f.strip() or not f.isprintable() for f in fields):
        fail(path, line, "a column is empty, or has blanks or control characters around it")
    if not re.fullmatch("[a-z][a-z0-9_]*", fields[0]):
        fail(path, line, f"the category '{fields[0]}' must consist of a-z, 0-9 and _")
    values = [quote(fields[0])]
    values += [word(path, line, c, v) for c, v in zip(("class", "fault", "advice"), fields[1:4])]
    values += [quote(f) for f in fields[4:]]
    return "    { " + ", ".join(values) + " },\n"


def main(source, target):
    rows, seen = [], {}
    with open(source, encoding="utf-8") as f:
        for number, text in enumerate(f, 1):
            text = text.rstrip("\n")
            if not text or text.startswith("#"):
                continue
            fields = text.split("\t")
            rows.append(row(source, number, fields))
            if fields[0] in seen:
                fail(source, number, f"'{fields[0]}' stands in line {seen[fields[0]]} already")
            seen[fields[0]] = number
    if not rows:
        fail(source, 1, "no rows")
    with open(target, "w", encoding="utf-8") as f:
        f.writelines(rows)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
