#!/usr/bin/env python3
"""Events don't depend on who splits a mail into its parts.

usage: structure.py DSNCTL FOLDER...     all mails of the folders, with each setting; the shares are told
"""
import re
import subprocess
import sys


def parse(dsnctl, how, folders):
    """The events as bytes, and {who: mails} of the summary."""
    run = subprocess.run([dsnctl, 'parse', '--rules=', '--json', '--explain', '--summary', '--structure=' + how, *folders],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    line = re.search(r'^ *split +(.*)$', run.stderr.decode(), re.M)[1]
    return run.stdout.splitlines(), {who: int(count) for count, who in re.findall(r'(\d+) (\w+)', line)}


def main():
    dsnctl, *folders = sys.argv[1:]
    ours, shares = parse(dsnctl, 'auto', folders)
    gmimes, all_gmime = parse(dsnctl, 'gmime', folders)
    differing = [pair for pair in zip(ours, gmimes) if pair[0] != pair[1]]
    for pair in differing[:5]:
        print('auto:  %s\ngmime: %s' % tuple(event.decode() for event in pair))
    total = sum(shares.values())
    print('%d mails: %.1f %% plain, %.1f %% by GMime; %d of %d events differ' % (
        total, 100 * shares['plain'] / total, 100 * shares['gmime'] / total, len(differing), len(ours)))
    is_ok = not differing and len(ours) == len(gmimes) and all_gmime == {'gmime': total} and 0 < shares['gmime'] < shares['plain']
    sys.exit(not is_ok)


main()
