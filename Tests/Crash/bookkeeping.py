"""Whether journal and spool agree, read while the daemon is down: from copies of the databases, and from the files."""

import shutil
import sqlite3
import stat
import tempfile
from contextlib import closing
from pathlib import Path

import pydicom
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


def check(state, spool, answered, findings, settled=True, sure=None, unsure=None):
    """`answered` are SOP Instance UIDs. With `settled`, nothing may be under way or waiting any more. With `sure`, UIDs
    of images and reports, what is wrong with files of others goes to `unsure`."""
    try:
        instances, passages, reports, states, pseudonyms, ever = read(
            state, "journal.sqlite",
            "SELECT sopInstanceUID, spoolKey, bytes, digest, state FROM instances",
            "SELECT state, count(*) FROM transfer_instances GROUP BY state",
            "SELECT sopInstanceUID, spoolKey, bytes, digest, restoredSpoolKey, restoredBytes, restoredDigest FROM reports "
            "WHERE sweptAt IS NULL",
            "SELECT state, count(*) FROM studies GROUP BY state",
            "SELECT pseudonymousStudyUID FROM transfers WHERE pseudonymousStudyUID IS NOT NULL",
            "SELECT sopInstanceUID FROM reports")
        drawn = []
        if (Path(state) / "vault.sqlite").exists():
            drawn, = read(state, "vault.sqlite", "SELECT pseudonym FROM uids")
    except (sqlite3.Error, AssertionError) as error:
        findings.append(f"LOST: a database cannot be read: {error}")
        return 0
    spool = Path(spool)
    named = {}
    # An image's row may be there before its last byte: until the next start the file has the mark, and may be any part of it.
    images = {uid for uid, *_ in instances}
    for uid, key, count, value, now in instances:
        if now == "stored":
            named[key] = (count, value, f"instance {uid}", uid)
        # Row and file become durable side by side: of what was not answered a row may be left, which knows that its file is
        # lost. What comes again takes its place, so that none is left in the end.
        findings.must(
            now != "missing" or not settled and uid not in answered, f"the file of {uid} is missing")
    for uid, key, count, value, restored, restored_count, restored_value in reports:
        named[key] = (count, value, f"report {uid}", uid)
        if restored:
            named[restored] = (restored_count, restored_value, f"restored report {uid}", None)
    for key, (count, value, what, uid) in named.items():
        path = spool / "objects" / key[:2] / f"{key}.dcm"
        wrong = None
        if not settled and uid in images - answered and path.exists() and path.stat().st_mode & stat.S_ISVTX:
            continue
        if not path.exists():
            wrong = f"LOST: {what} has a row and no file"
        elif digest(path, count) != value:
            wrong = f"LOST: {what}: its file is not what was received"
        if wrong:
            wrong += ", answered" if uid in answered else ", not answered"
            (findings if sure is None or uid is None or uid in sure else unsure).append(wrong)
    # Drawn before there is a transfer, so that what left can be given its identity back.
    gone = {one for one, in pseudonyms} - {one for one, in drawn}
    findings.must(not gone, f"LOST: {len(gone)} pseudonyms of transfers are not in the vault")
    rows = {uid for uid, _, _, _, now in instances if now in ("stored", "swept")}
    for uid in answered:
        findings.must(uid in rows, f"LOST: {uid} was answered Success and has no row")
    if settled:
        # A daemon that starts sets aside what no row names; after that nothing else is left. But a reader that is asked may
        # give a report once more, and the stop comes before the office has found that it is here already.
        strays = [path for path in (spool / "objects").rglob("*.dcm") if path.stem not in named]
        again = {uid for uid, in ever}
        strays = [path for path in strays
                  if pydicom.dcmread(path, specific_tags=["SOPInstanceUID"], force=True).get("SOPInstanceUID") not in again]
        findings.must(not strays, f"{len(strays)} files that no row names are among the objects")
        findings.must(not list((spool / "incoming").iterdir()), "unfinished files were left")
        findings.must({state for state, _ in passages} <= {"acknowledged"}, f"passages: {dict(passages)}")
        findings.must({state for state, _ in states} <= {"delivered"}, f"studies: {dict(states)}")
    return len(named)


def contents(spool, known, findings):
    """Each file of the spool against what was ever sent (`checker.Known`), row or not. A whole one holds the data set of
    one object to its last byte; one with the mark of an unfinished one, or that no fsync confirmed, holds the beginning of
    one. Gives how many of both were set aside. Workers of a daemon that was just killed may be in their last moments."""
    spool = Path(spool)
    aside = {"orphans": 0, "remainders": 0}
    for folder in ("objects", "incoming", "orphans"):
        for path in sorted((spool / folder).rglob("*")):
            try:
                # The mark before the bytes: when it goes, the last of them was written.
                status = path.stat()
                if not stat.S_ISREG(status.st_mode) or (folder == "incoming" and status.st_nlink > 1):
                    continue
                content = path.read_bytes()
            except FileNotFoundError:
                continue
            is_whole = path.suffix == ".dcm" and not status.st_mode & stat.S_ISVTX
            if folder == "orphans":
                aside["orphans" if is_whole else "remainders"] += 1
            where = f"{folder}/{path.name} ({len(content)} bytes)"
            if is_whole:
                findings.must(known.is_whole(content), f"ALIEN: {where} is no object that was sent")
            else:
                findings.must(known.is_beginning(content), f"ALIEN: {where} is no beginning of an object that was sent")
    return aside
