"""P18: at least once, in order, and nothing acknowledged comes again, however often consumer and daemon are killed.

DSND_TEST_CONSUMER_KILLS: how often (tools/soak asks for 1,000). Each fifth time the daemon is killed instead."""

import contextlib
import os
import random
import select
import signal
import socket
import time

from harness import SystemTest, main

KILLS = int(os.environ.get("DSND_TEST_CONSUMER_KILLS", "60"))
SEED = int(os.environ.get("DSND_TEST_SEED", "0")) or random.randrange(1, 1 << 30)
MAILS = 10  # before each kill


def consume(path, notes):
    """A consumer that notes, safely, each event that it got and each acknowledgement that was confirmed."""
    with socket.socket(socket.AF_UNIX) as peer, open(notes, "ab", buffering=0) as out:
        peer.connect(path)
        peer.sendall(b"FOLLOW mailer\n")
        for line in peer.makefile("rb"):
            if line.startswith(b'{"v"'):
                seq = line.split(b'"seq":')[1].split(b",")[0]
                out.write(b"got %s\n" % seq)
                peer.sendall(b"ACK %s\n" % seq)
            elif line.startswith(b'{"acked"'):
                out.write(b"acked %s\n" % line.split(b":")[1].strip(b"}\n"))
            elif line.startswith(b'{"error"'):
                out.write(b"error %s\n" % line.strip())


class Killed(SystemTest):
    is_recorded = False  # it would take more time than the kills

    def start_consumer(self):
        """A consumer in a process of its own; forked, since a new interpreter for each kill would take most of the time."""
        with open(self.notes, "a") as notes:
            notes.write("start 0\n")
        child = os.fork()
        if child == 0:
            with contextlib.suppress(OSError):
                consume(self.socket, self.notes)
            os._exit(0)
        return child

    def end_consumer(self, child):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def read_notes(self):
        with open(self.notes) as notes:
            # a kill may cut the last word of a consumer short
            return [line.split(None, 1) for line in notes.read().split("\n") if " " in line]

    def test_kills_lose_nothing_and_send_nothing_again_that_was_acknowledged(self):
        chance = random.Random(SEED)
        self.notes = os.path.join(self.base, "notes")
        with open(self.notes, "w"):
            pass
        self.start()
        began = time.monotonic()
        for kill in range(KILLS):
            child = self.start_consumer()
            for _ in range(MAILS):
                self.deliver()
            # most kills meet it at work; a pipe that nobody writes to is a clock without sleep's signals
            select.select([], [], [], chance.uniform(0, 0.05))
            if kill % 5 == 4:
                self.kill()
                os.waitpid(child, 0)
                self.start()
            else:
                self.end_consumer(child)
                self.wait_for(lambda: not any(c["connected"] for c in self.status()["consumers"]), "its end to be noticed")
        n = KILLS * MAILS
        child = self.start_consumer()
        self.wait_for(lambda: ["acked", str(n)] in self.read_notes()[-5:], "the rest", 60)
        self.end_consumer(child)
        self.judge(n)
        print("%d kills of consumer and daemon, %d events, in %.0f s: none lost, none acknowledged came again"
              % (KILLS, n, time.monotonic() - began))

    def judge(self, n):
        seen, acked, last = set(), 0, None
        context = "DSND_TEST_SEED=%d" % SEED
        for word, value in self.read_notes():
            if word == "start":
                last = None
            elif word == "got":
                seq = int(value)
                if last is None:
                    self.assertGreater(seq, acked, "an acknowledged event came again; " + context)
                else:
                    self.assertEqual(seq, last + 1, context)
                last = seq
                seen.add(seq)
            elif word == "acked":
                acked = max(acked, int(value))
            else:
                self.fail("%s %s; %s" % (word, value, context))
        self.assertEqual(seen, set(range(1, n + 1)), context)


if __name__ == "__main__":
    main()
