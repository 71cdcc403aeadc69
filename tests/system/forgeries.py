"""Forged bounces: each tries to have a victim taken off the list, without the token that only we can make.

The forger has what a forger can have: the address of the return path, the victim's address, the documentation, and a
valid token of a message that was sent to the forger.
"""

import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
VICTIM = "victim@example.org"
FORGER = "forger@example.net"
DOMAIN = "@bounces.example.com"


def load_example():
    """return_path() of docs/return-path.md."""
    names = {}
    with open(os.path.join(HERE, "..", "..", "docs", "return-path.md"), encoding="utf-8") as text:
        exec(re.search("```python\n(.*?)```", text.read(), re.S)[1], names)
    return names["return_path"]


return_path = load_example()

MAIL = """{headers}From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender{subject}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<{first}>: host mx.example.org said: 550 5.1.1 no such user
{text}
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

{groups}
--b
Content-Type: text/rfc822-headers

{returned}From: news@example.com
To: {first}
Subject: News

--b--
"""

GROUP = """Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: no such user

"""


def mail(*paths, about=(VICTIM,), subject="", text="", returned="", more="", to="bounces" + DOMAIN):
    """A hard bounce that came to these return paths, the uppermost header first."""
    headers = "".join("Delivered-To: %s\n" % path for path in paths) + more
    return MAIL.format(headers=headers, to=to, subject=subject, text=text, returned=returned, first=about[0],
                       groups="".join(GROUP.format(address=one) for one in about)).encode()


class Forger:
    """Yields (what it tries, mail); `secret` is our key `a`, of which the forger sees only what we sent out."""

    def __init__(self, secret, today):
        self.today = today
        self.theirs = return_path("a", secret, FORGER, day=today)
        self.token = self.theirs[len("bounces+"):len("bounces+") + 21]
        # known to us alone: what a guess has to come near, or what leaked long ago
        self.ours = return_path("a", secret, VICTIM, day=today)
        self.old = [return_path("a", secret, VICTIM, day=day)
                    for age in range(31, 131) for day in (today - age,)]
        self.early = [return_path("a", secret, VICTIM, day=today + days) for days in range(3, 33)]

    def tries(self):
        for kind in ("without_token", "with_the_forger_s", "expired", "outside_the_envelope", "with_two", "changed",
                     "cut", "with_another_key"):
            for made in getattr(self, kind)():
                yield kind, made

    def without_token(self):
        for local in ("bounces", "bounces+victim=example.org", "bounces-victim=example.org", "bounces+", "b-17-0a1b2c3d",
                      "prvs=0123456789=bounces", "SRS0=HHHH=TT=example.com=bounces", "news-return-3-victim=example.org",
                      "bounces+" + "t" + "a" * 20, "bounces+" + "t" + "a" * 20 + "-victim=example.org"):
            yield mail(local + DOMAIN)
        yield mail()
        yield mail(about=(VICTIM, FORGER))

    def with_the_forger_s(self):
        for local in ("bounces+%s-victim=example.org", "bounces+%s", "bounces+%s.news-victim=example.org",
                      "bounces+%s-forger=example.net=victim=example.org", "bounces+%s-victim=example.org-forger=example.net",
                      "bounces+%s=victim=example.org", "bounces+%s-victim=example.org=", "%s-victim=example.org",
                      "prvs=0123456789=bounces+%s-victim=example.org",
                      "SRS0=HHHH=TT=example.com=bounces+%s-victim=example.org"):
            yield mail(local % self.token + DOMAIN)
        yield mail(self.theirs + DOMAIN)
        yield mail(self.theirs + DOMAIN, about=(VICTIM, FORGER))
        yield mail(self.theirs + DOMAIN, about=(FORGER, VICTIM))

    def expired(self):
        for local in self.old + self.early:
            yield mail(local + DOMAIN)

    def outside_the_envelope(self):
        token = self.ours + DOMAIN
        for path in ((), ("bounces" + DOMAIN,), ("bounces+victim=example.org" + DOMAIN,)):
            yield mail(*path, text="Return-Path: " + token)
            yield mail(*path, returned="Return-Path: <%s>\n" % token)
            yield mail(*path, returned="Delivered-To: %s\n" % token)
            yield mail(*path, subject=" " + token)
            yield mail(*path, to=token)
            for name in ("Return-Path", "X-Delivered-To", "X-Original-To", "Envelope-To", "Resent-To", "Cc"):
                yield mail(*path, more="%s: %s\n" % (name, token))

    def with_two(self):
        theirs, forged = self.theirs + DOMAIN, "bounces+%s-victim=example.org" % self.token + DOMAIN
        for pair in ((theirs, forged), (forged, theirs), (theirs, self.old[0] + DOMAIN), (self.old[0] + DOMAIN, theirs)):
            yield mail(*pair)
        for local in ("bounces+%s-%s-victim=example.org", "bounces+%s+%s-victim=example.org", "bounces+%s.%s-victim=example.org"):
            yield mail(local % (self.token, self.token) + DOMAIN)

    def changed(self):
        start = len("bounces+")
        for at in range(start, start + 21):
            for digit in DIGITS + "0189":
                if digit != self.ours[at]:
                    yield mail(self.ours[:at] + digit + self.ours[at + 1:] + DOMAIN)

    def cut(self):
        start, rest = len("bounces+"), "-victim=example.org"
        token = self.ours[start:start + 21]
        for n in range(21):
            yield mail("bounces+" + token[:n] + rest + DOMAIN)
            yield mail("bounces+" + token[:n] + DOMAIN)
            yield mail("bounces+" + token[21 - n:] + rest + DOMAIN)
        for n in range(1, len(rest)):
            yield mail(self.ours[:-n] + DOMAIN)
        for tag in ("news", "a", "_", "0123456789abcdef", "0123456789abcdefg"):
            yield mail("bounces+%s.%s%s" % (token, tag, rest) + DOMAIN)

    def with_another_key(self):
        for guess in range(40):
            secret = bytes([guess]) * 32
            for letter in "ab":
                yield mail(return_path(letter, secret, VICTIM, day=self.today) + DOMAIN)
