#!/usr/bin/env python3
"""The table of mail systems and scenarios.

usage: table.py DIR PAGE     DIR has NAME.json of each system, as bounces.py --verdicts writes it; the table goes to PAGE
"""
import glob
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = os.path.join(HERE, "..", "..", "build-mta")

import scenarios  # noqa: E402

MEANING = {
    "nouser": "unknown user, refused by the other host", "nocode": "the same, without an enhanced code",
    "hash": "the same, code written `#5.1.0`", "disabled": "disabled mailbox", "full": "mailbox full, refused by the other host",
    "relay": "relay denied", "multiline": "a policy reply of several lines", "sender": "sender refused at MAIL",
    "banner": "refused by the greeting, naming a block list", "ehlo": "refused at EHLO", "spam": "refused as spam after DATA",
    "toobig": "too big, refused after DATA", "virus": "virus, refused after DATA", "size": "larger than the other host's SIZE",
    "nohost": "unknown domain", "nullmx": "null MX", "loop": "the MX record leads back to the mail system itself",
    "eai": "SMTPUTF8: unknown user `jörg`", "eai_refused": "SMTPUTF8 to a host that doesn't know it",
    "two": "three recipients, two refused", "relayed": "NOTIFY=SUCCESS, to a host that knows no DSN",
    "verp": "the recipient in the return path", "refused": "connection refused: warning", "dropped": "connection dropped: warning",
    "servfail": "name server fails: warning", "full_for_now": "mailbox full, 4xx: warning", "grey": "greylisted: warning",
    "local_nouser": "unknown local user", "local_full": "full local mailbox", "pipe": "a program that fails",
    "alias": "an alias whose target is unknown", "delivered": "NOTIFY=SUCCESS, local",
}


def version(name):
    """The main package's version: the first one that NAME.sh names."""
    with open(os.path.join(PACKAGES, name, "packages"), encoding="utf-8") as packages:
        package = packages.read().split()[0]
    found = glob.glob(os.path.join(PACKAGES, name, package + "_*.deb"))
    return "%s %s" % (package, os.path.basename(found[0]).split("_")[1].replace("%3a", ":") if found else "")


def meaning(scenario):
    base, _, later = scenario.partition(".")
    return MEANING[base].removesuffix(": warning") + ": given up" if later else MEANING[base]


def mark(results, scenario):
    if scenario not in results["verdicts"]:
        return ""
    if results["verdicts"][scenario]:
        return "**wrong**"
    return "none" if scenario in results["none"] else "right"


def table(results):
    names = sorted(results)
    order = [name + later for name in scenarios.TO for later in ("", ".expired")
             if any(name + later in r["verdicts"] for r in results.values())]
    yield "| scenario | " + " | ".join(names) + " |"
    yield "|---|" + "---|" * len(names)
    for scenario in order:
        yield "| %s | %s |" % (meaning(scenario), " | ".join(mark(results[name], scenario) for name in names))
    wrong = {name: sum(map(bool, results[name]["verdicts"].values())) for name in names}
    tried = {name: sum(1 for s in results[name]["verdicts"] if s not in results[name]["none"]) for name in names}
    yield "| **right** | " + " | ".join("%d of %d" % (tried[n] - wrong[n], tried[n]) for n in names) + " |"


def notes(results):
    for name in sorted(results):
        for scenario, note in sorted(results[name]["notes"].items()):
            if scenario in results[name]["verdicts"]:
                yield "- %s, %s: %s." % (name, meaning(scenario), note)


def page(results):
    yield "# Mail systems that were made to bounce\n"
    yield "Made by `tools/test-mta`; don't edit it. Each mail system ran in a room of its own ([how](../tests/mta/README.md)), set up as"
    yield "[recipes.md](recipes.md) says, and bounced real mail, which dsnd read from the Maildir that the system delivered to.\n"
    yield "*right*: the events have the kind, recipient, action, status, category, class and advice that a reader of the mail expects"
    yield "(`tests/mta/expected.tsv`). *none*: the system sends no bounce for this, see below. Empty: not tried.\n"
    yield from table(results)
    yield "\nWhat ran: " + ", ".join(version(name) for name in sorted(results)) + " (Debian 12)."
    yield "Dovecot's LMTP and delivery agent, mbsync and getmail carry one bounce each in the same run (`tests/mta/feeds.py`);"
    yield "rsyslog and mlmmj carry events on (`tests/mta/carriers.py`).\n"
    yield "## Notes"
    yield from notes(results)


def main():
    directory, path = sys.argv[1:]
    results = {}
    for file in glob.glob(os.path.join(directory, "*.json")):
        with open(file, encoding="utf-8") as text:
            results[os.path.splitext(os.path.basename(file))[0]] = json.load(text)
    for line in table(results):
        print(line)
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in page(results))


if __name__ == "__main__":
    main()
