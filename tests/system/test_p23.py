"""P23: how long a mail takes on an idle system, from its rename into new/ to its event on the socket. P15: how long the
loop stands still over special files. P25: how soon a second instance gives up. Printed; the bounds are generous, since
other work may share the machine.

DSND_TEST_LATENCIES: how many mails."""

import os
import time

from harness import SystemTest, main, report

MAILS = int(os.environ.get("DSND_TEST_LATENCIES", "400"))
EX_TEMPFAIL = 75


def percentiles(seconds):
    """p50, p99 and the largest, in milliseconds."""
    ordered = sorted(seconds)
    return tuple(1000 * ordered[min(len(ordered) - 1, len(ordered) * part // 100)] for part in (50, 99, 100))


class Latency(SystemTest):
    is_recorded = False

    def follow(self):
        self.start()
        self.ready_workers()
        follower = self.client()
        follower.say("FOLLOW - next")
        follower.line()
        return follower

    def test_p23_of_single_mails(self):
        follower = self.follow()
        took = []
        for n in range(MAILS):
            name = "%d.host" % n
            path = os.path.join(self.maildir, "tmp", name)
            with open(path, "wb") as out:
                out.write(report(n))
            began = time.monotonic()
            os.rename(path, os.path.join(self.maildir, "new", name))
            self.assertEqual(follower.events(1)[0]["source"]["file"], name)
            took.append(time.monotonic() - began)
        p50, p99, worst = percentiles(took)
        print("P23, %d mails one by one: p50 %.1f ms, p99 %.1f ms, at most %.1f ms" % (MAILS, p50, p99, worst))
        self.assertLess(p50, 250)

    def test_p15_stall_over_special_files(self):
        follower = self.follow()
        took = []
        new = os.path.join(self.maildir, "new")
        for n in range(MAILS // 4):
            os.mkfifo(os.path.join(new, "fifo%d" % n))
            os.mkdir(os.path.join(new, "directory%d" % n))
            os.symlink("/etc/passwd", os.path.join(new, "link%d" % n))
            with open(os.path.join(self.maildir, "tmp", "sparse"), "wb") as out:
                out.truncate(10 << 30)
            os.rename(os.path.join(self.maildir, "tmp", "sparse"), os.path.join(new, "sparse%d" % n))
            began = time.monotonic()
            self.status()
            took.append(time.monotonic() - began)
        follower.events(MAILS // 4)
        p50, p99, worst = percentiles(took)
        print("P15, an answer of the loop while special files arrive: p50 %.1f ms, p99 %.1f ms, at most %.1f ms" % (p50, p99, worst))
        self.assertLess(p50, 250)
        self.assertEqual(self.status()["special"], 3 * (MAILS // 4))

    def test_p25_a_second_instance_gives_up(self):
        self.start()
        for what, paths in (("spool", {"maildir": self.make_maildir("other")}), ("Maildir", {"spool": self.spool + "2"})):
            took = []
            self.configure(socket=self.socket + "2", **paths)
            for _ in range(5):
                began = time.monotonic()
                self.assertEqual(self.run_daemon().returncode, EX_TEMPFAIL)
                took.append(time.monotonic() - began)
            print("P25, a second instance on the %s: refused after %.0f ms (median of 5)" % (what, 1000 * sorted(took)[2]))
            self.assertLess(sorted(took)[2], 5)


if __name__ == "__main__":
    main()
