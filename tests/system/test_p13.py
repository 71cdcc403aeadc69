"""P13: neither inotify nor one scan of new/ is trusted. Without the one or past the limits of the other, every mail
becomes an event within the time between two scans."""

import errno
import os
import random
import signal
import threading
import time

from harness import SystemTest, main, report

FAULTY = os.environ.get("DSND_FAULTY", "build/tests/system/dsnd-faulty")
SANITIZED = "DSND_SANITIZED" in os.environ
RESCAN_S = 30
SLACK_S = 15
QUEUE_LIMIT = "/proc/sys/fs/inotify/max_queued_events"


class Unwatched(SystemTest):
    program = FAULTY

    def test_without_inotify_a_scan_finds_the_mails_and_tries_again_to_watch(self):
        self.start(env={"DSND_FAULT_PLAN": "inotify:1:%d" % errno.EMFILE})
        follower = self.client()
        follower.say("FOLLOW - first")
        follower.line()
        self.assertEqual(self.logged().count("[watch-missing]"), 1)
        self.ready_workers()
        names = [self.deliver() for _ in range(50)]
        began = time.monotonic()
        self.assert_once_in_order(follower.events(50, RESCAN_S + SLACK_S), names)
        took = time.monotonic() - began
        print("without inotify: found after %.1f s" % took)
        self.assertEqual(self.logged().count("[watch-missing]"), 1)
        # the same tick has tried inotify again: now it tells at once
        self.wait_for(lambda: "[watch-back]" in self.logged(), "the watch to come back")
        began = time.monotonic()
        self.deliver()
        follower.events(1)
        self.assertLess(time.monotonic() - began, RESCAN_S / 3)


class Overflow(SystemTest):
    def test_a_queue_that_overflows_is_made_good_by_a_scan(self):
        with open(QUEUE_LIMIT) as text:
            limit = int(text.read())
        if limit > 200000:
            self.skipTest("the queue of inotify is too long to fill: %d" % limit)
        self.start()
        self.deliver()
        follower = self.client()
        follower.say("FOLLOW - first")
        follower.line()
        # the scan at the start is over when its mail is gone
        self.wait_for(lambda: not self.in_new(), "the first mail")
        follower.events(1)
        # a name that comes and goes leaves nothing behind but events; it is hidden, so that none is read
        one, other = (os.path.join(self.maildir, "new", name) for name in (".one", ".other"))
        with open(one, "w"):
            pass
        os.kill(self.process.pid, signal.SIGSTOP)
        for _ in range(limit // 2 + 1000):
            os.rename(one, other)
            os.rename(other, one)
        names = [self.deliver() for _ in range(300)]
        began = time.monotonic()
        os.kill(self.process.pid, signal.SIGCONT)
        events = follower.events(300)
        self.assertEqual([event["source"]["file"] for event in events], names)
        took = time.monotonic() - began
        print("queue of %d overflowed: found after %.1f s" % (limit, took))
        # at once, and not by the scan that comes anyway
        self.assertLess(took, RESCAN_S / 2)


class Renamed(SystemTest):
    MAILS = 300 if SANITIZED else 1000

    def rename_at_random(self, stop):
        """What a careless mail reader does: renames files in new/ while they're looked for."""
        chance = random.Random()
        new = os.path.join(self.maildir, "new")
        n = 0
        while not stop.is_set():
            names = os.listdir(new)
            if not names:
                time.sleep(0.001)
            for name in chance.sample(names, min(len(names), 20)):
                n += 1
                try:
                    os.rename(os.path.join(new, name), os.path.join(new, "%d.renamed" % n))
                except FileNotFoundError:
                    pass

    def test_four_deliverers_and_one_who_renames(self):
        self.start()
        stop = threading.Event()
        renamer = threading.Thread(target=self.rename_at_random, args=(stop,))
        renamer.start()

        def deliver_all(which):
            for n in range(self.MAILS):
                self.deliver(report(which * self.MAILS + n), name="%d.D%d.host" % (n, which))
        deliverers = [threading.Thread(target=deliver_all, args=(i,)) for i in range(4)]
        for thread in deliverers:
            thread.start()
        for thread in deliverers:
            thread.join()
        stop.set()
        renamer.join()
        self.wait_for(lambda: not self.in_new(), "all mails to leave new", 2 * RESCAN_S + SLACK_S)
        self.assertEqual(self.stop(), 0)
        seen = [event["recipient"] for event in self.spool_lines()]
        print("%d mails renamed at random: %d events" % (4 * self.MAILS, len(seen)))
        self.assertEqual({"user%d@example.org" % n for n in range(4 * self.MAILS)} - set(seen), set())
        self.assertNotIn("error", self.logged())


if __name__ == "__main__":
    main()
