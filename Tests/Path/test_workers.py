"""A worker that stands ready has what it needs, and no more."""

import os
from pathlib import Path

import pytest
from trial.processes import wait_until


@pytest.fixture
def site(make_site):
    return make_site("workers").start()


def children(pid):
    return [int(word) for task in Path(f"/proc/{pid}/task").iterdir() for word in (task / "children").read_text().split()]


def workers_of(pid):
    """Those that run by now: between its fork and its exec a child has all that its parent has."""
    return [one for one in children(pid) if b"worker" in Path(f"/proc/{one}/cmdline").read_bytes()]


def open_files(pid):
    return {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()}


def test_workers_have_nothing_of_the_office_open(site):
    # Both ends of a pipe have one name, and the office holds one of each worker's.
    office = {name for name in open_files(site.gateway.daemon.pid) if not name.startswith(("anon_inode", "/dev/", "pipe:"))}
    office.discard(str(site.gateway.log))
    workers = wait_until(lambda: workers_of(site.gateway.daemon.pid), 15, "a worker standing ready")
    pipes = set()
    for pid in workers:
        held = open_files(pid)
        assert not held & office
        own = {name for name in held if name.startswith("pipe:")}
        assert not own & pipes, "a worker has another's pipe"
        pipes |= own
