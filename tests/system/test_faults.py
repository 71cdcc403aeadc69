"""Each file operation of the daemon fails once, at its nth call; then the daemon is started without faults.
Whatever happened: no mail is lost, none is recorded twice, and the spool is whole."""

import errno
import os
import time

from harness import SystemTest, main

FAULTY = os.environ.get("DSND_FAULTY", "build/tests/system/dsnd-faulty")
MAILS = 12
PLANS = [(call, nth, number)
         for call, numbers in (("write", (errno.ENOSPC, errno.EIO)),
                               ("fdatasync", (errno.EIO,)),
                               ("fsync", (errno.EIO,)),
                               ("openat", (errno.EMFILE, errno.EACCES)),
                               ("renameat", (errno.EACCES, errno.EIO)),
                               ("fstatat", (errno.EIO,)),
                               ("fstat", (errno.ESTALE,)),
                               ("read", (errno.EIO,)),
                               ("mkdirat", (errno.ENOSPC,)),
                               ("statfs", (errno.EIO,)),
                               ("recv", (errno.ECONNRESET,)),
                               ("send", (errno.ENOMEM,)))
         for number in numbers for nth in (1, 3, 6)]


class Faults(SystemTest):
    def survive(self, call, nth, number):
        """Runs with the fault until all mails are taken, the daemon ends, or nothing happens."""
        self.program = FAULTY
        self.start(wait=False, env={"DSND_FAULT_PLAN": "%s:%d:%d" % (call, nth, number)})
        names = [self.deliver() for _ in range(MAILS)]
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline and self.in_new() and self.process.poll() is None:
            time.sleep(0.01)
        self.kill()
        self.program = None
        return names

    def test_each_failing_call_is_survived(self):
        delivered = []
        for call, nth, number in PLANS:
            with self.subTest(call=call, nth=nth, errno=errno.errorcode[number]):
                delivered += self.survive(call, nth, number)
        self.start()
        self.wait_for(lambda: not self.in_new(), "all mails to leave new")
        self.assertEqual(self.stop(), 0)
        events = self.spool_lines()
        self.assertEqual(sorted(event["source"]["file"] for event in events), sorted(delivered))
        self.assertEqual([event["seq"] for event in events], list(range(1, len(events) + 1)))

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
        self.start(env={"DSND_FAULT_PLAN": "write:3:%d:2" % errno.ENOSPC})
        names = [self.deliver() for _ in range(5)]
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        self.assertEqual(self.stop(), 0)
        self.assertEqual([event["source"]["file"] for event in self.spool_lines()], names)
        self.assertIn("[spool-blocked]", self.logged())
        self.assertIn("[spool-resumed]", self.logged())


if __name__ == "__main__":
    main()
