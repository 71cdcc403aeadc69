"""P37: a mail's deadline counts the processor time of its worker, so that a slow machine gives up no mail; and when most of
the last mails could not be read, something else is wrong: intake stops for a while."""

import os
import signal
import threading
import time

import bombs
from harness import SystemTest, main

FAULTY = os.environ["DSND_FAULTY"]
# Each worker ends over the first mail that it reads.
DEADLY = {"DSND_FAULT_PLAN": "answer:1:5:1000000000"}


class SlowMachine(SystemTest):
    def test_a_mail_may_take_longer_than_its_deadline_on_a_slow_machine(self):
        """Workers run for some milliseconds of each half second."""
        self.start()
        workers = self.ready_workers()
        stop = threading.Event()

        def throttle():
            while not stop.is_set():
                for number in (signal.SIGSTOP, signal.SIGCONT):
                    for worker in workers:
                        os.kill(worker, number)
                    time.sleep(0.5 if number == signal.SIGSTOP else 0.003)

        thread = threading.Thread(target=throttle)
        began = time.monotonic()
        thread.start()
        try:
            self.deliver(bombs.BOMBS["500k-parts"]()[:1 << 20])
            for _ in range(5):
                self.deliver()
            self.wait_for(lambda: self.status()["mails"] == 6, "the mails to be recorded", 100)
        finally:
            stop.set()
            thread.join()
        print("\nthe slow mail took %.1f s" % (time.monotonic() - began))
        status = self.status()
        self.assertEqual((status["workers"]["deaths"], status["kinds"]["unprocessable"]), (0, 0), self.logged())

    def test_one_that_stands_still_is_ended(self):
        self.start()
        for worker in self.ready_workers():
            os.kill(worker, signal.SIGSTOP)
        self.deliver()
        self.wait_for(lambda: self.status()["mails"] == 1, "the mail to be recorded", 60)
        self.assertEqual(self.status()["workers"]["deaths"], 1)


class Breaker(SystemTest):
    def test_when_most_mails_fail_intake_stops(self):
        self.program = FAULTY
        for _ in range(100):
            self.deliver()
        self.start(env=DEADLY)
        self.wait_for(lambda: self.status()["state"] == "blocked", "dsnd to take no mail", 100)
        status = self.status()
        self.assertIn("could not be read", status["blocked"])
        self.assertIn("mails-unreadable", self.logged())
        self.assertGreater(len(self.in_new()), 0)
        # what had been taken by then is recorded, and the rest stays
        self.assertEqual(status["kinds"]["unprocessable"], status["mails"])
        self.assertEqual(self.stop(), 0)
        left = len(self.in_new())
        self.program = None
        self.start()
        self.wait_for(lambda: not self.in_new(), "the rest to be recorded", 60)
        self.assertEqual(self.status()["kinds"]["bounce"], left)


main()
