"""Disks that fail and disks that are full: nothing is answered Success that is not durable, and all comes back by itself."""

import json
import os
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest
from faults import (
    failing, fill, finished, free_bytes, in_a_hurry, is_ready, journal_path, metrics_of, needs_mounts, needs_strace,
    reading, rows, send, send_study, sent_off, small_disk, spool_file, spool_folder, states, timed, workers)
from objects import bare, ct, study
from trial.gateway import CommandFailed
from trial.processes import NotReady, wait_until

OUT_OF_RESOURCES = 0xA700


@pytest.fixture(scope="module")
def site(make_site):
    one = in_a_hurry(make_site("disk"))
    one.start()
    yield one
    one.stop()
    one.require_no_planted_words()
    one.journal_is_sound()


def files(site, folder):
    return [path for path in (spool_folder(site) / folder).rglob("*") if path.is_file()]


def instances(site, one):
    return rows(site, "SELECT state FROM instances WHERE sopInstanceUID = ?", str(one.SOPInstanceUID))


@needs_strace
@pytest.mark.parametrize("call, error", [
    ("link:error=EIO", "the name"), ("fsync:error=EIO:when=1", "its folder"), ("fsync:error=EIO:when=2", "the file"),
    # Whole blocks are the first, which go past the page cache, and what is left of the last block the second.
    ("pwrite64:error=ENOSPC:when=1", "the blocks"), ("pwrite64:error=EIO:when=2", "the rest"),
    ("openat:error=EMFILE", "a descriptor"),
], ids=["link", "fsync of the folder", "fsync", "disk full", "write", "open"])
def test_a_call_of_the_spool_that_fails_is_answered_out_of_resources_and_the_next_object_is_new(site, call, error):
    one = ct()
    before = finished(spool_folder(site) / "objects")
    with site.association() as association:
        with failing(workers(site), call):
            assert send(site, [one], association) == [OUT_OF_RESOURCES], f"{error} failed"
        # The row is written while the last bytes are and while they are flushed, and says afterwards that its file is not here.
        comes_after_its_row = error in ("the blocks", "the rest", "the file")
        wait_until(
            lambda: instances(site, one) == ([("missing",)] if comes_after_its_row else []), 10, "what the journal says")
        assert finished(spool_folder(site) / "objects") == before, "a file that nobody can believe is among the good"
        # The association goes on, and the same object is written under another name.
        assert send(site, [one], association) == [0]
        association.release()
    assert instances(site, one) == [("stored",)]
    assert spool_file(site, one.SOPInstanceUID).exists()


@needs_strace
def test_a_failed_fsync_is_not_tried_again_on_the_same_file(site):
    one = ct()
    with site.association() as association:
        with failing(workers(site), "fsync:error=EIO:when=2") as calls:
            assert send(site, [one], association) == [OUT_OF_RESOURCES]
            # Once for its folder and once for the file, and no second time for the same.
            assert calls().count("EIO") == 1 and calls().count("fsync(") == 2
        association.release()
    assert any(path.name.endswith(".unsynced") for path in files(site, "orphans"))


@pytest.mark.parametrize("bytes_came", [True, False], ids=["whole", "short"])
def test_a_start_finishes_what_was_stopped_between_row_and_flush_or_says_that_it_is_lost(make_site, bytes_came):
    """Nobody was answered: the object comes again, and what is answered then is on the disk."""
    site = in_a_hurry(make_site(f"flush-{bytes_came}"))
    site.gateway.start(extra_env={"ANTIPODE_FAULT": "spool.before-fsync=exit"})
    one = ct()
    with site.association() as association:
        assert send(site, [one], association) == ["closed"]
    wait_until(lambda: instances(site, one) == [("stored",)], 10, "the row")
    site.gateway.kill()
    file = spool_file(site, one.SOPInstanceUID)
    assert file.stat().st_mode & 0o7777 == 0o1600, "nobody has confirmed it"
    if not bytes_came:
        os.truncate(file, file.stat().st_size - 100)
    site.start()
    assert instances(site, one) == [("stored" if bytes_came else "missing",)]
    if bytes_came:
        assert file.stat().st_mode & 0o7777 == 0o600
    assert files(site, "incoming") == []
    assert send(site, [one]) == [0]
    assert instances(site, one) == [("stored",)]
    with reading(site) as reader:
        wait_until(lambda: reader.count == 1, 60, "the object at the reader")
    site.stop()
    site.journal_is_sound()


