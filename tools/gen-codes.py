#!/usr/bin/env python3
"""Writes docs/codes.md from the `code` records of rules/codes/*.rules.

Usage: gen-codes.py [--check] OUTPUT.MD RULES...
With --check nothing is written; the exit status tells whether OUTPUT.MD is up to date.
"""
import re
import sys

import rulelines

HEAD = """# What codes mean

*Made by `tools/gen-codes.py` from `rules/codes/*.rules`; change those, not this page.*

`dsnctl explain CODE` shows one code with its causes and remedies, as much as a screen takes; `--all` adds every reading, what single providers
mean by it, related codes and sources, and `--json` gives all of it as JSON. Providers' own tokens (`S3150`, `TSS04`), the types of sending services
(`Permanent/NoEmail`) and the answers of block lists (`127.255.255.254`) stand in the `codes` records of `rules/`. The records' language is in `docs/rules.md`.

## One number, two codes
A mail system speaks in **reply codes** of three digits (RFC 5321) and in **enhanced codes** of three numbers with dots (RFC 3463).
People mix the two: sending services report `511` where they mean 5.1.1, and tables write reply 501 as `5.0.1`. So each number has
one or more *readings*, and the context decides:

- In a reply on the wire (`552 Requested action aborted`, the Diagnostic-Code of a report) three digits are the reply code of RFC 5321.
- In a Status field, or in the report of a sending service, three digits are an enhanced code without its dots.
- With dots it's an enhanced code, whatever tables say; a code that the registry doesn't have, but a table does, is the reply code with dots.
- A provider's own meaning goes before the registered one, once the provider is known.

The first reading is the default: what dsnd takes when nothing else decides.

## Class
`class` is what the code tables give: hard says that *this message* won't get through. `event_class` is what dsnd's events say when only
the code speaks: hard says that *the address* is dead, so that it may be suppressed. `523`, say, is hard in the tables, but a message that was too big
tells nothing against the address. In class 4 all is soft. Where the tables disagree, both classes are listed and the first is the default.

## Sources
RFCs and the IANA registry as named, and common SMTP code lists: five that are published and widely copied, with 222 codes in all, each of which has
its record here.

## Keys of `dsnctl explain --json`
`query` as asked; `kind` (`reply`, `status`, `class`, `category`, `token`; `text` and `mail` for refusals and mails); `code` in its usual form; `class`, `category` (`none` for success); `event_class`;
`fault`; `advice`; `known` (false: no table has the code, its class and subject explain it); `meaning`; `why` (why hard or soft);
`system` (the only system that uses the code); `causes`; `remedies`; `readings` (`context`, `class`, `category`, `meaning`, `system`, `source`);
`providers` (what a provider means by it: `provider`, `name`, `class`, `category`, `rule`, `example`, and of its own codes `code`, `reply_code`, `meaning`,
`remedy`); `contacts` (where to look, and whom to ask: `id`, `name`, `page`, `form`, `loop`, `reputation`, `asks`, `note`); `see`; `sources`.

For `text` and `mail` also what the event has: `event_kind`, `recipient`, `status`, `reply_code`, `smtp_command`, `diagnostic`, `confidence`, `rule`,
`provider`, `block_list`, `evidence`. Every key is always there: what isn't known is `""`, `[]`, 0 or `none`. A mail gives one object a line for each recipient.
"""

SECTIONS = [
    ("Categories", r"[a-z]+(_[a-z]+)*"),
    ("Numbers of client programs", r"1\d\d|1xx|1\..*"),
    ("Success and go on: 2xx and 3xx", r"[23]\d\d|[23]xx|[23]\..*"),
    ("Failure for now: 4xx", r"4\d\d|4xx"),
    ("Failure for good: 5xx", r"5\d\d|5xx"),
    ("Not SMTP: 9xx", r"9.*"),
    ("Enhanced codes: nothing said", r"[x45]\.0\..*"),
    ("Enhanced codes: addresses", r"[x45]\.1\..*"),
    ("Enhanced codes: mailboxes", r"[x45]\.2\..*"),
    ("Enhanced codes: the receiving system", r"[x45]\.3\..*"),
    ("Enhanced codes: network and routing", r"[x45]\.4\..*"),
    ("Enhanced codes: the protocol", r"[x45]\.5\..*"),
    ("Enhanced codes: content", r"[x45]\.6\..*"),
    ("Enhanced codes: security and policy", r"[x45]\.7\..*"),
]


def records(paths):
    return [(head[1], lines) for head, lines in rulelines.records(paths) if head[0] == "code"]


def order(record):
    """Three digits before dots, a class before its codes, x before the digits."""
    code = record[0]
    if code[1:2].isalpha() and code[1:] != "xx":
        return [code]
    if "." not in code:
        return [0, int(code.replace("x", "0")), not code.endswith("xx")]
    return [1, *(-1 if p == "x" else int(p) for p in code.split("."))]


def cell(text):
    return text.replace("|", "\\|")


def verdict(lines):
    says = next((w[1:] for w in lines if w[0] == "says"), ["none"])
    listed = [w for w in lines if w[0] == "listed"]
    classes = " or ".join(dict.fromkeys(w[-2] for w in listed))
    return cell(" ".join(says)), cell(classes)


def reading(lines):
    """The readings, each with the system and the source that follow it."""
    found = []
    for w in lines:
        if w[0] == "reading":
            only = f"as {w.pop(1)}.y.z, " if len(w) == 6 else ""
            found.append([only + w[1], f"{w[2]} {w[3]}" if w[2] != "none" else "no failure", w[4], "", ""])
        elif w[0] == "system" and found:
            found[-1][3] = f"{w[1]}: "
        elif w[0] == "from" and found:
            found[-1][4] = f" *({w[1]})*"
    return found


def row(record):
    code, lines = record
    category, classes = verdict(lines)
    meaning = cell(next(w[1] for w in lines if w[0] == "meaning"))
    see = " ".join(c for w in lines if w[0] == "see" for c in w[1:])
    meaning += "".join(f"<br>• {cell(c)}: {cell(s)}**{cell(v)}**, {cell(m)}{cell(f)}"
                       for c, v, m, s, f in reading(lines))
    sources = "; ".join(w[1] for w in lines if w[0] == "source")
    return f"| `{code}` | {category} | {classes} | {meaning} | {see} | {cell(sources)} |\n"


def page(all_records):
    out = [HEAD]
    left = list(all_records)
    for title, pattern in SECTIONS:
        mine = sorted((r for r in left if re.fullmatch(pattern, r[0])), key=order)
        left = [r for r in left if not re.fullmatch(pattern, r[0])]
        out.append(f"\n## {title}\n| code | category | tables | meaning | see | sources |\n|---|---|---|---|---|---|\n")
        out.extend(row(r) for r in mine)
    if left:
        sys.exit("no section for: " + " ".join(r[0] for r in left))
    return "".join(out)


def main(args):
    check = args[:1] == ["--check"]
    output, *paths = args[check:]
    text = page(records(sorted(paths)))
    if check:
        with open(output, encoding="utf-8") as f:
            if f.read() != text:
                sys.exit(f"{output} is out of date: run tools/gen-codes.py {output} {' '.join(paths)}")
        return
    with open(output, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
