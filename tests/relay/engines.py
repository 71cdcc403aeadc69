"""Starts real engines on loopback, in a scratch directory, and ends them. Each says by `is_here` whether its programs are installed."""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

PATIENCE_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while True:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            if condition():
                return
        if time.monotonic() > deadline:
            raise TimeoutError("waited in vain for " + what)
        time.sleep(0.02)


class Engine:
    """A server process. `kill` ends it as a crash would; `start` starts it anew with what it had."""

    def __init__(self, base):
        self.base = base
        os.makedirs(base, exist_ok=True)
        self.process = None

    def spawn(self, *command, **options):
        with open(os.path.join(self.base, "log"), "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    stop = kill


class Redis(Engine):
    is_here = shutil.which("redis-server") and shutil.which("redis-cli")
    password = None

    def __init__(self, base):
        super().__init__(base)
        self.port = free_port()

    def start(self):
        secret = ["--requirepass", self.password] if self.password else []
        self.spawn("redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.base, "--appendonly", "yes",
                   "--appendfsync", "always", "--save", "", *secret)
        wait_for(lambda: self.cli("PING") == "PONG\n", "Redis")

    def cli(self, *words):
        secret = ["-a", self.password, "--no-auth-warning"] if self.password else []
        return subprocess.run(["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *secret, *words], check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE_S).stdout


class PostgreSQL(Engine):
    bin = (sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [""])[-1]
    is_here = bin and os.geteuid() == 0

    def __init__(self, base):
        super().__init__(base)
        os.chmod(os.path.dirname(base), 0o711)
        os.chmod(base, 0o755)
        self.data = os.path.join(base, "data")
        self.port = free_port()
        os.mkdir(self.data)
        os.chown(self.data, 65534, 65534)
        self.as_nobody("initdb", "-D", self.data, "-A", "trust", "-U", "dsn", "--no-sync", "-E", "UTF8", "--locale=C")

    def as_nobody(self, program, *arguments):
        subprocess.run(self.command(program, *arguments), check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       stdin=subprocess.DEVNULL, timeout=PATIENCE_S, cwd="/")

    def command(self, program, *arguments):
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "-i", "LC_ALL=C", "HOME=" + self.data,
                os.path.join(self.bin, program), *arguments]

    def start(self):
        # a crash may leave it behind, and a killed server's children need a moment to go
        wait_for(self.try_start, "PostgreSQL")

    def try_start(self):
        self.spawn(*self.command("postgres", "-D", self.data, "-c", "listen_addresses=127.0.0.1", "-c", "port=%d" % self.port,
                                 "-c", "unix_socket_directories=", "-c", "shared_buffers=16MB"), cwd="/")
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(subprocess.SubprocessError):
                if self.sql("SELECT 1") == "1\n":
                    return True
            time.sleep(0.05)
        self.kill()
        return False

    @property
    def connection(self):
        return "host=127.0.0.1 port=%d user=dsn dbname=postgres" % self.port

    def sql(self, query):
        return subprocess.run([os.path.join(self.bin, "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "dsn", "-XAtq", "-c", query,
                               "postgres"], check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE_S).stdout


class Nats(Engine):
    is_here = shutil.which("nats-server")

    def __init__(self, base, cluster=None, name="n1", routes=()):
        super().__init__(base)
        self.port, self.cluster_port = free_port(), free_port()
        self.cluster, self.name, self.routes = cluster, name, routes
        self.more = ""

    def start(self):
        config = os.path.join(self.base, "nats.conf")
        with open(config, "w") as out:
            out.write('server_name: %s\nlisten: 127.0.0.1:%d\njetstream { store_dir: "%s", max_mem: 64MB, max_file: 1GB }\n%s\n' % (
                self.name, self.port, os.path.join(self.base, "js"), self.more))
            if self.cluster:
                out.write("cluster { name: %s, listen: 127.0.0.1:%d, routes: [%s] }\n" % (
                    self.cluster, self.cluster_port, ", ".join("nats://127.0.0.1:%d" % port for port in self.routes)))
        self.spawn(shutil.which("nats-server"), "-c", config)
        wait_for(self.is_up, "NATS")

    def is_up(self):
        with socket.create_connection(("127.0.0.1", self.port), 5) as probe:
            probe.settimeout(5)
            return probe.recv(4096).startswith(b"INFO")

    @property
    def url(self):
        return "nats://127.0.0.1:%d" % self.port


class RabbitMQ(Engine):
    home = (glob.glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*") or [""])[-1]
    is_here = home and shutil.which("epmd")

    def __init__(self, base):
        super().__init__(base)
        self.port, self.dist_port, self.epmd_port = free_port(), free_port(), free_port()
        self.epmd = None
        for name, text in (("empty", ""), ("plugins", "[].\n"), ("rabbitmq.conf", "listeners.tcp.1 = 127.0.0.1:%d\n"
                           "vm_memory_high_watermark.absolute = 256MB\ndisk_free_limit.absolute = 50MB\n" % self.port)):
            with open(os.path.join(base, name), "w") as out:
                out.write(text)

    def environment(self):
        b = self.base
        return dict(os.environ, HOME=b, RABBITMQ_CONF_ENV_FILE=b + "/empty", RABBITMQ_CONFIG_FILE=b + "/rabbitmq.conf",
                    RABBITMQ_ENABLED_PLUGINS_FILE=b + "/plugins", RABBITMQ_MNESIA_BASE=b + "/mnesia", RABBITMQ_LOG_BASE=b + "/log.d",
                    RABBITMQ_PID_FILE=b + "/pid", RABBITMQ_NODENAME="t%d@localhost" % self.port, RABBITMQ_NODE_IP_ADDRESS="127.0.0.1",
                    RABBITMQ_NODE_PORT=str(self.port), RABBITMQ_DIST_PORT=str(self.dist_port), ERL_EPMD_PORT=str(self.epmd_port),
                    ERL_EPMD_ADDRESS="127.0.0.1",
                    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none")

    def start(self):
        if not self.epmd:
            self.epmd = subprocess.Popen(["epmd", "-address", "127.0.0.1", "-port", str(self.epmd_port)], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.spawn(os.path.join(self.home, "sbin/rabbitmq-server"), env=self.environment(), start_new_session=True)
        wait_for(lambda: socket.create_connection(("127.0.0.1", self.port), 5).close() is None, "RabbitMQ", 180)

    def kill(self):
        # the wrapper's child is the node: both are of the session that we made
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def stop(self):
        self.kill()
        if self.epmd:
            self.epmd.kill()
            self.epmd.wait()


class Proxy:
    """Passes TCP connections on to a port, until it is told to cut them, to be silent, or to take none."""

    def __init__(self, port):
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs, self.is_silent, self.is_closed = [], False, False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                if self.is_closed:
                    raise OSError
                far = socket.create_connection(("127.0.0.1", self.target), 10)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            self.pairs.append((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.copy, args=(one, other), daemon=True).start()

    def copy(self, one, other):
        with contextlib.suppress(OSError):
            while True:
                data = one.recv(1 << 16)
                if not data:
                    break
                while self.is_silent:
                    time.sleep(0.05)
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """Ends all connections now."""
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def close(self):
        self.is_silent = False
        self.listener.close()
        self.cut()
