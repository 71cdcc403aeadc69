"""P5: a spool that can't be written stops intake, mail stays, nothing is lost, and it resumes by itself."""

import errno
import os
import subprocess
import sys
import time

from harness import SystemTest, main

FAULTY = os.environ.get("DSND_FAULTY", "build/tests/system/dsnd-faulty")
CYCLES = int(os.environ.get("DSND_TEST_CYCLES", "5"))
MAILS = 40
PAGE = 4096
RESUME_S = 5 * (2 if os.getloadavg()[0] > os.cpu_count() else 1)


class FullDisk(SystemTest):
    spool_keys = "MaxSize=1M\nKeep=1m"

    def setUp(self):
        super().setUp()
        os.mkdir(self.spool)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "dsnd-test", self.spool],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode:
            self.skipTest("a small file system can't be mounted: " + mounted.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", "-l", self.spool], check=False)
        self.filler = os.path.join(self.spool, "filler")

    def fill(self, n_free):
        """Leaves room for `n_free` bytes, so that the next write is cut short."""
        space = os.statvfs(self.spool)
        with open(self.filler, "wb", buffering=0) as out:
            for _ in range(space.f_bavail - n_free // PAGE):
                out.write(b"x" * PAGE)

    def test_cycles_of_a_full_disk_lose_nothing(self):
        self.start()
        follower = self.client()
        follower.say("FOLLOW - first")
        delivered, seen, slowest = [], [], 0
        for cycle in range(CYCLES):
            self.fill(PAGE * (1 + cycle % 3))
            delivered += [self.deliver() for _ in range(MAILS)]
            self.wait_for(lambda: self.status()["state"] == "blocked", "the daemon to notice")
            self.assertTrue(self.in_new())
            os.unlink(self.filler)
            began = time.monotonic()
            self.wait_for(lambda: not self.in_new(), "all mails to leave new")
            slowest = max(slowest, time.monotonic() - began)
            seen += [event["source"]["file"] for event in follower.events(MAILS)]
        print("%d cycles, %d mails: resumed after at most %.1f s" % (CYCLES, len(delivered), slowest),
              file=sys.stderr)
        self.assertEqual(sorted(seen), sorted(delivered))
        self.assertLess(slowest, RESUME_S)
        # at most one line each time: a disk that fills again before the daemon looked is still the same
        self.assertIn(self.logged().count("[spool-blocked]"), range(1, CYCLES + 1))
        self.assertEqual(self.stop(), 0)


class Faults(SystemTest):
    program = FAULTY

    def test_errors_that_may_pass_are_waited_for(self):
        for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG):
            with self.subTest(errno=errno.errorcode[number]):
                blocked = self.logged().count("[spool-blocked]") if os.path.exists(self.log) else 0
                first = 2 if number == errno.ENOSPC else 1  # the first start writes the spool's id
                self.start(env={"DSND_FAULT_PLAN": "write:%d:%d:2" % (first, number)})
                for _ in range(5):
                    self.deliver()
                self.wait_for(lambda: not self.in_new(), "the mails to leave new")
                self.assertEqual(self.stop(), 0)
                self.assertEqual(self.logged().count("[spool-blocked]"), blocked + 1)
        events = self.spool_lines()
        self.assertEqual([event["seq"] for event in events], list(range(1, 21)))
        self.assertEqual(len({event["source"]["file"] for event in events}), 20)

    def test_short_writes_are_gone_on_with(self):
        self.start(env={"DSND_FAULT_PLAN": "write:1:0:1000"})
        names = sorted(self.deliver() for _ in range(50))
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        self.assertEqual(self.stop(), 0)
        self.assertEqual(sorted(event["source"]["file"] for event in self.spool_lines()), names)
        self.assertNotIn("[spool-blocked]", self.logged())


if __name__ == "__main__":
    main()
