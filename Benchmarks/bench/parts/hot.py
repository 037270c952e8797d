"""The functions that every instance passes, one by one, each beside a yardstick of the same run: what they may cost at most
stands in thresholds.json as a ratio."""

import hashlib
import json
import os
import sqlite3
import subprocess
import time
from pathlib import Path

from ..limits import memcpy
from ..receivers import StoreSCP
from ..studies import cached_slices
from ..svg import bars
from ..table import Table, at_most

NAME, TITLE = "hot", "Hot functions"
IN_QUICK = True
THRESHOLDS = Path(__file__).resolve().parents[2] / "thresholds.json"


def missing():
    return None


def _mean(count, work):
    start = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - start) / count * 1e6


def _yardsticks(folder, study):
    """Microseconds each, of things that everybody has."""
    content = study.files[0].read_bytes()
    head = content[:2048]
    database = sqlite3.connect(folder / "yardstick.sqlite", isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b)")

    def commit():
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO t (b) VALUES (?)", (os.urandom(300),))
        database.execute("COMMIT")

    _mean(20, commit)
    found = {
        "SHA-256 of the first 2 KiB": _mean(5000, lambda: hashlib.sha256(head).digest()),
        "SHA-256 of the slice": _mean(200, lambda: hashlib.sha256(content).digest()),
        "memcpy of the slice": len(content) / memcpy(),
        "SQLite: a durable commit of one row": _mean(200, commit),
        "starting /bin/true": _mean(50, lambda: subprocess.run(["/bin/true"], check=True)),
        "a byte through a pipe and back": _ping()}
    database.close()
    return {name: round(value, 2) for name, value in found.items()}


def _ping():
    """Between two processes: the least that a question and its answer can cost."""
    ours, theirs = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(ours[1])
            os.close(theirs[0])
            while os.read(ours[0], 1):
                os.write(theirs[1], b"x")
        finally:
            os._exit(0)
    os.close(ours[0])
    os.close(theirs[1])

    def once():
        os.write(ours[1], b"x")
        os.read(theirs[0], 1)

    _mean(100, once)
    value = _mean(3000, once)
    os.close(ours[1])
    os.close(theirs[0])
    os.waitpid(child, 0)
    return value


def run(context):
    with context.place("hot") as (folder, stack):
        study = cached_slices(folder / "objects", 1, 50)
        far = context.start(stack, StoreSCP(folder, fork=True))
        before = _yardsticks(folder, study)
        done = subprocess.run(
            [str(context.binary), "measure-hot", str(study.folder), "--scratch", str(folder / "scratch"), "--seconds",
             str(context.size(0.5, 3)), "--peer", f"{far.title}@127.0.0.1:{far.port}"],
            check=True, capture_output=True, text=True, timeout=300)
        after = _yardsticks(folder, study)
    measured = json.loads(done.stdout)
    steps = measured["steps"]
    sticks = {name: round((before[name] + after[name]) / 2, 2) for name in before}
    rows = {}
    for name, limit in json.loads(THRESHOLDS.read_text()).items():
        step = steps[limit["step"]]
        value = step.get(limit.get("value", "median")) or step["mean"]
        rows[name] = {
            "microseconds": round(value, 1), "yardstick": limit["yardstick"],
            "yardstick_microseconds": sticks[limit["yardstick"]],
            "ratio": round(value / sticks[limit["yardstick"]], 2), "at_most": limit["at_most"]}
        context.say(f"   {name}: {value:.1f} µs, {rows[name]['ratio']} times {limit['yardstick']}")
    return {"functions": rows, "steps": steps, "yardsticks": sticks,
            "commits_of_eight_per_s": round(measured["commitsOfEight"])}


def floors(figures):
    for name, row in figures["functions"].items():
        yield at_most(f"{name}, in times of: {row['yardstick']}", row["ratio"], row["at_most"])


def tables(figures):
    table = Table("hot functions", ["function", "µs", "yardstick", "its µs", "ratio", "at most"])
    for name, row in figures["functions"].items():
        table.add(name, row["microseconds"], row["yardstick"], row["yardstick_microseconds"], row["ratio"], row["at_most"])
    table.note = f"Eight tasks that write rows side by side commit {figures['commits_of_eight_per_s']} rows a second."
    yield table


def plots(figures):
    return {"hot": bars(
        "Hot functions", [("", [(name, row["ratio"] / row["at_most"], None, None)
                                for name, row in figures["functions"].items()])],
        "share of what each may cost by Benchmarks/thresholds.json", floor=1, all_ours=True)}
