"""Files go when nothing needs them, what is held stays, and the history stays."""

import pytest
from commitment import Archive, report
from objects import bare, study
from reader import CountingReader
from test_commitment import configure
from trial.gateway import CommandFailed
from trial.processes import wait_until
from wire import CT_IMAGE


def push(site, images):
    with site.association() as association:
        for image in images:
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    return site.study_key(images[0].StudyInstanceUID)


def spool_files(site):
    return sorted(path.name for path in (site.gateway.folder / "state/spool/objects").rglob("*.dcm"))


def retention(site, seconds):
    text = site.gateway.config.read_text()
    site.gateway.config.write_text(text.replace('drain = "5s"', f'drain = "5s"\nretention = "{seconds}s"'))
    return site


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


def test_a_dry_run_says_what_would_go_and_why_the_rest_stays(make_site, reader):
    site = retention(make_site("dry"), 3600).start()
    one = reader(site)
    delivered = push(site, study(3))
    wait_until(lambda: [t for t in site.gateway.transfers() if t["state"] == "acknowledged"], 30, "a delivery")
    one.stop()
    waiting = push(site, study(2))
    wait_until(lambda: len(site.gateway.transfers()) == 2, 30, "planning")
    site.gateway.run("study", "hold", waiting, "--reason", "wrong side marked")
    before = spool_files(site)
    view = site.gateway.ask("sweep", "--dry-run")
    assert view["dryRun"] and view["subjects"] == [] and view["files"] == 0
    kept = {one["reason"]: (one["subjects"], one["files"]) for one in view["kept"]}
    assert kept == {"retention": (1, 3), "held": (1, 2)}
    site.gateway.stop()
    # With another retention, read from the journal alone.
    site.gateway.config.write_text(site.gateway.config.read_text().replace('"3600s"', '"0s"'))
    view = site.gateway.ask("sweep", "--dry-run")
    assert [(one["key"], one["files"]) for one in view["subjects"]] == [(delivered, 3)]
    assert view["bytes"] > 0
    assert spool_files(site) == before, "a dry run removes nothing"
    with pytest.raises(CommandFailed) as failed:
        site.gateway.run("sweep")
    assert failed.value.code == 69
    site.gateway.start()
    wait_until(lambda: len(spool_files(site)) == 2, 30, "the daemon's own sweep")
    assert "wrong side marked" in site.gateway.run("studies", "--state", "held").stdout


def test_a_sweep_now_removes_files_and_keeps_the_history(make_site, reader):
    site = retention(make_site("now"), 1).start()
    reader(site)
    key = push(site, study(2))
    wait_until(lambda: [t for t in site.gateway.transfers() if t["state"] == "acknowledged"], 30, "a delivery")

    def swept():
        site.gateway.ask("sweep")
        return not spool_files(site)

    wait_until(swept, 20, "the sweep", pause=0.5)
    detail = site.gateway.study(key)
    assert "swept" in [event["kind"] for event in detail["events"]]
    assert detail["transfers"][0]["acknowledged"] == 2 and detail["study"]["bytes"] > 0
    assert site.gateway.ask("sweep", "--dry-run")["kept"] == []


def test_files_stay_until_the_destination_has_committed(make_site):
    site = configure(retention(make_site("kept"), 1), "reader", wait="0s", answer="60s").start()
    archive = Archive(
        site.reader_port, site.reader_aet, (site.tls_port, site.gateway_aet), tls=site.peer_tls("reader"),
        answers="never")
    try:
        push(site, study(2))
        wait_until(lambda: archive.asked, 30, "the question")
        wait_until(
            lambda: [one for one in site.gateway.ask("sweep")["kept"] if one["reason"] == "notCommitted"], 20,
            "the reason why files stay", pause=0.5)
        assert len(spool_files(site)) == 2
        transaction, pairs = archive.asked[0]
        assert archive.tell(*report(transaction, pairs, [])) == 0
        wait_until(lambda: site.gateway.ask("sweep") and not spool_files(site), 20, "the sweep", pause=0.5)
    finally:
        archive.stop()
