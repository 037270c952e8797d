"""The past that the benchmark of growth writes into a journal is one that the program itself finds in order."""

import json
import sqlite3
import subprocess
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "Benchmarks"))

from bench.history import History  # noqa: E402

PASSED, RECENT, WAITING, IMAGES, WAITING_IMAGES = 120, 20, 30, 6, 4


@pytest.fixture(scope="module")
def grown(make_site):
    """A site that is down, whose journal has a past."""
    site = make_site("grown")
    text = site.gateway.config.read_text()
    # Nothing of it is due to be swept or pruned while we look.
    site.gateway.config.write_text(text.replace("[gateway]\n", '[gateway]\nretention = "3650d"\nimage_history = "3650d"\n'))
    site.start()
    site.stop()
    state = site.gateway.folder / "state"
    site.sizes = History(PASSED, WAITING, IMAGES, WAITING_IMAGES, RECENT).write(state / "journal.sqlite", state / "spool")
    return site


def journal(site):
    return sqlite3.connect(f"file:{site.gateway.folder / 'state/journal.sqlite'}?mode=ro", uri=True)


def test_its_pages_references_and_schema_are_whole(grown, make_site):
    untouched = make_site("untouched").start()
    untouched.stop()

    def schema(site):
        return sorted(journal(site).execute("SELECT type, name, sql FROM sqlite_master"), key=str)

    assert schema(grown) == schema(untouched)
    database = journal(grown)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_verify_finds_every_file_and_every_sum_right(grown):
    found = json.loads(grown.gateway.run("verify", "--json").stdout)
    assert found["findings"] == []
    assert found["files"] == WAITING * WAITING_IMAGES and found["hashed"]


def test_images_of_what_was_pruned_are_gone_and_their_sums_stay(grown):
    database = journal(grown)
    assert database.execute("SELECT count(*) FROM instances WHERE state = 'swept'").fetchone() == (RECENT * IMAGES,)
    assert database.execute("SELECT count(*), sum(instanceCount) FROM studies WHERE state = 'delivered'").fetchone() == (
        PASSED, PASSED * IMAGES)
    assert database.execute("SELECT count(*) FROM studies WHERE prunedAt IS NULL AND sweptAt IS NOT NULL").fetchone() == (
        RECENT,)
    assert grown.sizes["bytes"] > 0


def test_the_daemon_starts_on_it_and_one_step_of_each_kind_can_be_measured(grown, tmp_path):
    grown.start()
    try:
        status = grown.gateway.status()
        assert status["studies"] == {"delivered": PASSED, "planned": WAITING}
        assert status["needsPerson"] == 0
        assert "missing_files=0" in grown.gateway.log_text() and "orphans=0" in grown.gateway.log_text()
        assert len(grown.gateway.ask("studies", "--state", "planned")) == WAITING
    finally:
        grown.stop()
    for folder in (grown.gateway.folder / "state", tmp_path):
        done = subprocess.run(
            [grown.gateway.binary, "measure-journal", folder, "--seconds", "0.2"], capture_output=True, text=True,
            timeout=120)
        assert done.returncode == 0, done.stderr
        steps = json.loads(done.stdout)["measured"]["steps"]
        assert steps["record"]["count"] >= 20 and steps["plan"]["count"] >= 1
        assert steps["acknowledgeAndClaim"]["count"] >= 20 and steps["acknowledgeAndClaim"]["median"] > 0
    # The rows that were measured have no files. All else is in order.
    findings = json.loads(grown.gateway.run("verify", "--json", check=False).stdout)["findings"]
    assert {one["code"] for one in findings} == {"missingFile"}
    assert journal(grown).execute("SELECT count(*) FROM transfer_instances WHERE state = 'claimed'").fetchone() == (0,)
