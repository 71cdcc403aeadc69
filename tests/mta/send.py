#!/usr/bin/env python3
"""Sends the mails that must bounce, and gathers the bounces under their case's name.

usage: send.py SINK OUT PREFIX SECONDS [sendmail PROGRAM]
SINK: where sink.py saves; OUT: where PREFIX-CASE.eml go. With `sendmail` mails are handed to that program.
"""
import glob
import os
import shutil
import smtplib
import subprocess
import sys
import time

CASES = {
    "nouser": "nouser@rcpt.example.net", "nocode": "nocode@rcpt.example.net", "full": "full@rcpt.example.net",
    "disabled": "disabled@rcpt.example.net", "relay": "relay@rcpt.example.net", "multiline": "multi@rcpt.example.net",
    "hash": "hash@rcpt.example.net", "sender": "user@mailfrom.example.net", "banner": "user@banner.example.net",
    "ehlo": "user@ehlo.example.net", "spam": "spam@data.example.net", "toobig": "toobig@data.example.net",
    "virus": "virus@data.example.net", "refused": "user@closed.example.net", "drop": "user@drop.example.net",
    "size": "user@size.example.net", "nxdomain": "user@nx.example.net", "nullmx": "user@nullmx.example.net",
    "servfail": "user@servfail.example.net", "fulltemp": "fulltemp@rcpt.example.net", "grey": "grey@rcpt.example.net",
    "two": "nouser@rcpt.example.net,full@rcpt.example.net,good@rcpt.example.net",
    "local-nouser": "nosuchuser@example.org", "local-pipe": "pipe@example.org", "local-loop": "loop@example.org",
    "alias": "alias@example.org", "local-full": "fullbox@example.org", "forward": "forward@example.org",
    "success": "ok@example.org", "eai": "j\u00f6rg@rcpt.example.net",
}


def message(case, to):
    body = "Dear reader,\n\nthis is a short letter about nothing.\n"
    if case == "size":
        body += ("x" * 70 + "\n") * 40
    return ("From: Sender <bounces@example.com>\nTo: %s\nSubject: A letter (%s)\nMessage-ID: <%s.1@example.com>\n"
            "Date: Fri, 20 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s"
            % (", ".join(to), case, case, body)).encode()


def send(case, to, program):
    if program:
        subprocess.run([program, "-i", "-f", "bounces@example.com", "--", *to], input=message(case, to), timeout=30)
        return
    with smtplib.SMTP("192.0.2.25", 25, local_hostname="client.example.com", timeout=60) as s:
        s.ehlo()
        options = ["SMTPUTF8"] if case == "eai" else []
        s.mail("bounces@example.com", options)
        ask = ["NOTIFY=SUCCESS,FAILURE,DELAY"] if case == "success" and s.has_extn("dsn") else []
        for rcpt in to:
            s.command_encoding = "utf-8"
            code, text = s.rcpt(rcpt, ask)
            if code >= 400:
                print(case, "refused at once:", code, text)
                return
        s.data(message(case, to).replace(b"\n", b"\r\n"))


def gather(sink, out, prefix, names):
    for path in sorted(glob.glob(sink + "/*.eml")):
        text = open(path, "rb").read()
        for case in names:
            if b"A letter (%s)" % case.encode() in text or b"<%s.1@example.com>" % case.encode() in text \
                    or any(b"%s" % t.encode() in text for t in CASES[case].split(",") if case not in ("two", "nouser", "full")):
                break
        else:
            case = "other"
        n, name = 1, case
        while os.path.exists("%s/%s-%s.eml" % (out, prefix, name)):
            n, name = n + 1, "%s-%d" % (case, n + 1)
        shutil.move(path, "%s/%s-%s.eml" % (out, prefix, name))


def main():
    sink, out, prefix, seconds = sys.argv[1:5]
    program = sys.argv[6] if len(sys.argv) > 6 else None
    only = os.environ.get("CASES")
    names = only.split() if only else list(CASES)
    for case in names:
        try:
            send(case, CASES[case].split(","), program)
        except (OSError, smtplib.SMTPException, UnicodeError, subprocess.SubprocessError) as error:
            print(case, "could not be sent:", error)
    time.sleep(float(seconds))
    gather(sink, out, prefix, names)


if __name__ == "__main__":
    main()
