"""P8: a mail whose worker hangs is decided by another one."""

import os
import signal
import sys
import time

from harness import SystemTest, main

SLOW = 2 if os.getloadavg()[0] > os.cpu_count() or os.environ.get("DSND_SANITIZED") else 1


class Hanging(SystemTest):
    def test_a_mail_whose_worker_hangs_is_decided_by_another(self):
        self.start()
        follower = self.client()
        self.deliver()
        follower.events(1)
        for worker in self.workers():
            os.kill(worker, signal.SIGSTOP)
        began = time.monotonic()
        self.deliver()
        event = follower.events(1, 60)[0]
        took = time.monotonic() - began
        print("a mail whose worker hangs: decided after %.1f s" % took, file=sys.stderr)
        self.assertEqual(event["kind"], "bounce")
        self.assertGreater(took, 4.5)  # the deadline is 5 s from the request on
        self.assertLess(took, 11 * SLOW)


if __name__ == "__main__":
    main()
