"""One study is one patient, whatever way its parts come; what is not a report is none; one bad object closes no road."""

import shutil

import pytest
from objects import bare, ct
from pydicom.uid import BasicTextSRStorage, SecondaryCaptureImageStorage, XRayRadiationDoseSRStorage, generate_uid
from reader import CountingReader
from trial.processes import Child, wait_until
from wire import CT_IMAGE, EXPLICIT, IMPLICIT

OTHER_PATIENT = {"PatientID": "19121212-1212", "PatientName": "Tolvansson^Tolvan", "PatientBirthDate": "19121212"}
CONTEXTS = [
    (sop_class, (EXPLICIT, IMPLICIT))
    for sop_class in (CT_IMAGE, SecondaryCaptureImageStorage, XRayRadiationDoseSRStorage, BasicTextSRStorage)]


def push(site, *images):
    with site.association(CONTEXTS) as association:
        for image in images:
            assert association.store(image.SOPClassUID, image.SOPInstanceUID, bare(image)) == 0
        association.release()


def like(image, **changes):
    """Another slice of the same study."""
    one = ct(study=image.StudyInstanceUID, series=image.SeriesInstanceUID, number=2)
    for name, value in changes.items():
        setattr(one, name, value)
    return one


def held_for(site, key, code):
    study = site.gateway.study(key)["study"]
    return study["state"] == "held" and study["hold"]["code"] == code


@pytest.fixture
def site(make_site):
    one = make_site("one", method="get")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def counting(site):
    one = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
    yield one
    one.stop()


def test_a_late_part_of_another_patient_is_held(site, counting):
    first = ct()
    push(site, first)
    key = site.study_key(first.StudyInstanceUID)
    wait_until(lambda: counting.count == 1, 30, "the study at the reader", pause=0.2)
    push(site, like(first, **OTHER_PATIENT))
    late = wait_until(lambda: site.gateway.study(key)["followUps"], 30, "a late part", pause=0.2)[0]
    wait_until(lambda: held_for(site, late, "mixedPatients"), 30, "the late part being held", pause=0.2)
    assert counting.count == 1


@pytest.mark.parametrize("number", ["19121212-1212", ""])
def test_two_names_under_one_number_or_none_are_held(site, counting, number):
    first = ct()
    first.PatientID = number
    push(site, first, like(first, **{**OTHER_PATIENT, "PatientID": number}))
    key = site.study_key(first.StudyInstanceUID)
    wait_until(lambda: held_for(site, key, "mixedPatients"), 30, "the study being held", pause=0.2)
    assert counting.count == 0
    site.require_no_planted_words()


def test_a_late_part_of_a_cancelled_study_waits(site):
    first = ct()
    push(site, first)
    key = site.study_key(first.StudyInstanceUID)
    wait_until(lambda: site.gateway.study(key)["transfers"], 30, "the study being planned", pause=0.2)
    site.gateway.run("study", "cancel", key, "--yes")
    push(site, like(first))
    late = wait_until(lambda: site.gateway.study(key)["followUps"], 30, "a late part", pause=0.2)[0]
    wait_until(lambda: held_for(site, late, "latePart"), 30, "the late part being held", pause=0.2)


def test_two_patients_that_came_while_the_vault_was_closed_are_found(make_site):
    site = make_site("closed-vault", method="get")
    elsewhere = site.folder / "the key is elsewhere"
    shutil.move(site.gateway.vault_key, elsewhere)
    site.start()
    reader = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
    try:
        mixed, whole = ct(), ct()
        push(site, mixed, like(mixed, **OTHER_PATIENT))
        push(site, whole, like(whole))
        keys = [site.study_key(one.StudyInstanceUID) for one in (mixed, whole)]
        wait_until(
            lambda: all(site.gateway.study(key)["study"]["state"] == "complete" for key in keys), 30,
            "both being complete", pause=0.2)
        assert any(alarm["code"] == "vaultUnavailable" for alarm in site.gateway.status()["alarms"])
        assert reader.count == 0
        shutil.move(elsewhere, site.gateway.vault_key)
        wait_until(lambda: held_for(site, keys[0], "mixedPatients"), 60, "the mixed study being held", pause=0.3)
        wait_until(lambda: reader.count == 2, 60, "the other at the reader", pause=0.3)
    finally:
        reader.stop()
        site.stop()


def secondary_capture(image):
    one = like(image, SOPClassUID=SecondaryCaptureImageStorage, Modality="OT", ConversionType="WSD")
    one.SeriesInstanceUID = generate_uid(prefix=None)
    return one


def structured(image, sop_class):
    """A document that the scanner itself made."""
    one = like(image, SOPClassUID=sop_class, Modality="SR", ValueType="CONTAINER", ContinuityOfContent="SEPARATE")
    for name in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
                 "SamplesPerPixel", "PhotometricInterpretation"):
        delattr(one, name)
    one.SeriesInstanceUID = generate_uid(prefix=None)
    one.CompletionFlag, one.VerificationFlag = "COMPLETE", "UNVERIFIED"
    one.ConceptNameCodeSequence, one.ContentSequence = [], []
    return one


def test_documents_of_our_own_are_no_reports_and_a_held_picture_stops_none(site):
    certificate, key, trusted = site.peer_tls("reader")
    children = [
        Child("the reader", [
            site.gateway.binary, "simulate", "reader", "--port", site.reader_port, "--ae", site.reader_aet,
            "--folder", site.folder / "reader", "--delay", "6", "--certificate", certificate, "--key", key,
            "--trusted", trusted], site.folder / "reader.log").start(),
        Child("the PACS", [
            site.gateway.binary, "simulate", "pacs", "--port", site.pacs_port, "--ae", site.pacs_aet,
            "--folder", site.folder / "pacs"], site.folder / "pacs.log").start()]
    try:
        children[0].wait_listening(site.reader_port)
        children[1].wait_listening(site.pacs_port)
        image = ct()
        push(
            site, image, structured(image, XRayRadiationDoseSRStorage), structured(image, BasicTextSRStorage),
            secondary_capture(image))
        key = site.study_key(image.StudyInstanceUID)
        reports = wait_until(
            lambda: [r for r in site.gateway.study(key)["reports"] if r["state"] == "delivered"], 60,
            "the reader's report", pause=0.3)
        detail = site.gateway.study(key)
        assert len(detail["reports"]) == 1, "a document of our own came back as a report"
        assert reports[0]["sopClass"] == str(BasicTextSRStorage)
        assert detail["transfers"][0]["held"] == 1 and "förtätning" in str(site.gateway.report_text(reports[0]["key"]))
        assert len(list((site.folder / "pacs").rglob("*.dcm"))) == 1
    finally:
        for child in children:
            child.stop()


def test_an_object_that_makes_the_reader_abort_delays_only_itself(site):
    class Fragile(CountingReader):
        def _store(self, event):
            if event.dataset.Rows == 32:
                event.assoc.abort()
                return 0xC000
            return super()._store(event)

    reader = Fragile(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
    try:
        push(site, ct(rows=32, columns=32))
        wait_until(lambda: site.gateway.transfers(), 30, "the bad one being planned", pause=0.2)
        good = [ct() for _ in range(3)]
        push(site, *good)
        wait_until(lambda: reader.count == 3, 60, "the good ones at the reader", pause=0.2)
        transfers = [t for t in site.gateway.transfers() if t["acknowledged"] == 0]
        assert len(transfers) == 1 and transfers[0]["state"] in ("waiting", "active", "deferred")
    finally:
        reader.stop()