@needs_strace
def test_the_vault_failing_keeps_no_object_out_and_is_opened_anew(site):
    one = ct()
    vault = journal_path(site).with_name("vault.sqlite")
    one.PatientID = "20010101-2382"
    with failing([site.gateway.daemon.pid], "fdatasync:error=EIO", "fsync:error=EIO",
                 paths=[vault, f"{vault}-wal"]) as calls:
        assert send(site, [one]) == [0]
        assert "EIO" in calls()
    # Whoever writes to the vault first meets the fault: the reception, or the planner of an earlier study.
    told = "could not be kept in the vault", "code=vaultUnavailable"
    wait_until(lambda: any(words in site.gateway.log_text() for words in told), 30, "the vault's fault in the log")
    key = site.study_key(one.StudyInstanceUID)
    with reading(site):
        wait_until(
            lambda: states(site, key)[0] == "acknowledged", 60, "it being sent, once the vault was opened anew")
        sent_off(site)


def arrived(site, reader, key):
    """What a reader got of one study; others of this site may still be on their way."""
    return reader.of_study(site.gateway.study(key)["transfers"][0]["pseudonymousStudyUID"])


@needs_strace
def test_a_spool_file_that_cannot_be_read_now_waits_by_name_and_the_others_of_its_study_go_on(site):
    images = send_study(site, 3)
    key = site.study_key(images[0].StudyInstanceUID)
    path = spool_file(site, images[1].SOPInstanceUID)
    with failing([site.gateway.daemon.pid, *workers(site)], "pread64:error=EIO", paths=[path]), reading(site) as reader:
        wait_until(lambda: states(site, key)[0] != "unplanned", 30, "the study being planned")
        wait_until(lambda: len(arrived(site, reader, key)) == 2, 60, "the other two being sent")
        wait_until(lambda: states(site, key) == ("deferred", "ioError"), 60, "the third waiting for its disk")
        # Instances keep their number, which no profile replaces.
        assert {int(one.InstanceNumber) for one in arrived(site, reader, key)} == {1, 3}
        (uid, state, failure), = rows(
            site, """SELECT sopInstanceUID, passage.state, passage.failure FROM transfer_instances AS passage
                     JOIN instances ON instances.id = instanceID
                     WHERE instances.studyID = ? AND passage.state <> 'acknowledged'""", int(key[1:]))
        assert uid == images[1].SOPInstanceUID and state in ("waiting", "claimed")
        assert json.loads(failure)["code"] == "ioError"
    with reading(site):
        wait_until(lambda: states(site, key)[0] == "acknowledged", 60, "the study being sent after all")
        assert site.gateway.study(key)["transfers"][0]["held"] == 0


def test_a_spool_file_with_another_bit_is_never_sent_and_is_healed_by_its_source(site):
    images = send_study(site, 3)
    path = spool_file(site, images[1].SOPInstanceUID)
    content = bytearray(path.read_bytes())
    content[-100] ^= 0x10
    path.write_bytes(content)
    with reading(site) as reader:
        key = site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: states(site, key) == ("held", "damagedFile"), 30, "the damaged instance being held")
        wait_until(lambda: len(arrived(site, reader, key)) == 2, 10, "the others going on")
        assert instances(site, images[1]) == [("missing",)]
        # The same object from its source takes the old one's place.
        assert send(site, [images[1]]) == [0]
        wait_until(lambda: states(site, key)[0] == "acknowledged", 30, "the whole study being sent")
        assert len(arrived(site, reader, key)) == 3
    assert not site.gateway.study(key)["followUps"]
    kinds = [event["kind"] for event in site.gateway.study(key)["events"]]
    assert "missing" in kinds and "cameAgain" in kinds


