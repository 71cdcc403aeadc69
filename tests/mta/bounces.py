#!/usr/bin/env python3
"""Makes a real mail system bounce, in a room of its own, and holds what dsnd reads against expected.tsv.

usage: bounces.py [--keep DIR] [--verdicts FILE] DSND NAME    NAME.sh stands beside this script; as root
Exit status 1 if anything differs, 77 if the machine lacks what the room needs. README.md tells more.
"""
import argparse
import json
import os
import shutil
import smtplib
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(SOURCE, "tests", "system"))

import scenarios  # noqa: E402
from expectations import Expectations, judge  # noqa: E402
from harness import Client  # noqa: E402

PATIENCE_S = 150
MAILDIR = "var/mail/bounces/Maildir"


def heading(name):
    """The `# key: value` lines at the top of NAME.sh."""
    with open(os.path.join(HERE, name + ".sh"), encoding="utf-8") as script:
        return dict(line[2:].strip().split(": ", 1) for line in script if line.startswith("# ") and ": " in line)


class Room:
    """The mail system, the other mail hosts and dsnd."""

    def __init__(self, name, dsnd):
        self.root, self.name, self.facts = os.environ["ROOM"], name, heading(name)
        self.running = []
        self.do("prepare")
        self.serve("dns.py")
        self.serve("sink.py", self.path(MAILDIR), network=os.environ["ELSEWHERE"])
        self.do("start")
        self.start_dsnd(dsnd)

    def path(self, name):
        return os.path.join(self.root, name)

    def serve(self, script, *arguments, network=None):
        """Starts one of our servers, and waits until it listens."""
        enter = ["nsenter", "--net=" + network] if network else []
        process = subprocess.Popen([*enter, sys.executable, os.path.join(HERE, script), *arguments],
                                   stdout=subprocess.PIPE, text=True)
        self.running.append(process)
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("%s didn't start" % script)

    def do(self, function, mail=b""):
        """Runs a function of common.sh or NAME.sh in the room, with `mail` as its input."""
        script = ". /dsnd/tests/mta/common.sh; . /dsnd/tests/mta/%s.sh; %s" % (self.name, function)
        with open(self.path("tmp/log"), "ab") as log:
            done = subprocess.run(["chroot", self.root, "bash", "-euc", script], input=mail, stdout=log, stderr=log,
                                  timeout=PATIENCE_S)
        if done.returncode:
            raise RuntimeError("%s: %s failed:\n%s" % (self.name, function, self.log()))

    def log(self):
        with open(self.path("tmp/log"), errors="replace") as log:
            return "".join(log.readlines()[-20:])

    def start_dsnd(self, dsnd):
        with open(self.path("etc/dsnd/dsnd.conf"), "a", encoding="utf-8") as conf:
            conf.write("[Spool]\nPath=/var/lib/dsnd/spool\n[Socket]\nPath=/run/dsnd/events.sock\n[Workers]\nCount=1\n")
        target = self.path("tmp/dsnd")
        open(target, "w").close()
        subprocess.run(["mount", "--bind", dsnd, target], check=True)
        self.dsnd_log = open(self.path("tmp/dsnd.log"), "w+b")
        self.running.append(subprocess.Popen(["chroot", "--userspec=dsnd:dsnd", self.root, "/tmp/dsnd"],
                                             stderr=self.dsnd_log))
        self.client = wait_for(lambda: Client(self.path("run/dsnd/events.sock")), "dsnd")
        self.client.line()
        self.client.say("FOLLOW test")

    def send(self, names):
        """Sends the letters of the scenarios; says what was refused."""
        sender = lambda name: scenarios.return_path(name, self.facts.get("domain", "example.org"),
                                                    self.facts.get("separator", "+"))
        refused = {}
        for name in names:
            try:
                if "program" in self.facts:
                    program = ["chroot", self.root, self.facts["program"]]
                    scenarios.send_by_program(name, sender(name), program)
                else:
                    wait_for(lambda: scenarios.send_by_smtp(name, sender(name)), "the mail system")
            except (smtplib.SMTPException, ValueError, OSError, subprocess.SubprocessError) as error:
                refused[name] = str(error)
        return refused

    def events(self, found, expected, want):
        """Gathers events by scenario until those of the scenarios `want` are there, or patience ends."""
        deadline = time.monotonic() + PATIENCE_S
        while any(len(found.get(name, [])) < len(expected.rows[name]) for name in want):
            try:
                line = self.client.line(max(0.1, deadline - time.monotonic()))
            except TimeoutError:
                return
            if line is None:
                self.dsnd_log.seek(0)
                raise RuntimeError("dsnd ended: %s" % self.dsnd_log.read().decode())
            if "v" in line:
                found.setdefault(expected.scenario_of(tag_of(line), line), []).append(line)

    def close(self):
        for process in self.running:
            process.terminate()
            process.wait(PATIENCE_S)


