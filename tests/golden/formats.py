#!/usr/bin/env python3
"""Each proof of a format description is a mail that dsnd reads by that format.

usage: formats.py DSNCTL RULES FIXTURES
"""
import glob
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import rulelines  # noqa: E402


def proofs(rules):
    """(format, fixture) of all rule files."""
    for head, lines in rulelines.records(sorted(glob.glob(os.path.join(rules, "**", "*.rules"), recursive=True))):
        if head[0] == "format":
            yield from ((head[1], words[1]) for words in lines if words[0] == "proof")


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
