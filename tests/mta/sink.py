#!/usr/bin/env python3
"""SMTP servers that refuse. The address says at which stage, the recipient's local part says how.

usage: sink.py MAILDIR      mail for 198.51.100.20 (the sender's own server) is delivered there
"""
import contextlib
import os
import re
import socket
import sys
import threading
import time
import uuid

BY_LOCAL = {  # at RCPT on .10 and .18, at the end of DATA on .14
    "nouser": "550 5.1.1 <{a}>: Recipient address rejected: User unknown in virtual mailbox table",
    "nocode": "550 Unknown user",
    "full": "552 5.2.2 <{a}>: Mailbox is full / over quota",
    "fulltemp": "452 4.2.2 <{a}>: The recipient's mailbox is over its storage limit",
    "disabled": "550 5.2.1 <{a}>: This mailbox has been disabled",
    "relay": "554 5.7.1 <{a}>: Relay access denied",
    "grey": "451 4.7.1 <{a}>: Greylisted, please come back in 5 minutes",
    "multi": "550-5.7.1 The message was refused by our rules.\r\n550-5.7.1 See https://help.example.net/answer/188131\r\n550 5.7.1 for details. f1-20020 - gw",
    "hash": "550 #5.1.0 Address rejected.",
    "spam": "554 5.7.1 Message rejected because it was classified as spam",
    "virus": "554 5.7.1 virus found: Eicar-Test-Signature",
    "toobig": "552 5.3.4 Message size exceeds fixed limit",
    "policy": "550 5.7.1 Rejected by local policy",
    "j\u00f6rg": "550 5.1.1 <{a}>: User doesn't exist",
}
BANNER = {"198.51.100.12": "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using dnsbl.example.net"}
EHLO = {"198.51.100.13": "550 5.7.1 Access denied: your HELO name does not match your address"}
MAIL = {"198.51.100.11": "550 5.1.8 <{a}>: Sender address rejected: Domain not found"}
MAX_SIZE = {"198.51.100.17": 1000}
ADDRESSES = ["198.51.100.%d" % n for n in (10, 11, 12, 13, 14, 16, 17, 18, 19, 20)]
AT_RCPT = ("198.51.100.10", "198.51.100.18")
SMTPUTF8 = ("198.51.100.18", "198.51.100.20")


def address(line):
    return line[line.find("<") + 1:line.find(">")]


class Session:
    def __init__(self, conn, ip, out):
        self.file, self.ip, self.out = conn.makefile("rwb"), ip, out
        self.sender, self.rcpts = "", []

    def say(self, text):
        self.file.write(text.encode() + b"\r\n")
        self.file.flush()

    def run(self):
        self.say(BANNER.get(self.ip, "220 %s ESMTP" % self.name()))
        if self.ip in BANNER or self.ip == "198.51.100.16":
            return
        for raw in self.file:
            line = raw.decode("utf-8", "replace").strip()
            verb = line[:4].upper()
            if verb == "QUIT":
                self.say("221 2.0.0 Bye")
                return
            getattr(self, "do_" + verb.lower(), self.do_other)(line)

    def name(self):
        return {"198.51.100.10": "mx.rcpt.example.net", "198.51.100.14": "mx.data.example.net",
                "198.51.100.20": "mx.example.com"}.get(self.ip, "mx.example.net")

    def do_other(self, line):
        self.say("250 2.0.0 OK")

    def do_ehlo(self, line):
        if self.ip in EHLO:
            self.say(EHLO[self.ip])
        else:
            size = MAX_SIZE.get(self.ip, 10485760)
            more = "250-SMTPUTF8\r\n" if self.ip in SMTPUTF8 else ""
            self.say("250-%s\r\n250-SIZE %d\r\n250-8BITMIME\r\n%s250 ENHANCEDSTATUSCODES" % (self.name(), size, more))

    do_helo = do_ehlo

    def do_mail(self, line):
        self.sender, self.rcpts = address(line), []
        size = re.search(r" SIZE=(\d+)", line.upper())
        if self.ip in MAX_SIZE and size and int(size[1]) > MAX_SIZE[self.ip]:
            self.say("552 5.3.4 Message size exceeds fixed limit")
            return
        self.say(MAIL.get(self.ip, "250 2.1.0 OK").format(a=self.sender))

    def do_rcpt(self, line):
        to = address(line)
        text = BY_LOCAL.get(to.split("@")[0].split("+")[0], "250 2.1.5 OK") if self.ip in AT_RCPT else "250 2.1.5 OK"
        if text.startswith("250"):
            self.rcpts.append(to)
        self.say(text.format(a=to))

    def do_data(self, line):
        if not self.rcpts:
            self.say("554 5.5.1 Error: no valid recipients")
            return
        self.say("354 End data with <CR><LF>.<CR><LF>")
        body = []
        for raw in self.file:
            if raw.rstrip(b"\r\n") == b".":
                break
            body.append(raw[1:] if raw.startswith(b".") else raw)
        local = self.rcpts[0].split("@")[0]
        if sum(map(len, body)) > MAX_SIZE.get(self.ip, 10485760):
            self.say("552 5.3.4 Message size exceeds fixed limit")
            return
        if self.ip == "198.51.100.14" and local in BY_LOCAL:
            self.say(BY_LOCAL[local].format(a=self.rcpts[0]))
            return
        # a bounce that comes to .10: from a system that relays everything there
        if self.ip == "198.51.100.20" or not self.sender:
            self.save(b"".join(body))
        self.say("250 2.0.0 OK")

    def save(self, body):
        head = "Return-Path: <%s>\nDelivered-To: %s\n" % (self.sender, self.rcpts[0])
        name = "%d.%s.sink" % (time.time(), uuid.uuid4().hex)
        with open(os.path.join(self.out, "tmp", name), "wb") as f:
            f.write(head.encode() + body.replace(b"\r\n", b"\n"))
        os.rename(os.path.join(self.out, "tmp", name), os.path.join(self.out, "new", name))


def serve(server, ip, out):
    while True:
        conn, _ = server.accept()

        def one(c=conn):
            with c, contextlib.suppress(OSError):
                Session(c, ip, out).run()
        threading.Thread(target=one, daemon=True).start()


def main():
    for ip in ADDRESSES:
        server = socket.create_server((ip, 25), backlog=50)
        threading.Thread(target=serve, args=(server, ip, sys.argv[1])).start()
    print("ready", flush=True)


if __name__ == "__main__":
    main()
