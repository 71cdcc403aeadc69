#!/usr/bin/env python3
"""Holds dsnd against fixtures/expected.tsv, which was written by reading the mails.

usage: expected.py DSNCTL FIXTURES     exit 1 if anything differs; fixtures/README.md explains the table
"""
import json
import os
import subprocess
import sys

FIELDS = ["kind", "recipient", "action", "status", "reply_code", "category", "class", "message_id"]


def expected(path):
    rows = {}
    for line in open(path, encoding="utf-8"):
        if not line.startswith("#"):
            file, *values = line.rstrip("\n").split("\t")
            rows.setdefault(file, []).append(dict(zip(FIELDS, values, strict=True)))
    return rows


def said(dsnctl, root):
    out = subprocess.run([dsnctl, "parse", "--rules=", "--json", root], capture_output=True, text=True, check=True).stdout
    rows = {}
    for line in out.splitlines():
        event = json.loads(line)
        row = {name: event.get(name) or "-" for name in FIELDS}
        row["class"] = "-" if row["class"] == "none" else row["class"]
        row["message_id"] = event.get("original", {}).get("message_id", "-").strip("<>")
        rows.setdefault(os.path.relpath(event["source"]["file"], root), []).append(row)
    return rows


def differs(want, got):
    return [name for name in FIELDS
            if want[name] != "*" and got[name].lower() not in
            [w.strip("<>").lower() if name == "message_id" else w.lower() for w in want[name].split("|")]]


def by_recipient(wants, gots):
    """Pairs by recipient where that's possible, in order otherwise."""
    left = list(gots)
    pairs = []
    for want in wants:
        got = next((g for g in left if g["recipient"].lower() == want["recipient"].lower()), None)
        got = got or (left[0] if left else None)
        if got:
            left.remove(got)
        pairs.append((want, got))
    return pairs + [(None, g) for g in left]


def main():
    dsnctl, root = sys.argv[1:3]
    wanted, events = expected(os.path.join(root, "expected.tsv")), said(dsnctl, root)
    wrong = 0
    for file in sorted(set(wanted) | {f for f in events if f.endswith(".eml")}):
        bad = []
        for want, got in by_recipient(wanted.get(file, []), events.get(file, [])):
            if want is None:
                bad.append("an event too many for %s" % got["recipient"])
            elif got is None:
                bad.append("no event for %s" % want["recipient"])
            else:
                bad += ["%s %s, should be %s" % (n, got[n], want[n]) for n in differs(want, got)]
        if bad:
            wrong += 1
            print("%s: %s" % (file, "; ".join(bad)))
    print("%d passed, %d failed" % (len(wanted) - wrong, wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
