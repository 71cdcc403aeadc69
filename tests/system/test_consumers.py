"""Named consumers: resume after the last acknowledgement, and cost the others nothing."""

import socket
import statistics
import time

from harness import Client, SystemTest, main


class Consumers(SystemTest):
    def follow(self, words):
        client = self.client()
        client.say("FOLLOW " + words)
        client.following = client.line()
        return client

    def test_a_consumer_resumes_after_its_last_ack(self):
        self.start()
        for _ in range(10):
            self.deliver()
        first = self.follow("mailer")
        self.assertEqual(first.following, {"following": "mailer", "from": 1})
        first.events(10)
        first.say("ACK 6")
        self.assertEqual(first.line(), {"acked": 6})
        first.close()
        self.wait_for(lambda: not self.status()["consumers"][0]["connected"], "the end")
        second = self.follow("mailer")
        self.assertEqual(second.following["from"], 7)
        self.assertEqual([event["seq"] for event in second.events(4)], [7, 8, 9, 10])

    def test_cursors_survive_a_kill_of_the_daemon(self):
        self.start()
        for _ in range(5):
            self.deliver()
        client = self.follow("mailer")
        client.events(5)
        client.say("ACK 3")
        self.assertEqual(client.line(), {"acked": 3})
        self.kill()
        self.start()
        self.assertEqual(self.follow("mailer").following["from"], 4)

    def turns(self, reader, count):
        """The median of the seconds from the first of 50 deliveries to the last event of them."""
        took = []
        for _ in range(count):
            began = time.monotonic()
            for _ in range(50):
                self.deliver()
            reader.events(50)
            took.append(time.monotonic() - began)
        return statistics.median(took)

    def test_a_consumer_that_stops_reading_delays_nobody(self):
        self.start()
        reader = self.follow("-")
        alone = self.turns(reader, 20)
        stopped = [self.follow("stopped-%d" % i) for i in range(3)]
        # whoever waits for them waits for good, or for the fixed time of a timeout
        self.assertLess(self.turns(reader, 60), 10 * alone + 1)
        for client in stopped:
            self.assertEqual([event["seq"] for event in client.events(4000)], list(range(1, 4001)))

    def test_kinds_select_and_the_cursor_moves_over_the_rest(self):
        self.start()
        for i in range(6):
            self.deliver(None if i % 2 else b"From: a@example.org\nSubject: hello\n\nHi.\n")
        client = self.follow("picky kinds=other")
        self.assertEqual([event["seq"] for event in client.events(3)], [1, 3, 5])
        client.say("ACK 5")
        self.assertIn(client.line()["acked"], (5, 6))
        self.wait_for(lambda: self.status()["mails"] == 6, "the last mail")
        client.close()
        self.wait_for(lambda: self.status()["consumers"][0]["lag"] == 0, "the cursor to move")

    def test_names_and_positions(self):
        self.start()
        for _ in range(4):
            self.deliver()
        self.wait_for(lambda: self.status()["mails"] == 4, "the mails")
        self.assertEqual(self.follow("- first").following["from"], 1)
        self.assertEqual(self.follow("- 3").following["from"], 3)
        self.assertEqual(self.follow("- next").following["from"], 5)
        self.assertEqual(self.follow("- 99").following["from"], 5)
        named = self.follow("mailer")
        self.assertIn("another connection", self.follow("mailer").following["error"])
        client = self.client()
        client.say("FORGET mailer")
        self.assertIn("end it first", client.line()["error"])
        named.close()
        self.wait_for(lambda: not self.status()["consumers"][0]["connected"], "the end")
        client = self.client()
        client.say("FORGET mailer")
        self.assertEqual(client.line(), {"forgot": "mailer"})
        self.assertEqual(self.status()["consumers"], [])

    def test_what_is_not_understood_is_told_and_closes(self):
        self.start()
        for words in ("HELLO", "", "ACK 1", "ACK x", "FOLLOW", "FOLLOW ../x", "FOLLOW a b",
                      "FOLLOW - kinds=nonsense", "STATUS now", "FORGET nobody", "x" * 5000,
                      "\0\0\0\xff"):
            client = self.client()
            client.say(words)
            self.assertIn("error", client.line(), words)
            self.assertIsNone(client.line(), words)

    def test_an_ack_of_what_was_not_sent_is_refused(self):
        self.start()
        self.deliver()
        client = self.follow("mailer")
        client.events(1)
        client.say("ACK 2")
        self.assertIn("not sent", client.line()["error"])

    def test_no_more_than_8_connections_of_a_user(self):
        self.start()
        clients = [self.client() for _ in range(8)]
        ninth = Client(self.socket)
        self.addCleanup(ninth.close)
        self.assertIn("too many", ninth.line()["error"])
        clients[0].close()
        self.wait_for(lambda: "dsnd" in self.client().greeting, "a free place")

    def test_half_a_line_costs_nothing(self):
        self.start()
        client = self.client()
        client.socket.sendall(b"STA")
        self.deliver()
        other = self.follow("- first")
        other.events(1)
        client.socket.sendall(b"TUS\n")
        self.wait_for(lambda: "status" in (client.line() or {}), "the status")

    def test_after_the_last_word_events_still_come(self):
        self.start()
        client = self.follow("- first")
        client.socket.shutdown(socket.SHUT_WR)
        self.deliver()
        self.assertEqual(len(client.events(1)), 1)


if __name__ == "__main__":
    main()
