"""Faults on order: calls that fail, disks that are small, workers that are found and ended, and a site that expects it."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
import requests
from objects import bare, study
from reader import CountingReader
from trial.processes import wait_until
from wire import CT_IMAGE, EXPLICIT

LIMITS = """
[destination.limits]
negotiation = "3s"
connect = "2s"
dimse = "3s"
idle = "10s"
minimum_rate_window = "3s"
"""


# Sites

def in_a_hurry(site, *changes, limits=LIMITS):
    """Deadlines of seconds towards the peers too, and (old, new) of the configuration's text."""
    text = site.gateway.config.read_text()
    text = text.replace('[destination.retry]\nminimum = "0.5s"\nmaximum = "3s"\n',
                        f'[destination.retry]\nminimum = "0.5s"\nmaximum = "1s"\n{limits}')
    for old, new in (('quiet_period = "2s"', 'quiet_period = "1s"'), *changes):
        assert old in text, old
        text = text.replace(old, new)
    site.gateway.config.write_text(text)
    return site


@contextlib.contextmanager
def reading(site, **options):
    """A reader at the place where the site expects one."""
    certificate, key, trusted = site.peer_tls("reader")
    port = options.pop("port", site.reader_port)
    one = CountingReader(port, site.reader_aet, certificate, key, trusted, **options).start()
    try:
        yield one
    finally:
        one.stop()


def send(site, images, association=None):
    """The status of each."""
    if association is None:
        with site.association([(CT_IMAGE, [EXPLICIT])]) as association:
            assert association.outcome == "accepted", association.rejection
            statuses = send(site, images, association)
            association.release()
            return statuses
    return [association.store(CT_IMAGE, one.SOPInstanceUID, bare(one), message=number + 1)
            for number, one in enumerate(images)]


def send_study(site, count=1, **given):
    """Images of a study that was taken as a whole."""
    images = study(count, **given)
    assert send(site, images) == [0] * count
    return images


def states(site, key):
    """The state of a study's transfer, and the code of its failure."""
    transfers = site.gateway.study(key)["transfers"]
    if not transfers:
        return "unplanned", None
    transfer = transfers[0]
    return transfer["state"], (transfer.get("failure") or {}).get("code")


def destination(site, name="reader"):
    return next(one for one in site.gateway.status()["destinations"] if one["name"] == name)


def sent_off(site, seconds=60):
    """Waits until nothing is under way any more; a reader must be there."""
    wait_until(
        lambda: not any(s["state"] in ("receiving", "complete") for s in site.gateway.studies())
        and not any(t["state"] in ("waiting", "active", "deferred") for t in site.gateway.transfers()),
        seconds, "everything being sent", pause=0.3)


def metrics_of(site):
    answer = requests.get(
        f"http://127.0.0.1:{site.console_port}/metrics", timeout=10,
        headers={"Authorization": f"Bearer {site.gateway.viewer_token.read_text().strip()}"})
    answer.raise_for_status()
    return answer.text


def is_ready(site):
    return requests.get(f"http://127.0.0.1:{site.console_port}/readyz", timeout=10).ok


# Processes

def children(pid):
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(word) for task in tasks for word in (task / "children").read_text().split()]
    except OSError:
        return []


def workers(site):
    return children(site.gateway.daemon.pid)


def _inodes(local=None, remote=None):
    """Sockets of the system's table by local or remote port."""
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        near, far = (int(fields[n].rsplit(":", 1)[1], 16) for n in (1, 2))
        if (local is None or near == local) and (remote is None or far == remote):
            found.add(fields[9])
    return found


