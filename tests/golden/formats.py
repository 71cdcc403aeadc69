#!/usr/bin/env python3
"""Each proof of a format description is a mail that dsnd reads by that format.

usage: formats.py DSNCTL RULES FIXTURES
"""
import glob
import json
import os
import subprocess
import sys


def proofs(rules):
    """(format, fixture) of all rule files."""
    for path in sorted(glob.glob(os.path.join(rules, "**", "*.rules"), recursive=True)):
        record = None
        for line in open(path, encoding="utf-8"):
            words = line.split()
            if words and words[0] in ("rule", "provider", "format", "phrases", "marks", "blocklist", "code", "policy"):
                record = words[1] if words[0] == "format" else None
            elif words and words[0] == "proof" and record:
                yield record, words[1]


def main():
    dsnctl, rules, fixtures = sys.argv[1:4]
    out = subprocess.run([dsnctl, "parse", "--rules=", "--json", fixtures], capture_output=True, text=True, check=True).stdout
    read_by = {}
    for event in map(json.loads, out.splitlines()):
        read_by[os.path.relpath(event["source"]["file"], fixtures)] = event.get("format", "none")
    good = bad = 0
    for name, fixture in proofs(rules):
        if read_by.get(fixture) == name:
            good += 1
        else:
            bad += 1
            print("%s: %s is read by %s" % (name, fixture, read_by.get(fixture, "nothing: there's no such mail")))
    print("%d passed, %d failed" % (good, bad))
    sys.exit(1 if bad or not good else 0)


if __name__ == "__main__":
    main()
