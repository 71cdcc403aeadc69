"""P17: a consumer that stops reading costs the others nothing, and the daemon no memory; then it gets everything in order.

DSND_TEST_EVENTS: how many events it doesn't read (a release: 1000000)."""

import os
import time

from harness import SystemTest, main, report

EVENTS = int(os.environ.get("DSND_TEST_EVENTS", "12000"))
RECIPIENTS = 1000
GROWTH_KIB = 1024  # far below the events that wait, far above what malloc may do for other reasons


class Slow(SystemTest):
    is_recorded = False  # the record of a million events would be larger than the spool
    spool_keys = "MaxSize=8G"

    def memory_kib(self):
        with open("/proc/%d/status" % self.process.pid) as status:
            fields = dict(line.split(":", 1) for line in status)
        return int(fields["VmRSS"].split()[0])

    def follow(self, words):
        client = self.client()
        client.say("FOLLOW " + words)
        client.following = client.line()
        return client

    def round(self, reader, n_events):
        """Delivers so many events; returns the seconds until the reader has each mail's."""
        took = []
        for _ in range(n_events // RECIPIENTS):
            began = time.monotonic()
            self.deliver(report(self.n_delivered, RECIPIENTS))
            reader.events(RECIPIENTS)
            took.append(time.monotonic() - began)
        return sorted(took)

    def test_what_is_not_read_waits_on_disk(self):
        self.start()
        reader = self.follow("- first")
        self.round(reader, EVENTS)
        before_kib = self.memory_kib()
        alone = self.round(reader, EVENTS)
        stopped = [self.follow("stopped-%d" % i) for i in range(3)]
        beside = self.round(reader, EVENTS)
        after_kib = self.memory_kib()
        print("%d events not read by 3 consumers: daemon %d KiB before, %d KiB after; 1,000 events to the reader in %.0f ms alone, "
              "%.0f ms beside them (median)" % (3 * EVENTS, before_kib, after_kib, 1000 * alone[len(alone) // 2],
                                                1000 * beside[len(beside) // 2]))
        # a sanitizer keeps what was freed
        if not os.environ.get("DSND_SANITIZED"):
            self.assertLess(after_kib - before_kib, GROWTH_KIB)
        self.assertLess(beside[len(beside) // 2], 5 * alone[len(alone) // 2] + 1)
        n = 3 * (EVENTS // RECIPIENTS) * RECIPIENTS
        for number, client in enumerate(stopped):
            self.assertEqual(client.following, {"following": "stopped-%d" % number, "from": 1})
        for seq in range(1, n + 1):
            self.assertEqual(stopped[0].events(1)[0]["seq"], seq)


if __name__ == "__main__":
    main()
