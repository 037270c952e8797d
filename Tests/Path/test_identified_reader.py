"""A reader that knows the patient, by an agreement of its own: its reports come home as it wrote them, and only to their patient."""

import copy
import io

import pydicom
import pytest
from faults import in_a_hurry
from objects import PLANTED_NAME, bare, part10, study
from orthanc import Orthanc
from pydicom.uid import generate_uid
from reporting import ReportingReader
from sr import basic_report, push_report
from trial.processes import wait_until
from wire import CT_IMAGE

IDENTIFIED = ('identity = "pseudonymous"', 'identity = "identified"\nground = "read within the region"')


class Place:
    def __init__(self, site):
        self.site, self.gateway = in_a_hurry(site, IDENTIFIED), site.gateway
        self.reader = ReportingReader(
            site.reader_port, site.reader_aet, *site.peer_tls("reader"),
            home=("127.0.0.1", site.tls_port, site.gateway_aet)).start()
        self.pacs = Orthanc(site.folder / "pacs", site.pacs_aet, {}, port=site.pacs_port).start()
        site.start()

    def stop(self):
        self.site.stop()
        self.reader.stop()
        self.pacs.stop()

    def send(self, count=2, **changes):
        """The study's key, and its images as the reader has them."""
        images = study(count)
        for image in images:
            for name, value in changes.items():
                setattr(image, name, value)
        with self.site.association() as association:
            for image in images:
                assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
            association.release()
        seen = wait_until(
            lambda: (got := self.reader.of_study(images[0].StudyInstanceUID)) and len(got) == count and got, 30,
            "the study at the reader, under its own UID")
        return self.site.study_key(images[0].StudyInstanceUID), seen

    def rest(self, report):
        """The report's row when nothing more becomes of it by itself."""
        def at_rest():
            rows = [one for one in self.gateway.reports() if one["sopInstanceUID"] == report.SOPInstanceUID]
            return rows and rows[0]["state"] in ("held", "delivered") and rows[0]

        return wait_until(at_rest, 30, "the report at rest", pause=0.2)

    def at_home(self, report):
        found = [pydicom.dcmread(io.BytesIO(one)) for one in self.pacs.files()]
        return next((one for one in found if one.SOPInstanceUID == report.SOPInstanceUID), None)


def written(report):
    """All but the file meta, as it reads after one way through a file."""
    return pydicom.dcmread(io.BytesIO(part10(report))).to_json_dict()


@pytest.fixture(scope="module")
def place(make_site):
    one = Place(make_site("identified-push"))
    yield one
    one.stop()
    one.site.require_no_planted_words()


def test_a_report_that_is_asked_for_comes_home_as_it_was_written(make_site):
    place = Place(make_site("identified-get", method="get"))
    try:
        _, seen = place.send()
        report = basic_report(seen, "Inget avvikande.")
        place.reader.add(report)
        assert place.rest(report)["state"] == "delivered"
        assert place.at_home(report).to_json_dict() == written(report)
        assert place.reader.asked[report.SOPInstanceUID] == 1
    finally:
        place.stop()
    place.site.require_no_planted_words()


def test_a_report_that_is_pushed_comes_home_as_it_was_written(place):
    key, seen = place.send()
    assert str(seen[0].PatientName) == PLANTED_NAME
    report = basic_report(seen, "Inget avvikande.")
    push_report(place.site, report)
    assert place.rest(report)["state"] == "delivered"
    assert place.at_home(report).to_json_dict() == written(report)
    detail = place.gateway.study(key)
    assert [one["sopInstanceUID"] for one in detail["reports"]] == [report.SOPInstanceUID]
    # What is nobody's pseudonym is not shown as one.
    assert all(not one.get("pseudonymousStudyUID") for one in detail["transfers"])


def held(place, report, code):
    push_report(place.site, report)
    row = place.rest(report)
    assert row["state"] == "held" and row["hold"]["code"] == code, row
    assert place.at_home(report) is None
    return row


@pytest.mark.parametrize("change, code", [
    ({"PatientID": "19121212-1212"}, "reportContradicts"),
    ({"AccessionNumber": "ANOTHERS1"}, "reportContradicts"),
    ({"PatientID": "", "AccessionNumber": ""}, "reportUnmatched"),
    ({"PatientID": ""}, "reportUnmatched"),
    ({"StudyInstanceUID": generate_uid(prefix=None)}, "reportUnmatched"),
    ({"PatientName": "Someone^Else"}, "patientDiffers"),
    ({"PatientBirthDate": "19011224"}, "patientDiffers"),
], ids=["number", "order", "no key", "order alone", "study", "name", "birth date"])
def test_what_speaks_of_another_patient_is_held(place, change, code):
    _, seen = place.send()
    report = basic_report(seen, "Inget avvikande.")
    if "PatientName" in change:
        report.PatientBirthDate = ""
    if "PatientID" in change and not change["PatientID"]:
        for request in report.get("ReferencedRequestSequence", []):
            request.AccessionNumber = ""
    for name, value in change.items():
        setattr(report, name, value)
    row = held(place, report, code)
    if code == "patientDiffers":
        place.gateway.run("report", "release", row["key"])
        wait_until(lambda: place.at_home(report), 30, "the report that a person let go", pause=0.3)


def test_a_study_of_another_patient_in_its_evidence_holds_it(place):
    _, other = place.send(PatientID="18990118-9816", PatientName="Annan^Person", PatientBirthDate="18990118")
    _, seen = place.send()
    report = basic_report(seen, "Inget avvikande.")
    evidence = report.CurrentRequestedProcedureEvidenceSequence
    more = copy.deepcopy(evidence[0])
    more.StudyInstanceUID = other[0].StudyInstanceUID
    evidence.append(more)
    held(place, report, "reportContradicts")


def test_images_of_another_exam_in_its_evidence_hold_it(place):
    _, other = place.send()
    _, seen = place.send()
    report = basic_report(seen, "Inget avvikande.")
    for item in report.CurrentRequestedProcedureEvidenceSequence:
        for number, image in enumerate(item.ReferencedSeriesSequence[0].ReferencedSOPSequence):
            image.ReferencedSOPInstanceUID = other[number].SOPInstanceUID
    held(place, report, "reportContradicts")


def test_another_persons_number_in_its_text_holds_it(place):
    _, seen = place.send()
    held(place, basic_report(seen, "Jämför med 19121212-1212 som undersöktes samtidigt."), "patientDiffers")


def test_it_is_not_rewritten_for_a_study_that_it_does_not_name(place):
    key, seen = place.send()
    report = basic_report(seen, "Inget avvikande.")
    report.StudyInstanceUID = generate_uid(prefix=None)
    for item in report.CurrentRequestedProcedureEvidenceSequence:
        item.StudyInstanceUID = report.StudyInstanceUID
    row = held(place, report, "reportUnmatched")
    done = place.gateway.run(
        "report", "release", row["key"], "--study", key, "--override", "--reason", "the reader says so", check=False)
    assert done.returncode == 77 and "with the patient's identity" in done.stderr
    assert place.at_home(report) is None


def test_reading_it_is_written_down_though_it_is_not_restored(place):
    _, seen = place.send()
    report = basic_report(seen, "Inget avvikande.")
    report.PatientID = "19121212-1212"
    row = held(place, report, "reportContradicts")
    place.gateway.report_text(row["key"])
    assert row["key"] in place.gateway.run("vault", "accesses", "--json").stdout