def _holds(pid, inodes):
    try:
        return any(os.readlink(one) in {f"socket:[{inode}]" for inode in inodes}
                   for one in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def worker_of(site, association):
    """The receiving worker that holds the other end of one of our associations."""
    ours = association.socket.getsockname()[1]
    return wait_until(
        lambda: next((pid for pid in workers(site) if _holds(pid, _inodes(site.plain_port, ours))), None), 10,
        "a worker holding the association", pause=0.02)


def sending_workers(site, port):
    """The workers that are connected to a peer."""
    inodes = _inodes(remote=port)
    return [pid for pid in workers(site) if _holds(pid, inodes)]


def a_sending_worker(site, port, seconds=20):
    """One that has an instance in its hands."""
    def found():
        claimed = rows(site, "SELECT 1 FROM transfer_instances WHERE state = 'claimed'")
        return claimed and sending_workers(site, port)

    wait_until(found, seconds, "an instance on its way to the peer", pause=0.05)
    # From the claim to the last byte is a moment; the peer's answer is what takes long.
    time.sleep(0.5)
    return wait_until(found, seconds, "an instance on its way to the peer", pause=0.05)[0]


def kill(pid, number=signal.SIGKILL):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


# Calls that fail

needs_strace = pytest.mark.skipif(
    not shutil.which("strace") or subprocess.run(
        ["strace", "-e", "trace=none", "true"], capture_output=True).returncode != 0,
    reason="calls can be made to fail only where strace is installed and may trace (apt install strace)")
needs_mounts = pytest.mark.skipif(
    os.geteuid() != 0 or subprocess.run(
        ["unshare", "-m", "true"], capture_output=True).returncode != 0,
    reason="a small disk is a tmpfs, and only root may mount one")


@contextlib.contextmanager
def failing(pids, *injections, paths=()):
    """While the block runs, calls of these processes and of those they start fail as strace's `inject=` says."""
    with tempfile.NamedTemporaryFile("r", suffix=".strace") as log:
        words = ["strace", "-f", "-qq", "-o", log.name]
        names = ",".join(re.match(r"[^:]+", one)[0] for one in injections)
        words += ["-e", f"trace={names}"]
        for one in injections:
            words += ["-e", f"inject={one}"]
        for path in paths:
            words += ["-P", str(path)]
        for pid in pids:
            words += ["-p", str(pid)]
        tracer = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            wait_until(lambda: all(_traced(pid) for pid in pids) or tracer.poll() is not None, 10, "strace attaching")
            assert tracer.poll() is None, tracer.stderr.read()
            yield lambda: Path(log.name).read_text()
        finally:
            tracer.send_signal(signal.SIGINT)
            try:
                tracer.wait(10)
            except subprocess.TimeoutExpired:
                tracer.kill()


def _traced(pid):
    """Each thread of it."""
    try:
        return all("TracerPid:\t0" not in (task / "status").read_text() for task in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return True


# Disks

@contextlib.contextmanager
def small_disk(folder, size, inodes=None):
    """A tmpfs over a folder that is there, or not yet."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    options = f"size={size}" + (f",nr_inodes={inodes}" if inodes else "")
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield Path(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def free_bytes(folder):
    figures = os.statvfs(folder)
    return figures.f_bavail * figures.f_frsize


def fill(path, leave):
    """A ballast file, so that so many bytes are free."""
    count = free_bytes(Path(path).parent) - leave
    with open(path, "wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, max(count, 1))
    return Path(path)


# The journal, read beside the daemon

def journal_path(site):
    return site.gateway.folder / "state" / "journal.sqlite"


def spool_folder(site):
    return site.gateway.folder / "state" / "spool"


def rows(site, query, *values):
    with closing(sqlite3.connect(f"file:{journal_path(site)}?mode=ro", uri=True, timeout=20)) as journal:
        return journal.execute(query, values).fetchall()


def spool_file(site, sop_instance):
    (key,), = rows(site, "SELECT spoolKey FROM instances WHERE sopInstanceUID = ? ORDER BY id DESC LIMIT 1",
                   str(sop_instance))
    return spool_folder(site) / "objects" / key[:2] / f"{key}.dcm"


def timed(body):
    start = time.monotonic()
    value = body()
    return value, time.monotonic() - start


def finished(folder):
    """Names of whole files of a spool: those that a worker has ready for what may come bear the sticky bit, and go with its
    association."""
    names = set()
    for path in Path(folder).rglob("*.dcm"):
        with contextlib.suppress(FileNotFoundError):
            if not path.stat().st_mode & stat.S_ISVTX:
                names.add(path.name)
    return names
