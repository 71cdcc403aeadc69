"""P12: what the names of files in a mailbox hold reaches neither the journal nor a log on stderr as more than text."""

import os
import socket
import struct
import subprocess

from harness import DSND, SystemTest, main

# terminal controls, ends of lines, a forged field, C1 controls, bytes that are no UTF-8, marks that turn text around
NAMES = [b"1\x1b]0;owned\x07", b"2\nPRIORITY=0\nMESSAGE=forged", b"3\r\x08\x7f", b"4\xc2\x9b31m", b"5\xff\xfe",
         "6\u202e\u2028".encode(), b"7\"\\=", b"8" + b"A" * 200]


def fields_of(message):
    """A message of the journal's protocol as pairs: NAME=value, or NAME, a length and the value."""
    pairs = []
    while message:
        line, _, rest = message.partition(b"\n")
        if b"=" in line:
            pairs.append(tuple(line.split(b"=", 1)))
        else:
            size, = struct.unpack("<Q", rest[:8])
            pairs.append((line, rest[8:8 + size]))
            rest = rest[8 + size + 1:]
        message = rest
    return pairs


class Log(SystemTest):
    is_recorded = False

    def make_names(self):
        new = os.path.join(self.maildir, "new").encode()
        for name in NAMES:
            os.mkfifo(os.path.join(new, name))

    def assert_plain(self, text):
        """Printable text of one line."""
        text = text.decode()  # valid UTF-8
        self.assertTrue(all(letter.isprintable() for letter in text), repr(text))

    def test_on_stderr_each_failure_is_one_line_of_text(self):
        self.make_names()
        self.start()
        self.wait_for(lambda: self.logged().count("[special-file]") == len(NAMES), "the lines")
        with open(self.log, "rb") as log:
            lines = log.read().split(b"\n")
        self.assertEqual(lines.pop(), b"")
        for line in lines:
            self.assert_plain(line)
            self.assertTrue(line.startswith(b"dsnd: "), line)
        self.assertEqual(sum(b"forged" in line for line in lines), 1)

    def start_with_journal(self):
        """The daemon in a mount namespace where /run/systemd/journal is ours. Returns the journal's socket."""
        directory = os.path.join(self.base, "journal")
        os.mkdir(directory)
        journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(journal.close)
        journal.bind(os.path.join(directory, "socket"))
        journal.settimeout(30)
        run = os.path.join(self.base, "enter")
        with open(run, "w") as out:
            out.write("#!/bin/sh\nset -e\nmount -t tmpfs dsnd-test /run\nmkdir -p /run/systemd/journal\n"
                      "mount --bind '%s' /run/systemd/journal\nexec '%s' \"$@\"\n" % (directory, os.path.abspath(DSND)))
        os.chmod(run, 0o755)
        if subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "dsnd-test", "/run"],
                          capture_output=True).returncode:
            self.skipTest("mounting in a namespace of its own isn't permitted")
        self.program = os.path.join(self.base, "unshare")
        with open(self.program, "w") as out:
            out.write("#!/bin/sh\nexec unshare --mount '%s' \"$@\"\n" % run)
        os.chmod(self.program, 0o755)
        with open(self.log, "ab"):
            st = os.stat(self.log)
        self.start(env={"JOURNAL_STREAM": "%d:%d" % (st.st_dev, st.st_ino)})
        return journal

    def test_in_the_journal_each_field_is_text(self):
        self.make_names()
        journal = self.start_with_journal()
        messages = []
        while len(messages) < len(NAMES):
            fields = fields_of(journal.recv(1 << 16))
            names = [name for name, _ in fields]
            self.assertEqual(len(names), len(set(names)), fields)
            self.assertRegex(dict(fields)[b"MESSAGE_ID"], b"^[0-9a-f]{32}$")
            for _, value in fields:
                self.assert_plain(value)
            if dict(fields)[b"DSND_EVENT"] == b"special-file":
                messages.append(dict(fields))
        for message in messages:
            self.assertEqual(message[b"PRIORITY"], b"4")
            self.assertEqual(message[b"MESSAGE"], b"a file in new is not a plain file; left alone")
            self.assertEqual(message[b"DSND_MAILBOX"], b"bounces")
        said = sorted(message[b"DSND_FILE"] for message in messages)
        self.assertEqual(said[1], b"2\\u000aPRIORITY=0\\u000aMESSAGE=forged")
        self.assertEqual(self.logged(), "")


if __name__ == "__main__":
    main()