def test_a_spool_file_that_is_gone_holds_its_instance_alone_and_is_healed_by_its_source(site):
    images = send_study(site, 3)
    spool_file(site, images[0].SOPInstanceUID).unlink()
    other = send_study(site, 1)
    with reading(site) as reader:
        key = site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: states(site, key) == ("held", "missingFile"), 30, "the lost instance being held")
        wait_until(
            lambda: states(site, site.study_key(other[0].StudyInstanceUID))[0] == "acknowledged", 30, "another study")
        assert reader.count == 3
        assert send(site, [images[0]]) == [0]
        wait_until(lambda: states(site, key)[0] == "acknowledged", 30, "the whole study being sent")


@pytest.mark.parametrize("fault", ["gone", "rotten"])
def test_an_object_that_comes_again_is_no_duplicate_of_a_file_that_is_lost(site, fault):
    """Nobody has looked at the first copy yet: Success is answered for the second, and it is kept."""
    images = send_study(site, 3)
    path = spool_file(site, images[1].SOPInstanceUID)
    if fault == "gone":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[-100] ^= 0x10
        path.write_bytes(content)
    assert send(site, images) == [0] * 3
    assert spool_file(site, images[1].SOPInstanceUID) != path
    with reading(site) as reader:
        key = site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: states(site, key)[0] == "acknowledged", 30, "the whole study being sent")
        assert len(arrived(site, reader, key)) == 3
    assert not site.gateway.study(key)["followUps"] and not site.gateway.study(key)["transfers"][0]["held"]


def test_a_journal_that_somebody_else_has_locked_is_answered_out_of_resources_and_comes_back(site):
    outsider = sqlite3.connect(journal_path(site), isolation_level=None, timeout=10)
    try:
        outsider.execute("BEGIN IMMEDIATE")
        status, seconds = timed(lambda: send(site, [ct()]))
        assert status == [OUT_OF_RESOURCES] and seconds < 15
        # Nobody who asks is told that all is well.
        seen = site.gateway.status()
        assert not seen["ready"]
        wait_until(lambda: not is_ready(site), 10, "the page that balancers ask saying so too")
        alarm, = seen["alarms"]
        assert alarm["code"] == "ioError" and "takes no writes" in alarm["detail"] and "locked" in alarm["hint"]
        assert "antipode_alarms 1" in metrics_of(site) and "antipode_ready 0" in metrics_of(site)
    finally:
        outsider.execute("ROLLBACK")
        outsider.close()
    # By itself, with nothing to write.
    wait_until(lambda: site.gateway.status()["ready"] and not site.gateway.status()["alarms"], 20, "the alarm's end")
    wait_until(lambda: is_ready(site), 10, "the page that balancers ask saying so too")
    assert send(site, [ct()]) == [0]


@pytest.mark.fault
@needs_strace
def test_a_slow_disk_slows_senders_and_times_nobody_out(site):
    everybody = [site.gateway.daemon.pid, *workers(site)]
    results = {}

    def push(number):
        results[number] = timed(lambda: send(site, study(2)))

    with failing(everybody, "fsync:delay_enter=1500000", "fdatasync:delay_enter=1500000"):
        senders = [threading.Thread(target=push, args=(n,)) for n in range(4)]
        for one in senders:
            one.start()
        for one in senders:
            one.join(120)
        assert site.gateway.status()["ready"]
    assert all(statuses == [0, 0] for statuses, _ in results.values()) and len(results) == 4
    # Two objects, each with a file, a folder and a row to wait for.
    assert min(seconds for _, seconds in results.values()) > 3
    assert not [line for line in site.gateway.log_text().splitlines() if "does not move" in line]


@pytest.fixture
def own_site(make_site, request):
    one = in_a_hurry(make_site("own"))
    yield one
    one.stop()


@needs_strace
def test_a_journal_whose_fsync_fails_ends_the_daemon_and_nothing_is_acknowledged_on_its_word(own_site):
    site = own_site.start()
    first, doubtful = ct(), ct()
    assert send(site, [first]) == [0]
    journal = journal_path(site)
    with failing([site.gateway.daemon.pid], "fdatasync:error=EIO", "fsync:error=EIO", paths=[journal, f"{journal}-wal"]):
        assert send(site, [doubtful]) == [OUT_OF_RESOURCES]
        # Who supervises it is told by the exit code (systemd: failed, OnFailure=), and the log says why.
        assert site.gateway.daemon.process.wait(60) != 0, "a daemon that cannot know what is on disk ends"
    told = [line for line in site.gateway.log_text().splitlines() if "code=ioError" in line or "journal" in line.lower()]
    assert [line for line in told if "error" in line.lower() or "critical" in line.lower()], told[-5:]
    site.gateway.start()
    assert send(site, [doubtful]) == [0]
    with reading(site) as reader:
        wait_until(lambda: reader.count == 2, 60, "both objects at the reader")
    site.stop()
    site.journal_is_sound()


