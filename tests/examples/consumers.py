"""An example consumer against the real daemon: killed at any moment, and left by the daemon, it misses no event.

    consumers.py CONSUMER       77 if its language isn't installed
"""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

from harness import SystemTest, main  # noqa: E402

CONSUMER = sys.argv.pop(1)
NEEDS = {".sh": "socat -V && jq --version", ".py": "python3 --version", ".pl": "perl -MJSON::PP -e1",
         ".php": "php --version", ".js": "node --version", ".go": "go version"}
N_MAILS = 300
LETTER = b"From: somebody@example.net\nTo: bounces@example.com\nSubject: Lunch?\n\nShall we have lunch?\n"


def command(scratch):
    """How to run the example."""
    if not CONSUMER.endswith(".go"):
        return [CONSUMER]
    binary = os.path.join(scratch, "consumer")
    env = dict(os.environ, GO111MODULE="off", GOPROXY="off", GOCACHE=os.path.join(scratch, "go"))
    subprocess.run(["go", "build", "-o", binary, CONSUMER], check=True, env=env)
    return [binary]


class Consumer(SystemTest):
    def setUp(self):
        super().setUp()
        self.list = os.path.join(self.base, "suppressed")
        self.command = command(self.base)
        self.consumer = None
        self.addCleanup(self.kill_consumer)

    def start_consumer(self):
        with open(os.path.join(self.base, "consumer.log"), "ab") as log:
            self.consumer = subprocess.Popen([*self.command, self.socket, "suppressions", self.list], stdout=log,
                                             stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)

    def kill_consumer(self):
        if self.consumer:
            os.killpg(self.consumer.pid, signal.SIGKILL)
            self.consumer.wait()
            self.consumer = None

    def listed(self):
        if not os.path.exists(self.list):
            return []
        with open(self.list, encoding="utf-8") as lines:
            return lines.read().splitlines()

    def logged(self):
        with open(os.path.join(self.base, "consumer.log"), errors="replace") as log:
            return super().logged() + log.read()

    def acknowledged(self):
        return next((c["acked"] for c in self.status()["consumers"] if c["name"] == "suppressions"), 0)

    def test_nothing_is_lost_when_consumer_and_daemon_die(self):
        self.start()
        for _ in range(N_MAILS):
            self.deliver()
        self.deliver(LETTER)
        self.wait_for(lambda: len(self.in_new()) == 0, "all events")
        for n_seen in (20, 100):
            self.start_consumer()
            self.wait_for(lambda n=n_seen: len(self.listed()) >= n, "%d addresses" % n_seen)
            self.kill_consumer()
        self.start_consumer()
        self.wait_for(lambda: len(self.listed()) >= 150, "150 addresses")
        self.kill()
        self.start()
        self.wait_for(lambda: self.acknowledged() == N_MAILS + 1, "the last acknowledgement")
        self.assertEqual({"user%d@example.org" % n for n in range(N_MAILS)}, set(self.listed()))

    def test_it_waits_for_a_daemon_that_comes_later(self):
        self.start_consumer()
        self.start()
        self.deliver()
        self.wait_for(lambda: self.listed() == ["user0@example.org"], "the first address")


if __name__ == "__main__":
    needs = NEEDS[os.path.splitext(CONSUMER)[1]]
    if subprocess.run(needs, shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        print("skipped: this fails here: " + needs)
        sys.exit(77)
    main()
