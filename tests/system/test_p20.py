"""P20: only permitted peers are served, a consumer's name belongs to its user, and whatever they send changes nothing."""

import os
import random
import socket
import time

from harness import Client, SystemTest, main

NOBODY = 65534


def converse(path, words):
    """What one hears who says @words and no more, up to an event, a status or an error."""
    heard = b""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(30)
        try:
            peer.connect(path)
            peer.sendall(words)
            peer.shutdown(socket.SHUT_WR)
            got = peer.recv(65536)
            while got:
                heard += got
                got = b"" if any(key in heard for key in (b'"error"', b'"seq"', b'"status"')) else peer.recv(65536)
        except OSError as error:
            heard += b"refused: " + error.strerror.encode()
    return heard


class Peers(SystemTest):
    def follow(self, words):
        client = self.client()
        client.say("FOLLOW " + words)
        client.following = client.line()
        return client

    def as_nobody(self, words):
        """What another user hears who says @words."""
        if os.getuid() != 0:
            self.skipTest("only root can be another user")
        os.chmod(self.base, 0o755)
        # a child that gives up root: another program may not be readable to nobody
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
                os.write(writer, converse(self.socket, words)[:60000])
            finally:
                os._exit(0)
        os.close(writer)
        with open(reader, "rb") as heard:
            said = heard.read().decode()
        os.waitpid(child, 0)
        return said

    def cursor(self, name):
        """What the file says, without its checksum: how far, whose, and which name."""
        with open(os.path.join(self.spool, "consumer", name)) as text:
            return text.read().split()[:3]

    def test_another_users_name_can_neither_be_followed_nor_acknowledged_nor_forgotten(self):
        self.start()
        for _ in range(5):
            self.deliver()
        mailer = self.follow("mailer")
        mailer.events(5)
        mailer.say("ACK 2")
        self.assertEqual(mailer.line(), {"acked": 2})
        for is_connected in (True, False):
            for words in (b"FOLLOW mailer\nACK 5\n", b"FORGET mailer\n", b"FOLLOW mailer kinds=bounce\n"):
                said = self.as_nobody(words)
                self.assertIn("another user", said, words)
                self.assertNotIn('"seq"', said)
            self.assertIn("ACK is for those who FOLLOW", self.as_nobody(b"ACK 5\n"))
            self.assertIn("ACK is for those who FOLLOW", self.as_nobody(b"FOLLOW - first\nACK 5\n"))
            self.assertEqual(self.cursor("mailer"), ["2", str(os.getuid()), "mailer"])
            if is_connected:
                mailer.close()
                self.wait_for(lambda: not self.status()["consumers"][0]["connected"], "the end")
        self.assertEqual(self.follow("mailer").following["from"], 3)

    def test_a_name_of_another_user_is_open_to_root(self):
        self.start()
        self.deliver()
        self.wait_for(lambda: self.status()["mails"] == 1, "the mail")
        self.assertIn('"seq":1,', self.as_nobody(b"FOLLOW theirs\n"))
        self.wait_for(lambda: not self.status()["consumers"][0]["connected"], "the end")
        self.assertEqual(self.status()["consumers"][0]["uid"], NOBODY)
        root = self.client()
        root.say("FORGET theirs")
        self.assertEqual(root.line(), {"forgot": "theirs"})

    def test_who_may_not_open_the_socket_hears_nothing(self):
        with open(self.config) as text:
            config = text.read().replace("Mode=0666", "Mode=0600")
        with open(self.config, "w") as out:
            out.write(config)
        self.start()
        self.assertEqual(self.as_nobody(b"STATUS\n"), "refused: Permission denied")

    def test_1000_half_open_connections(self):
        self.start()
        self.deliver()
        mailer = self.follow("mailer")
        mailer.events(1)
        hanging, refused = [], 0
        for _ in range(1000):
            # neither reads nor speaks nor goes
            one = socket.socket(socket.AF_UNIX)
            self.addCleanup(one.close)
            one.connect(self.socket)
            one.settimeout(30)
            hanging.append(one)
        names = [self.deliver() for _ in range(100)]
        self.assertEqual([event["source"]["file"] for event in mailer.events(100)], names)
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        for one in hanging:
            text = b""
            while b"\n" not in text:
                text += one.recv(4096)
            refused += b"too many" in text
        self.assertEqual(refused, 1000 - 7)
        # another user is served meanwhile
        self.assertIn('"state":"running"', self.as_nobody(b"STATUS\n"))
        for one in hanging:
            one.close()
        self.wait_for(lambda: "dsnd" in self.client().greeting, "a free place")
        self.assertGreaterEqual(self.status()["refused"], 993)  # and those who asked for the free place too soon
        self.assertLessEqual(self.logged().count("[client-refused]"), 10)

    def test_a_line_without_end_is_cut_off(self):
        self.start()
        client = self.client()
        client.socket.settimeout(30)
        sent = 0
        try:
            for _ in range(1000):
                sent += client.socket.send(b"x" * 10000)
        except OSError:
            pass
        self.assertLess(sent, 1000 * 10000)
        self.assertIn("at most 256 bytes", client.line()["error"])
        self.assertIsNone(client.line())

    def test_a_line_that_takes_for_ever_holds_up_nobody(self):
        self.start()
        slow = self.client()
        other = self.follow("- first")
        for letter in "FOLLOW - first":
            slow.socket.sendall(letter.encode())
            self.deliver()
            other.events(1)
        slow.socket.sendall(b"\n")
        while "following" not in (slow.line() or {}):
            pass
        slow.events(14)

    def test_garbage_changes_nothing(self):
        self.start()
        self.deliver()
        mailer = self.follow("mailer")
        mailer.events(1)
        mailer.say("ACK 1")
        self.assertEqual(mailer.line(), {"acked": 1})
        chance = random.Random(20)
        words = [b"FOLLOW ", b"mailer", b"ACK ", b"1", b"STATUS", b"FORGET ", b"\n", b"\r\n", b" ", b"kinds=", b"\0", b"\xff",
                 b"-", b"999999999999999999999", b"../../etc/passwd", b"\x1b[2J"]
        for _ in range(500):
            text = b"".join(chance.choice(words) for _ in range(chance.randrange(1, 12)))
            # the one word that is meant to change something
            text = text.replace(b"FORGET", b"FORGE ") + bytes(chance.randrange(256) for _ in range(chance.randrange(30)))
            with Client(self.socket) as one:
                try:
                    one.socket.sendall(text)
                except OSError:
                    pass  # closed before we had said all
        self.assertEqual(self.cursor("mailer"), ["1", str(os.getuid()), "mailer"])
        names = {consumer["name"] for consumer in self.status_patiently()["consumers"]}
        self.assertLessEqual({"mailer"}, names)
        self.deliver()
        self.assertEqual(mailer.events(1)[0]["seq"], 2)
        self.assertIsNone(self.process.poll())

    def status_patiently(self):
        """The status, as soon as those who left made room."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with Client(self.socket) as client:
                if "dsnd" in client.line():
                    client.say("STATUS")
                    line = client.line()
                    if line and "status" in line and "seq" not in line:
                        return line["status"]
        self.fail("no room for a connection")


if __name__ == "__main__":
    main()