def spoil(database, table):
    """The first leaf page of a table; the daemon is down."""
    with sqlite3.connect(database) as opened:
        size, = opened.execute("PRAGMA page_size").fetchone()
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page, = opened.execute(
            "SELECT min(pageno) FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,)).fetchone()
    with open(database, "r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xde\xad" * (size // 2))


def has_dbstat():
    try:
        sqlite3.connect(":memory:").execute("SELECT count(*) FROM dbstat")
        return True
    except sqlite3.OperationalError:
        return False


@pytest.mark.skipif(not has_dbstat(), reason="this Python's SQLite does not say which page is whose (dbstat)")
@pytest.mark.parametrize(
    "table", ["transfer_instances", pytest.param("instances", marks=pytest.mark.fault)])
def test_a_page_of_the_journal_that_is_damaged_holds_what_it_concerns_and_stops_nobody_else(own_site, table):
    site = own_site.start()
    # Enough rows that each table has several pages; those of the first belong to this study.
    struck = send_study(site, 400, rows=8, columns=8)
    wait_until(lambda: site.gateway.transfers(), 30, "the study being planned")
    site.stop()
    spoil(journal_path(site), table)
    site.gateway.start()
    wait_until(
        lambda: [a for a in site.gateway.status()["alarms"] if a["code"] == "journalDamaged"], 30, "the alarm")
    other = send_study(site, 3)
    with reading(site):
        wait_until(
            lambda: states(site, site.study_key(other[0].StudyInstanceUID))[0] == "acknowledged", 60,
            "another study being sent", pause=0.5)
        wait_until(
            lambda: [t for t in site.gateway.transfers() if (t.get("failure") or {}).get("code") == "journalDamaged"],
            30, "the study of the damaged page being held", pause=0.5)
    assert site.gateway.alive() and struck


@pytest.mark.parametrize("lines", [0, 3000], ids=["missing", "cut off"])
def test_a_data_dictionary_that_could_not_be_read_at_first_is_read_again(own_site, tmp_path, lines):
    site = own_site
    dictionary = tmp_path / "dicom.dic"
    whole = Path("/usr/share/libdcmtk17/dicom.dic").read_bytes()
    if lines:
        dictionary.write_bytes(b"".join(whole.splitlines(keepends=True)[:lines]))
    # That of the private attributes is whole: for DCMTK a dictionary is loaded then.
    site.gateway.start(extra_env={"DCMDICTPATH": f"{dictionary}:/usr/share/libdcmtk17/private.dic"})
    with reading(site) as reader:
        images = send_study(site, 2)
        key = site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: "data dictionary" in site.gateway.log_text(), 30, "the workers missing it", pause=0.5)
        assert reader.count == 0
        dictionary.with_suffix(".new").write_bytes(whole)
        dictionary.with_suffix(".new").rename(dictionary)
        wait_until(lambda: states(site, key)[0] == "acknowledged", 30, "the study being sent after all", pause=0.5)


@pytest.mark.fault
@pytest.mark.skipif(not has_dbstat(), reason="this Python's SQLite does not say which page is whose (dbstat)")
def test_a_study_that_a_damaged_page_of_the_vault_keeps_back_is_told_of(own_site):
    site = own_site
    # The page is spoilt before the study is planned.
    text = site.gateway.config.read_text()
    assert 'quiet_period = "1s"' in text
    site.gateway.config.write_text(text.replace('quiet_period = "1s"', 'quiet_period = "15s"'))
    site.start()
    struck = send_study(site, 3)
    site.stop()
    spoil(journal_path(site).with_name("vault.sqlite"), "identities")
    site.gateway.start()
    key = site.study_key(struck[0].StudyInstanceUID)

    def told():
        return [a["detail"] for a in site.gateway.status()["alarms"] if a["code"] == "putOff"]

    wait_until(told, 150, "the alarm", pause=0.5)
    assert [detail for detail in told() if detail.endswith(key)]
    assert [a for a in site.gateway.status()["alarms"] if a["code"] == "vaultDamaged"]


def test_a_journal_that_is_gone_while_its_objects_are_here_is_not_begun_anew(own_site):
    site = own_site.start()
    send_study(site, 1)
    site.stop()
    journal = journal_path(site)
    kept = journal.read_bytes()
    for suffix in ("", "-wal", "-shm"):
        journal.with_name(journal.name + suffix).unlink(missing_ok=True)
    with pytest.raises((NotReady, CommandFailed)):
        site.gateway.start(seconds=15)
    assert "there is no journal" in site.gateway.log_text()
    assert not journal.exists() and len(files(site, "objects")) == 1
    journal.write_bytes(b"not a database at all" * 1000)
    with pytest.raises((NotReady, CommandFailed)):
        site.gateway.start(seconds=15)
    journal.write_bytes(kept)
    site.gateway.start()


# Small disks

def on_a_small_spool(make_site, disk, *changes, name="small"):
    site = in_a_hurry(make_site(name))
    text = site.gateway.config.read_text().replace(
        'free_floor = "64 MiB"', f'directory = "{disk}/spool"\nfree_floor = "4 MiB"')
    for old, new in changes:
        text = text.replace(old, new)
    site.gateway.config.write_text(text)
    return site


BIG = {"rows": 512, "columns": 512}


@needs_mounts
def test_a_full_spool_refuses_before_the_floor_goes_on_sending_and_recovers_by_itself(make_site, tmp_path):
    with small_disk(tmp_path / "disk", "16m") as disk:
        site = on_a_small_spool(
            make_site, disk, ('drain = "5s"', 'drain = "5s"\nretention = "1s"')).start()
        floor = 4 << 20
        # It is looked at before each object and after each 4 MiB of it: one that is smaller may pass it by itself, in
        # whole pages, with the head of its file.
        size = len(bare(ct(**BIG))) + 8192
        taken, refused = [], 0
        images = study(40, **BIG)
        with site.association() as association:
            for image in images:
                status = send(site, [image], association)[0]
                assert free_bytes(disk) >= floor - size, "the floor was passed"
                if status == 0:
                    taken.append(image)
                else:
                    assert status == OUT_OF_RESOURCES
                    refused += 1
            association.release()
        assert refused and 15 <= len(taken) < 40
        assert [a for a in site.gateway.status()["alarms"] if a["code"] == "spoolFull"]
        with reading(site) as reader:
            wait_until(lambda: len(reader.distinct) == len(taken), 90, "what was taken being sent while the disk is full")
            # Sent, it is swept, and there is room again.
            wait_until(lambda: send(site, [images[-1]]) == [0], 60, "the next object being taken", pause=1)
            assert not [a for a in site.gateway.status()["alarms"] if a["code"] == "spoolFull"]
            wait_until(lambda: len(reader.distinct) == len(taken) + 1, 60, "it being sent too")
        site.stop()


@needs_mounts
def test_a_large_object_does_not_pass_the_floor_either(make_site, tmp_path):
    with small_disk(tmp_path / "disk", "64m") as disk:
        site = on_a_small_spool(
            make_site, disk, ('free_floor = "4 MiB"', 'free_floor = "40 MiB"'), name="large").start()
        large = ct(rows=5000, columns=5000)
        assert send(site, [large]) == [OUT_OF_RESOURCES]
        assert free_bytes(disk) > (60 << 20), "what was written of it is gone"
        assert send(site, [ct()]) == [0]
        site.stop()


@pytest.mark.fault
@needs_mounts
def test_a_spool_without_inodes_is_a_full_spool(make_site, tmp_path):
    with small_disk(tmp_path / "disk", "64m", inodes=275) as disk:
        site = on_a_small_spool(make_site, disk, name="inodes").start()
        with site.association() as association:
            statuses = send(site, study(30), association)
            association.release()
        assert 0 in statuses and OUT_OF_RESOURCES in statuses and set(statuses) == {0, OUT_OF_RESOURCES}
        assert site.gateway.alive() and site.gateway.status()["ready"]
        site.stop()


@needs_mounts
def test_a_disk_so_full_that_the_journal_cannot_grow_acknowledges_nothing_and_recovers_by_itself(make_site, tmp_path):
    site = in_a_hurry(make_site("nogrowth"), ('free_floor = "64 MiB"', 'free_floor = "0 B"'))
    with small_disk(site.gateway.folder / "state", "24m") as disk:
        site.start()
        before = send_study(site, 4)
        ballast = fill(disk / "ballast", leave=0)
        with site.association() as association:
            statuses = send(site, study(5, **BIG), association)
        assert set(statuses) <= {OUT_OF_RESOURCES, "closed", "aborted"}
        assert site.gateway.alive(), "a full disk passes, and the daemon waits for it"
        assert "stateFull" in {alarm["code"] for alarm in site.gateway.status()["alarms"]}
        ballast.unlink()
        wait_until(lambda: send(site, [ct()]) == [0], 60, "the next object being taken", pause=1)
        with reading(site) as reader:
            wait_until(lambda: len(reader.distinct) == len(before) + 1, 60, "everything that was taken being sent")
        site.stop()
        site.journal_is_sound()


@needs_mounts
def test_a_state_disk_that_is_full_while_the_spool_has_room_is_told(make_site, tmp_path):
    site = in_a_hurry(
        make_site("statefull"), ('free_floor = "64 MiB"', f'directory = "{tmp_path}/spool"\nfree_floor = "64 MiB"'),
        ('state = "state"', 'state = "state"\nstate_floor = "8 MiB"'))
    with small_disk(site.gateway.folder / "state", "24m") as disk:
        site.start()
        assert not site.gateway.status()["alarms"]
        ballast = fill(disk / "ballast", leave=4 << 20)
        assert [alarm["code"] for alarm in site.gateway.status()["alarms"]] == ["stateFull"]
        # An alarm in time: there is room still.
        assert site.gateway.status()["ready"] and send(site, [ct()]) == [0]
        ballast.unlink()
        ballast = fill(disk / "ballast", leave=0)

        def refused():
            return OUT_OF_RESOURCES in send(site, study(40))

        wait_until(refused, 60, "the journal being full")
        seen = site.gateway.status()
        assert not seen["ready"] and {"stateFull", "ioError"} == {alarm["code"] for alarm in seen["alarms"]}
        assert "antipode_alarms 2" in metrics_of(site)
        ballast.unlink()
        wait_until(lambda: site.gateway.status()["ready"] and not site.gateway.status()["alarms"], 30, "the alarm's end")
        assert send(site, [ct()]) == [0]
        site.stop()
        site.journal_is_sound()


@pytest.mark.fault
def test_a_spool_that_holds_what_it_may_refuses_until_something_is_swept(make_site):
    site = in_a_hurry(
        make_site("quota"), ('free_floor = "64 MiB"', 'free_floor = "64 MiB"\nmaximum = "1 MiB"'),
        ('drain = "5s"', 'drain = "5s"\nretention = "1s"')).start()
    images = study(3, **BIG)
    assert send(site, images) == [0, OUT_OF_RESOURCES, OUT_OF_RESOURCES]
    with reading(site) as reader:
        wait_until(lambda: send(site, [images[1]]) == [0], 60, "room after the sweep", pause=1)
        wait_until(lambda: reader.count == 2, 30, "both at the reader")
    site.stop()


@pytest.mark.fault
def test_a_daemon_with_few_descriptors_keeps_what_it_has_and_takes_more_later(make_site):
    site = in_a_hurry(make_site("descriptors")).start()
    with site.association() as kept:
        pid = site.gateway.daemon.pid
        used = len(os.listdir(f"/proc/{pid}/fd"))
        subprocess.run(["prlimit", f"--pid={pid}", f"--nofile={used + 6}:"], check=True)
        crowd = [socket.create_connection(("127.0.0.1", site.plain_port)) for _ in range(40)]
        assert send(site, [ct()], kept) == [0], "an association that stands is harmed"
        subprocess.run(["prlimit", f"--pid={pid}", "--nofile=20000:"], check=True)
        for one in crowd:
            one.close()
        kept.release()
    wait_until(lambda: send(site, [ct()]) == [0], 30, "the next association", pause=0.5)
    site.stop()
