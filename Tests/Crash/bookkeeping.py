"""Whether journal and spool agree, read while the daemon is down: from copies of the databases, and from the files."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import xxhash


def _copy(database, folder):
    """SQLite would write to the database by opening it; what is judged stays as it is."""
    for suffix in ("", "-wal"):
        source = Path(f"{database}{suffix}")
        if source.exists():
            shutil.copy(source, Path(folder) / source.name)
    return Path(folder) / Path(database).name


def read(state, name, *queries):
    """Rows of each query; SQLite's own check first."""
    with tempfile.TemporaryDirectory() as folder:
        with closing(sqlite3.connect(_copy(Path(state) / name, folder))) as database:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                raise AssertionError(f"{name}: {verdict}")
            return [database.execute(query).fetchall() for query in queries]


def digest(path, count):
    """Of the data set: the last `count` bytes; None when the file is shorter."""
    content = path.read_bytes()
    return xxhash.xxh3_128_hexdigest(content[-count:]) if len(content) > count else None


def check(state, spool, answered, findings, settled=True):
    """`answered` are SOP Instance UIDs. With `settled`, nothing may be under way or waiting any more."""
    try:
        instances, passages, reports, states = read(
            state, "journal.sqlite",
            "SELECT sopInstanceUID, spoolKey, bytes, digest, state FROM instances",
            "SELECT state, count(*) FROM transfer_instances GROUP BY state",
            "SELECT spoolKey, bytes, digest, restoredSpoolKey, restoredBytes, restoredDigest FROM reports "
            "WHERE sweptAt IS NULL",
            "SELECT state, count(*) FROM studies GROUP BY state")
        if (Path(state) / "vault.sqlite").exists():
            read(state, "vault.sqlite")
    except (sqlite3.Error, AssertionError) as error:
        findings.append(f"LOST: a database cannot be read: {error}")
        return 0
    spool = Path(spool)
    named = {}
    for uid, key, count, value, now in instances:
        if now == "stored":
            named[key] = (count, value, f"instance {uid}")
        findings.must(now != "missing", f"the file of {uid} is missing")
    for key, count, value, restored, restored_count, restored_value in reports:
        named[key] = (count, value, "a report")
        if restored:
            named[restored] = (restored_count, restored_value, "a restored report")
    for key, (count, value, what) in named.items():
        path = spool / "objects" / key[:2] / f"{key}.dcm"
        if findings.must(path.exists(), f"LOST: {what} has a row and no file"):
            findings.must(digest(path, count) == value, f"LOST: {what}: its file is not what was received")
    rows = {uid for uid, _, _, _, now in instances if now in ("stored", "swept")}
    for uid in answered:
        findings.must(uid in rows, f"LOST: {uid} was answered Success and has no row")
    if settled:
        # A daemon that starts sets aside what no row names; after that nothing else is left.
        present = {path.stem for path in (spool / "objects").rglob("*.dcm")}
        findings.must(present <= set(named), f"{len(present - set(named))} files that no row names are among the objects")
        findings.must(not list((spool / "incoming").iterdir()), "unfinished files were left")
        findings.must({state for state, _ in passages} <= {"acknowledged"}, f"passages: {dict(passages)}")
        findings.must({state for state, _ in states} <= {"delivered"}, f"studies: {dict(states)}")
    return len(named)
