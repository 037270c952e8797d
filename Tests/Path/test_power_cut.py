"""The bounded part of `make power-cut-test`, in a process of its own for its mount table. Skips where no image can be
mounted."""

import os
import random
import subprocess
import sys
import tempfile

import pytest
from conftest import ROOT

HARNESS = ROOT / "Tests" / "Crash" / "power_cut.py"


@pytest.fixture
def folder():
    """A short path: a Unix socket's has 107 bytes at most."""
    with tempfile.TemporaryDirectory(prefix="cut-") as path:
        yield path


def cut(binary, folder, *words):
    seed = os.environ.get("ANTIPODE_TEST_SEED") or random.randrange(1 << 32)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", HARNESS, "--seed", str(seed), *words], capture_output=True, text=True,
        timeout=170, env={**os.environ, "ANTIPODE_BIN": str(binary), "TMPDIR": str(folder)})
    print(done.stdout, done.stderr)
    if "No power can be cut here" in done.stdout:
        pytest.skip(done.stdout.strip())
    return done


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_nothing_that_was_answered_is_lost_when_the_power_is_cut(binary, folder, kind):
    done = cut(binary, folder, "--kind", kind, "--cuts", "4", "--per-round", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 cuts" in done.stdout


def test_a_disk_that_lies_is_noticed(binary, folder):
    """The control: with an fsync that does nothing the same cuts lose objects, and the checker says so."""
    # It ends with the first loss; on a busy machine nothing may be answered before the first cuts.
    done = cut(binary, folder, "--kind", "ext4", "--cuts", "20", "--seconds", "120", "--lie")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "LOST" in done.stdout
