#!/usr/bin/env python3
"""A name server for the tests: a few example domains, everything else does not exist."""
import socket
import struct
import threading

MTA = "192.0.2.25"
MX = {  # domain -> address of its only mail host
    "rcpt.example.net": "198.51.100.10",
    "mailfrom.example.net": "198.51.100.11",
    "banner.example.net": "198.51.100.12",
    "ehlo.example.net": "198.51.100.13",
    "data.example.net": "198.51.100.14",
    "closed.example.net": "198.51.100.15",
    "drop.example.net": "198.51.100.16",
    "size.example.net": "198.51.100.17",
    "utf8.example.net": "198.51.100.18",
    "ascii.example.net": "198.51.100.19",
    "example.com": "198.51.100.20",
}
HOSTS = {"mx." + d: ip for d, ip in MX.items()}
HOSTS.update({"mail.example.org": MTA, "example.org": MTA, "localhost": "127.0.0.1"})
AT_MTA = {"example.org", "bounces.example.org", "loop.example.net"}  # the last one isn't known there
NULL_MX = {"nullmx.example.net"}
BROKEN = {"servfail.example.net"}
REVERSE = {ip: h for h, ip in HOSTS.items() if not h.startswith("example")}

A, CNAME, SOA, PTR, MXT, TXT, AAAA = 1, 5, 6, 12, 15, 16, 28


def wire(name):
    return b"".join(bytes([len(p)]) + p.encode() for p in name.split(".") if p) + b"\0"


def answer(name, qtype):
    """The records as (type, data), or an rcode number."""
    if name in BROKEN:
        return 2
    if name in NULL_MX:
        return [(MXT, struct.pack("!H", 0) + b"\0")] if qtype == MXT else []
    if qtype == MXT and (name in MX or name in AT_MTA):
        host = "mx." + name if name in MX else "mail.example.org"
        return [(MXT, struct.pack("!H", 10) + wire(host))]
    if name in MX or name in AT_MTA and name not in HOSTS:
        return []
    if name in HOSTS:
        return [(A, socket.inet_aton(HOSTS[name]))] if qtype == A else []
    if name.endswith(".in-addr.arpa"):
        ip = ".".join(reversed(name.split(".")[:4]))
        if ip in REVERSE:
            return [(PTR, wire(REVERSE[ip]))] if qtype == PTR else []
    return 3


def reply(query):
    pos, labels = 12, []
    while query[pos]:
        labels.append(query[pos + 1:pos + 1 + query[pos]].decode("latin-1").lower())
        pos += 1 + query[pos]
    question = query[12:pos + 5]
    qtype = struct.unpack("!H", query[pos + 1:pos + 3])[0]
    found = answer(".".join(labels), qtype)
    rcode, records = (found, []) if isinstance(found, int) else (0, found)
    out = query[:2] + struct.pack("!HHHHH", 0x8580 | rcode, 1, len(records), 0, 0) + question
    for rtype, data in records:
        out += b"\xc0\x0c" + struct.pack("!HHIH", rtype, 1, 60, len(data)) + data
    return out


def tcp(server):
    while True:
        conn, _ = server.accept()
        with conn:
            data = conn.recv(4096)
            if len(data) > 14:
                out = reply(data[2:])
                conn.sendall(struct.pack("!H", len(out)) + out)


def main():
    server = socket.create_server(("127.0.0.1", 53))
    threading.Thread(target=tcp, args=(server,), daemon=True).start()
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 53))
    print("ready", flush=True)
    while True:
        query, peer = sock.recvfrom(4096)
        if len(query) > 16:
            sock.sendto(reply(query), peer)


if __name__ == "__main__":
    main()
