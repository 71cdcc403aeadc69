"""P16: jumps of the wall clock do no harm: nothing is lost, nothing waits, order is that of the numbers, and deadlines
go by the monotonic clock."""

import os
import signal
import struct
import time

from harness import SystemTest, main, report

SHIM = os.environ.get("DSND_SHIM", "build/tests/system/shim.so")
DAY_S = 86400
YEAR_S = 365 * DAY_S
JUMPS_S = (0, DAY_S, -DAY_S, 10 * YEAR_S, -10 * YEAR_S, 3600, -3 * DAY_S, 0)
MAILS = 25


class Clock(SystemTest):
    spool_keys = "Keep=1d"

    def setUp(self):
        super().setUp()
        self.offset_file = os.path.join(self.base, "offset")
        with open(self.offset_file, "wb") as out:
            out.write(struct.pack("=q", 0))

    def start(self, **options):
        return super().start(env={"LD_PRELOAD": SHIM, "DSND_SHIM_CLOCK": self.offset_file}, **options)

    def jump_to(self, offset_s):
        # in place: the daemon has mapped the file
        with open(self.offset_file, "r+b") as out:
            out.write(struct.pack("=q", offset_s))

    def deliver_at(self, offset_s):
        """A mail with a name and a file time as of the jumped clock."""
        n = self.n_delivered
        # mails that one scan finds are recorded in the order of their names
        name = "%d.M%06dP1.host" % (max(0, int(time.time()) + offset_s), n)
        path = os.path.join(self.maildir, "tmp", name)
        with open(path, "wb") as out:
            out.write(report(n))
        when = max(0, int(time.time()) + offset_s)
        os.utime(path, (when, when))
        os.rename(path, os.path.join(self.maildir, "new", name))
        self.n_delivered += 1
        return name

    def follow(self, words):
        client = self.client()
        client.say("FOLLOW " + words)
        client.following = client.line()
        return client

    def year_of(self, event):
        return int(event["time"][:4])

    def test_mails_come_whatever_the_clock_does(self):
        self.start()
        holder = self.follow("holder")
        follower = self.follow("reader")
        seq = 0
        this_year = time.gmtime().tm_year
        for offset_s in JUMPS_S:
            self.jump_to(offset_s)
            names = [self.deliver_at(offset_s) for _ in range(MAILS)]
            began = time.monotonic()
            events = follower.events(MAILS)
            self.assertLess(time.monotonic() - began, 20)
            self.assertEqual([event["seq"] for event in events], list(range(seq + 1, seq + MAILS + 1)))
            self.assertEqual([event["source"]["file"] for event in events], names)
            # the event tells what the clock told: this proves that it had jumped
            self.assertAlmostEqual(self.year_of(events[0]), this_year + offset_s / YEAR_S, delta=1.1)
            seq += MAILS
            follower.say("ACK %d" % seq)
            self.assertEqual(follower.line(), {"acked": seq})
            self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        # a named consumer holds everything, however old a jump makes it look
        self.assertEqual([event["seq"] for event in holder.events(seq)], list(range(1, seq + 1)))
        status = self.status()
        self.assertEqual((status["mails"], status["workers"]["deaths"]), (seq, 0))
        self.assertLess(status["uptime_s"], 600)
        self.assertEqual(self.stop(), 0)

    def test_a_start_in_the_past_goes_on_where_it_was(self):
        self.start()
        names = [self.deliver_at(0) for _ in range(MAILS)]
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        self.assertEqual(self.stop(), 0)
        self.jump_to(-10 * YEAR_S)
        self.start()
        names += [self.deliver_at(-10 * YEAR_S) for _ in range(MAILS)]
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        self.assertEqual(self.stop(), 0)
        self.assert_once_in_order(self.spool_lines(), names)

    def test_a_deadline_goes_by_the_monotonic_clock(self):
        self.start()
        follower = self.follow("- first")
        # forward: no worker is taken for late
        for worker in self.ready_workers():
            os.kill(worker, signal.SIGSTOP)
        self.deliver_at(0)
        self.wait_for(lambda: self.status()["in_flight"] == 1, "the mail to be with a worker")
        self.jump_to(10 * YEAR_S)
        self.assertEqual(self.status()["workers"]["deaths"], 0)
        for worker in self.workers():
            os.kill(worker, signal.SIGCONT)
        follower.events(1)
        self.assertEqual(self.status()["workers"]["deaths"], 0)
        # backward: a worker that is late is replaced all the same
        os.kill(self.ready_workers()[0], signal.SIGSTOP)
        self.jump_to(-10 * YEAR_S)
        began = time.monotonic()
        for _ in range(40):
            self.deliver_at(0)
        self.assertEqual(len(follower.events(40)), 40)
        self.assertLess(time.monotonic() - began, 15)


if __name__ == "__main__":
    main()
