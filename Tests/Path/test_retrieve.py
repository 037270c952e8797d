"""C-MOVE from a reader that others wrote: Orthanc holds the report, and is asked to send it to our TLS listener."""

import io

import pydicom
import pytest
from objects import PLANTED_NAME, ct, part10, study
from orthanc import Orthanc
from pydicom.uid import EncapsulatedPDFStorage, SecondaryCaptureImageStorage, generate_uid
from sr import basic_report
from trial.processes import wait_until

IMAGES = 4


@pytest.fixture(scope="module")
def site(make_site):
    return make_site("moved", method="move")


@pytest.fixture(scope="module")
def reader(site, tmp_path_factory):
    one = Orthanc(
        tmp_path_factory.mktemp("reader") / "orthanc", site.reader_aet, {site.gateway_aet: site.tls_port},
        tls=site.peer_tls("reader"), port=site.reader_port).start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def pacs(site, tmp_path_factory):
    one = Orthanc(
        tmp_path_factory.mktemp("pacs") / "orthanc", site.pacs_aet, {}, port=site.pacs_port).start()
    yield one
    one.stop()


def test_orthanc_is_asked_by_c_move_and_its_report_comes_home(site, reader, pacs, tmp_path):
    site.start()
    images = study(IMAGES)
    files = []
    for number, one in enumerate(images):
        files.append(tmp_path / f"{number}.dcm")
        files[-1].write_bytes(part10(one))
    site.storescu(files)
    wait_until(lambda: reader.count() >= IMAGES, 60, "the images at the reader", pause=0.5)
    seen = [pydicom.dcmread(io.BytesIO(one)) for one in reader.files()]
    assert all("Zebrasson" not in str(one.PatientName) for one in seen)
    report = basic_report(seen, "Inget avvikande.")
    reader.take(part10(report))

    wait_until(lambda: pacs.count() >= 1, 90, "the report at the PACS", pause=0.5)
    restored = pydicom.dcmread(io.BytesIO(pacs.files()[0]))
    assert str(restored.PatientName) == PLANTED_NAME and restored.PatientID == images[0].PatientID
    assert restored.StudyInstanceUID == images[0].StudyInstanceUID
    assert restored.SOPInstanceUID == report.SOPInstanceUID

    # Orthanc sends nothing of its own accord: what opened an association to us was our C-MOVE.
    detail = site.gateway.study(site.study_key(images[0].StudyInstanceUID))
    assert [one["reader"] for one in detail["reports"]] == ["reader"]
    opened = [line for line in site.gateway.log_text().splitlines() if "An association opened" in line]
    assert any("source=reader" in line for line in opened)
    # Nothing of the study itself was asked back: the images stay where they are.
    assert len(site.gateway.studies()) == 1 and detail["study"]["instances"] == IMAGES
    site.require_no_planted_words()


def made_by_the_reader(seen, sop_class, modality):
    """An object in a series of the reader's own, in the study as the reader knows it."""
    one = ct(study=seen.StudyInstanceUID, series=generate_uid(prefix=None))
    for name in ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "StudyID"):
        setattr(one, name, getattr(seen, name))
    one.SOPClassUID, one.Modality, one.ConversionType = sop_class, modality, "WSD"
    one.InstitutionName = one.ReferringPhysicianName = ""
    return one


def test_a_pdf_that_the_reader_files_under_other_is_found_and_its_screenshots_are_not_asked_for(site, reader, pacs, tmp_path):
    if not site.gateway.alive():
        site.start()
    before, there = reader.count(), pacs.count()
    image = study(1)[0]
    file = tmp_path / "image.dcm"
    file.write_bytes(part10(image))
    site.storescu([file])
    wait_until(lambda: reader.count() > before, 60, "the image at the reader", pause=0.5)
    key = site.study_key(image.StudyInstanceUID)
    pseudonym = site.gateway.study(key)["transfers"][0]["pseudonymousStudyUID"]
    seen = next(
        one for one in (pydicom.dcmread(io.BytesIO(content)) for content in reader.files())
        if one.StudyInstanceUID == pseudonym)
    screenshot = made_by_the_reader(seen, SecondaryCaptureImageStorage, "OT")
    report = made_by_the_reader(seen, EncapsulatedPDFStorage, "OT")
    for name in ("Rows", "Columns", "PixelData", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
                 "SamplesPerPixel", "PhotometricInterpretation", "PixelSpacing"):
        delattr(report, name)
    report.MIMETypeOfEncapsulatedDocument, report.BurnedInAnnotation = "application/pdf", "YES"
    report.DocumentTitle, report.ConceptNameCodeSequence = "Report", []
    report.EncapsulatedDocument = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>endobj\n"
        b"trailer<</Root 1 0 R/Size 4>>\n%%EOF\n")
    for one in (screenshot, report):
        reader.take(part10(one))
    found = wait_until(lambda: site.gateway.study(key)["reports"], 90, "the PDF being found", pause=0.5)
    assert [one["sopInstanceUID"] for one in found] == [report.SOPInstanceUID]
    # A page without a word cannot be searched: a person lets it go.
    held = wait_until(
        lambda: [one for one in site.gateway.study(key)["reports"] if one["state"] == "held"], 30, "it being held")
    assert held[0]["hold"]["code"] == "documentUnreadable"
    site.gateway.run("report", "release", held[0]["key"])
    wait_until(lambda: pacs.count() > there, 90, "the PDF at the PACS", pause=0.5)
    home = next(
        one for one in (pydicom.dcmread(io.BytesIO(content)) for content in pacs.files())
        if one.StudyInstanceUID == image.StudyInstanceUID)
    assert home.SOPClassUID == EncapsulatedPDFStorage and home.SOPInstanceUID == report.SOPInstanceUID
    assert str(home.PatientName) == PLANTED_NAME and home.PatientID == image.PatientID
    assert len(site.gateway.study(key)["reports"]) == 1
    assert "A reader sent what is no report" not in site.gateway.log_text()
