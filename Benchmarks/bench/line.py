"""A long line on one machine: two network namespaces and `wanlink` between them. Needs root, iproute2 and /dev/net/tun."""

import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from trial.processes import Child, wait_until

SOURCE = Path(__file__).resolve().parent.parent / "wanlink.c"
#: Bytes of a full packet, and what is left of it beside the heads of IP and TCP with time stamps.
PACKET, TCP_PAYLOAD = 1500, 1448
HOSPITAL, READER = "10.77.0.1", "10.77.0.2"

# A bulk transfer of plain TCP over several connections: what the line can carry, measured where it arrives.
_SINK = """
import socket, sys, threading, time
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
total, lock, print_at = [0], threading.Lock(), time.monotonic
def take(one):
    while True:
        data = one.recv(1 << 20)
        if not data: return
        with lock: total[0] += len(data)
def count():
    while True:
        time.sleep(0.5); print(time.monotonic(), total[0], flush=True)
threading.Thread(target=count, daemon=True).start()
print("ready", flush=True)
while True:
    threading.Thread(target=take, args=(server.accept()[0],), daemon=True).start()
"""
_SOURCE = """
import socket, sys, threading, time
end = time.monotonic() + float(sys.argv[3])
def give():
    one = socket.create_connection((sys.argv[1], int(sys.argv[2])))
    one.settimeout(5)
    data = bytes(1 << 16)
    try:
        while time.monotonic() < end: one.send(data)
    except OSError: pass
threads = [threading.Thread(target=give) for _ in range(int(sys.argv[4]))]
for one in threads: one.start()
for one in threads: one.join()
"""


class Line:
    """Up between `start` and `stop`. `hospital` and `reader` are the words before a command that runs at that end."""

    def __init__(self, folder, delay_ms=150, rate_mbit=100, loss=0.0, queue_ms=200):
        self.folder = folder
        self.delay_ms, self.rate_mbit, self.loss, self.queue_ms = delay_ms, rate_mbit, loss, queue_ms
        self.names = [f"antipode-{os.getpid()}-{end}" for end in "hr"]
        self.hospital, self.reader = (["ip", "netns", "exec", name] for name in self.names)
        self.rate_file = folder / "rate"
        self.child = None

    @staticmethod
    def missing():
        """Why there can be no line here, or None."""
        if os.geteuid() != 0:
            return "not root"
        for program in ("ip", "cc"):
            if not shutil.which(program):
                return f"no {program}"
        return None if Path("/dev/net/tun").exists() else "no /dev/net/tun"

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        program = self.folder / "wanlink"
        if not program.exists():
            subprocess.run(["cc", "-O2", "-Wall", "-o", program, SOURCE], check=True)
        for name in self.names:
            subprocess.run(["ip", "netns", "add", name], check=True)
        self.child = Child("wanlink", [
            program, *self.names, "--delay-ms", self.delay_ms, "--rate-mbit", self.rate_mbit, "--loss", self.loss,
            "--queue-ms", self.queue_ms, "--rate-file", self.rate_file], self.folder / "wanlink.log").start()

        def ready():
            self.child.require_running()
            return self.child.printed("ready")

        wait_until(ready, 20, "the line being up")
        return self

    def stop(self):
        if self.child:
            self.child.stop()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def set_rate(self, mbit):
        """From now on, in both directions; what is queued already keeps its time."""
        self.rate_file.write_text(f"{mbit}\n")
        self.child.process.send_signal(signal.SIGHUP)

    def capacity(self, seconds=20, connections=16, port=5201):
        """Bytes a second that plain TCP carries, slow start left out. Not more than a packet's payload in times of the packets
        that the line lets through: what waited behind a lost packet arrives in a burst, and a window may begin before one."""
        sink = subprocess.Popen(
            [*self.reader, "python3", "-c", _SINK, str(port)], stdout=subprocess.PIPE, text=True)
        samples = []
        try:
            sink.stdout.readline()
            reader = threading.Thread(
                target=lambda: [samples.append(tuple(map(float, line.split()))) for line in sink.stdout], daemon=True)
            reader.start()
            subprocess.run(
                [*self.hospital, "python3", "-c", _SOURCE, READER, str(port), str(seconds), str(connections)],
                check=True)
            time.sleep(0.5)
        finally:
            sink.kill()
            sink.wait()
        first = next(s for s in samples if s[1] > 0)[0]
        steady = [s for s in samples if first + seconds / 3 <= s[0] <= first + seconds]
        (begin, before), (end, after) = steady[0], steady[-1]
        most = self.rate_mbit * 1e6 / 8 * TCP_PAYLOAD / PACKET
        return min(most, (after - before) / (end - begin))
