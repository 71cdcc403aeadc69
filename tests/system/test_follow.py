"""dsnctl follow with the real daemon: killed at any moment, either side, it loses nothing and repeats only what wasn't acked."""

import json
import os
import random
import subprocess
import threading

from harness import PATIENCE_S, SystemTest, main

DSNCTL = os.environ.get("DSNCTL", "build/src/cli/dsnctl")


class Follow(SystemTest):
    def setUp(self):
        super().setUp()
        self.out = os.path.join(self.base, "out")
        self.kept = os.path.join(self.base, "kept")
        os.mkdir(self.kept)

    def follow(self, *arguments):
        run = subprocess.Popen([DSNCTL, "follow", "mailer", "--socket", self.socket, *arguments],
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.stderr.close)
        self.addCleanup(lambda: run.poll() is None and (run.kill(), run.wait()))
        return run

    def acked(self):
        """What the daemon holds for acked."""
        consumers = self.status()["consumers"]
        return consumers[0]["acked"] if consumers else 0

    def handled(self):
        """The numbers in the handler's file; a line that a kill cut short is none."""
        if not os.path.exists(self.out):
            return []
        with open(self.out) as lines:
            return [json.loads(line)["seq"] for line in lines if line.endswith("}\n")]

    def wait_until_free(self):
        self.wait_for(lambda: not any(c["connected"] for c in self.status()["consumers"]), "the end")

    def assert_all_handled(self):
        self.assertEqual(sorted(set(self.handled())), list(range(1, self.n_delivered + 1)))

    def test_a_consumer_killed_at_random_loses_nothing_and_repeats_nothing_acked(self):
        self.start()
        chance = random.Random()
        for turn in range(12):
            n_before, acked = len(self.handled()), self.acked()
            # by turns a command for each or a program that stays, singly and in batches
            resident = "exec 3>>%s; while read -r line; do echo \"$line\" >&3; echo ok; done" % self.out
            handler = ["--exec-lines", resident] if turn % 4 > 1 else ["--exec", "cat >> " + self.out]
            run = self.follow(*handler, *(["--batch", "7"] if turn % 2 else []))
            for _ in range(30):
                self.deliver()
            killer = threading.Timer(chance.uniform(0.02, 0.3), run.kill)
            killer.start()
            run.wait(PATIENCE_S)
            killer.join()
            self.wait_until_free()
            # a command outlives us: let it write to the end
            self.wait_for(lambda: self.is_settled(), "the last command")
            again = [seq for seq in self.handled()[n_before:] if seq <= acked]
            self.assertEqual(again, [], "acked events were handled again")
        run = self.follow("--exec", "cat >> " + self.out, "--batch", "50")
        self.deliver()  # what it must have begun to handle before the signal
        self.wait_for(lambda: self.acked() == self.n_delivered, "the last ack")
        run.terminate()
        self.assertEqual(run.wait(PATIENCE_S), 0)
        self.assert_all_handled()

    def is_settled(self):
        """Whether no command of ours is left: each has our file open."""
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    targets = [os.readlink("/proc/%s/fd/%s" % (name, fd)) for fd in os.listdir("/proc/%s/fd" % name)]
                except OSError:
                    continue
                if self.out in targets:
                    return False
        return True

    def test_a_daemon_killed_and_started_again_is_found(self):
        self.start()
        run = self.follow("--exec", "cat >> " + self.out)
        for _ in range(5):
            for _ in range(10):
                self.deliver()
            self.wait_for(lambda: len(self.handled()) >= self.n_delivered - 5, "the first events")
            self.kill()
            self.start()
        self.wait_for(lambda: len(set(self.handled())) == self.n_delivered, "all events")
        self.wait_for(lambda: self.acked() == self.n_delivered, "the last ack")
        self.assertEqual(self.handled(), list(range(1, self.n_delivered + 1)), "it repeated what it had done")
        run.terminate()
        self.assertEqual(run.wait(PATIENCE_S), 0)

    def test_files_survive_kills(self):
        self.start()
        chance = random.Random()
        for _ in range(8):
            run = self.follow("--dir", self.kept)
            for _ in range(20):
                self.deliver()
            killer = threading.Timer(chance.uniform(0.01, 0.2), run.kill)
            killer.start()
            run.wait(PATIENCE_S)
            killer.join()
            self.wait_until_free()
            names = {name for name in os.listdir(self.kept) if not name.startswith(".")}
            self.assertGreaterEqual(len(names), self.acked(), "an acked event has no file")
        run = self.follow("--dir", self.kept)
        self.deliver()  # what it must have begun to handle before the signal
        self.wait_for(lambda: self.acked() == self.n_delivered, "the last ack")
        run.terminate()
        self.assertEqual(run.wait(PATIENCE_S), 0)
        names = sorted(name for name in os.listdir(self.kept) if not name.startswith("."))
        self.assertEqual([int(name.split("-")[0]) for name in names], list(range(1, self.n_delivered + 1)))
        for name in names:
            with open(os.path.join(self.kept, name)) as file:
                self.assertEqual(json.load(file)["seq"], int(name.split("-")[0]))

    def test_what_waits_and_what_is_parked_do_not_stop_the_others(self):
        parked = os.path.join(self.base, "parked")
        os.mkdir(parked)
        self.start()
        handler = 'read line; case $line in *user3@*|*user7@*) exit 1;; esac; echo "$line" >> ' + self.out
        run = self.follow("--tries", "3", "--park", parked, "--exec", handler)
        for _ in range(20):
            self.deliver()
        self.wait_for(lambda: len(self.handled()) == 18, "the good events")
        self.wait_for(lambda: self.acked() == 20, "the last ack")
        names = sorted(name for name in os.listdir(parked) if name.endswith(".json"))
        recipients = []
        for name in names:
            with open(os.path.join(parked, name)) as file:
                recipients.append(json.load(file)["recipient"])
        self.assertEqual(recipients, ["user3@example.org", "user7@example.org"])
        run.terminate()
        self.assertEqual(run.wait(PATIENCE_S), 0)


if __name__ == "__main__":
    main()
