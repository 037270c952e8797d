"""A worker that stands ready has what it needs, and no more."""

import os
from pathlib import Path

import pytest
from faults import children
from trial.processes import wait_until


@pytest.fixture
def site(make_site):
    return make_site("workers").start()


def open_files(pid):
    """Without what is closed while this looks."""
    found = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(path))
        except FileNotFoundError:
            pass
    return found


def held_by_workers(pid):
    """What each worker has open that runs by now: between its fork and its exec a child has all that its parent has.

    A worker may end at any moment, as after a connection that the reader did not accept, and is then left out.
    """
    found = {}
    for one in children(pid):
        try:
            if b"worker" in Path(f"/proc/{one}/cmdline").read_bytes():
                held = open_files(one)
                # One that is ending has nothing open any more, and would show nothing.
                if any(name.startswith(("pipe:", "socket:")) for name in held):
                    found[one] = held
        except OSError:
            pass
    return found


def test_workers_have_nothing_of_the_office_open(site):
    # Both ends of a pipe have one name, and the office holds one of each worker's.
    office = {name for name in open_files(site.gateway.daemon.pid) if not name.startswith(("anon_inode", "/dev/", "pipe:"))}
    office.discard(str(site.gateway.log))
    workers = wait_until(lambda: held_by_workers(site.gateway.daemon.pid), 15, "a worker standing ready")
    pipes = set()
    for held in workers.values():
        assert not held & office
        own = {name for name in held if name.startswith("pipe:")}
        assert not own & pipes, "a worker has another's pipe"
        pipes |= own
