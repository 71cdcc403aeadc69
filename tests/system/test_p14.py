"""P14: a mail that vanishes is no error, whatever state it's in: at most one event, no line in the log, and the others come."""

import os
import signal
import time

from harness import SystemTest, main

SHIM = os.environ.get("DSND_SHIM", "build/tests/system/shim.so")
# GLib and sanitizers want their own libraries first, or say so
PRELOAD = {"LD_PRELOAD": SHIM}


class Vanishing(SystemTest):
    def follow(self):
        follower = self.client()
        follower.say("FOLLOW - first")
        follower.line()
        return follower

    def assert_quiet(self, n_mails):
        status = self.status()
        self.assertEqual((status["mails"], status["in_flight"], status["waiting"]), (n_mails, 0, 0))
        self.assertEqual([status[key] for key in ("special", "denied", "failed_reads", "failed_moves")], [0] * 4)
        self.assertEqual(status["workers"]["deaths"], 0)
        for word in ("error", "warning"):
            self.assertNotIn(word, self.logged())

    def test_before_it_is_looked_at_opened_or_moved(self):
        self.start(env=PRELOAD)
        follower = self.follow()
        names = [self.deliver(name="%d.%s" % (i, ("good", "vanish-stat", "vanish-open", "vanish-rename")[i % 4]))
                 for i in range(400)]
        events = follower.events(200)
        read = [event["source"]["file"] for event in events]
        # what vanished before it was opened has no event, what was read has one
        self.assertEqual(sorted(read), sorted(name for name in names if name.endswith(("good", "rename"))))
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        self.assertTrue(follower.is_silent())
        self.assertEqual(sorted(os.listdir(os.path.join(self.maildir, "cur"))),
                         sorted(name + ":2,S" for name in names if name.endswith("good")))
        self.assert_quiet(200)

    def test_while_its_name_waits(self):
        self.start()
        follower = self.follow()
        os.kill(self.process.pid, signal.SIGSTOP)
        names = [self.deliver() for _ in range(200)]
        for name in names[::2]:
            os.unlink(os.path.join(self.maildir, "new", name))
        os.kill(self.process.pid, signal.SIGCONT)
        self.assert_once_in_order(follower.events(100), names[1::2])
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        self.assert_quiet(100)

    def test_while_it_is_with_a_worker_or_waits_for_one(self):
        self.start()
        follower = self.follow()
        workers = self.ready_workers()
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        names = [self.deliver() for _ in range(60)]
        # all are known: with a worker, read and waiting, or a name only
        self.wait_for(lambda: self.status()["in_flight"] + self.status()["waiting"] == 60, "the mails to be seen")
        in_flight = self.status()["in_flight"]
        self.assertGreater(in_flight, 2)
        for name in names[::2]:
            os.unlink(os.path.join(self.maildir, "new", name))
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        self.wait_for(lambda: self.status()["in_flight"] + self.status()["waiting"] == 0, "the last ones")
        n = self.status()["mails"]
        self.assertGreaterEqual(n, 30)
        recorded = [event["source"]["file"] for event in follower.events(n)]
        self.assertEqual(len(recorded), len(set(recorded)))
        self.assertEqual(set(names[1::2]) - set(recorded), set())
        print("of 60 mails %d were on their way when half vanished: %d events" % (in_flight, n))
        self.assert_quiet(n)

    def test_a_mail_moved_to_cur_by_a_reader_leaves_no_trace(self):
        self.start()
        follower = self.follow()
        os.kill(self.process.pid, signal.SIGSTOP)
        names = [self.deliver() for _ in range(100)]
        for name in names[::2]:
            os.rename(os.path.join(self.maildir, "new", name), os.path.join(self.maildir, "cur", name + ":2,RS"))
        os.kill(self.process.pid, signal.SIGCONT)
        self.assert_once_in_order(follower.events(50), names[1::2])
        time.sleep(0.2)
        self.assertTrue(follower.is_silent())
        self.assertEqual(len(os.listdir(os.path.join(self.maildir, "cur"))), 100)
        self.assert_quiet(50)


if __name__ == "__main__":
    main()
