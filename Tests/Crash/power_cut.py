#!/usr/bin/env python3
"""Cuts the power of the file systems under a running Antipode, ext4 and XFS in turn, with spool and journal on one and on
two, and proves that nothing that was answered Success is lost.

    make power-cut-test                          200 cuts; needs root
    .venv/bin/python Tests/Crash/power_cut.py --cuts 20 --kind xfs --images two --seed 7
    .venv/bin/python Tests/Crash/power_cut.py --cuts 5 --lie      a control that must fail: fsync does nothing
    .venv/bin/python Tests/Crash/power_cut.py --cuts 20 --lie workers --images two      the same for workers alone
"""

import argparse
import collections
import contextlib
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


#: What a disk may lie about (no_fsync.c).
LIES = ("all", "office", "workers", "files", "folders", "journal", "vault")


def liar(folder, what):
    """The environment in which fsync does nothing for some."""
    library = Path(folder) / "no_fsync.so"
    compiler = shutil.which("cc") or shutil.which("clang")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, HERE / "no_fsync.c", "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "ANTIPODE_LIE": what, "ANTIPODE_LIES": str(Path(folder) / "lies")}


def lies_told(folder):
    path = Path(folder) / "lies"
    told = collections.Counter(path.read_bytes() if path.exists() else b"")
    return {"lies of the office": told[ord("o")], "lies of workers": told[ord("w")]}


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


def run_round(binary, folder, seed, kind, cuts, seconds=3600, lie=None, apart=False, say=print):
    """Up to so many cuts of one site, fewer if the seconds are over; gives figures and findings. With `apart` the spool
    has an image of its own: on one, the flush of either commits what the file system has in hand of the other."""
    draw = random.Random(seed)
    environment = liar(folder, lie) if lie else None
    done, afterwards, longest, unsure, began = 0, 0, 0.0, [], time.monotonic()
    with contextlib.ExitStack() as stack:
        disks = []
        for what in ("state", "spool") if apart else ("state",):
            disks.append(images.Image(folder, kind, f"cut-{os.getpid()}-{seed}-{what}"))
            stack.callback(disks[-1].discard)
            disks[-1].mount()
        spool = disks[1].path / "spool" if apart else None
        one = Round(binary, folder, seed, state=disks[0].path / "state", spool=spool)
        one.known.may_have_holes = True
        stack.callback(one.stop)
        one.start()

        def is_over():
            # A control ends with a loss, and not with what two cuts may leave.
            found = any(words.startswith("LOST") for words in one.findings)
            return found if lie else one.findings or unsure

        while done < cuts and time.monotonic() - began < seconds and not is_over():
            # What lies in part is honest at first, so that single rows and files are lost and not all tables at once.
            daemon = one.site.begin(environment=environment if done or lie == "all" else None)
            time.sleep(draw.choice((draw.uniform(0.2, 1), draw.uniform(0.8, 3))))
            # What was answered by now was answered with the power on. A machine without power answers nothing, but
            # this one goes on: what it says from here on, the file system may have told it wrongly, for an fsync that
            # was under way when ext4 was stopped can return 0 without having written anything.
            before = one.offers.answered_now()
            # Between two cuts the other disk lives on. The spool's first: a row may last whose file such an fsync was wrong
            # about. The journal's first: a row may last whose commit had failed, and whose file is removed with the
            # refusal. So the files of what was taken before must be there; what is not so sure is counted.
            sure = before | set(one.reader.taken) if apart else None
            longest = max(longest, images.cut(disks if done % 2 else disks[::-1]))
            done += 1
            # What the daemon still says now, it says with a disk that fails.
            time.sleep(draw.choice((0, draw.uniform(0, 0.5))))
            daemon.kill()
            for disk in disks:
                disk.unmount()
                disk.mount()
            one.look_into_spool()
            if before:
                bookkeeping.check(
                    one.site.state, one.site.spool, before, one.findings, settled=False, sure=sure, unsure=unsure)
                afterwards += forget_answers_without_power(one, before)
        figures = {"cuts": done, "answered": len(one.offers.answered_now()), **(lies_told(folder) if lie else {})}
        if one.findings and not lie:
            shutil.copytree(one.site.state, folder / "state-after-the-cut", ignore=shutil.ignore_patterns("*.sock"))
            if apart:
                shutil.copytree(one.site.spool, folder / "spool-after-the-cut")
            (folder / "answered").write_text("\n".join(sorted(before)))
        if unsure:
            # A person would be asked about them: the round has no good end.
            figures["not answered, a row and no file, end of the round"] = len(unsure)
        if one.findings or unsure or lie:
            say(f"  {kind}, {'two images' if apart else 'one image'}: {figures}, {time.monotonic() - began:.0f} s")
            return figures, one.findings
        # An object that was refused because its disk was gone is offered again.
        one.offers.refused.clear()
        one.settle()
        figures |= one.judge()
    figures["answered without power and gone"] = afterwards
    where = f"two images, cut {longest * 1000:.1f} ms apart at the most" if apart else "one image"
    say(f"  {kind}, {where}: {figures}, {time.monotonic() - began:.0f} s")
    return figures, one.findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--per-round", type=int, default=50, help="cuts of one image")
    parser.add_argument("--kind", choices=("ext4", "xfs"))
    parser.add_argument("--seconds", type=float, default=3600, help="no cut after so many in a round")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--images", choices=("one", "two"), help="for state folder and spool; both in turn by default")
    parser.add_argument("--lie", nargs="?", const="all", choices=LIES, help="what is not flushed; must be found")
    parser.add_argument("--lock", help="a file that is locked for each round")
    given = parser.parse_args()
    # Whatever was started is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Two rounds meet both kinds and both numbers of images; four meet each kind with each number.
    plan = [(kind, apart) for kind, apart in (("ext4", True), ("xfs", False), ("ext4", False), ("xfs", True))
            if given.kind in (None, kind) and given.images in (None, "two" if apart else "one")]
    images.alone()
    with tempfile.TemporaryDirectory() as probe:
        for kind in sorted({kind for kind, _ in plan}):
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
            kind, apart = plan[number % len(plan)]
            figures, findings = run_round(
                binary, folder, seed + number, kind, min(given.per_round, given.cuts - totals["cuts"]), given.seconds,
                given.lie, apart)
        totals.update(figures)
        number += 1
        if given.lie:
            print(f"{len(findings)} findings after {dict(totals)}, for example: {findings[:3]}")
            lied = totals["lies of the office"] + totals["lies of workers"]
            shutil.rmtree(folder, ignore_errors=True)
            return 0 if lied and any(one.startswith("LOST") for one in findings) else 1
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
