"""dsn-lmtpd and dsnctl deliver: mails come into the Maildir whole, once, with their envelope."""
import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
import unittest

LMTPD = os.environ.get("LMTPD", "build/src/lmtp/dsn-lmtpd")
DSNCTL = os.environ.get("DSNCTL", "build/src/cli/dsnctl")
MAIL = b"From: MAILER-DAEMON@example.net\r\nSubject: returned\r\n\r\n.dots\r\nno such user\r\n"


class Lmtp(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.base)
        self.box = os.path.join(self.base, "box")
        for folder in ("new", "cur", "tmp"):
            os.makedirs(os.path.join(self.box, folder))

    def mails(self):
        names = sorted(os.listdir(os.path.join(self.box, "new")))
        self.assertEqual(os.listdir(os.path.join(self.box, "tmp")), [])
        result = []
        for name in names:
            with open(os.path.join(self.box, "new", name), "rb") as mail:
                result.append(mail.read())
        return sorted(result)

    def serve(self, *arguments):
        self.path = os.path.join(self.base, "lmtp.sock")
        daemon = subprocess.Popen([LMTPD, "--listen", self.path, *arguments, self.box], stderr=subprocess.PIPE)
        self.addCleanup(daemon.stderr.close)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not self.is_open():
            time.sleep(0.02)
        return daemon

    def is_open(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.path) == 0

    def client(self):
        client = smtplib.LMTP(self.path)
        self.addCleanup(client.close)
        return client

    def test_a_copy_for_each_recipient(self):
        daemon = self.serve()
        client = self.client()
        self.assertEqual(client.sendmail("", ["b+a=x.example@example.org", "c@example.org"], MAIL), {})
        body = b"From: MAILER-DAEMON@example.net\nSubject: returned\n\n.dots\nno such user\n"
        self.assertEqual(self.mails(), [
            b"Return-Path: <>\nX-Original-To: b+a=x.example@example.org\n" + body,
            b"Return-Path: <>\nX-Original-To: c@example.org\n" + body])
        daemon.terminate()
        self.assertEqual((daemon.wait(60), daemon.stderr.read()), (0, b""))

    def test_many_at_once(self):
        self.serve()
        clients = [self.client() for _ in range(20)]
        for i in range(10):
            for client in clients:
                client.sendmail("s@example.org", ["r@example.org"], MAIL + b"%d\r\n" % i)
        self.assertEqual(len(self.mails()), 200)

    def test_a_client_that_goes_leaves_nothing(self):
        self.serve()
        client = self.client()
        client.mail("")
        client.rcpt("a@example.org")
        client.docmd("DATA")
        client.send(b"half a mail\r\n")
        client.sock.shutdown(socket.SHUT_RDWR)
        client.close()
        self.client().sendmail("", ["b@example.org"], MAIL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and os.listdir(os.path.join(self.box, "tmp")):
            time.sleep(0.02)
        self.assertEqual(len(self.mails()), 1)

    def test_what_is_too_large_is_refused(self):
        self.serve("--max-size", "1000")
        client = self.client()
        with self.assertRaises(smtplib.SMTPSenderRefused) as refused:
            client.sendmail("", ["a@example.org"], MAIL * 100)
        self.assertEqual(refused.exception.smtp_code, 552)
        client.docmd("MAIL FROM:<>")
        client.rcpt("a@example.org")
        self.assertEqual(client.data(MAIL * 100)[0], 552)
        self.assertEqual(self.mails(), [])

    def test_a_maildir_that_goes_is_trouble_for_now(self):
        self.serve()
        client = self.client()
        os.rmdir(os.path.join(self.box, "tmp"))
        client.docmd("LHLO x")
        client.docmd("MAIL FROM:<>")
        client.rcpt("a@example.org")
        self.assertEqual(client.docmd("DATA")[0], 451)
        os.mkdir(os.path.join(self.box, "tmp"))

    def test_wrong_starts(self):
        for arguments, status, text in (
                ([], 2, "name one Maildir"),
                ([self.box], 1, "--listen says where to listen"),
                (["--listen", "nonsense", self.box], 1, "can't listen at nonsense"),
                (["--listen", "/x", "/nonexistent"], 1, "/nonexistent/tmp: No such file"),
                (["--max-size", "0", self.box], 2, "--max-size")):
            run = subprocess.run([LMTPD, *arguments], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(run.returncode, status, run)
            self.assertIn(text, run.stderr)

    def test_a_plain_file_at_the_path_stays(self):
        path = os.path.join(self.base, "file")
        with open(path, "w", encoding="utf-8") as file:
            file.write("mine")
        run = subprocess.run([LMTPD, "--listen", path, self.box], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(run.returncode, 1)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "mine")

    def deliver(self, mail, *arguments):
        return subprocess.run([DSNCTL, "deliver", *arguments], input=mail, capture_output=True, check=False, timeout=60)

    def test_deliver(self):
        run = self.deliver(b"From x@y Thu Nov 26 10:00:00 2026\nSubject: a\n\nb\n", "-r", "b+1@example.org", "-f", "", self.box)
        self.assertEqual(run.returncode, 0, run)
        self.assertEqual(self.mails(), [b"Return-Path: <>\nX-Original-To: b+1@example.org\nSubject: a\n\nb\n"])

    def test_deliver_refuses(self):
        for mail, arguments, status in (
                (b"a: b\n\n", [], 75), (b"a: b\n\n", ["/nonexistent"], 75), (b"a: b\n\n", ["-r", "a\nb", self.box], 75),
                (b"a: b\n\n", ["--max-size", "5x", self.box], 75), (b"", [self.box], 65), (b"a: b\n\n" * 100, ["--max-size", "100", self.box], 65)):
            run = self.deliver(mail, *arguments)
            self.assertEqual(run.returncode, status, run)
            self.assertTrue(run.stderr.startswith(b"dsnctl: deliver: "), run)
        self.assertEqual(self.mails(), [])


if __name__ == "__main__":
    unittest.main()
