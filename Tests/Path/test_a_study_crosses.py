"""A study crosses, and its report comes home, with Orthanc as the reader that is polled and as the PACS."""

import hashlib
import io
import re

import pydicom
import pytest
import validators
from objects import PLANTED_NAME, part10, study
from orthanc import Orthanc
from sr import basic_report
from trial import dicomfiles
from trial.processes import wait_until

IMAGES = 8


@pytest.fixture(scope="module")
def site(make_site):
    return make_site("orthanc", method="get")


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
        tmp_path_factory.mktemp("pacs") / "orthanc", site.pacs_aet, {site.gateway_aet: site.plain_port},
        port=site.pacs_port).start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Files of a CT made here, and of a real CT and a real MR: study UID → paths."""
    folder = tmp_path_factory.mktemp("originals")
    made = folder / "made"
    made.mkdir()
    for number, one in enumerate(study(IMAGES)):
        (made / f"{number}.dcm").write_bytes(part10(one))
    files = sorted(made.iterdir()) + dicomfiles.real_ct() + dicomfiles.real_mr()
    found = {}
    for path in files:
        found.setdefault(str(pydicom.dcmread(path, stop_before_pixels=True).StudyInstanceUID), []).append(path)
    return found


@pytest.fixture(scope="module")
def crossed(site, reader, pacs, originals):
    """Everything pushed with storescu and forwarded to the reader: the objects as the reader has them."""
    site.start()
    for files in originals.values():
        site.storescu(files)
    expected = sum(len(files) for files in originals.values())
    wait_until(lambda: reader.count() >= expected, 90, f"{expected} images at the reader", pause=0.5)
    content = reader.files()
    return [(data, pydicom.dcmread(io.BytesIO(data))) for data in content]


def words_of(header):
    """What identifies the patient and the order in an original, in the bytes it may be written in."""
    found = set()
    for part in re.split(r"[\^= ]", str(header.PatientName)):
        if len(part) > 3:
            found.add(part)
    for keyword in ("PatientID", "PatientBirthDate", "AccessionNumber", "InstitutionName", "ReferringPhysicianName"):
        value = str(header.get(keyword, ""))
        for part in re.split(r"[\^=]", value):
            if len(part) > 3:
                found |= {part, part.replace("-", "")}
    found |= {str(header.StudyInstanceUID), str(header.SeriesInstanceUID), str(header.SOPInstanceUID)}
    return {word.encode(charset) for word in found for charset in ("latin-1", "utf-8")} - {b""}


def test_nothing_of_the_identity_is_in_the_forwarded_bytes(crossed, originals):
    words = set()
    for files in originals.values():
        for path in files:
            words |= words_of(pydicom.dcmread(path, stop_before_pixels=True))
    for data, _ in crossed:
        lower = data.lower()
        for word in words:
            assert word.lower() not in lower, "a word of the original identity is in a forwarded object"


def digest(one):
    return hashlib.sha256(one.PixelData).hexdigest()


def test_each_image_arrives_once_with_its_own_pixels(crossed, originals):
    sent = sorted(digest(pydicom.dcmread(path)) for files in originals.values() for path in files)
    assert sorted(digest(one) for _, one in crossed) == sent
    assert len({str(one.SOPInstanceUID) for _, one in crossed}) == len(crossed)


def test_studies_and_series_stay_together_under_new_uids(crossed, originals):
    assert len({str(one.StudyInstanceUID) for _, one in crossed}) == len(originals)
    original_series = {
        str(pydicom.dcmread(path, stop_before_pixels=True).SeriesInstanceUID)
        for files in originals.values() for path in files}
    assert len({str(one.SeriesInstanceUID) for _, one in crossed}) == len(original_series)


def test_dciodvfy_finds_no_new_error(crossed, originals, tmp_path):
    before = {}
    for files in originals.values():
        for path in files:
            before[digest(pydicom.dcmread(path))] = validators.dciodvfy(path)
    for number, (data, one) in enumerate(crossed):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(data)
        fresh = validators.new_errors(before[digest(one)], validators.dciodvfy(path))
        assert not fresh, f"dciodvfy newly says: {list(fresh)}"


def test_dcentvfy_finds_no_new_contradiction(crossed, originals, tmp_path):
    paths = []
    for number, (data, _) in enumerate(crossed):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(data)
        paths.append(path)
    before = validators.dcentvfy([path for files in originals.values() for path in files])
    fresh = validators.new_errors(before, validators.dcentvfy(paths))
    assert not fresh, f"dcentvfy newly says: {list(fresh)}"


def test_the_report_of_a_polled_reader_comes_home(site, reader, pacs, crossed, originals):
    study_uid = next(iter(originals))
    original = pydicom.dcmread(originals[study_uid][0], stop_before_pixels=True)
    key = site.study_key(study_uid)
    pseudonym = site.gateway.study(key)["transfers"][0]["pseudonymousStudyUID"]
    images = [one for _, one in crossed if str(one.StudyInstanceUID) == pseudonym]
    assert len(images) == IMAGES
    report = basic_report(images, "Förtätning i höger överlob, åtgärd föreslås.")
    reader.take(part10(report))
    wait_until(lambda: pacs.count() >= 1, 60, "the report at the PACS", pause=0.5)
    restored = pydicom.dcmread(io.BytesIO(pacs.files()[0]))
    assert str(restored.PatientName) == PLANTED_NAME
    assert restored.PatientID == original.PatientID
    assert restored.PatientBirthDate == original.PatientBirthDate
    assert restored.AccessionNumber == original.AccessionNumber
    assert restored.StudyInstanceUID == study_uid
    assert restored.SOPInstanceUID == report.SOPInstanceUID
    evidence = restored.CurrentRequestedProcedureEvidenceSequence[0]
    named = {str(sop.ReferencedSOPInstanceUID) for one in evidence.ReferencedSeriesSequence
             for sop in one.ReferencedSOPSequence}
    assert named == {
        str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID) for path in originals[study_uid]}
    # str() of a data set shortens long texts.
    text = " ".join(str(element.value) for element in restored.iterall() if element.VR != "SQ")
    assert "överlob" in text
    assert str(images[0].PatientID) not in text

    def delivered():
        reports = site.gateway.study(key)["reports"]
        return reports and reports[0]["state"] == "delivered"

    wait_until(delivered, 20, "the report being recorded as delivered", pause=0.3)
    assert "överlob" in str(site.gateway.report_text(site.gateway.study(key)["reports"][0]["key"]))


def test_no_patient_is_named_in_the_log_or_the_journal(site, crossed):
    site.require_no_planted_words()
