"""P1, P2: the power goes at any moment. What the daemon does to disk is recorded; then, for moments of the record, a disk
is made that may have come out of it, and a start recovers it: no mail is lost, no event that was synced, no
acknowledgement that was confirmed, and no mail is recorded twice."""

import contextlib
import os
import random
import shutil
import subprocess
import sys

import record
from disk import Disk, identity
from harness import SystemTest, main, report

RECOVER = os.environ.get("DSND_RECOVER", "build/tests/system/recover")
CASES = int(os.environ.get("DSND_TEST_CASES", "120" if os.environ.get("DSND_SANITIZED") else "450"))
SEED = int(os.environ.get("DSND_TEST_SEED", "1"))
KINDS = ("none", "all", "end", "any", "any", "journal")
PERSON = b"From: a@example.org\nTo: b@example.com\nSubject: lunch?\n\nAt noon, on day %d?\n"
NEAR = 12  # calls
LARGE_MAILS, LARGE_PARTS = 10, 150
WHOLE_START_EVERY = 50  # cases: there a daemon goes on to the end


def writes_events(call):
    return call.name == "write" and b'"seq":' in record.unhex(call.arguments[2])


class PowerLoss(SystemTest):
    def setUp(self):
        super().setUp()
        if not os.environ.get("DSND_RECORDER"):
            self.skipTest("DSND_RECORDER names no library to record with")
        self.parts = {}  # of each mail
        self.story = []  # calls and deliveries, in order
        self.root = os.path.join(self.base, "disk")
        os.mkdir(self.root)
        self.maildir = self.make_maildir("disk/md")
        self.spool = os.path.join(self.root, "spool")
        self.keep = os.path.join(self.base, "keep")
        os.mkdir(self.keep)
        self.configure()
        self.disk = Disk(self.root)
        self.new = identity(os.path.join(self.maildir, "new"))

    def receive(self, content, n_parts=1):
        name = self.deliver(content)
        link = os.path.join(self.keep, name)
        os.link(os.path.join(self.maildir, "new", name), link)
        self.parts[name] = n_parts
        self.story.append((name, link))

    def receive_some(self):
        for _ in range(6):
            self.receive(report(self.n_delivered))
        self.receive(PERSON % self.n_delivered)
        self.receive(report(self.n_delivered, 3), 3)

    def note_calls(self):
        calls = record.read(self.record)
        self.story += calls[sum(isinstance(step, record.Call) for step in self.story):]
        return calls

    def acknowledge(self):
        """A consumer that acknowledges what it gets, as long as there's a daemon."""
        with contextlib.suppress(OSError, TimeoutError):
            client = self.client()
            client.say("FOLLOW mailer")
            for _ in range(4):
                line = client.line(2)
                if line and "seq" in line:
                    client.say("ACK %d" % line["seq"])
                    client.line(2)

    def run_until(self, kill_at):
        """Delivers some mails and runs the daemon over them, to its end just before the call @kill_at."""
        self.receive_some()
        self.start(wait=False, env={"DSND_RECORD_KILL": str(kill_at)})
        with contextlib.suppress(AssertionError):
            self.wait_for(self.is_listening, "a socket", 10)
            self.acknowledge()
            self.wait_for(lambda: self.process.poll() is not None or not self.in_new(), "the mails to be read")
        if self.process.poll() is None:
            self.stop()
        self.kill()
        return self.note_calls()

    def events_in(self, spool):
        events = []
        for name in sorted(os.listdir(spool)):
            if name.endswith(".jsonl"):
                with open(os.path.join(spool, name), "rb") as lines:
                    events += record.events_of(lines.read())
        return events

    def finish(self, place, delivered):
        """A daemon reads what is left, and then each of these mails is recorded once."""
        self.is_recorded = False
        self.config, self.socket = place + "/conf", place + "/s"
        self.start()
        self.wait_for(lambda: not os.listdir(place + "/md/new"), "the mails to leave new")
        self.assertEqual(self.stop(), 0)
        files = [event["source"]["file"] for event in self.events_in(place + "/spool")]
        for name in delivered:
            # of a mail that was cut through, whole events may stand behind a hole
            self.assertIn(files.count(name), range(self.parts[name], 2 * self.parts[name]), name)

    def check(self, place, automaton, delivered):
        """What a start makes of the tree at `place`, against what was promised until then."""
        with open(os.path.join(place, "conf"), "w") as out:
            out.write("[Mailbox bounces]\nPath=%s/md\n[Spool]\nPath=%s/spool\n[Socket]\nPath=%s/s\n"
                      "[Rules]\nPath=/nonexistent\n[Workers]\nCount=1\n" % (place, place, place))
        done = subprocess.run([RECOVER, place + "/conf"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        spool = place + "/spool"
        events = self.events_in(spool)
        ids = {event["seq"]: event["id"] for event in events}
        gone = automaton.deleted - set(ids)
        kept = {seq: one for seq, one in automaton.ids.items() if seq not in gone}
        self.assertEqual({seq: ids.get(seq) for seq in kept}, kept, "synced events are lost")
        self.assertLessEqual(max(gone, default=0), self.acked_in(spool), "deleted, and not acknowledged")
        self.assertEqual(len(ids), len(events), "a seq is there twice")
        self.assertEqual(len(set(ids.values())), len(events), "an event is there twice")
        self.assertGreater(int(done.stdout), max(ids, default=0))
        waiting = set(os.listdir(place + "/md/new"))
        for name in delivered:
            n = sum(event["source"]["file"] == name for event in events)
            whole = n == self.parts[name] or (n == 0 and bool(automaton.seqs[name] & gone))
            self.assertTrue(whole or name in waiting, "%s is lost" % name)
            self.assertFalse(whole and name in waiting, "%s would be recorded twice" % name)
        self.assertGreaterEqual(self.acked_in(spool), automaton.acked)
        if automaton.spool:
            with open(spool + "/id") as text:
                self.assertEqual(text.read(32), automaton.spool)

    def acked_in(self, spool):
        with contextlib.suppress(FileNotFoundError), open(spool + "/consumer/mailer") as cursor:
            return int(cursor.read().split()[0])
        return 0

    def replay(self, moments):
        """Goes through the story, and lets the power go at these moments: number of the step -> kinds."""
        automaton, delivered = record.Automaton(), []
        chance = random.Random(SEED)
        place = os.path.join(self.base, "crashed")
        n_cases = 0
        for number, step in enumerate(self.story + [None]):
            for kind in moments.get(number, ()):
                before = "; ".join("%s %s" % (call.name, call.result) for call in self.story[max(0, number - 4):number]
                                   if isinstance(call, record.Call))
                with self.subTest(step=number, kind=kind, after=before):
                    self.disk.crash(place, chance, kind)
                    self.check(place, automaton, delivered)
                    n_cases += 1
                    if n_cases % WHOLE_START_EVERY == 0:
                        self.finish(place, [name for name in delivered if not automaton.seqs[name] & automaton.deleted])
                shutil.rmtree(place)
            if isinstance(step, record.Call):
                self.disk.take(step)
                automaton.take(step)
            elif step:
                delivered.append(step[0])
                self.disk.deliver(self.new, *step)

    def moments(self, cases, near=()):
        """Any moments; if there are steps that matter, half of them close to those."""
        chance = random.Random(SEED)
        found = {}
        for i in range(cases):
            number = chance.randrange(len(self.story) + 1)
            if near and i % 2:
                number = min(max(0, chance.choice(near) + chance.randint(-NEAR, NEAR)), len(self.story))
            found.setdefault(number, []).append(chance.choice(KINDS))
        return found

    def try_story(self, is_wanted):
        """Two whole runs, one that ends just before such a call, and a whole one again."""
        self.run_until(0)
        before = len(record.read(self.record))
        calls = self.run_until(0)[before:]
        wanted = [i for i in range(1, len(calls)) if is_wanted(calls[i - 1], calls[i])]
        self.run_until(wanted[len(wanted) // 2] + 1)
        self.run_until(0)
        self.replay(self.moments(CASES // 4))
        print("%d calls, %d moments (DSND_TEST_SEED=%d)" % (len(self.story), CASES // 4, SEED), file=sys.stderr)

    def hear(self, client, is_wanted):
        """Passes over lines up to such a one."""
        while True:
            line = client.line()
            if line is None:
                raise EOFError
            if is_wanted(line):
                return

    def run_large(self, kill_at):
        """Large mails, each acknowledged, so that old segments are deleted; to its end just before the call @kill_at."""
        self.start(wait=False, env={"DSND_RECORD_KILL": str(kill_at)})
        with contextlib.suppress(AssertionError, OSError, TimeoutError, EOFError):
            self.wait_for(self.is_listening, "a socket", 10)
            client = self.client()
            client.say("FOLLOW mailer")
            self.hear(client, lambda line: "following" in line)
            for _ in range(LARGE_MAILS):
                self.receive(report(self.n_delivered, LARGE_PARTS), LARGE_PARTS)
                last = client.events(LARGE_PARTS)[-1]["seq"]
                client.say("ACK %d" % last)
                self.hear(client, lambda line, last=last: line.get("acked", 0) >= last)
        if self.process.poll() is None:
            self.stop()
        self.kill()
        return self.note_calls()

    def is_deletion(self, step):
        return isinstance(step, record.Call) and step.name == "unlink" and record.unhex(step.arguments[1]).endswith(b".jsonl")

    def test_power_loss_around_deletions_of_old_segments(self):
        self.spool_keys = "MaxSize=1M"
        self.configure()
        self.run_large(0)
        before = len(record.read(self.record))
        calls = self.run_large(0)[before:]
        wanted = [i for i, call in enumerate(calls) if self.is_deletion(call)]
        self.run_large(wanted[len(wanted) // 2] + 1)
        self.run_large(0)
        near = [i for i, step in enumerate(self.story) if self.is_deletion(step)]
        self.assertGreater(len(near), 4)
        self.replay(self.moments(CASES // 4, near))
        print("%d calls, %d moments, %d deletions (DSND_TEST_SEED=%d)" % (len(self.story), CASES // 4, len(near), SEED), file=sys.stderr)

    def test_power_loss_after_a_death_before_a_write(self):
        self.try_story(lambda _, call: writes_events(call))

    def test_power_loss_after_a_death_between_write_and_sync(self):
        self.try_story(lambda previous, call: writes_events(previous) and call.name == "sync")

    def test_power_loss_after_a_death_before_a_move(self):
        self.try_story(lambda previous, call: call.name == previous.name == "rename")


if __name__ == "__main__":
    main()
