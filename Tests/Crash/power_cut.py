#!/usr/bin/env python3
"""Cuts the power of the file system under a running Antipode, ext4 and XFS in turn, and proves that nothing that was
answered Success is lost.

    make power-cut-test                          200 cuts; needs root
    .venv/bin/python Tests/Crash/power_cut.py --cuts 20 --kind xfs --seed 7
    .venv/bin/python Tests/Crash/power_cut.py --cuts 5 --lie      a control that must fail: fsync does nothing
"""

import argparse
import collections
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "Tests" / "Path"), str(ROOT / "Scripts")]
os.environ["TCP_NODELAY"] = "1"

import bookkeeping  # noqa: E402
import images  # noqa: E402
import points  # noqa: E402
from crash import turn  # noqa: E402
from site_to_kill import Round  # noqa: E402


def liar(folder):
    """The library that makes fsync do nothing."""
    library = Path(folder) / "no_fsync.so"
    compiler = shutil.which("cc") or shutil.which("clang")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, HERE / "no_fsync.c"], check=True)
    return {"LD_PRELOAD": str(library)}


def forget_answers_without_power(one, before):
    """Takes back what was answered after the cut and has no row; gives how many."""
    try:
        rows = bookkeeping.read(one.site.state, "journal.sqlite", "SELECT sopInstanceUID FROM instances")[0]
    except sqlite3.DatabaseError:
        # A disk that lies keeps no tables either: all that was answered is gone.
        rows = []
    known = {uid for uid, in rows}
    with one.offers.lock:
        gone = one.offers.answered - before - known
        one.offers.answered -= gone
    return len(gone)


def run_round(binary, folder, seed, kind, cuts, seconds=3600, lie=False, say=print):
    """Up to so many cuts of one image, fewer if the seconds are over; gives figures and findings."""
    draw = random.Random(seed)
    environment = liar(folder) if lie else None
    image = images.Image(folder, kind, f"antipode-cut-{os.getpid()}-{seed}").mount()
    done, afterwards, began = 0, 0, time.monotonic()
    try:
        one = Round(binary, folder, seed, state=image.path / "state")
        try:
            one.start()
            while done < cuts and time.monotonic() - began < seconds and not one.findings:
                daemon = one.site.begin(environment=environment)
                time.sleep(draw.choice((draw.uniform(0.2, 1), draw.uniform(0.8, 3))))
                # What was answered by now was answered with the power on. A machine without power answers nothing, but
                # this one goes on: what it says from here on, the file system may have told it wrongly, for an fsync that
                # was under way when ext4 was stopped can return 0 without having written anything.
                before = one.offers.answered_now()
                image.cut()
                done += 1
                # What the daemon still says now, it says with a disk that fails.
                time.sleep(draw.choice((0, draw.uniform(0, 0.5))))
                daemon.kill()
                image.unmount()
                image.mount()
                if before:
                    bookkeeping.check(one.site.state, one.site.spool, before, one.findings, settled=False)
                    afterwards += forget_answers_without_power(one, before)
            if lie:
                return {"cuts": done, "answered": len(one.offers.answered_now())}, one.findings
            if one.findings:
                shutil.copytree(
                    image.path / "state", folder / "state-after-the-cut", ignore=shutil.ignore_patterns("*.sock"))
                (folder / "answered").write_text("\n".join(sorted(before)))
                return {"cuts": done}, one.findings
            # An object that was refused because its disk was gone is offered again.
            one.offers.refused.clear()
            one.settle()
            figures = one.judge()
        finally:
            one.stop()
    finally:
        image.discard()
    figures["cuts"], figures["answered without power and gone"] = done, afterwards
    say(f"  {kind}: {figures}, {time.monotonic() - began:.0f} s")
    return figures, one.findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--per-round", type=int, default=50, help="cuts of one image")
    parser.add_argument("--kind", choices=("ext4", "xfs"))
    parser.add_argument("--seconds", type=float, default=3600, help="no cut after so many in a round")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--lie", action="store_true")
    parser.add_argument("--lock", help="a file that is locked for each round")
    given = parser.parse_args()
    # Whatever was started is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    kinds = [given.kind] if given.kind else ["ext4", "xfs"]
    images.alone()
    with tempfile.TemporaryDirectory() as probe:
        for kind in kinds:
            if reason := images.why_not(kind, probe):
                print(f"No power can be cut here: {reason}")
                return 1
    binary = points.binary(ROOT)
    seed = given.seed if given.seed is not None else random.randrange(1 << 32)
    print(f"{binary}, seed {seed}", flush=True)
    totals, number = collections.Counter(), 0
    while totals["cuts"] < given.cuts:
        folder = Path(tempfile.mkdtemp(prefix="antipode-cut-"))
        with turn(given.lock):
            figures, findings = run_round(
                binary, folder, seed + number, kinds[number % len(kinds)],
                min(given.per_round, given.cuts - totals["cuts"]), given.seconds, given.lie)
        totals.update(figures)
        number += 1
        if given.lie:
            print(f"{len(findings)} findings after {dict(totals)}, for example: {findings[:3]}")
            return 0 if any(one.startswith("LOST") for one in findings) else 1
        if findings:
            print(f"FAILED in round {number} (seed {seed + number - 1}); everything but the image is in {folder}")
            print("\n".join(findings[:40]))
            return 1
        shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.flush()
    print(f"{totals['cuts']} cuts: {dict(totals)}; nothing that was answered Success was lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
