"""P38: limits per user on names, connections and held-back spool; root is never locked out; a consumer that is silent for
longer than ConsumerTimeout= is told, and then holds nothing back."""

import os
import socket
import subprocess
import sys
import unittest

from harness import Client, SystemTest, main

NOBODY = 65534
# What another user's process does: the words of each line are said on a connection of its own, which stays open.
PEER = """
import os, socket, sys
os.setgid(%d); os.setuid(%d)
held = []
for line in sys.stdin.read().splitlines():
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(20)
    try:
        peer.connect(sys.argv[1])
        lines = peer.makefile("rb")
        lines.readline()
        if line != "-":
            peer.sendall(line.encode() + b"\\n")
            print(lines.readline().decode().strip(), flush=True)
        held.append(peer)
    except OSError as error:
        print(error, flush=True)
print("done", flush=True)
os.read(int(sys.argv[2]), 1)
"""


@unittest.skipIf(os.getuid() != 0, "only root can be another user")
class Limits(SystemTest):
    spool_keys = "MaxSize=1M\n"

    def setUp(self):
        super().setUp()
        os.chmod(self.base, 0o755)

    def peer(self, uid, commands):
        """Another user's process that said these; its answers, and how to end it."""
        ours, theirs = os.pipe()
        process = subprocess.Popen([sys.executable, "-c", PEER % (uid, uid), self.socket, str(ours)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, pass_fds=[ours])
        os.close(ours)
        process.stdin.write("\n".join(commands) + "\n")
        process.stdin.close()
        answers = list(iter(process.stdout.readline, "done\n"))

        def end():
            os.close(theirs)
            process.wait(30)
            process.stdout.close()

        return answers, end

    def test_names_of_one_user(self):
        self.start()
        said = []
        for n in range(0, 24, 4):
            answers, end = self.peer(NOBODY, ["FOLLOW squat%d" % i for i in range(n, n + 4)])
            said += answers
            end()
        self.assertEqual(sum("following" in line for line in said), 16, said)
        with self.client() as client:
            client.say("FOLLOW mailer")
            self.assertEqual(client.line()["following"], "mailer")

    def test_connections_of_others_leave_room_for_root(self):
        self.start()
        ends = [self.peer(uid, ["-"] * 8)[1] for uid in (65534, 65533, 65532, 65531, 65530)]
        with Client(self.socket) as client:
            self.assertIn("dsnd", client.line())
            client.say("STATUS")
            self.assertIn("status", client.line())
        for end in ends:
            end()

    def test_a_name_that_never_acknowledged_stops_nobody(self):
        self.start()
        _, end = self.peer(NOBODY, ["FOLLOW squat"])
        end()
        for _ in range(2000):
            self.deliver()
        self.wait_for(lambda: not self.in_new(), "all mails to be recorded", 120)
        status = self.status()
        self.assertEqual((status["state"], [one["lapsed"] for one in status["consumers"]]), ("running", [True]))
        self.assertIn("consumer-lapsed", self.logged())
        self.assertGreater(status["spool"]["first"], 1)
        answers, end = self.peer(NOBODY, ["FOLLOW squat"])
        self.assertEqual(answers, ['{"following":"squat","from":1}\n'])
        end()
        with self.client() as client:  # as root may
            client.say("FOLLOW squat")
            client.line()
            self.assertEqual(client.line(), {"gap": {"from": 1, "to": status["spool"]["first"] - 1}})

    def test_one_that_acknowledges_is_waited_for(self):
        self.start()
        self.deliver()
        with self.client() as client:
            client.say("FOLLOW mailer")
            client.events(1)
            client.say("ACK 1")
            while "acked" not in client.line():
                pass
        for _ in range(2000):
            self.deliver()
        self.wait_for(lambda: self.status()["state"] == "blocked", "the spool to be full", 120)
        self.assertFalse(self.status()["consumers"][0]["lapsed"])


class Timeout(SystemTest):
    spool_keys = "ConsumerTimeout=6s\n"

    def test_a_silent_consumer_is_told_and_dropped(self):
        self.start()
        silent, diligent = self.client(), self.client()
        silent.say("FOLLOW silent")
        self.assertEqual(silent.line(), {"following": "silent", "from": 1})
        diligent.say("FOLLOW diligent")
        self.assertEqual(diligent.line(), {"following": "diligent", "from": 1})
        self.deliver()
        self.assertEqual(silent.events(1)[0]["seq"], 1)
        diligent.events(1)
        diligent.say("ACK 1")
        self.assertEqual(diligent.line(), {"acked": 1})
        self.assertIn("no longer kept", silent.line()["error"])
        self.assertIsNone(silent.line())
        lapsed = {one["name"]: one["lapsed"] for one in self.status()["consumers"]}
        self.assertEqual(lapsed, {"diligent": False, "silent": True})
        # it comes again, and is served from its place
        with self.client() as again:
            again.say("FOLLOW silent")
            self.assertEqual(again.line(), {"following": "silent", "from": 1})
            again.events(1)
            again.say("ACK 1")
            self.assertEqual(again.line(), {"acked": 1})
            self.wait_for(lambda: not any(one["lapsed"] for one in self.status()["consumers"]), "its place to count again")


class Socket(SystemTest):
    def test_a_file_at_the_sockets_path_is_left_alone(self):
        with open(self.socket, "w") as out:
            out.write("important\n")
        refused = self.run_daemon()
        self.assertEqual(refused.returncode, 78, refused)
        self.assertIn("no socket", refused.stderr)
        with open(self.socket) as kept:
            self.assertEqual(kept.read(), "important\n")

    def test_a_removed_socket_is_made_again(self):
        self.start()
        old = self.client()
        os.unlink(self.socket)
        self.wait_for(lambda: os.path.exists(self.socket), "the socket")
        self.wait_for(self.is_listening, "the daemon to listen")
        self.assertIn("socket-back", self.logged())
        old.say("FOLLOW - next")
        old.line()
        self.deliver()
        self.assertEqual(old.events(1)[0]["seq"], 1)
        self.assertEqual(self.stop(), 0)
        self.assertFalse(os.path.exists(self.socket))

    def test_another_programs_socket_is_not_taken(self):
        self.start()
        os.unlink(self.socket)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(self.socket)
            other.listen()
            self.wait_for(lambda: "socket-gone" in self.logged(), "a line in the log")
            self.assertEqual(self.stop(), 0)
            self.assertTrue(os.path.exists(self.socket))


main()
