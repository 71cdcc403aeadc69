#!/usr/bin/env python3
"""What carries events on (carriers.sh): rsyslog reads them from the spool; dsnctl hands them to mlmmj's hook.

usage: carriers.py DSND DSNCTL     as root, in a room
"""
import contextlib
import subprocess
import sys
import time

from bounces import PATIENCE_S, Room
from harness import report

HOOK = "/dsnd/examples/lists/mlmmj /var/spool/mlmmj"


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def read(room, name):
    with contextlib.suppress(FileNotFoundError):
        with open(room.path(name), encoding="utf-8") as text:
            return text.read()
    return ""


def spool(room):
    return read(room, "var/lib/dsnd/spool/00000000000000000001.jsonl")


def check(room, dsnctl):
    with open(room.path("tmp/dsnctl"), "w"):
        pass
    subprocess.run(["mount", "--bind", dsnctl, room.path("tmp/dsnctl")], check=True)
    room.running.append(subprocess.Popen(["chroot", room.root, "/tmp/dsnctl", "follow", "mlmmj", "--exec", HOOK]))
    for n in (0, 1):
        room.do("deliver", report(n))
    room.client.events(2)
    subscribers = "var/spool/mlmmj/letters/subscribers.d/u"
    yield "mlmmj", wait_until(lambda: read(room, subscribers) == "keep@example.org\n")
    yield "rsyslog", wait_until(lambda: read(room, "var/log/dsnd-events.jsonl") == spool(room))


def main():
    room = Room("carriers", sys.argv[1])
    wrong = 0
    try:
        for name, is_right in check(room, sys.argv[2]):
            print("carriers: %s: %s" % (name, "right" if is_right else "wrong"))
            wrong += not is_right
    finally:
        room.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
