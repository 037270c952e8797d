"""The bounded part of `make power-cut-test`, in a process of its own for its mount table. Skips where no image can be
mounted."""

import copy
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from types import SimpleNamespace

import pytest
from conftest import ROOT
from objects import ct, part10
from sr import basic_report

sys.path.insert(0, str(ROOT / "Tests" / "Crash"))

import bookkeeping  # noqa: E402
import checker  # noqa: E402
from modalities import Offers  # noqa: E402

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


@pytest.mark.parametrize("kind, images", [("ext4", "one"), ("xfs", "two")])
def test_nothing_that_was_answered_is_lost_when_the_power_is_cut(binary, folder, kind, images):
    done = cut(binary, folder, "--kind", kind, "--images", images, "--cuts", "4", "--per-round", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 cuts" in done.stdout


@pytest.mark.parametrize("who, images, words", [
    ("all", "one", ""),
    # Each alone, with nobody else's flush on the same disk.
    ("workers", "two", "has a row and no file"),
    # Or, where too little of a database has reached the disk, none that can be read.
    ("office", "two", "was answered Success and has no row|a database cannot be read"),
    ("vault", "two", "pseudonyms of transfers are not in the vault|a database cannot be read"),
])
def test_a_disk_that_lies_is_noticed(binary, folder, who, images, words):
    """The controls: with an fsync that does nothing the same cuts lose objects, and the checker says so."""
    # It ends with the first loss; on a busy machine nothing may be answered before the first cuts.
    done = cut(binary, folder, "--kind", "ext4", "--images", images, "--cuts", "20", "--seconds", "120", "--lie", who)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "LOST" in done.stdout and any(one in done.stdout for one in words.split("|")), done.stdout


# That the bookkeeping sees what it is there to see

@pytest.fixture
def known():
    """An image that was offered, and a report on it that its reader wrote."""
    offers = Offers()
    image = ct(rows=128, columns=128)
    offers.offer([image])
    outside = copy.deepcopy(image)
    outside.SOPInstanceUID, outside.StudyInstanceUID = f"{image.SOPInstanceUID}.1", f"{image.StudyInstanceUID}.1"
    outside.PatientName, outside.PatientID = "P1", "P1"
    report = basic_report([outside], "mark-0 and no more")
    reader = SimpleNamespace(
        images={str(image.SOPInstanceUID): outside}, reports=lambda: {str(report.SOPInstanceUID): report})
    return SimpleNamespace(
        known=checker.Known(offers, reader), image=image, report=report, restored=restored(report, outside, image))


def restored(report, outside, image):
    """The report with the identity of the image."""
    one = copy.deepcopy(report)
    for keyword in ("PatientName", "PatientID", "AccessionNumber", "StudyInstanceUID", "PatientBirthDate"):
        setattr(one, keyword, image.get(keyword))
    for element in one.iterall():
        if element.keyword == "ReferencedSOPInstanceUID":
            element.value = image.SOPInstanceUID
        elif element.keyword == "TextValue":
            element.value = element.value.replace(outside.PatientID, image.PatientID)
    return one


def spool_with(folder, place, content, is_finished=True):
    path = folder / "spool" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600 if is_finished else 0o1600)
    return folder / "spool"


