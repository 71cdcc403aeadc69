#!/usr/bin/env python3
"""How right verdicts on labelled refusal lines are, and whether confidence says so: of those with confidence c, c per cent.

usage: calibration.py DSNCTL LINES.tsv... [--check]

Columns, by the names in the first line: line, category, category_alt (others that are right, too, with | between), class (hard, soft;
any isn't counted). --check fails where the figures fall below what docs/accuracy.md promises for our own lines.
"""
import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

BINS = ((0, 59), (60, 69), (70, 79), (80, 89), (90, 100))
REPORT = """Return-Path: <>
From: MAILER-DAEMON@mail.example.org
To: bounces@example.org
Subject: Undelivered mail
Message-ID: <r@mail.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; user@example.com
Action: failed
Status: %(status)s
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; %(line)s

--b--
"""
# per cent, and lines; of a bin with so many verdicts the share that's right mustn't be further below its mean confidence
CATEGORY, FALSE_HARD, MISSED_HARD = 88, 0.02, 0.2
BIN_LEAST, BIN_BELOW = 15, 15


def rows_of(paths):
    for path in paths:
        with open(path, encoding='utf-8', newline='') as f:
            yield from csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE)


def verdicts(dsnctl, lines):
    """Each line's event, as the diagnostic of a report."""
    with tempfile.TemporaryDirectory() as folder:
        for at, line in enumerate(lines):
            with open(os.path.join(folder, f'{at:06}.eml'), 'w', encoding='utf-8') as f:
                f.write(REPORT % {'line': line, 'status': f'{line[0]}.0.0' if line[:1] in ('4', '5') else '5.0.0'})
        out = subprocess.run([dsnctl, 'parse', '--json', '--rules=', folder], capture_output=True, text=True, check=True).stdout
    events = {os.path.basename(e['source']['file']): e for e in map(json.loads, out.splitlines())}
    return [events[name] for name in sorted(events)]


def show_bins(name, judged):
    print(f'{name:<28} verdicts  mean confidence  right')
    wrong = 0
    for first, last in BINS:
        inside = [(v['confidence'], ok) for v, ok in judged if first <= v['confidence'] <= last]
        if not inside:
            continue
        mean = sum(c for c, _ in inside) / len(inside)
        right = 100 * sum(ok for _, ok in inside) / len(inside)
        print(f'  {first:>3} to {last:<3} {"":<15} {len(inside):>9} {mean:>16.1f} {right:>6.1f}')
        wrong += len(inside) >= BIN_LEAST and right < mean - BIN_BELOW
    return wrong


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('dsnctl')
    parser.add_argument('lines', nargs='+')
    parser.add_argument('--check', action='store_true')
    args = parser.parse_args()
    rows = list(rows_of(args.lines))
    got = verdicts(args.dsnctl, [r['line'] for r in rows])
    if len(got) != len(rows):
        sys.exit(f'{len(rows)} lines, {len(got)} verdicts')
    judged = [(v, v['category'] in {r['category'], *r['category_alt'].split('|')}) for v, r in zip(got, rows)]
    category = 100 * sum(ok for _, ok in judged) / len(judged)
    soft = [v for v, r in zip(got, rows) if r['class'] == 'soft']
    hard = [v for v, r in zip(got, rows) if r['class'] == 'hard']
    false_hard = sum(v['class'] == 'hard' for v in soft)
    missed_hard = sum(v['class'] != 'hard' for v in hard)
    print(f'{len(rows)} lines: category {category:.1f}, false hard {false_hard} of {len(soft)}, missed hard {missed_hard} of {len(hard)}')
    wrong = show_bins('all', judged)
    show_bins('rules and codes', [j for j in judged if not j[0]['rule'].startswith('words:')])
    wrong += show_bins('words', [j for j in judged if j[0]['rule'].startswith('words:')])
    bad = wrong or category < CATEGORY or false_hard > FALSE_HARD * len(soft) or missed_hard > MISSED_HARD * len(hard)
    sys.exit(1 if args.check and bad else 0)


if __name__ == '__main__':
    main()
