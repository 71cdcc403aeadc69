"""What an operator may do to a running dsnd, at random: sequences of steps (mischief.py), each judged by one oracle
(ledger.py) after all was put right again. A sequence that fails is shrunk to the shortest that still does.

DSND_TEST_SEQUENCES, DSND_TEST_SEED: how many, and the first one's seed (tools/soak operator asks for 2,000). With --steps JSON it
runs this sequence alone, in the world that DSND_TEST_VARIANT names, as the failure told."""

import collections
import concurrent.futures
import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time

import mischief
from ledger import events_of
from mischief import World

PATIENCE_S = 300  # what is judged is whether, not when
JOBS = int(os.environ.get("DSND_TEST_JOBS", "4"))
# seconds after which no new sequence is begun, so that a slow machine has fewer, not a failure
BUDGET_S = float(os.environ.get("DSND_TEST_BUDGET", "100"))
SHRINK_S = float(os.environ.get("DSND_TEST_SHRINK", "60"))
TELL_EVERY = 100
VARIANTS = ("", "MaxSize=1M\nKeep=1m", "small disk", "Keep=1h\nConsumerTimeout=1h")


class Sequence:
    def __init__(self, steps, variant):
        self.steps, self.variant = steps, variant
        self.world = World()
        self.world.spool_keys = variant if "=" in variant else ""
        self.intact = collections.Counter()

    def run(self):
        """What is wrong after it, as a list of words."""
        world = self.world
        world.setUp()
        try:
            if self.variant == "small disk" and mischief.USER is not None:
                os.mkdir(world.spool_path)
                world.mount("-t", "tmpfs", "-o", "size=3m", "dsnd-test", world.spool_path)
            world.begin()
            for step in self.steps:
                mischief.do_step(world, step)
            self.end()
            return world.ledger.wrong
        finally:
            world.doCleanups()

    def blame(self, words):
        self.world.ledger.blame(words + "\n" + self.world.logged()[-1500:])

    def end(self):
        world = self.world
        self.heal()
        if world.is_up():
            self.wait(lambda: not self.left_in_new() or not world.is_up(), 3)
        world.end(signal.SIGTERM)
        world.judge_end()
        if self.start_again():
            world.deliver_some(1, "one")
            if not self.wait(lambda: not self.left_in_new(), PATIENCE_S):
                self.blame("still in new after everything was put right: %s" % self.left_in_new())
            self.read_all()
            world.end(signal.SIGTERM)
            if world.process.returncode != 0:
                self.blame("the daemon ended with %s" % world.process.returncode)
            world.ledger.note_spool(world.spool_path)
        world.ledger.judge_mails(world.base)
        world.ledger.judge_doubles(self.intact)

    def wait(self, condition, patience_s):
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def left_in_new(self):
        """The plain files there; what else is in it dsnd leaves alone."""
        new = os.path.join(self.world.base, "md", "new")
        return [name for name in os.listdir(new) if not name.startswith(".") and self.is_plain(os.path.join(new, name))]

    def is_plain(self, path):
        with contextlib.suppress(FileNotFoundError):
            return stat.S_ISREG(os.lstat(path).st_mode)
        return False

    # --- putting right

    def heal(self):
        """All is put right that an operator can put right: mounts, modes, owners, directories, settings."""
        world = self.world
        new = os.path.join(world.base, "md", "new")
        with world.standing_still():
            world.ledger.note_spool(world.spool_path)
            world.unmount_all(but=1 if self.variant == "small disk" else 0)
            before = world.ledger.list_new(new)
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(world.spool_path, ".filler"))
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(world.base, "md", ".filler"))
            self.permit(world.base)
            for place in ("md", "md/new", "md/cur", "md/tmp", "run"):
                self.make(os.path.join(world.base, place))
            for place in ("md/.dsnd-other", "md/.dsnd-other/new"):
                self.clear(os.path.join(world.base, place))
            if not os.path.lexists(world.spool_path):
                mischief.put_back(world, world.spool_path, 0)
            else:
                self.clear(world.spool_path)
            if os.path.lexists(world.socket) and not stat.S_ISSOCK(os.lstat(world.socket).st_mode):
                mischief.move_away(world, world.socket, 0)
            self.permit(world.base)
            world.write_settings()
            world.own(world.base)
            world.ledger.note_new(before, new)

    def permit(self, path):
        """The permissions as they were; links are left as they are."""
        os.chmod(path, 0o755)
        for name in os.listdir(path):
            one = os.path.join(path, name)
            mode = os.lstat(one).st_mode
            if stat.S_ISDIR(mode):
                self.permit(one)
            elif stat.S_ISREG(mode):
                os.chmod(one, 0o600)

    def clear(self, path):
        """Makes way for a directory."""
        if os.path.lexists(path) and not os.path.isdir(path):
            mischief.move_away(self.world, path, 0)

    def make(self, path):
        """The directory, be it the one that was moved away or a new one."""
        self.clear(path)
        if not os.path.lexists(path):
            mischief.put_back(self.world, path, 0)
        if not os.path.isdir(path):
            mischief.make_directory(self.world, path, 0)

    def start_again(self):
        """A daemon that refuses to start says so. Then its operator gives it a new spool, and it starts."""
        for attempt in range(2):
            self.world.begin()
            self.wait(lambda: self.is_answering() or not self.world.is_up(), PATIENCE_S)
            if self.is_answering():
                return True
            if attempt == 0 and not self.world.is_up():
                with self.world.standing_still():
                    mischief.note_harm(self.world, "mv", "spool")
                    self.move_spool()
        self.blame("the daemon can't be started again")
        return False

    def move_spool(self):
        with contextlib.suppress(OSError):
            if self.world.mounts:
                self.world.unmount_all()
            mischief.move_away(self.world, self.world.spool_path, 0)

    def is_answering(self):
        with contextlib.suppress(OSError, TimeoutError, ValueError), self.world.client_of() as client:
            return client.line(PATIENCE_S) is not None
        return False

    # --- what readers get in the end

    def read_all(self):
        """A new reader gets all that is whole, the consumers all that they hadn't, and the rest is told as a gap."""
        world = self.world
        with world.client_of() as client:
            greeting = client.line(PATIENCE_S)
            client.say("FOLLOW - 1")
            got, told = self.read_to(client, greeting["next"])
        self.intact = collections.Counter((event["source"]["file"], event["part"][0]) for event in got)
        for event in got:
            world.ledger.note_event(greeting["spool"], event)
        numbers = {event["seq"] for event in got}
        if len(numbers) < len(got) or numbers | told != set(range(1, greeting["next"])):
            self.blame("a reader got %s, and gaps %s, of 1 to %d" % (sorted(numbers), sorted(told), greeting["next"] - 1))
        whole = self.whole_numbers() - numbers
        if whole:
            self.blame("told as a gap, and whole on disk: %s" % sorted(whole))
        world.ledger.marks[greeting["spool"]] = greeting["next"]
        for consumer in world.consumers.values():
            self.finish(consumer, greeting)

    def read_to(self, client, end):
        """The events before the number `end`, and the numbers that gaps told of."""
        got, told, last = [], set(), 0
        while last < end - 1:
            line = client.line(PATIENCE_S)
            if line is None or "error" in line:
                self.blame("a reader was left with %s after %d" % (line, last))
                break
            if "gap" in line:
                last = line["gap"]["to"]
                told |= set(range(line["gap"]["from"], last + 1))
            elif "seq" in line:
                last = line["seq"]
                got.append(line)
        return got, told

    def whole_numbers(self):
        """Numbers of the valid events in segments that stand where they belong."""
        found = set()
        names = sorted(name for name in os.listdir(self.world.spool_path) if name.endswith(".jsonl") and len(name) == 26)
        for name, after in zip(names, names[1:] + ["9" * 20]):
            path = os.path.join(self.world.spool_path, name)
            if self.is_plain(path):
                with open(path, "rb") as text:
                    found |= {event["seq"] for event in events_of(text.read()) if int(name[:20]) <= event["seq"] < int(after[:20])}
        return found

    def is_followed(self, consumer):
        """Whether it could follow; its last connection may not have ended for dsnd yet."""
        client = self.world.client_of()
        client.patience_s = PATIENCE_S
        return consumer.follow(client)

    def finish(self, consumer, greeting):
        """The consumer gets all up to the end."""
        consumer.leave()
        if not self.wait(lambda: self.is_followed(consumer), PATIENCE_S):
            self.blame("%s can't follow any more" % consumer.name)
            return
        while consumer.client and consumer.expected < greeting["next"]:
            before = consumer.expected
            consumer.read(1, PATIENCE_S)
            if consumer.client and consumer.expected == before:
                self.blame("%s gets nothing after %d, of %d" % (consumer.name, before - 1, greeting["next"] - 1))
                return
        if not consumer.client:
            self.blame("%s was left at %d of %d" % (consumer.name, consumer.expected - 1, greeting["next"] - 1))
        consumer.leave()


