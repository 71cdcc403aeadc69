"""P36: a reload is proven in a worker before the old rules go, and an event's `ruleset` is what its worker had. Mail goes on
meanwhile, however often a reload is asked for."""

import collections
import os
import signal
import threading
import time
import unittest

from harness import SystemTest, main

MINE = 'rule mine\n    text "no such user"\n    says spam_content\n    weight 100\n    proof "550 no such user"\n'


class Reload(SystemTest):
    def setUp(self):
        super().setUp()
        self.rules = os.path.join(self.base, "rules")
        os.mkdir(self.rules)
        self.use_workers(2)

    def use_workers(self, count):
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text.replace("/nonexistent", self.rules).replace("Count=2", "Count=%d" % count))

    def write(self, text, name="mine"):
        with open(os.path.join(self.rules, name + ".rules"), "w", encoding="utf-8") as file:
            file.write(text)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def settle(self, count):
        self.wait_for(lambda: self.status()["mails"] == count, "the mails to be recorded", 60)

    def verdicts(self):
        return collections.Counter((event["category"], "+" in event["ruleset"]) for event in self.spool_lines())

    def test_each_event_tells_the_rules_that_made_it(self):
        """A reload while a worker is being started, with mails waiting for it."""
        self.use_workers(1)
        self.start()
        self.wait_for(lambda: self.status()["workers"]["ready"] == 1, "a worker")
        os.kill(self.workers()[0], signal.SIGSTOP)
        for _ in range(100):
            self.deliver()
        self.wait_for(lambda: self.status()["in_flight"] == 100, "the mails to be taken")
        self.write(MINE)
        os.kill(self.workers()[0], signal.SIGKILL)
        self.reload()
        self.wait_for(lambda: "loaded anew" in self.logged(), "the reload", 60)
        for _ in range(100):
            self.deliver()
        self.settle(200)
        self.wait_for(lambda: self.all_are_new(), "a worker with the new rules", 60)
        self.assertLessEqual(set(self.verdicts()), {("bad_mailbox", False), ("spam_content", True)})

    def all_are_new(self):
        """Whether one more mail is read by the new rules."""
        before = self.status()["mails"]
        self.deliver()
        self.settle(before + 1)
        return "+" in self.spool_lines()[-1]["ruleset"]

    @unittest.skipIf(os.environ.get("DSND_SANITIZED"), "a worker has no limit of memory under a sanitizer")
    def test_rules_too_large_for_a_worker_change_nothing(self):
        """They take more than 256 MiB once they're compiled."""
        self.start()
        self.ready_workers()
        for n in range(12):
            self.write("".join('rule big-%d-%d\n    text "words of list %d number %d"\n    says bad_mailbox\n'
                               '    proof "550 words of list %d number %d"\n\n' % (n, i, n, i, n, i) for i in range(33000)),
                       "big%d" % n)
        refused = self.run_daemon("--check-config")
        self.assertEqual(refused.returncode, 78, refused)
        self.reload()
        self.wait_for(lambda: "reload-failed" in self.logged(), "the reload to fail", 120)
        for _ in range(20):
            self.deliver()
        self.settle(20)
        self.assertEqual(self.verdicts(), {("bad_mailbox", False): 20})
        self.assertEqual(self.status()["workers"]["started"], 2)

    def test_a_wrong_rule_is_named_and_changes_nothing(self):
        self.start()
        self.ready_workers()
        self.write("rule\n")
        self.reload()
        self.wait_for(lambda: "reload-failed" in self.logged(), "the reload to fail", 60)
        self.assertIn("mine.rules:1:", self.logged())
        self.deliver()
        self.settle(1)
        self.assertEqual(self.status()["workers"]["started"], 2)

    def test_the_same_again_replaces_no_worker(self):
        self.start()
        self.ready_workers()
        self.reload()
        self.wait_for(lambda: "loaded anew" in self.logged(), "the reload", 60)
        self.assertEqual(self.status()["workers"]["started"], 2)

    def test_a_reload_while_it_starts_does_not_end_it(self):
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        os.unlink(self.config)
        os.mkfifo(self.config)
        self.start(wait=False)
        with open(self.config, "w", encoding="utf-8") as pipe:  # which returns when it reads its configuration
            self.reload()
            os.unlink(self.config)
            with open(self.config, "w", encoding="utf-8") as file:
                file.write(text)
            pipe.write(text)
        self.wait_for(self.is_listening, "the daemon to listen")
        self.wait_for(lambda: "loaded anew" in self.logged(), "the reload", 60)

    def test_a_storm_of_reloads_stops_no_mail(self):
        self.start()
        self.ready_workers()
        stop = threading.Event()

        def storm():
            n = 0
            while not stop.is_set():
                n += 1
                self.write(MINE + "\n" * n)
                self.reload()
                time.sleep(0.01)

        thread = threading.Thread(target=storm)
        thread.start()
        try:
            for n in range(1, 11):
                for _ in range(50):
                    self.deliver()
                self.settle(50 * n)
        finally:
            stop.set()
            thread.join()
        self.assertIsNone(self.process.poll())
        self.assertEqual(sum(self.verdicts().values()), 500)


main()
