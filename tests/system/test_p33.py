"""P33: no mail is recorded twice over any number of restarts, and stuck mails don't pile up without bound: above a limit
nothing more is taken, and that is said. P1: a name that is used again is another mail."""

import collections
import errno
import os
import signal

from harness import SystemTest, main, report

FAULTY = os.environ["DSND_FAULTY"]
STUCK_MAX = 1000
# Every move out of new/ fails for ever, as between two file systems that stat can't tell apart.
NO_MOVES = {"DSND_FAULT_PLAN": "renameat:1:%d:1000000000" % errno.EXDEV}


class Stuck(SystemTest):
    def recorded(self):
        return collections.Counter(event["source"]["file"] for event in self.spool_lines())

    def start_faulty(self):
        self.program = FAULTY
        self.start(env=NO_MOVES)

    def settle(self, count):
        self.wait_for(lambda: self.status()["spool"]["next"] == count + 1, "%d events" % count, 60)

    def test_stuck_mails_are_recorded_once_over_restarts(self):
        names = [self.deliver() for _ in range(300)]
        names.append(self.deliver(name="1800000000.\x1b[31m?\xff.host".encode("latin-1").decode("utf-8", "surrogateescape")))
        for n in range(3):
            self.start_faulty()
            self.settle(301)
            status = self.status()
            self.assertEqual((status["stuck"], status["mails"]), (301, 0 if n else 301))
            self.assertEqual(self.stop(), 0)
        self.assertEqual(set(self.recorded().values()), {1})
        self.program = None
        self.start()
        self.wait_for(lambda: not self.in_new(), "new to be empty")
        self.assertEqual(self.status()["mails"], 0)
        self.assertEqual(self.stop(), 0)
        self.assertEqual(len(self.recorded()), len(names))

    def test_old_ones_are_known_when_their_segments_are_gone(self):
        self.start_faulty()
        for _ in range(20):
            self.deliver()
        self.settle(20)
        self.assertEqual(self.stop(), 0)
        # as if retention had deleted what tells of them
        for name in os.listdir(self.spool):
            if name.endswith(".jsonl"):
                os.unlink(os.path.join(self.spool, name))
        self.program = None
        self.start()
        self.wait_for(lambda: not self.in_new(), "new to be empty")
        self.assertEqual(self.status()["mails"], 0)

    def test_above_a_limit_nothing_more_is_taken(self):
        self.start_faulty()
        for _ in range(STUCK_MAX + 300):
            self.deliver()
        self.wait_for(lambda: self.status()["state"] == "blocked", "dsnd to take no mail", 60)
        status = self.status()
        self.assertIn("can't be moved", status["blocked"])
        self.wait_for(lambda: "intake-blocked" in self.logged(), "a line in the log")
        # what was with the workers by then is recorded, too
        self.assertLess(status["stuck"], STUCK_MAX + 300)
        self.assertEqual(len(self.in_new()), STUCK_MAX + 300)
        self.assertEqual(self.stop(), 0)
        self.program = None
        self.start()
        self.wait_for(lambda: not self.in_new(), "new to be empty", 60)
        self.assertEqual(self.stop(), 0)
        self.assertEqual(set(self.recorded().values()), {1})
        self.assertEqual(len(self.recorded()), STUCK_MAX + 300)

    def test_names_that_the_flags_make_too_long(self):
        self.start()
        for n in range(20):
            stem = "%d.M%dP1." % (1700000000 + n, n)
            self.deliver(name=stem + "x" * (246 + n % 10 - len(stem)))
        self.settle(20)
        self.wait_for(lambda: not self.in_new(), "new to be empty")
        self.assertEqual(self.status()["failed_moves"], 0)
        self.assertEqual(len(os.listdir(os.path.join(self.maildir, "cur"))), 20)

    def test_a_name_that_is_used_again_while_its_first_mail_is_read(self):
        self.start()
        workers = self.ready_workers()
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        self.deliver(report(1), name="1.same")
        self.wait_for(lambda: self.status()["in_flight"] == 1, "the mail to be taken")
        self.deliver(report(2), name="1.same")
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
        self.settle(2)
        self.wait_for(lambda: not self.in_new(), "new to be empty")
        self.assertEqual([event["recipient"] for event in self.spool_lines()], ["user1@example.org", "user2@example.org"])


main()