def wait_for(attempt, what):
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return attempt()
        except (ConnectionRefusedError, FileNotFoundError):
            if time.monotonic() > deadline:
                raise RuntimeError("waited in vain for " + what) from None
            time.sleep(0.05)


def tag_of(event):
    path = event.get("return_path", {})
    return path.get("tag") or ("verp" if path.get("scheme") == "verp" else "unknown")


def keep(room, directory):
    """The mails as they arrived, and the logs."""
    os.makedirs(directory, exist_ok=True)
    for folder in ("new", "cur", ".dsnd-other/cur", ".dsnd-other/new", ".dsnd-failed/cur", ".dsnd-failed/new"):
        path = os.path.join(room.path(MAILDIR), folder)
        for name in os.listdir(path) if os.path.isdir(path) else []:
            shutil.copy(os.path.join(path, name), os.path.join(directory, name.partition(":")[0] + ".eml"))
    for log in ("tmp/log", "tmp/dsnd.log", "var/log/mail.log", "var/log/exim4/mainlog"):
        if os.path.exists(room.path(log)):
            shutil.copy(room.path(log), os.path.join(directory, os.path.basename(log)))


def run(room, expected):
    """What is wrong, by scenario."""
    found = {}
    refused = room.send(expected.scenarios())
    for name, why in refused.items():
        print("%s: %s: %s" % (room.name, name, why))
    want = [name for name in expected.rows if name.partition(".")[0] not in refused]
    room.events(found, expected, [name for name in want if "." not in name])
    if any(expected.rows[name] for name in want if "." in name):
        room.do("expire")
        room.events(found, expected, want)
    verdicts = {name: judge(rows, found.get(name, [])) for name, rows in expected.rows.items()}
    for name in set(expected.rows) & set(refused):
        verdicts[name].append(refused[name])
    for name in found.keys() - verdicts.keys():
        verdicts[name] = ["%s %s %s" % (e["kind"], e.get("recipient"), e.get("return_path")) for e in found[name]]
    return verdicts


def inside(arguments):
    only = heading(arguments.name).get("scenarios")
    expected = Expectations(arguments.name, only and only.split())
    room = Room(arguments.name, arguments.dsnd)
    try:
        verdicts = run(room, expected)
    finally:
        room.close()
        if arguments.keep:
            keep(room, arguments.keep)
    for name, wrong in sorted(verdicts.items()):
        for what in wrong:
            print("%s: %s: %s%s" % (arguments.name, name, what, " (known)" if name in expected.known else ""))
    if arguments.verdicts:
        with open(arguments.verdicts, "w", encoding="utf-8") as out:
            json.dump({"verdicts": verdicts, "notes": expected.notes, "none": expected.none()}, out)
    wrong = {name for name, wrong in verdicts.items() if wrong}
    n_right = sum(1 for name, rows in expected.rows.items() if rows and name not in wrong)
    print("%s: %d scenarios right, %d wrong" % (arguments.name, n_right, len(wrong)))
    return 1 if wrong - expected.known else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep")
    parser.add_argument("--verdicts")
    parser.add_argument("dsnd")
    parser.add_argument("name")
    arguments = parser.parse_args()
    if "ROOM" in os.environ:
        return inside(arguments)
    packages = os.path.join(SOURCE, "build-mta", arguments.name)
    if os.geteuid() != 0:
        print("skipped: needs root, for namespaces and mounts")
        return 77
    if not os.path.exists(os.path.join(packages, "packages")):
        print("skipped: tests/mta/fetch %s wasn't run" % arguments.name)
        return 77
    return subprocess.call([os.path.join(HERE, "room"), packages, sys.executable, os.path.abspath(__file__), *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
