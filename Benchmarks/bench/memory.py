"""Resident and private memory of the daemon and its workers, sampled while something passes."""

import os
import threading
from pathlib import Path


def children(pid):
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.name))
    return found


def workers_seconds(daemon):
    """User and system time of all children that a daemon ever had: those that live, and those it has reaped."""
    ticks = sum(sum(_times(pid)[:2]) for pid in children(daemon)) + sum(_times(daemon)[2:])
    return ticks / os.sysconf("SC_CLK_TCK")


def all_seconds(daemon):
    """As `workers_seconds`, the daemon's own time included."""
    return workers_seconds(daemon) + sum(_times(daemon)[:2]) / os.sysconf("SC_CLK_TCK")


def _times(pid):
    """utime, stime, cutime and cstime (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0, 0, 0, 0
    return tuple(map(int, fields[11:15]))


def _kilobytes(pid):
    """(resident, private) in kB by the kernel's own sums."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    values = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return values.get("Rss", 0), values.get("Private_Clean", 0) + values.get("Private_Dirty", 0)


class MemoryWatch:
    """Highest values seen, every 50 ms."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.daemon_resident = 0
        self.worker_private = {}
        self.at_once = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self._stop.wait(0.05):
            own = _kilobytes(self.daemon)
            if own:
                self.daemon_resident = max(self.daemon_resident, own[0])
            living = children(self.daemon)
            self.at_once = max(self.at_once, len(living))
            for pid in living:
                values = _kilobytes(pid)
                if values:
                    self.worker_private[pid] = max(self.worker_private.get(pid, 0), values[1])

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def figures(self):
        return {
            "daemon_resident_MB": round(self.daemon_resident / 1000, 1),
            "largest_worker_private_MB": round(max(self.worker_private.values(), default=0) / 1000, 1),
            "workers_seen": len(self.worker_private),
            "workers_at_once": self.at_once}