def test_what_was_sent_may_lie_in_the_spool(known, tmp_path):
    whole = part10(known.image)
    for number, content in enumerate((whole, part10(known.report), part10(known.restored))):
        spool_with(tmp_path, f"orphans/{number}.dcm", content)
        spool_with(tmp_path, f"objects/0{number}/0{number}.dcm", content)
    for number, length in enumerate((0, 100, 140, 400, len(whole) // 2, len(whole))):
        spool_with(tmp_path, f"orphans/{number}.unsynced", whole[:length])
        spool_with(tmp_path, f"objects/1{number}/1{number}.dcm", whole[:length], is_finished=False)
        spool = spool_with(tmp_path, f"incoming/{number}.part", whole[:length], is_finished=False)
    findings = checker.Findings()
    assert bookkeeping.contents(spool, known.known, findings) == {"orphans": 3, "remainders": 6}
    assert not findings


def flipped(content, place):
    place %= len(content)
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1:]


@pytest.mark.parametrize("change", [
    lambda whole: whole[:-2], lambda whole: whole[:-4096] + bytes(4096), lambda whole: whole + bytes(2),
    lambda whole: flipped(whole, -1), lambda whole: flipped(whole, 500), lambda whole: b"", lambda whole: whole[:140],
    lambda whole: flipped(whole, 130)])
def test_a_whole_file_that_nobody_sent_is_seen(known, tmp_path, change):
    for place in ("orphans/1.dcm", "objects/01/1.dcm"):
        findings = checker.Findings()
        spool = spool_with(tmp_path / place.split("/")[0], place, change(part10(known.image)))
        bookkeeping.contents(spool, known.known, findings)
        assert len(findings) == 1 and findings[0].startswith("ALIEN"), place


@pytest.mark.parametrize("change", [
    lambda whole: whole[:5000] + bytes(4096), lambda whole: flipped(whole, 500)[:5000], lambda whole: whole + bytes(2),
    lambda whole: flipped(whole, 130)[:140]])
@pytest.mark.parametrize("place", ["orphans/1.unsynced", "objects/01/1.dcm", "incoming/1.part"])
def test_an_unfinished_file_that_is_no_beginning_is_seen(known, tmp_path, change, place):
    findings = checker.Findings()
    spool = spool_with(tmp_path, place, change(part10(known.image)), is_finished=False)
    bookkeeping.contents(spool, known.known, findings)
    assert len(findings) == 1 and findings[0].startswith("ALIEN")


def with_hole(content, page, length=4096):
    return content[:page * 4096] + bytes(length) + content[page * 4096 + length:]


@pytest.mark.parametrize("change", [
    lambda whole: bytes(2324), lambda whole: with_hole(whole, 0), lambda whole: with_hole(whole, 2)[:15000],
    lambda whole: whole[:5000] + bytes(2000), lambda whole: whole[:140] + bytes(4096)])
def test_pages_that_were_not_written_back_are_no_others_but_only_of_unfinished_files_after_a_cut(known, tmp_path, change):
    for may_have_holes, is_finished, count in ((True, False, 0), (False, False, 1), (True, True, 1)):
        known.known.may_have_holes = may_have_holes
        spool = spool_with(tmp_path, "objects/01/1.dcm", change(part10(known.image)), is_finished)
        findings = checker.Findings()
        bookkeeping.contents(spool, known.known, findings)
        assert len(findings) == count, (may_have_holes, is_finished)


@pytest.mark.parametrize("change", [
    lambda whole: flipped(with_hole(whole, 0), 5000), lambda whole: flipped(with_hole(whole, 2), 500),
    lambda whole: flipped(with_hole(whole, 1), 13000), lambda whole: whole + bytes(8192),
    lambda whole: with_hole(whole, 0) + bytes(8192), lambda whole: whole[:5000] + b"x" + bytes(2000)])
def test_other_bytes_beside_a_hole_are_seen(known, tmp_path, change):
    known.known.may_have_holes = True
    findings = checker.Findings()
    spool = spool_with(tmp_path, "objects/01/1.dcm", change(part10(known.image)), is_finished=False)
    bookkeeping.contents(spool, known.known, findings)
    assert len(findings) == 1 and findings[0].startswith("ALIEN")


@pytest.mark.parametrize("keyword, value", [
    ("PatientName", "P1"), ("StudyInstanceUID", "1.2.3"), ("SOPInstanceUID", "1.2.3")])
def test_a_report_that_came_back_as_another_is_seen(known, tmp_path, keyword, value):
    setattr(known.restored, keyword, value)
    findings = checker.Findings()
    bookkeeping.contents(spool_with(tmp_path, "orphans/1.dcm", part10(known.restored)), known.known, findings)
    assert len(findings) == 1 and findings[0].startswith("ALIEN")


@pytest.fixture
def state(tmp_path):
    """A journal of one instance, which is in no spool, and of one transfer, whose pseudonym is in no vault."""
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as journal:
        journal.executescript("""
            CREATE TABLE instances (sopInstanceUID, spoolKey, bytes, digest, state);
            CREATE TABLE transfer_instances (state);
            CREATE TABLE reports (
                sopInstanceUID, spoolKey, bytes, digest, restoredSpoolKey, restoredBytes, restoredDigest, sweptAt);
            CREATE TABLE studies (state);
            CREATE TABLE transfers (pseudonymousStudyUID);
            INSERT INTO instances VALUES ('1.2', 'ab12', 10, 'x', 'stored');
            INSERT INTO transfers VALUES ('2.25.1');
            """)
    return tmp_path


def test_only_what_is_not_sure_may_be_without_its_file(state):
    for sure, is_found in ((None, True), ({"1.2"}, True), (set(), False)):
        findings, unsure = checker.Findings(), []
        bookkeeping.check(state, state / "spool", {"1.2"}, findings, settled=False, sure=sure, unsure=unsure)
        assert any("1.2 has a row and no file" in one for one in findings) == is_found
        assert len(unsure) == (0 if is_found else 1)
        assert any("pseudonyms of transfers are not in the vault" in one for one in findings)
