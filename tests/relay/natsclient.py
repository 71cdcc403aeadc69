"""As much of NATS as the tests need: a request and its answer (the protocol is lines of text)."""

import base64
import json
import socket


class Nats:
    def __init__(self, port, user=None, password=None):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.file = self.socket.makefile("rb")
        assert self.file.readline().startswith(b"INFO")
        options = {"verbose": False, "pedantic": False, "name": "test", "lang": "python", "version": "0", "headers": True}
        if user:
            options.update(user=user, **{"pass": password})
        self.send(b"CONNECT " + json.dumps(options).encode() + b"\r\nSUB _INBOX.test 1\r\n")

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, subject, body=None):
        text = json.dumps(body).encode() if body is not None else b""
        self.send(b"PUB %s _INBOX.test %d\r\n%s\r\n" % (subject.encode(), len(text), text))
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("NATS closed the connection")
            if line.startswith(b"PING"):
                self.send(b"PONG\r\n")
            elif line.startswith(b"HMSG"):  # a status without a body: nobody answers
                self.file.read(int(line.split()[-1]) + 2)
                raise ConnectionError("no answer to " + subject)
            elif line.startswith(b"MSG"):
                return json.loads(self.file.read(int(line.split()[-1]) + 2))

    def make_stream(self, name, replicas=1, **more):
        answer = self.ask("$JS.API.STREAM.CREATE." + name, dict({"name": name, "subjects": ["dsn.>"], "retention": "limits", "storage": "file",
                          "num_replicas": replicas, "max_consumers": -1, "max_msgs": -1, "max_bytes": -1, "discard": "old",
                          "duplicate_window": 120000000000}, **more))
        assert "error" not in answer, answer

    def messages(self, stream):
        """All messages: (headers, event)."""
        state = self.ask("$JS.API.STREAM.INFO." + stream)["state"]
        found = []
        if state["messages"] == 0:
            return found
        for seq in range(state["first_seq"], state["last_seq"] + 1):
            answer = self.ask("$JS.API.STREAM.MSG.GET." + stream, {"seq": seq})["message"]
            headers = base64.b64decode(answer["hdrs"]).decode().split("\r\n")[1:]
            found.append((dict(line.split(": ", 1) for line in headers if line), json.loads(base64.b64decode(answer["data"]))))
        return found

    def close(self):
        self.file.close()
        self.socket.close()