def run_steps(steps, variant):
    try:
        return Sequence(steps, variant).run()
    except Exception as error:  # what the oracle can't read is a finding, too
        return ["%s: %s" % (type(error).__name__, error)]


def run_seed(seed):
    chance = random.Random(seed)
    variant = chance.choice(VARIANTS)
    steps = mischief.make_sequence(chance)
    return seed, variant, steps, run_steps(steps, variant)


def shrink(steps, variant):
    """Leaves out what can be left out; a failure that comes by chance gets three chances."""
    def fails(shorter):
        return any(run_steps(shorter, variant) for _ in range(3))

    began = time.monotonic()
    size = len(steps) // 2
    while size:
        at = 0
        while at < len(steps) and time.monotonic() - began < SHRINK_S:
            shorter = steps[:at] + steps[at + size:]
            if fails(shorter):
                steps = shorter
            else:
                at += size
        size //= 2
    return steps


def tell(seed, variant, steps, wrong):
    print("seed %d, variant %r, %d steps:" % (seed, variant, len(steps)))
    for words in wrong:
        print("  wrong: " + words)
    shortest = shrink(steps, variant)
    print("  shortest: DSND_TEST_VARIANT=%r test_operator.py --steps '%s'" % (variant, json.dumps(shortest)))
    for words in run_steps(shortest, variant):
        print("  wrong: " + words)
    sys.stdout.flush()


