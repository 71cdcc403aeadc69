"""P24: how long a start takes with a large spool."""

import os
import subprocess
import sys
import time

from harness import SystemTest, main

FILL_SPOOL = os.environ.get("DSND_FILL_SPOOL", "build/tests/system/fill-spool")
SPOOL_MIB = int(os.environ.get("DSND_TEST_SPOOL_MIB", "64"))
SLOW = 2 if os.getloadavg()[0] > os.cpu_count() or os.environ.get("DSND_SANITIZED") else 1


class Start(SystemTest):
    spool_keys = "MaxSize=4G"

    def test_a_start_with_a_large_spool(self):
        subprocess.run([FILL_SPOOL, self.spool, str(SPOOL_MIB)], check=True)
        began = time.monotonic()
        self.start()
        took = time.monotonic() - began
        spool = self.status()["spool"]
        print("a spool of %d MiB in %d segments: served after %.2f s" % (SPOOL_MIB, spool["segments"], took),
              file=sys.stderr)
        self.assertGreaterEqual(spool["bytes"], SPOOL_MIB << 20)
        self.assertEqual((spool["first"], spool["damaged"]), (1, 0))
        self.assertLess(took, 5 * SLOW)
        follower = self.client()
        self.deliver()
        self.assertEqual(follower.events(1)[0]["seq"], spool["next"])


if __name__ == "__main__":
    main()
