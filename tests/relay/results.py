"""Prints the page of results from the lines that the tests of engines noted: class, test, events, kills or cuts, lost, doubled.

    results.py FILE
"""
import subprocess
import sys

PACKAGES = {"Redis": "redis-server", "Nats": "nats-server", "RabbitMQ": "rabbitmq-server", "PostgreSQL": "postgresql-15", "Kafka": "librdkafka1",
            "Http": "python3"}
NAMES = {"Http": "HTTP (Python's server)", "Kafka": "Kafka (librdkafka's mock cluster)", "Nats": "NATS JetStream"}


def version(name):
    run = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", PACKAGES[name]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return run.stdout or "?"


def main():
    rows = {}
    with open(sys.argv[1]) as lines:
        for line in lines:
            name, _, *numbers = line.split("\t")
            row = rows.setdefault(name, [0, 0, 0, 0])
            rows[name] = [old + int(new) for old, new in zip(row, numbers)]
    print("# What the engines' tests found\n\nWritten by `tools/test-relay`. A copy is an event that the engine has twice: what its consumers tell by the event's name.\n")
    print("| engine | version | events | kills and cuts | lost | copies |\n|---|---|---|---|---|---|")
    for name, (events, kills, lost, doubled) in sorted(rows.items()):
        print("| %s | %s | %d | %d | %d | %d |" % (NAMES.get(name, name), version(name), events, kills, lost, doubled))


main()
