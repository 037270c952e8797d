#!/usr/bin/env python3
"""Ends a running Antipode with SIGKILL, at each of its fault points and at random moments, and proves that nothing that
was answered Success is lost, sent twice or sent to the wrong place.

    make crash-test                              500 kills
    .venv/bin/python Tests/Crash/crash.py --kills 50 --seed 7 --reader orthanc
"""

import argparse
import collections
import contextlib
import fcntl
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "Tests" / "Path"), str(ROOT / "Scripts")]
os.environ["TCP_NODELAY"] = "1"

import points  # noqa: E402
from readers import READERS  # noqa: E402
from site_to_kill import Round  # noqa: E402

#: A run of so many kills must have met each point that its casts can reach.
ENOUGH = 500
FIRST_LIFE = ("journal.in-migration", "vault.in-migration")
#: (reader, PACS) of the rounds, in turn.
CASTS = [("recording", "recording"), ("stand-in", "orthanc"), ("orthanc", "storescp"), ("recording", "orthanc")]


class Killer:
    """One round's kills: at a fault point, or after a while; now and then after a polite stop was begun."""

    def __init__(self, one, seed, say=print, met=()):
        """`met`: points at which an earlier round was ended; those that were not come first, and often."""
        self.round, self.draw, self.say, self.met = one, random.Random(seed), say, set(met)
        self.points = points.reachable(one.reader.method, one.reader.commits)
        self.agenda = []
        #: Seconds that this machine takes longer for a start than a quick one does, and so to come to a point.
        self.slack = 0.0
        self.killed_at = collections.Counter()

    def first_life(self):
        """Also the tables are made in a life that is cut short."""
        for point in FIRST_LIFE:
            self.life(f"{point}=kill", 20)
        began = time.monotonic()
        daemon = self.round.site.begin()
        self.round.site.gateway.wait_ready()
        self.slack = 3 * max(0.0, time.monotonic() - began - 1)
        self.killed_at["at a random moment"] += 1
        daemon.kill()

    def next(self):
        if not self.agenda:
            self.agenda = self.draw.sample(self.points, len(self.points))
        kind = self.draw.random()
        if kind < 0.05:
            # One thread stands still for ever; whoever watches ends the daemon.
            self.life(points.order(self.draw.choice(self.points), self.draw, "hang"),
                      self.slack + self.draw.uniform(1.5, 4))
        elif kind < 0.75:
            unmet = [one for one in self.points if one not in self.met and not self.killed_at[one]]
            point = self.draw.choice(unmet) if unmet and self.draw.random() < 0.4 else self.agenda.pop()
            patient = point.startswith(points.LATE) or (point.startswith("journal.") and "checkpoint" in point)
            self.life(points.order(point, self.draw), self.slack + (12 if patient else self.draw.uniform(1.5, 4.5)),
                      polite=point.startswith("stop."))
        else:
            self.life(None, self.draw.choice((self.draw.uniform(0, 1), self.slack + self.draw.uniform(0.5, 3.5))),
                      polite=kind > 0.95)

    def life(self, fault, seconds, polite=False):
        self._live(fault, seconds, polite)
        # What this start has set aside, and what its end leaves.
        self.round.look_into_spool()

    def _live(self, fault, seconds, polite):
        daemon = self.round.site.begin(fault)
        self._wait(daemon, seconds)
        if polite and daemon.running:
            daemon.process.terminate()
            self._wait(daemon, self.draw.uniform(0, 1.5) if fault is None else 10)
        if daemon.running:
            self.killed_at["while a thread hung" if fault and "=hang" in fault else "at a random moment"] += 1
            daemon.kill()
            return
        code = daemon.process.wait()
        if code == -signal.SIGKILL and fault:
            self.killed_at[fault.split(":")[0].split("=")[0]] += 1
        elif not (polite and code in (0, -signal.SIGTERM)):
            # -SIGTERM: asked to stop before it had begun to listen for that.
            self.round.findings.append(f"the daemon ended by itself with code {code} ({fault}):\n{daemon.tail()}")

    @staticmethod
    def _wait(daemon, seconds):
        end = time.monotonic() + seconds
        while daemon.running and time.monotonic() < end:
            time.sleep(0.005)

    @property
    def kills(self):
        return sum(self.killed_at.values())


def run_round(binary, folder, seed, cast, kills, seconds, say=print, met=()):
    reader, pacs = cast
    one = Round(binary, folder, seed, reader, pacs)
    killer = Killer(one, seed, met=met)
    began = time.monotonic()
    try:
        one.start()
        killer.first_life()
        while killer.kills < kills and time.monotonic() - began < seconds * (1 + killer.slack) and not one.findings:
            killer.next()
        one.settle()
        figures = one.judge()
    finally:
        one.stop()
    figures["kills"] = killer.kills
    say(f"  {reader} reader, {pacs} PACS: {figures}, {time.monotonic() - began:.0f} s")
    return figures, killer.killed_at, one.findings


@contextlib.contextmanager
def turn(lock):
    """One round at a time beside other heavy work on this machine."""
    if lock is None:
        yield
        return
    with open(lock, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--per-round", type=int, default=70, help="kills of one state folder")
    parser.add_argument("--seconds", type=float, default=3600, help="no kill after so many in a round")
    parser.add_argument("--seed", type=int, default=None, help="the same seed makes the same plan")
    parser.add_argument("--reader", choices=("recording", "orthanc", "stand-in"))
    parser.add_argument("--pacs", choices=("recording", "orthanc", "storescp"))
    parser.add_argument("--lock", help="a file that is locked for each round")
    parser.add_argument("--keep", action="store_true", help="leave the folders of good rounds too")
    given = parser.parse_args()
    # Whatever was started is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    binary = points.binary(ROOT)
    seed = given.seed if given.seed is not None else random.randrange(1 << 32)
    print(f"{binary}, seed {seed}, {len(points.names())} fault points", flush=True)
    totals, killed_at, number, reached = collections.Counter(), collections.Counter(), 0, set(FIRST_LIFE)
    while totals["kills"] < given.kills:
        cast = CASTS[number % len(CASTS)]
        cast = (given.reader or cast[0], given.pacs or cast[1])
        reached.update(points.reachable(READERS[cast[0]].method, READERS[cast[0]].commits))
        folder = Path(tempfile.mkdtemp(prefix="antipode-crash-"))
        with turn(given.lock):
            figures, at, findings = run_round(
                binary, folder, seed + number, cast, min(given.per_round, given.kills - totals["kills"]),
                given.seconds, met=killed_at)
        totals.update(figures)
        killed_at.update(at)
        number += 1
        if findings:
            print(f"FAILED in round {number} (seed {seed + number - 1}); everything is in {folder}")
            print("\n".join(findings[:40]))
            return 1
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.flush()
    for point, count in sorted(killed_at.items(), key=lambda item: -item[1]):
        print(f"  {count:4} {point}")
    print(f"points not met: {', '.join(sorted(set(points.names()) - set(killed_at))) or 'none'}")
    print(f"{totals['kills']} kills: {dict(totals)}; none lost, none sent twice after its acknowledgement was written down")
    missed = reached - set(killed_at)
    if missed and totals["kills"] >= ENOUGH:
        print(f"FAILED: in {totals['kills']} kills none came at {', '.join(sorted(missed))}, which these casts can reach")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
