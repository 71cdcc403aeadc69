"""What an operator sees: status and metrics tell of each kind of trouble, and a failure is a line in the log, not a flood."""

import contextlib
import json
import os
import re
import signal
import subprocess

from harness import Client, SystemTest, main

DSNCTL = os.environ.get("DSNCTL", "build/src/cli/dsnctl")


class Operations(SystemTest):
    def metrics(self):
        """The samples of dsnctl status --metrics, by name."""
        said = subprocess.run([DSNCTL, "status", "--metrics", "--socket", self.socket], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(said.returncode, 0, said.stderr)
        lines = said.stdout.split("\n")
        self.assertEqual(lines[-2:], ["# EOF", ""])
        return {name: int(value) for name, value in (line.rsplit(" ", 1) for line in lines[:-2] if not line.startswith("#"))}

    def test_metrics_tell_what_an_alarm_needs(self):
        self.start()
        workers = self.ready_workers()
        mailer = self.client()
        mailer.say("FOLLOW mailer")
        mailer.line()
        for _ in range(10):
            self.deliver()
        mailer.events(10)
        mailer.say("ACK 4")
        self.assertEqual(mailer.line(), {"acked": 4})
        told = self.metrics()
        self.assertEqual((told["dsnd_mails_total"], told["dsnd_events_total"], told["dsnd_blocked"]), (10, 10, 0))
        self.assertEqual(told['dsnd_kind_mails_total{kind="bounce"}'], 10)
        self.assertEqual(told['dsnd_consumer_lag_events{consumer="mailer"}'], 6)
        self.assertEqual(told["dsnd_spool_bytes"], sum(
            os.path.getsize(os.path.join(self.spool, name)) for name in os.listdir(self.spool) if name.endswith(".jsonl")))
        self.assertEqual(told["dsnd_spool_max_bytes"], 1 << 30)
        # a backlog, while the workers do nothing
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        for _ in range(300):
            self.deliver()
        self.wait_for(lambda: sum(self.metrics()["dsnd_" + key] for key in ("waiting_mails", "in_flight_mails")) == 300,
                      "the backlog")
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGCONT)
        mailer.events(300)
        self.wait_for(lambda: self.metrics()["dsnd_waiting_mails"] + self.metrics()["dsnd_in_flight_mails"] == 0, "its end")
        # files that are no mails, connections refused, a worker that died over a mail
        os.mkfifo(os.path.join(self.maildir, "new", "fifo"))
        for worker in self.ready_workers():
            os.kill(worker, signal.SIGSTOP)
        self.deliver()
        self.wait_for(lambda: self.status()["in_flight"] == 1, "the mail to be with a worker")
        for worker in self.workers():
            os.kill(worker, signal.SIGKILL)
        mailer.events(1)
        others = [self.client() for _ in range(7)]
        with Client(self.socket) as one_too_many:
            self.assertIn("error", one_too_many.line())
        for other in others:
            other.close()
        self.wait_for(lambda: self.is_served(), "a free place")
        told = self.metrics()
        self.assertEqual(told['dsnd_kind_mails_total{kind="unprocessable"}'], 0)
        self.assertEqual(told["dsnd_special_files_total"], 1)
        self.assertGreaterEqual(told["dsnd_worker_deaths_total"], 1)
        self.assertGreaterEqual(told["dsnd_refused_clients_total"], 1)

    def is_served(self):
        with Client(self.socket) as client:
            return "dsnd" in client.line()

    def test_people_and_programs_are_told_the_same(self):
        self.start()
        said = subprocess.run([DSNCTL, "status", "--socket", self.socket], capture_output=True, text=True, timeout=60)
        self.assertEqual(set(json.loads(said.stdout)), set(self.status()))

    def test_the_same_failure_again_and_again_is_ten_lines_and_a_number(self):
        self.start()
        follower = self.client()
        for _ in range(30):
            worker = self.ready_workers()[0]
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
            self.wait_for(lambda gone=worker: gone not in self.workers(), "its death")
        self.deliver()
        follower.events(1)
        self.assertEqual(len(re.findall(r"\[worker-death\]", self.logged())), 10)
        self.assertEqual(self.status()["workers"]["started"], 32)


if __name__ == "__main__":
    main()
