"""Backup under way, restore, and the check of journal against spool."""

import hashlib
import json
import shutil
import sqlite3
import subprocess

import pytest
from objects import bare, study
from reader import CountingReader
from trial.gateway import CommandFailed
from trial.processes import wait_until
from wire import CT_IMAGE


def push(site, images):
    with site.association() as association:
        for image in images:
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    return site.study_key(images[0].StudyInstanceUID)


def acknowledged(site, key):
    return [t for t in site.gateway.study(key)["transfers"] if t["state"] == "acknowledged"]


def failing(site, *words):
    with pytest.raises(CommandFailed) as failed:
        site.gateway.run(*words)
    return failed.value


def findings(site, *words, code=65):
    done = site.gateway.run("verify", "--json", *words, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)["findings"]


def objects(site):
    return {path.stem: path for path in (site.gateway.folder / "state/spool/objects").rglob("*.dcm")}


@pytest.fixture
def reader():
    readers = []

    def make(site):
        one = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
        readers.append(one)
        return one

    yield make
    for one in readers:
        one.stop()


def test_a_backup_is_whole_while_the_daemon_works_and_can_be_read_by_anybody(make_site, reader, tmp_path):
    site = make_site("backup").start()
    reader(site)
    key = push(site, study(3))
    wait_until(lambda: acknowledged(site, key), 30, "a delivery")
    view = site.gateway.ask("backup", tmp_path / "one")
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == [
        "backup.json", "journal.sqlite", "spool.tsv", "vault.sqlite"]
    for one in (view["journal"], view["vault"], view["manifest"]):
        content = (tmp_path / "one" / one["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"] and len(content) == one["bytes"]
    with sqlite3.connect(tmp_path / "one" / "journal.sqlite") as journal:
        assert journal.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = journal.execute("SELECT spoolKey, bytes, digest FROM instances ORDER BY id").fetchall()
    lines = [line.split("\t") for line in (tmp_path / "one" / "spool.tsv").read_text().splitlines()]
    assert [(key, int(size), digest) for key, size, digest, _ in lines] == rows
    assert {kind for *_, kind in lines} == {"image"} and set(objects(site)) == {line[0] for line in lines}
    # Never written over, and the daemon goes on.
    refused = failing(site, "backup", tmp_path / "one")
    assert refused.code == 73 and "is not empty" in refused.errors
    (tmp_path / "file").write_text("")
    assert failing(site, "backup", tmp_path / "file" / "below").code == 73
    assert "backup" in [event["kind"] for event in site.gateway.ask("events")]
    another = push(site, study(1))
    wait_until(lambda: acknowledged(site, another), 30, "another delivery")
    site.gateway.stop()
    assert site.gateway.ask("backup", tmp_path / "down")["spoolFiles"] == 4


@pytest.mark.fault
def test_what_was_lost_comes_back_and_what_came_after_the_backup_is_taken_in(make_site, reader, tmp_path):
    site = make_site("restore").start()
    one = reader(site)
    early = study(2)
    key = push(site, early)
    wait_until(lambda: acknowledged(site, key), 30, "a delivery")
    site.gateway.ask("backup", tmp_path / "backup")
    late = study(2)
    push(site, late)
    wait_until(lambda: one.count == 4, 30, "a second delivery")
    assert failing(site, "restore", tmp_path / "backup").code == 77, "the daemon runs"
    site.gateway.kill()
    assert failing(site, "restore", tmp_path / "backup").code == 77, "there is state"
    # The disk of the state folder is lost; the spool is on another.
    for path in (site.gateway.folder / "state").glob("*.sqlite*"):
        path.unlink()
    view = site.gateway.ask("restore", tmp_path / "backup")
    assert "replaced" not in view
    found = findings(site)
    assert sorted(one["code"] for one in found) == ["orphan", "orphan"]
    assert {one["key"] for one in found} <= set(objects(site))
    repaired = findings(site, "--repair", code=0)
    assert all("taken in" in one["repair"] for one in repaired)
    assert findings(site, code=0) == []
    site.gateway.start()
    again = site.study_key(late[0].StudyInstanceUID)
    # Half a minute of quiet for a source that nobody configured.
    wait_until(lambda: acknowledged(site, again), 90, "what came after the backup being sent")
    assert len(one.distinct) == 4, "each image has the same pseudonym as before"
    assert acknowledged(site, key)


def test_a_restore_moves_what_is_there_aside(make_site, tmp_path):
    site = make_site("aside").start()
    site.gateway.ask("backup", tmp_path / "backup")
    push(site, study(1))
    site.gateway.stop()
    view = site.gateway.ask("restore", tmp_path / "backup", "--replace")
    with sqlite3.connect(f"{view['replaced']}/journal.sqlite") as old:
        assert old.execute("SELECT count(*) FROM instances").fetchone() == (1,)
    assert site.gateway.studies() == []
    site.gateway.start()
    site.gateway.stop()


def test_a_backup_that_is_damaged_or_newer_is_refused(make_site, tmp_path):
    site = make_site("refused").start()
    site.gateway.ask("backup", tmp_path / "good")
    site.gateway.stop()
    for path in (site.gateway.folder / "state").glob("*.sqlite*"):
        path.unlink()
    assert failing(site, "restore", tmp_path / "nowhere").code == 66
    shutil.copytree(tmp_path / "good", tmp_path / "bad")
    content = bytearray((tmp_path / "bad/journal.sqlite").read_bytes())
    content[5000] ^= 1
    (tmp_path / "bad/journal.sqlite").write_bytes(content)
    failed = failing(site, "restore", tmp_path / "bad")
    assert failed.code == 65 and "SHA-256" in failed.errors
    shutil.copytree(tmp_path / "good", tmp_path / "newer")
    with sqlite3.connect(tmp_path / "newer/journal.sqlite") as journal:
        journal.execute("INSERT INTO grdb_migrations VALUES ('99 from the future')")
    content = (tmp_path / "newer/journal.sqlite").read_bytes()
    described = json.loads((tmp_path / "newer/backup.json").read_text())
    described["journal"] |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (tmp_path / "newer/backup.json").write_text(json.dumps(described))
    failed = failing(site, "restore", tmp_path / "newer")
    assert failed.code == 65 and "downgrade cannot be done" in failed.errors
    assert not list((site.gateway.folder / "state").glob("*.sqlite"))


def test_the_daemon_refuses_a_journal_of_a_newer_version(make_site):
    site = make_site("newer").start()
    site.gateway.stop()
    with sqlite3.connect(site.gateway.folder / "state/journal.sqlite") as journal:
        journal.execute("INSERT INTO grdb_migrations VALUES ('99 from the future')")
    done = subprocess.run(
        [site.gateway.binary, "serve", "--config", site.gateway.config], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "newer Antipode" in done.stderr and "downgrade cannot be done" in done.stderr
    assert "newer Antipode" in site.gateway.run("status", check=False).stderr


def test_verify_names_every_disagreement_and_repairs_only_when_told(make_site):
    # Nobody reads: everything waits.
    site = make_site("verify").start()
    keys = [push(site, study(2)), push(site, study(2))]
    wait_until(lambda: len(site.gateway.transfers()) == 2, 30, "planning")
    assert findings(site, code=0) == []
    refused = site.gateway.run("verify", "--repair", check=False)
    assert refused.returncode == 77 and "owns the journal" in refused.stderr
    site.gateway.stop()
    with sqlite3.connect(site.gateway.folder / "state/journal.sqlite") as journal:
        rows = journal.execute("SELECT spoolKey FROM instances ORDER BY id").fetchall()
        journal.execute("UPDATE transfers SET waiting = 7 WHERE id = 1")
    gone, rotten = rows[0][0], rows[2][0]
    files = objects(site)
    files[gone].unlink()
    content = bytearray(files[rotten].read_bytes())
    content[-10] ^= 1
    files[rotten].write_bytes(content)
    stranger = site.gateway.folder / "state/spool/objects/00" / ("0" * 32 + ".dcm")
    shutil.copy(files[rows[1][0]], stranger)
    subprocess.run(["touch", "-d", "1 hour ago", stranger], check=True)
    expected = [
        ("journalCounts", "T1"), ("missingFile", keys[0]), ("damagedFile", keys[1]), ("orphan", "0" * 32)]
    found = findings(site)
    assert sorted((one["code"], one["key"]) for one in found) == sorted(expected)
    assert all(one["hint"] and not one["repair"] for one in found)
    quick = {one["code"] for one in findings(site, "--quick")}
    assert quick == {"journalCounts", "missingFile", "orphan"}, "only a hash sees rot"
    assert not files[gone].exists() and files[rotten].exists() and stranger.exists(), "looking changes nothing"
    repaired = findings(site, "--repair", code=0)
    assert sorted((one["code"], one["key"]) for one in repaired) == sorted(expected)
    assert "same bytes" in next(one["repair"] for one in repaired if one["code"] == "orphan")
    left = findings(site)
    assert [(one["code"], one["key"]) for one in left] == [("setAside", rotten)], "kept for a person"
    site.gateway.start()
    reasons = {
        t["failure"]["code"] for key in keys for t in site.gateway.study(key)["transfers"] if "failure" in t}
    assert reasons <= {"missingFile", "connectFailed"}
    assert site.gateway.status()["needsPerson"] == 2
