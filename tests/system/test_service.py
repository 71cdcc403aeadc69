"""What systemd does with a service, done by hand: a socket passed on, notifications, the watchdog, credentials, stop
and reload. No systemd is needed."""

import os
import select
import signal
import socket
import subprocess
import sys
import time

from harness import DSND, SystemTest, main

# between fork and exec only a process of its own can tell its pid
LAUNCH = """
import os, sys
if os.environ.get("LISTEN_FDS"):
    os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["WATCHDOG_PID"] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])
"""


class Service(SystemTest):
    is_recorded = False

    def setUp(self):
        super().setUp()
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notify.close)
        path = os.path.join(self.base, "notify")
        self.notify.bind(path)
        self.notify.settimeout(30)
        self.environment = {"NOTIFY_SOCKET": path}

    def launch(self, listener=None):
        """Starts the daemon as a service manager does; @listener becomes its descriptor 3."""
        options = {}
        if listener:
            self.environment["LISTEN_FDS"] = "1"
            spare = os.dup(3) if self.is_open(3) else None
            os.dup2(listener.fileno(), 3)
            options = {"pass_fds": [3]}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", LAUNCH, os.path.abspath(self.program or DSND), "--config", self.config],
                stderr=log, env=dict(os.environ, **self.environment), **options)
        if listener:
            os.close(3)
            if spare is not None:
                os.dup2(spare, 3)
                os.close(spare)

    def is_open(self, fd):
        try:
            os.fstat(fd)
            return True
        except OSError:
            return False

    def told(self):
        """The next notification as a dictionary."""
        try:
            return dict(line.split("=", 1) for line in self.notify.recv(4096).decode().split("\n"))
        except TimeoutError:
            self.fail("no notification\n" + self.logged())

    def told_with(self, key):
        """The next notification that has @key."""
        told = self.told()
        while key not in told:
            told = self.told()
        return told

    def test_a_start_that_fails_answers_those_who_wait(self):
        """Left at the manager's socket they would have it start the daemon again and again."""
        for spoil in (self.spoil_config, self.spoil_spool):
            with self.subTest(spoil=spoil.__name__):
                listener = self.listen()
                waiting = socket.socket(socket.AF_UNIX)
                self.addCleanup(waiting.close)
                waiting.connect(self.socket)
                waiting.settimeout(60)
                restore = spoil()
                self.launch(listener)
                self.assertNotEqual(self.process.wait(60), 0)
                self.assertIn(b'{"error":"dsnd can', waiting.recv(4096))
                listener.close()
                os.unlink(self.socket)
                restore()

    def spoil_config(self):
        with open(self.config, "a", encoding="utf-8") as file:
            file.write("\n[Nonsense]\n")

        def restore():
            with open(self.config, encoding="utf-8") as file:
                text = file.read()
            with open(self.config, "w", encoding="utf-8") as file:
                file.write(text.replace("\n[Nonsense]\n", ""))
        return restore

    def spoil_spool(self):
        """Found later than a wrong configuration: the socket was taken over by then."""
        path = os.path.join(self.base, "spool")
        with open(path, "w", encoding="utf-8"):
            pass
        return lambda: os.unlink(path)

    def listen(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.socket)
        listener.listen(32)
        return listener

    def test_a_passed_socket_is_served_and_left_in_place(self):
        listener = self.listen()
        # a client may come before the service is there: it waits, and is served
        early = socket.socket(socket.AF_UNIX)
        self.addCleanup(early.close)
        early.settimeout(30)
        early.connect(self.socket)
        self.launch(listener)
        self.assertEqual(self.told()["READY"], "1")
        self.assertIn(b'"dsnd":1', early.recv(4096))
        self.deliver()
        self.wait_for(lambda: self.status()["mails"] == 1, "the mail")
        self.assertEqual(self.stop(), 0)
        # the path is the manager's: the next one who connects starts us again
        self.assertTrue(os.path.exists(self.socket))
        self.launch(listener)
        self.assertEqual(self.told_with("READY")["READY"], "1")
        self.assertEqual(self.status()["spool"]["next"], 2)

    def test_ready_comes_when_the_socket_answers_and_recovery_is_over(self):
        for _ in range(3):
            self.deliver()
        self.launch()
        told = self.told()
        self.assertEqual((told["READY"], told["STATUS"]), ("1", "taking mail"))
        self.assertEqual(self.status()["spool"]["first"], 1)

    def test_stopping_is_told_before_the_end(self):
        self.launch()
        self.told_with("READY")
        self.assertEqual(self.stop(), 0)
        self.assertEqual(self.told_with("STOPPING")["STOPPING"], "1")
        self.assertFalse(os.path.exists(self.socket))

    def test_reloading_is_told_with_its_time_and_then_ready(self):
        self.launch()
        self.told_with("READY")
        for is_good in (True, False):
            if not is_good:
                with open(self.config, "a") as out:
                    out.write("[Nonsense]\n")
            before_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            self.process.send_signal(signal.SIGHUP)
            told = self.told_with("RELOADING")
            self.assertEqual(told["RELOADING"], "1")
            self.assertGreaterEqual(int(told["MONOTONIC_USEC"]), before_us)
            self.assertEqual(self.told_with("READY")["READY"], "1")
        self.assertEqual((self.logged().count("[reloaded]"), self.logged().count("[reload-failed]")), (1, 1))
        self.assertEqual(self.status()["state"], "running")

    def test_the_watchdog_is_patted_and_not_by_a_loop_that_stands_still(self):
        self.environment["WATCHDOG_USEC"] = "400000"
        self.launch()
        for _ in range(5):
            self.assertEqual(self.told_with("WATCHDOG")["WATCHDOG"], "1")
        os.kill(self.process.pid, signal.SIGSTOP)
        while select.select([self.notify], [], [], 0)[0]:
            self.notify.recv(4096)
        self.assertFalse(select.select([self.notify], [], [], 1)[0])
        # as the manager does: it is shot, started again, and nothing is lost
        names = [self.deliver() for _ in range(20)]
        os.kill(self.process.pid, signal.SIGABRT)
        os.kill(self.process.pid, signal.SIGCONT)
        self.assertEqual(self.process.wait(30), -signal.SIGABRT)
        self.launch()
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        self.assertEqual(self.stop(), 0)
        self.assert_once_in_order(self.spool_lines(), names)

    def test_without_a_watchdog_it_is_left_in_peace(self):
        self.launch()
        self.told_with("READY")
        self.assertFalse(select.select([self.notify], [], [], 0.5)[0])

    def test_keys_come_as_a_credential(self):
        directory = os.path.join(self.base, "credentials")
        os.mkdir(directory)
        self.environment["CREDENTIALS_DIRECTORY"] = directory
        key = os.path.join(directory, "token-key")
        with open(self.config, "a") as out:
            out.write("[ReturnPath]\nHeader=Delivered-To\n")
        # an absent one is none; a bad one is refused with its line
        self.launch()
        self.told_with("READY")
        self.assertEqual(self.stop(), 0)
        with open(key, "w") as out:
            out.write("nonsense\n")
        os.chmod(key, 0o400)
        self.launch()
        self.assertEqual(self.process.wait(30), 78)
        self.assertIn(key + ":1: ", self.logged())
        with open(key, "w") as out:
            out.write("a " + "5a" * 32 + "\n")
        os.chmod(key, 0o444)
        self.launch()
        self.assertEqual(self.process.wait(30), 78)
        self.assertIn("everybody can read it", self.logged())
        os.chmod(key, 0o400)
        self.launch()
        self.told_with("READY")

    def test_a_start_that_fails_never_says_ready(self):
        os.rmdir(os.path.join(self.maildir, "cur"))
        self.launch()
        self.assertEqual(self.process.wait(30), 78)
        while select.select([self.notify], [], [], 0)[0]:
            self.assertNotIn(b"READY", self.notify.recv(4096))


if __name__ == "__main__":
    main()
