"""P21: when descriptors run out, connections are refused first; mail goes on, and connections come back."""

import os
import resource
import socket

from harness import Client, SystemTest, main


class Descriptors(SystemTest):
    def limit(self, count):
        _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (count, hard))

    def lowest_free(self):
        """The lowest descriptor that is free."""
        taken = {int(fd) for fd in os.listdir("/proc/%d/fd" % self.process.pid)}
        return next(fd for fd in range(len(taken) + 1) if fd not in taken)

    def hang(self, count):
        """Connections that do nothing."""
        hanging = []
        for _ in range(count):
            one = socket.socket(socket.AF_UNIX)
            self.addCleanup(one.close)
            one.connect(self.socket)
            hanging.append(one)
        return hanging

    def test_100_clients_and_few_descriptors(self):
        self.start()
        self.ready_workers()
        follower = self.client()
        follower.say("FOLLOW - first")
        follower.line()
        # what it has, the eight in reserve, and three for clients
        self.limit(self.lowest_free() + 8 + 3)
        hanging = self.hang(100)
        names = [self.deliver() for _ in range(300)]
        self.assert_once_in_order(follower.events(300), names)
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")
        said = []
        for one in hanging:
            text = b""
            while b"\n" not in text:
                text += one.recv(4096)
            said.append(text)
        n_refused = sum(b"too few file descriptors" in text for text in said)
        self.assertGreater(n_refused, 90)
        print("100 clients with %d descriptors to spare: %d refused, 300 mails went on" % (11, n_refused))
        for one in hanging:
            one.close()
        self.wait_for(self.is_served, "a connection to be served again", 5)
        self.assertEqual(self.status()["workers"]["deaths"], 0)
        self.assertLessEqual(self.logged().count("[client-refused]"), 10)

    def is_served(self):
        with Client(self.socket) as client:
            return "dsnd" in client.line()

    def test_not_one_descriptor_left(self):
        self.start()
        self.ready_workers()
        self.limit(self.lowest_free())
        waiting = self.hang(3)
        names = [self.deliver() for _ in range(50)]
        # neither mails nor clients can be taken now: nobody is turned away for good
        self.wait_for(lambda: "[clients-paused]" in self.logged(), "the daemon to notice")
        self.limit(512)
        for one in waiting:
            one.settimeout(30)
            self.assertIn(b'"dsnd"', one.recv(4096))
        follower = self.client()
        follower.say("FOLLOW - first")
        follower.line()
        # one that could not be opened comes with the next scan, behind others
        self.assertEqual(sorted(event["source"]["file"] for event in follower.events(50)), names)
        self.assertLessEqual(self.logged().count("[clients-paused]"), 10)


if __name__ == "__main__":
    main()
