#!/usr/bin/env python3
"""The ways into dsnd's Maildir besides a mail system's own (dovecot.sh): each brings a bounce, and dsnd reads it once.

usage: feeds.py DSND          as root, in a room: bounces.py starts it
"""
import sys

from bounces import Room
from harness import report

WAYS = ["lda", "lmtp", "mbsync", "getmail"]
LMTP_RECIPIENT = "user@example.net"  # the return path's, which dovecot.sh sends to


def main():
    room = Room("dovecot", sys.argv[1])
    wrong = 0
    try:
        for n, way in enumerate(WAYS):
            room.do(way, report(n))
            want = LMTP_RECIPIENT if way == "lmtp" else "user%d@example.org" % n
            event = room.client.events(1)[0]
            wrong += event.get("recipient") != want
            print("dovecot: %s: %s" % (way, "right" if event.get("recipient") == want else event))
        if not room.client.is_silent():
            print("dovecot: an event too many")
            wrong += 1
    finally:
        room.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
