"""Reports of each kind come home, pushed by the reader or fetched from it, and late images follow."""

import json
import stat

import pydicom
import pytest
from objects import PLANTED_NAME, bare, ct, study
from trial.processes import Child, wait_until
from wire import CT_IMAGE

KINDS = ["basic", "enhanced", "comprehensive", "comprehensive3d", "pdf"]


@pytest.fixture(scope="module")
def site(request, make_site):
    one = make_site(f"reports-{request.param}", method=request.param)
    one.method = request.param
    one.start()
    pacs = Child("the PACS", [
        one.gateway.binary, "simulate", "pacs", "--port", one.pacs_port, "--ae", one.pacs_aet, "--folder",
        one.folder / "pacs"], one.folder / "pacs.log").start().wait_listening(one.pacs_port)
    yield one
    pacs.stop()
    one.stop()


@pytest.fixture
def read(site):
    """read(kind, language) starts a reader that writes reports of this kind."""
    children = []

    def start(kind, language="sv"):
        certificate, key, trusted = site.peer_tls("reader")
        tls = ["--certificate", certificate, "--key", key, "--trusted", trusted]
        home = f"{site.gateway_aet}@127.0.0.1:{site.tls_port}"
        back = {"push": ["--push-to", home], "move": ["--move-to", home], "get": []}[site.method]
        child = Child("the reader", [
            site.gateway.binary, "simulate", "reader", "--port", site.reader_port, "--ae", site.reader_aet, "--folder",
            site.folder / f"reader-{kind}", "--report", kind, "--language", language, "--delay", "0.5", *tls, *back],
            site.folder / "reader.log").start()
        children.append(child)
        child.wait_listening(site.reader_port)

    yield start
    for child in children:
        child.stop()


def push(site, images):
    with site.association() as association:
        for image in images:
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()


def first_report(site, key):
    reports = site.gateway.study(key)["reports"]
    return reports[0] if reports and reports[0]["state"] in ("delivered", "held") else None


# The kinds in between travel like the others.
@pytest.mark.parametrize(
    "site, kind",
    [("push", kind) for kind in KINDS]
    + [(method, kind) for method in ("get", "move") for kind in ("basic", "comprehensive3d", "pdf")],
    indirect=["site"])
def test_a_report_comes_home(site, read, kind):
    read(kind)
    images = study(2)
    push(site, images)
    key = site.study_key(images[0].StudyInstanceUID)
    report = wait_until(lambda: first_report(site, key), 45, f"the {kind} report", pause=0.3)
    assert report["state"] == "delivered", report.get("hold")
    found = list((site.folder / "pacs" / str(images[0].StudyInstanceUID)).rglob("*.dcm"))
    assert len(found) == 1
    restored = pydicom.dcmread(found[0])
    assert str(restored.PatientName) == PLANTED_NAME
    assert restored.PatientID == images[0].PatientID
    assert restored.AccessionNumber == images[0].AccessionNumber
    text = site.gateway.report_text(report["key"])
    assert "förtätning" in text and images[0].PatientID in text
    check_document(site, report["key"], restored if kind == "pdf" else None)


def check_document(site, key, restored):
    """`report show --document` writes what the PACS has, for its owner alone, over nothing, and tells who looked."""
    file = site.folder / f"{key}.pdf"

    def looks():
        return len(site.gateway.ask("vault", "accesses", "--subject", key))

    before = looks()
    done = site.gateway.run("report", "show", key, "--document", file, "--json", check=False)
    if restored is None:
        assert done.returncode == 66 and "holds no document" in done.stderr, done.stderr
        assert not file.exists()
        return
    assert done.returncode == 0, done.stderr
    written = file.read_bytes()
    assert written == restored.EncapsulatedDocument[:restored.EncapsulatedDocumentLength]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page = json.loads(done.stdout)
    assert page["document"] == {"bytes": len(written), "file": str(file), "mimeType": "application/pdf"}
    assert "text" not in page and looks() == before + 1
    again = site.gateway.run("report", "show", key, "--document", file, check=False)
    assert again.returncode == 73 and "nothing is written over" in again.stderr
    assert file.read_bytes() == written
    elsewhere = site.gateway.run("report", "show", key, "--document", site.folder / "no" / "where.pdf", check=False)
    assert elsewhere.returncode == 73


@pytest.mark.parametrize("site", ["push"], indirect=True)
def test_late_images_become_a_follow_up_to_the_same_reader(site, read):
    read("basic", "en")
    first = ct()
    push(site, [first])
    key = site.study_key(first.StudyInstanceUID)
    wait_until(lambda: site.gateway.study(key)["transfers"], 30, "the study being planned", pause=0.3)
    push(site, [ct(study=first.StudyInstanceUID, series=first.SeriesInstanceUID, number=2)])
    follow_up = wait_until(lambda: site.gateway.study(key)["followUps"], 30, "a follow-up", pause=0.3)[0]

    def sent():
        return [t for t in site.gateway.study(follow_up)["transfers"] if t["state"] == "acknowledged"]

    transfer = wait_until(sent, 30, "the follow-up being sent", pause=0.3)[0]
    assert transfer["destination"] == "reader"
    assert transfer["pseudonymousStudyUID"] == site.gateway.study(key)["transfers"][0]["pseudonymousStudyUID"]
