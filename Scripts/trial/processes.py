"""Child processes that are ended one by one, by their own process id."""

import itertools
import os
import random
import re
import signal
import socket
import subprocess
import time
from pathlib import Path


class NotReady(Exception):
    """Something did not come up in time; the text says what and where its log is."""


#: Below those that the system gives to outgoing connections (`ip_local_port_range`), one of which would otherwise now and then be
#: taken between the choice and its use. Each process goes on from a place of its own, so that two seldom choose the same.
PORTS = range(16384, 32768)
_turns = itertools.count(random.SystemRandom().randrange(len(PORTS)))


def free_ports(count):
    """Ports that nobody listened on a moment ago; all of them differ."""
    found = []
    for _ in PORTS:
        if len(found) == count:
            return found
        port = PORTS[next(_turns) % len(PORTS)]
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    raise NotReady(f"{count} free ports were not found")


def wait_until(condition, seconds, what, pause=0.1):
    """Returns the first true value of condition(); raises NotReady after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise NotReady(f"{what} did not happen within {seconds:g} s")
        time.sleep(pause)


def listens(port, host="127.0.0.1"):
    """Whether a socket listens there, by the system's own table: a connection would count as a visitor."""
    wanted = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A" and fields[1].endswith(wanted):
                return True
    return False


class Child:
    """A program that runs beside us and writes its output to a log file."""

    def __init__(self, name, arguments, log, env=None, cwd=None):
        self.name = name
        self.log = Path(log)
        self.arguments = [str(a) for a in arguments]
        self.env = {**os.environ, "TCP_NODELAY": "1", **(env or {})}
        self.cwd = cwd
        self.process = None

    def start(self):
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                self.arguments, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env=self.env, cwd=self.cwd, start_new_session=True)
        return self

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self):
        return self.process.pid

    def require_running(self):
        if not self.running:
            code = self.process.poll() if self.process else None
            raise NotReady(f"{self.name} ended with code {code}; its last words:\n{self.tail()}")

    def wait_listening(self, port, seconds=30):
        def ready():
            self.require_running()
            return listens(port)

        wait_until(ready, seconds, f"{self.name} listening on port {port} (log: {self.log})")
        return self

    def stop(self, seconds=20):
        """SIGTERM, then SIGKILL to this process alone."""
        if not self.running:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """kill -9, as a power loss of this process."""
        if self.running:
            os.kill(self.process.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    def text(self):
        try:
            return self.log.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def tail(self, lines=15):
        return "\n".join(self.text().splitlines()[-lines:])

    def printed(self, pattern):
        return re.search(pattern, self.text())
