"""The daemon is killed again and again while mails arrive: none is lost, none recorded twice."""

import os
import random
import threading
import time

from harness import SystemTest, main

KILLS = int(os.environ.get("DSND_TEST_KILLS", "200"))
MAILS = 25 * KILLS
SEED = int(os.environ.get("DSND_TEST_SEED", "0")) or random.randrange(1, 1 << 30)


class Crash(SystemTest):
    def deliver_slowly(self, names):
        """Delivers until the last kill is near, so that every kill meets mails on their way."""
        for i in range(MAILS):
            names.append(self.deliver())
            if i % 25 == 24:
                self.batches.acquire(timeout=2)

    def test_kills_lose_nothing_and_repeat_nothing(self):
        names = []
        chance = random.Random(SEED)
        self.batches = threading.Semaphore(2)
        deliverer = threading.Thread(target=self.deliver_slowly, args=(names,))
        deliverer.start()
        for _ in range(KILLS):
            self.start(wait=False)
            self.batches.release()
            time.sleep(chance.uniform(0, 0.2))
            self.kill()
        for _ in range(MAILS):
            self.batches.release()
        deliverer.join()
        self.start()
        self.wait_for(lambda: not self.in_new(), "all mails to leave new", 60)
        self.assertEqual(self.stop(), 0)
        events = self.spool_lines()
        recorded = [event["source"]["file"] for event in events]
        context = "DSND_TEST_SEED=%d" % SEED
        self.assertEqual(sorted(set(names) - set(recorded)), [], "lost; " + context)
        self.assertEqual(len(recorded), len(set(recorded)), "recorded twice; " + context)
        self.assertEqual(len(recorded), MAILS)
        self.assertEqual([event["seq"] for event in events], list(range(1, MAILS + 1)), context)
        cur = os.listdir(os.path.join(self.maildir, "cur"))
        self.assertEqual(sorted(cur), sorted(name + ":2,S" for name in names))


if __name__ == "__main__":
    main()
