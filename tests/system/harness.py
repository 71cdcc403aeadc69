"""Drives the real daemon in a scratch directory: deliver mails, read events, stop, kill."""

import contextlib
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import record

DSND = os.environ.get("DSND", "build/src/daemon/dsnd")
# What the daemon does to disk is written down by a library that is preloaded, and judged after each test (P3).
RECORDER = os.environ.get("DSND_RECORDER")
PATIENCE_S = 30
HOLD = re.compile(r'\[stopped\] hold_ms="(\d+)" hold_cpu_ms="(\d+)"')

REPORT = """From: MAILER-DAEMON@mx.example.net
To: bounces@example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
Message-ID: <{n}@mx.example.net>

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

{recipients}
--b--
"""

RECIPIENT = """Final-Recipient: rfc822; user{n}@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <user{n}@example.org>: no such user

"""


def report(n, n_recipients=1):
    """A bounce of which the recipients tell the number, as bytes."""
    names = [str(n)] if n_recipients == 1 else ["%s-%d" % (n, i) for i in range(n_recipients)]
    text = REPORT.format(n=n, recipients="".join(RECIPIENT.format(n=name) for name in names))
    return text.encode()


class Client:
    """A connection to the socket."""

    def __init__(self, path, logged=lambda: ""):
        self.logged = logged
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise
        self.buffer = b""

    def say(self, line):
        self.socket.sendall(line.encode() + b"\n")

    def line(self, patience_s=PATIENCE_S):
        """The next line as an object; None at the end of the connection."""
        deadline = time.monotonic() + patience_s
        while b"\n" not in self.buffer:
            if not select.select([self.socket], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("no line within %s s" % patience_s)
            try:
                got = self.socket.recv(1 << 16)
            except ConnectionResetError:
                got = b""
            if not got:
                return None
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def events(self, count, patience_s=PATIENCE_S):
        """The next `count` events."""
        found = []
        while len(found) < count:
            line = self.line(patience_s)
            if line is None:
                raise EOFError("connection closed after %d events\n%s" % (len(found), self.logged()))
            if "seq" in line:
                found.append(line)
        return found

    def is_silent(self, for_s=0.3):
        return b"\n" not in self.buffer and not select.select([self.socket], [], [], for_s)[0]

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class SystemTest(unittest.TestCase):
    """A scratch directory with a Maildir and a configuration, and at most one daemon at a time."""

    spool_keys = ""
    mailbox_keys = ""
    more = ""
    program = None
    is_recorded = True

    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="dsnd-test-")
        self.addCleanup(shutil.rmtree, self.base, True)
        self.record = os.path.join(self.base, "record")
        self.addCleanup(self.judge_record)
        self.maildir = self.make_maildir("md")
        self.spool = os.path.join(self.base, "spool")
        self.socket = os.path.join(self.base, "s")
        self.config = os.path.join(self.base, "dsnd.conf")
        self.log = os.path.join(self.base, "log")
        self.n_delivered = 0
        self.process = None
        self.addCleanup(self.kill)
        self.addCleanup(self.tell_hold)
        self.configure()

    def make_maildir(self, name):
        path = os.path.join(self.base, name)
        for part in ("new", "cur", "tmp"):
            os.makedirs(os.path.join(path, part))
        return path

    def configure(self, **paths):
        values = {"maildir": self.maildir, "spool": self.spool, "socket": self.socket,
                  "spool_keys": self.spool_keys, "mailbox_keys": self.mailbox_keys,
                  "more": self.more}
        values.update(paths)
        with open(self.config, "w") as out:
            out.write("""[Mailbox bounces]
Path={maildir}
{mailbox_keys}
[Spool]
Path={spool}
{spool_keys}
[Socket]
Path={socket}
Mode=0666
[Workers]
Count=2
[Rules]
Path=/nonexistent
{more}
""".format(**values))

    def judge_record(self):
        """No mail left new/ before its events were synced, and no event was sent before."""
        if os.path.exists(self.record):
            self.assertEqual(record.judge(self.record).violations, [])

    def tell_hold(self):
        """P35: prints the longest that one piece of work kept the loop, of all daemons of this test that can still tell."""
        holds = [(int(wall), int(cpu)) for wall, cpu in HOLD.findall(self.logged() if os.path.exists(self.log) else "")]
        if self.process and self.process.poll() is None:
            with contextlib.suppress(OSError, TimeoutError, AttributeError, KeyError), Client(self.socket) as client:
                client.line(2)
                client.say("STATUS")
                loop = client.line(2)["status"]["loop"]
                holds.append((loop["worst_ms"], loop["worst_cpu_ms"]))
        if holds:
            print("loop held for %d ms at most, %d ms of processor time at most: %s"
                  % (max(wall for wall, _ in holds), max(cpu for _, cpu in holds), self.id()), file=sys.stderr)

    def start(self, wait=True, env=None, user=None):
        environment = dict(os.environ, **(env or {}))
        if RECORDER and self.is_recorded:
            preload = environment.get("LD_PRELOAD")
            environment.update(LD_PRELOAD="%s:%s" % (preload, RECORDER) if preload else RECORDER,
                               DSND_RECORD=self.record)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.program or DSND, "--config", self.config],
                                            stderr=log, env=environment, user=user)
        if wait:
            self.wait_for(self.is_listening, "the daemon to listen")
        return self.process

    def is_listening(self):
        if self.process.poll() is not None:
            self.fail("the daemon ended with %s:\n%s" % (self.process.returncode, self.logged()))
        try:
            Client(self.socket).close()
            return True
        except OSError:
            return False

    def stop(self):
        """Ends the daemon politely; returns its exit status."""
        self.process.terminate()
        status = self.process.wait(PATIENCE_S)
        self.process = None
        return status

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def run_daemon(self, *arguments):
        """Runs the daemon to its end, for what refuses to start."""
        return subprocess.run([DSND, "--config", self.config, *arguments], capture_output=True,
                              text=True, timeout=PATIENCE_S)

    def logged(self):
        with open(self.log, errors="replace") as text:
            return text.read()

    def workers(self):
        """The daemon's children, as far as they still live."""
        found = []
        for name in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if name.isdigit():
                    with open("/proc/%s/stat" % name, "rb") as stat:
                        # the name in parentheses may hold anything: the rest stands behind the last one
                        state, parent = stat.read().rpartition(b")")[2].split()[:2]
                    if int(parent) == self.process.pid and state != b"Z":
                        found.append(int(name))
        return sorted(found)

    def ready_workers(self):
        """The workers, once all of them take mails."""
        self.wait_for(lambda: self.status()["workers"]["ready"] == 2, "the workers to be ready")
        return self.workers()

    def client(self):
        client = Client(self.socket, self.logged)
        self.addCleanup(client.close)
        client.greeting = client.line()
        return client

    def status(self):
        with Client(self.socket) as client:
            client.say("STATUS")
            line = client.line()
            # on a busy machine the daemon may take us for a silent client at first, and send events
            while "status" not in line or "seq" in line:
                line = client.line()
            return line["status"]

    def wait_for(self, condition, what, patience_s=PATIENCE_S):
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                self.fail("waited in vain for %s\n%s" % (what, self.logged()))
            time.sleep(0.01)

    def deliver(self, content=None, name=None, maildir=None):
        """Delivers as a mail system does: complete in tmp/, then renamed. Returns the name."""
        n = self.n_delivered
        self.n_delivered += 1
        name = name or "%d.M%dP%d.host" % (1700000000 + n, n, os.getpid())
        maildir = maildir or self.maildir
        temporary = os.path.join(maildir, "tmp", name)
        with open(temporary, "wb") as out:
            out.write(report(n) if content is None else content)
        os.rename(temporary, os.path.join(maildir, "new", name))
        return name

    def in_new(self, maildir=None):
        return sorted(os.listdir(os.path.join(maildir or self.maildir, "new")))

    def spool_lines(self):
        """All lines of the spool, as objects; every one must be whole."""
        lines = []
        for name in sorted(os.listdir(self.spool)):
            if name.endswith(".jsonl"):
                with open(os.path.join(self.spool, name), "rb") as text:
                    lines += [json.loads(line) for line in text]
        return lines

    def assert_once_in_order(self, events, names):
        """The events of these mails, each once, seq without gaps from 1."""
        self.assertEqual([event["seq"] for event in events], list(range(1, len(events) + 1)))
        self.assertEqual([event["source"]["file"] for event in events], names)


def main():
    unittest.main(verbosity=1)
