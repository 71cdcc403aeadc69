"""P7, P8, P11, P12: hostile mails between good ones. Each gives an event, no good one waits long, and the daemon
neither grows nor ends."""

import json
import os
import re
import sys
import threading
import time

from bombs import BOMBS
from harness import SystemTest, main, report

GOOD_PER_BOMB = 10
# On a machine that others keep busy, all of it takes longer.
PATIENCE = 2 if os.getloadavg()[0] > os.cpu_count() else 1
LATE_S = 6 * PATIENCE
BOMB_LATE_S = 11 * PATIENCE
RSS_MAX_KIB = 48 * 1024
LINE_MAX = 512 * 1024
# Under a sanitizer memory and time tell nothing about the program as it's shipped.
IS_MEASURED = not os.environ.get("DSND_SANITIZED")


class Bombs(SystemTest):
    is_recorded = False  # recording takes memory in the daemon, which is measured here

    def setUp(self):
        super().setUp()
        self.delivered = {}
        self.late = {}

    def drop(self, content, name):
        self.deliver(content, name=name)
        self.delivered[name] = time.monotonic()

    def read_events(self, follower, expected):
        """Notes when the first event of each mail came; in a thread, beside the deliveries."""
        while len(self.late) < expected:
            line = follower.line(60)
            if line is None:
                return
            if "seq" in line:
                name = line["source"]["file"]
                # an event may overtake the note of its delivery
                began = self.delivered.get(name, time.monotonic())
                self.late.setdefault(name, time.monotonic() - began)

    def peak_kib(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))

    def check_lines(self):
        """Every line of the spool is short, and JSON that the strictest reader takes."""
        for name in sorted(os.listdir(self.spool)):
            if not name.endswith(".jsonl"):
                continue
            with open(os.path.join(self.spool, name), "rb") as lines:
                for line in lines:
                    self.assertLessEqual(len(line), LINE_MAX)
                    self.assertNotRegex(line[:-1], rb"[\x00-\x1f\x7f]")
                    json.dumps(json.loads(line.decode("utf-8")), ensure_ascii=False).encode("utf-8")

    def check_log(self):
        self.assertEqual(re.findall(r"[^\n\x20-\x7e\u2018\u2019\u201c\u201d]", self.logged()), [])
        self.assertNotIn("\nMESSAGE=", self.logged())

    def test_p07_bombs_between_good_mails(self):
        self.start()
        follower = self.client()
        follower.say("FOLLOW - first")
        expected = len(BOMBS) * (1 + GOOD_PER_BOMB)
        reader = threading.Thread(target=self.read_events, args=(follower, expected))
        reader.start()
        for bomb, make in BOMBS.items():
            # what a backlog costs is another matter: at most three bombs are on their way
            self.wait_for(lambda: len(BOMBS.keys() & self.delivered.keys() - self.late.keys()) < 3,
                          "room for the next bomb: %s" % self.status())
            self.drop(make(), bomb)
            for i in range(GOOD_PER_BOMB):
                self.drop(report(self.n_delivered), "%s.good-%d" % (bomb, i))
        reader.join(70)
        self.assertIsNone(self.process.poll(), self.logged())
        self.assertEqual(sorted(set(self.delivered) - set(self.late)), [],
                         "no event; %s\n%s" % (self.status(), self.logged()))
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        good = max((late, name) for name, late in self.late.items() if ".good-" in name)
        bomb = max((late, name) for name, late in self.late.items() if ".good-" not in name)
        peak, counts = self.peak_kib(), self.status()
        print("%d bombs, %d good mails: good at most %.2f s late (%s), bombs %.2f s (%s); "
              "daemon at most %.1f MiB, %d worker deaths, kinds %s"
              % (len(BOMBS), expected - len(BOMBS), *good, *bomb, peak / 1024,
                 counts["workers"]["deaths"], counts["kinds"]), file=sys.stderr)
        self.check_lines()
        self.check_log()
        if IS_MEASURED:
            self.assertLessEqual(good[0], LATE_S, good)
            self.assertLessEqual(bomb[0], BOMB_LATE_S, bomb)
            self.assertLessEqual(peak, RSS_MAX_KIB)


if __name__ == "__main__":
    main()
