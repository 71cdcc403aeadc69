"""P32: a sequence number is never given out twice, whatever happens to the disk: a shortfall is damage, and an announced gap."""

import glob
import os
import shutil

from harness import SystemTest, main


class Numbers(SystemTest):
    is_recorded = False  # whose judge would take the test's own changes for the daemon's

    def segment(self):
        return sorted(glob.glob(os.path.join(self.spool, "*.jsonl")))[-1]

    def lines(self):
        """The valid lines' numbers."""
        found = []
        for path in sorted(glob.glob(os.path.join(self.spool, "*.jsonl"))):
            with open(path, "rb") as text:
                found += [int(line.split(b'"seq":')[1].split(b",")[0]) for line in text if b'"crc":' in line]
        return found

    def fall_short(self, harm, seen, by_kill=False, acked=True):
        """Five events, all acknowledged; then the harm; then three more. @seen: what a reader from the start gets."""
        self.start()
        for _ in range(5):
            self.deliver()
        with self.client() as client:
            client.say("FOLLOW mailer")
            client.events(5)
            if acked:
                client.say("ACK 5")
                while "acked" not in client.line():
                    pass
        self.wait_for(lambda: not self.in_new(), "new to be empty")
        if by_kill:
            self.kill()
        else:
            self.assertEqual(self.stop(), 0)
        harm()
        self.start()
        status = self.status()["spool"]
        self.assertEqual((status["next"], status["damaged"]), (6, 1), self.logged())
        names = [self.deliver() for _ in range(3)]
        client = self.client()
        client.say("FOLLOW mailer")
        self.assertEqual(client.line(), {"following": "mailer", "from": 6 if acked else 1})
        if acked:
            self.assertEqual([(event["seq"], event["source"]["file"]) for event in client.events(3)], list(zip((6, 7, 8), names)))
        reader = self.client()
        reader.say("FOLLOW - 1")
        self.assertEqual(reader.line()["from"], 1)
        got = [reader.line() for _ in seen]
        self.assertEqual([line.get("seq") or (line["gap"]["from"], line["gap"]["to"]) for line in got], seen)
        reader.close()
        client.close()

    def flip(self):
        with open(self.segment(), "r+b") as file:
            file.seek(-40, 2)
            byte = file.read(1)[0] ^ 1
            file.seek(-40, 2)
            file.write(bytes([byte]))

    def shorten(self):
        with open(self.segment(), "rb") as file:
            lines = file.readlines()
        with open(self.segment(), "wb") as file:
            file.writelines(lines[:2])

    def shorten_within_a_line(self):
        os.truncate(self.segment(), os.path.getsize(self.segment()) - 100)

    def remove(self):
        os.unlink(self.segment())

    def remove_and_forget_the_mark(self):
        """As a spool of a version that wrote no mark."""
        os.unlink(self.segment())
        os.truncate(os.path.join(self.spool, "id"), 32)

    def empty(self):
        os.truncate(self.segment(), 0)

    def test_a_flipped_bit(self):
        self.fall_short(self.flip, [1, 2, 3, 4, (5, 5), 6, 7, 8])

    def test_a_flipped_bit_after_a_kill(self):
        self.fall_short(self.flip, [1, 2, 3, 4, (5, 5), 6, 7, 8], by_kill=True)

    def test_a_flipped_bit_that_nobody_acknowledged(self):
        self.fall_short(self.flip, [1, 2, 3, 4, (5, 5), 6, 7, 8], acked=False)

    def test_lost_lines(self):
        self.fall_short(self.shorten, [1, 2, (3, 5), 6, 7, 8])

    def test_a_torn_line(self):
        self.fall_short(self.shorten_within_a_line, [1, 2, 3, 4, (5, 5), 6, 7, 8])

    def test_a_lost_segment(self):
        self.fall_short(self.remove, [(1, 5), 6, 7, 8])

    def test_a_lost_segment_after_a_kill(self):
        self.fall_short(self.remove, [(1, 5), 6, 7, 8], by_kill=True, acked=False)

    def test_a_lost_segment_of_which_a_cursor_tells(self):
        self.fall_short(self.remove_and_forget_the_mark, [(1, 5), 6, 7, 8])

    def test_an_empty_segment(self):
        self.fall_short(self.empty, [(1, 5), 6, 7, 8])

    def test_an_older_copy_put_back(self):
        """A restore from backup: segments and cursors of earlier, the id as it is."""
        self.start()
        self.deliver()
        self.wait_for(lambda: not self.in_new(), "new to be empty")
        self.assertEqual(self.stop(), 0)
        with open(self.segment(), "rb") as file:
            old = file.read()
        self.start()
        for _ in range(4):
            self.deliver()
        self.wait_for(lambda: not self.in_new(), "new to be empty")
        self.assertEqual(self.stop(), 0)
        self.remove()
        with open(self.segment(), "wb") as file:
            file.write(old)
        self.start()
        status = self.status()["spool"]
        self.assertEqual((status["next"], status["damaged"]), (6, 1))
        self.deliver()
        self.wait_for(lambda: self.status()["spool"]["next"] == 7, "the mail to be recorded")
        self.assertEqual(self.lines(), [1, 6])

    def test_a_whole_spool_put_back(self):
        """It can't know the numbers that were given since, so it's another spool."""
        copy = self.spool + ".backup"
        spools = []
        for harm in (lambda: shutil.copytree(self.spool, copy),
                     lambda: (shutil.rmtree(self.spool), shutil.copytree(copy, self.spool)), lambda: None):
            self.start()
            self.deliver()
            self.wait_for(lambda: not self.in_new(), "new to be empty")
            status = self.status()["spool"]
            spools.append((status["id"], status["next"]))
            self.assertEqual(self.stop(), 0)
            harm()
        self.assertEqual([number for _, number in spools], [2, 3, 3])
        self.assertEqual(spools[0][0], spools[1][0])
        self.assertNotEqual(spools[1][0], spools[2][0])
        self.assertIn("[spool-copied]", self.logged())


main()
