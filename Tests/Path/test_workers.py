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


def open_files(pid):
    return {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()}


def test_workers_have_nothing_of_the_office_open(site):
    office = {name for name in open_files(site.gateway.daemon.pid) if not name.startswith(("anon_inode", "/dev/"))}
    office.discard(str(site.gateway.log))
    workers = wait_until(lambda: children(site.gateway.daemon.pid), 15, "a worker standing ready")
    for pid in workers:
        assert not open_files(pid) & office