def sweep(count, first):
    """True: nothing wrong."""
    began = time.monotonic()
    n_done = n_wrong = 0
    seeds = iter(range(first, first + count))
    with concurrent.futures.ProcessPoolExecutor(JOBS) as pool:
        running = {pool.submit(run_seed, seed) for seed in itertools.islice(seeds, JOBS)}
        while running:
            done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for one in done:
                n_done += 1
                seed, variant, steps, wrong = one.result()
                if wrong:
                    n_wrong += 1
                    tell(seed, variant, steps, wrong)
                if n_done % TELL_EVERY == 0:
                    print("%d sequences done, %d wrong, up to seed %d" % (n_done, n_wrong, seed), flush=True)
                following = next(seeds, None)
                if following is not None and time.monotonic() - began < BUDGET_S:
                    running.add(pool.submit(run_seed, following))
    print("%d sequences from seed %d on: %d wrong, %.2f s each" % (n_done, first, n_wrong, (time.monotonic() - began) / n_done))
    return n_wrong == 0


def enter_namespace():
    """What is mounted is mounted for us alone."""
    if os.geteuid() != 0 or os.environ.get("DSND_NAMESPACE"):
        return
    if shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0:
        os.environ["DSND_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, "-B", *sys.argv])


def main():
    enter_namespace()
    if sys.argv[1:2] == ["--steps"]:
        wrong = run_steps(json.loads(sys.argv[2]), os.environ.get("DSND_TEST_VARIANT", ""))
        print("\n".join(wrong) or "nothing wrong")
        sys.exit(bool(wrong))
    sys.exit(not sweep(int(os.environ.get("DSND_TEST_SEQUENCES", "100")), int(os.environ.get("DSND_TEST_SEED", "1"))))


if __name__ == "__main__":
    main()
