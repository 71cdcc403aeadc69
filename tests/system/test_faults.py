"""P4, P29: file operations of the daemon fail, each at its nth call; the next start goes on from there. And it's killed
before its nth call. Whatever happened: no mail is lost, none is recorded twice, the spool is whole, and a daemon that
ended by itself said why."""

import contextlib
import errno
import os
import random
import re
import time

from harness import Client, SystemTest, main

FAULTY = os.environ.get("DSND_FAULTY", "build/tests/system/dsnd-faulty")
SEAM = os.path.join(os.path.dirname(__file__), "../../src/daemon/base/sys.c")
MAILS = 5
ERRORS = (errno.EIO, errno.EINTR, errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES, errno.ESTALE)
CALLS = ("accept", "faccessat", "fdatasync", "fstat", "fstatat", "fsync", "ftruncate", "inotify", "mkdirat", "openat", "pread", "pwrite", "read",
         "readdir", "recv", "rename", "renameat", "send", "statfs", "statx", "unlinkat", "write")
# How many plans are tried, and which is the first; the whole sweep has 3,900 (tools/soak faults).
PLANS_MAX = int(os.environ.get("DSND_TEST_PLANS", "30" if os.environ.get("DSND_SANITIZED") else "90"))
PLANS_FROM = int(os.environ.get("DSND_TEST_PLANS_FROM", "0"))
SEED = int(os.environ.get("DSND_TEST_SEED", "1"))


def sweep():
    """Each call with each error at its first 20 calls, a short write, and the first 200 syncs; the first
    calls first, then a sample in the order of chance."""
    plans = [(call, nth, number) for call in CALLS for number in ERRORS for nth in range(1, 21)]
    plans += [("write", nth, 0) for nth in range(1, 21)]
    plans += [(call, nth, errno.EIO) for call in ("fsync", "fdatasync") for nth in range(21, 201)]
    chance = random.Random(SEED)
    chance.shuffle(plans)
    first = [(call, nth, ERRORS[0]) for call in CALLS for nth in (1, 2)]
    return (first + [plan for plan in plans if plan not in first])[PLANS_FROM:PLANS_FROM + PLANS_MAX]


class Faults(SystemTest):
    def setUp(self):
        super().setUp()
        self.delivered = []

    def consume(self):
        """Follows and acknowledges for a moment, with whatever works."""
        with contextlib.suppress(OSError, TimeoutError), Client(self.socket) as client:
            client.line(1)
            client.say("FOLLOW mailer")
            client.line(1)
            line = client.line(0.2)
            if line and "seq" in line:
                client.say("ACK %d" % line["seq"])
                client.line(0.2)

    def wait_until_quiet(self, seconds):
        """All mails are taken, the daemon ended, or it can't go on now."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.in_new() and self.process.poll() is None:
            time.sleep(0.01)

    def survive(self, nth, env):
        """Runs over some mails, as many commits as it takes to get to the nth call."""
        with open(self.log, "ab"):
            n_log = os.path.getsize(self.log)
        self.start(wait=False, env=env)
        for _ in range(max(1, nth // 4)):
            self.delivered += [self.deliver() for _ in range(MAILS)]
            if nth > 20:
                self.wait_until_quiet(0.5)
        self.wait_until_quiet(1)
        if nth % 2 == 0 and self.process.poll() is None:
            self.consume()
        status = self.process.poll()
        self.kill()
        with open(self.log, "rb") as log:
            said = log.read()[n_log:]
        self.assertTrue(status is None or status == -9 or (status > 0 and b"dsnd: " in said), (status, said))

    def check(self, is_end=False):
        recorded = [event["source"]["file"] for event in self.whole_events()]
        self.assertEqual(len(recorded), len(set(recorded)), "recorded twice")
        waiting = set() if is_end else set(self.in_new())
        self.assertEqual(set(self.delivered) - waiting - set(recorded), set(), "lost")

    def whole_events(self):
        """The events of the spool; at a segment's end there may be half a line."""
        if not os.path.isdir(self.spool):
            return []
        for name in os.listdir(self.spool):
            if name.endswith(".jsonl"):
                with open(os.path.join(self.spool, name), "rb+") as text:
                    text.truncate(text.read().rfind(b"\n") + 1)
        return self.spool_lines()

    def finish(self):
        self.program = None
        self.start()
        self.wait_for(lambda: not self.in_new(), "all mails to leave new")
        self.assertEqual(self.stop(), 0)
        self.check(is_end=True)
        events = self.spool_lines()
        self.assertEqual([event["seq"] for event in events], list(range(1, len(events) + 1)))

    def test_all_calls_of_the_seam_are_tried(self):
        with open(SEAM, encoding="utf-8") as text:
            calls = set(re.findall(r'(?:CALL|FAULT) \("(\w+)"', text.read()))
        self.assertEqual(calls, set(CALLS))

    def test_each_failing_call_is_survived(self):
        self.program = FAULTY
        for call, nth, number in sweep():
            with self.subTest(call=call, nth=nth, errno=errno.errorcode.get(number, "short"), seed=SEED):
                self.survive(nth, {"DSND_FAULT_PLAN": "%s:%d:%d" % (call, nth, number)})
                self.check()
        self.finish()

    def test_a_death_before_each_call_is_survived(self):
        if not os.environ.get("DSND_RECORDER"):
            self.skipTest("DSND_RECORDER names no library that counts calls")
        if PLANS_FROM:
            self.skipTest("the deaths are in the first piece")
        last = 1 + PLANS_MAX // 3
        for nth in range(1, last):
            with self.subTest(nth=nth):
                self.survive(nth % 2, {"DSND_RECORD_KILL": str(nth)})
                self.check()
        self.finish()

    def test_a_failed_sync_ends_the_daemon_and_moves_nothing(self):
        self.program = FAULTY
        self.start(env={"DSND_FAULT_PLAN": "fdatasync:1:%d" % errno.EIO})
        follower = self.client()
        name = self.deliver()
        self.assertEqual(self.process.wait(30), 1)
        self.assertEqual(self.logged().count("[spool-failed]"), 1)
        self.assertEqual(self.in_new(), [name])
        self.assertIsNone(follower.line())

    def test_a_write_that_fails_for_lack_of_space_is_taken_back_and_tried_again(self):
        self.program = FAULTY
        self.start(env={"DSND_FAULT_PLAN": "write:2:%d:2" % errno.ENOSPC})
        names = [self.deliver() for _ in range(5)]
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        self.assertEqual(self.stop(), 0)
        self.assertEqual(sorted(event["source"]["file"] for event in self.spool_lines()), sorted(names))
        self.assertIn("[spool-blocked]", self.logged())
        self.assertIn("[spool-resumed]", self.logged())


if __name__ == "__main__":
    main()
