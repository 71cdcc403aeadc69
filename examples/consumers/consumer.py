#!/usr/bin/env python3
"""Keeps a list of addresses to send nothing more to: README.md.

usage: consumer.py SOCKET NAME FILE
"""
import json
import os
import socket
import sys
import time


def follow(path, name, suppressed):
    """Takes events until the connection ends."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        server.sendall(b"FOLLOW %s\n" % name.encode())
        is_ours = False  # events before the answer to FOLLOW weren't asked for, and come again
        for line in server.makefile("rb"):
            message = json.loads(line)
            is_ours |= "following" in message
            if "v" in message and is_ours:
                if message["kind"] == "bounce" and message.get("advice") == "suppress" and "recipient" in message:
                    suppressed.write(message["recipient"] + "\n")
                    suppressed.flush()
                    os.fsync(suppressed.fileno())
                server.sendall(b"ACK %d\n" % message["seq"])
            elif "gap" in message or "error" in message:
                print("dsnd:", line.decode().strip(), file=sys.stderr)


def main():
    path, name, file = sys.argv[1:]
    with open(file, "a", encoding="utf-8") as suppressed:
        while True:
            try:
                follow(path, name, suppressed)
            except ConnectionError as error:
                print(error, file=sys.stderr)
            except FileNotFoundError:
                print("%s: no dsnd" % path, file=sys.stderr)
            time.sleep(1)


if __name__ == "__main__":
    main()
