"""P30: a spool of each release stays readable: served as it was, gone on from, and never changed. One of a later release
is refused, and left as it is.

tests/data/spool-VERSION was written by dsnd of that version."""

import glob
import os
import shutil
import subprocess

from harness import Client, SystemTest, main

DATA = os.path.join(os.path.dirname(__file__), "../data")
DSNCTL = os.environ.get("DSNCTL", "build/src/cli/dsnctl")


def crc32c(data):
    """CRC-32C (Castagnoli, reflected), bit by bit."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def segments(spool):
    """The lines of each segment, by name."""
    found = {}
    for path in sorted(glob.glob(os.path.join(spool, "*.jsonl"))):
        with open(path, "rb") as text:
            found[os.path.basename(path)] = text.read()
    return found


class Releases(SystemTest):
    is_recorded = False  # its judge would miss how the kept events were written

    def take(self, kept):
        """A copy of a kept spool, whose consumers are ours."""
        shutil.copytree(kept, self.spool)
        for path in glob.glob(os.path.join(self.spool, "consumer", "*")):
            with open(path) as text:
                acked = text.read().split()[0]
            with open(path, "w") as out:
                out.write("%s %d\n" % (acked, os.getuid()))

    def lines(self, words, count):
        """So many lines of events, as bytes."""
        with Client(self.socket) as client:
            client.line()
            client.say("FOLLOW " + words)
            self.following = client.line()
            reader = client.socket.makefile("rb")
            rest = client.buffer
            while rest.count(b"\n") < count:
                rest += reader.readline()
            return rest[:sum(len(line) for line in rest.splitlines(True)[:count])]

    def test_a_spool_of_each_release_is_served_and_gone_on_from(self):
        kept = sorted(glob.glob(os.path.join(DATA, "spool-*")))
        self.assertTrue(kept)
        for directory in kept:
            with self.subTest(os.path.basename(directory)):
                shutil.rmtree(self.spool, True)
                self.take(directory)
                before = segments(self.spool)
                whole = b"".join(before.values())
                n = whole.count(b"\n")
                self.start()
                status = self.status()
                self.assertEqual((status["spool"]["first"], status["spool"]["next"], status["spool"]["damaged"]), (1, n + 1, 0))
                with open(os.path.join(directory, "id")) as text:
                    self.assertEqual(status["spool"]["id"], text.read())
                self.assertEqual(self.lines("- first", n), whole)
                with open(os.path.join(directory, "consumer", "mailer")) as text:
                    acked = int(text.read().split()[0])
                rest = b"".join(whole.splitlines(True)[acked:])
                self.assertEqual(self.lines("mailer", n - acked), rest)
                self.assertEqual(self.following["from"], acked + 1)
                self.deliver()
                self.wait_for(lambda: self.status()["spool"]["next"] == n + 2, "the new mail")
                self.assertEqual(self.stop(), 0)
                after = segments(self.spool)
                self.assertEqual({name: after[name] for name in before}, before)
                verified = subprocess.run([DSNCTL, "verify", self.spool], capture_output=True, text=True, timeout=60)
                self.assertEqual(verified.returncode, 0, verified)

    def test_the_check_of_lines_is_that_of_the_kept_ones(self):
        for path in glob.glob(os.path.join(DATA, "spool-*", "*.jsonl")):
            with open(path, "rb") as text:
                for line in text:
                    body, _, crc = line.rpartition(b',"crc":"')
                    self.assertEqual(crc, b'%08x"}\n' % crc32c(body))

    def test_a_later_format_is_refused_and_left_as_it_is(self):
        self.take(sorted(glob.glob(os.path.join(DATA, "spool-*")))[-1])
        last = sorted(glob.glob(os.path.join(self.spool, "*.jsonl")))[-1]
        with open(last, "rb") as text:
            content = text.read()
        seq = int(content.splitlines()[-1].split(b'"seq":')[1].split(b",")[0])
        body = b'{"v":2,"seq":%d,"id":"new","part":[1,1],"kind":"bounce"' % (seq + 1)
        with open(last, "ab") as out:
            out.write(body + b',"crc":"%08x"}\n' % crc32c(body))
        before = segments(self.spool)
        result = self.run_daemon()
        self.assertEqual(result.returncode, 1, result)
        self.assertIn("later", result.stderr)
        self.assertEqual(segments(self.spool), before)


if __name__ == "__main__":
    main()
