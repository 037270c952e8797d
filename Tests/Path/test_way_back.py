"""Reports come home to the right patient, whoever wrote them, and what is doubtful is held; the vault and its record."""

import copy
import csv
import io
import json
import re
import shutil
import ssl
import subprocess
import urllib.request

import highdicom
import pydicom
import pytest
from highdicom.sr import CodedConcept, ContainerContentItem, ImageContentItem, RelationshipTypeValues, TextContentItem
from objects import PLANTED_NAME, bare, ct, part10
from orthanc import Orthanc
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import BasicTextSRStorage, EncapsulatedPDFStorage, ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE
from reader import CountingReader
from trial.processes import wait_until
from validators import dciodvfy, new_errors
from wire import CT_IMAGE, EXPLICIT, IMPLICIT

ALPHABET = "BCDFGHJKMNPQRSTVWXZ2345"
TOKEN = re.compile(rb"AP[BCDFGHJKMNPQRSTVWXZ2345]{11}")
WRITERS = {
    "enhanced": highdicom.sr.EnhancedSR, "comprehensive": highdicom.sr.ComprehensiveSR,
    "comprehensive3d": highdicom.sr.Comprehensive3DSR,
}


class Site:
    """Antipode between a modality, a reader that counts, and Debian's Orthanc as the hospital's archive."""

    def __init__(self, site):
        self.site = site
        self.gateway = site.gateway
        self.reader = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
        self.pacs = Orthanc(site.folder / "pacs", site.pacs_aet, {}, port=site.pacs_port).start()
        site.start()

    def stop(self):
        self.reader.stop()
        self.pacs.stop()

    def send(self, *images):
        """Gives the images as the reader has them, and the study's key."""
        before = self.reader.count
        with self.site.association() as association:
            for image in images:
                assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
            association.release()
        key = self.site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: self.reader.count >= before + len(images), 40, "the images at the reader", pause=0.2)
        uids = self.reader.received[before:before + len(images)]
        wait_until(
            lambda: self.gateway.study(key)["study"]["state"] == "delivered", 20, "the study delivered", pause=0.2)
        return [pydicom.dcmread(io.BytesIO(self.reader.objects[uid])) for uid in uids], key

    def push(self, report):
        """As the reader's workstation sends it; gives the report's row once it has come to rest."""
        known = {one["key"] for one in self.gateway.reports()}
        certificate, key, trusted = self.site.peer_tls("reader")
        context = ssl.create_default_context(cafile=str(trusted))
        context.load_cert_chain(str(certificate), str(key))
        context.check_hostname = False
        ae = AE(ae_title=self.site.reader_aet)
        ae.add_requested_context(report.SOPClassUID, ExplicitVRLittleEndian)
        association = ae.associate(
            "127.0.0.1", self.site.tls_port, ae_title=self.site.gateway_aet, tls_args=(context, "localhost"))
        assert association.is_established
        report = pydicom.dcmread(io.BytesIO(part10(report)))
        status = association.send_c_store(report)
        association.release()
        assert status.Status == 0x0000

        def settled():
            new = [one for one in self.gateway.reports() if one["key"] not in known]
            return new[0] if new and new[0]["state"] in ("delivered", "held") else None

        return wait_until(settled, 40, "the report coming to rest", pause=0.2)

    def at_home(self, uid):
        """The delivered object's bytes."""
        return next(one for one in self.pacs.files() if pydicom.dcmread(io.BytesIO(one)).SOPInstanceUID == uid)


@pytest.fixture(scope="module")
def home(make_site):
    one = Site(make_site("way-back", method="push"))
    yield one
    one.stop()


def token(material):
    """A whole token that was never given to anybody."""
    check = ALPHABET[sum((i + 2) * ALPHABET.index(c) for i, c in enumerate(material)) % 23]
    return "AP" + material + check


def sr(images, text, writer="enhanced", **given):
    """By highdicom, as a remote reader's workstation writes it."""
    first = images[0]
    inside = [
        TextContentItem(
            name=CodedConcept("121071", "DCM", "Finding"), value=text,
            relationship_type=RelationshipTypeValues.CONTAINS),
        ImageContentItem(
            name=CodedConcept("121112", "DCM", "Source of Measurement"), referenced_sop_class_uid=first.SOPClassUID,
            referenced_sop_instance_uid=first.SOPInstanceUID, relationship_type=RelationshipTypeValues.CONTAINS)]
    root = ContainerContentItem(name=CodedConcept("18748-4", "LN", "Diagnostic imaging study"))
    root.ContentSequence = highdicom.sr.ContentSequence(inside)
    return WRITERS[writer](
        evidence=images, content=root, series_instance_uid=highdicom.UID(), series_number=901,
        sop_instance_uid=highdicom.UID(), instance_number=1, manufacturer="Path test", is_complete=True, is_final=True,
        is_verified=True, institution_name="Reading abroad", verifying_observer_name="Läsare^Fjärran",
        verifying_organization="Reading abroad", **given)


def basic(images, text, charset="ISO_IR 192"):
    """Basic Text SR without evidence, as some systems write it."""
    first = images[0]
    one = Dataset()
    one.SpecificCharacterSet = charset
    one.SOPClassUID, one.SOPInstanceUID = BasicTextSRStorage, generate_uid(prefix=None)
    for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyID", "StudyDate",
                 "StudyTime", "AccessionNumber", "ReferringPhysicianName"):
        setattr(one, name, first.get(name, ""))
    one.Modality, one.SeriesInstanceUID, one.SeriesNumber, one.InstanceNumber = "SR", generate_uid(prefix=None), 902, 1
    one.Manufacturer = "Path test"
    one.ContentDate, one.ContentTime = "20260301", "230000"
    one.ReferencedPerformedProcedureStepSequence, one.PerformedProcedureCodeSequence = Sequence(), Sequence()
    one.CompletionFlag, one.VerificationFlag = "COMPLETE", "UNVERIFIED"
    one.ValueType, one.ContinuityOfContent = "CONTAINER", "SEPARATE"
    one.ConceptNameCodeSequence = [code("18748-4", "LN", "Diagnostic imaging study")]
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", text
    item.ConceptNameCodeSequence = [code("121071", "DCM", "Finding")]
    one.ContentSequence = [item]
    return one


def code(value, scheme, meaning):
    one = Dataset()
    one.CodeValue, one.CodingSchemeDesignator, one.CodeMeaning = value, scheme, meaning
    return one


def pdf(images, lines, folder):
    """Encapsulated PDF, drawn by Ghostscript with subset fonts and compressed streams."""
    script = folder / "report.ps"
    drawn = "".join(f"72 {700 - 20 * n} moveto ({line}) show\n" for n, line in enumerate(lines))
    script.write_text(f"%!PS\n/Times-Roman findfont 12 scalefont setfont\n{drawn}showpage\n")
    made = folder / "report.pdf"
    subprocess.run(["ps2pdf", "-dEmbedAllFonts=true", str(script), str(made)], check=True)
    one = basic(images, "")
    for name in ("CompletionFlag", "VerificationFlag", "ValueType", "ContinuityOfContent", "ContentSequence"):
        delattr(one, name)
    one.SOPClassUID, one.Modality, one.ConversionType = EncapsulatedPDFStorage, "DOC", "WSD"
    one.BurnedInAnnotation, one.DocumentTitle, one.AcquisitionDateTime = "YES", "Report", ""
    one.MIMETypeOfEncapsulatedDocument = "application/pdf"
    one.EncapsulatedDocument = made.read_bytes() + b"\0" * (len(made.read_bytes()) % 2)
    return one


def text_of(document, folder):
    path = folder / "home.pdf"
    path.write_bytes(document)
    drawn = subprocess.run(
        ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=txtwrite", "-sOutputFile=-", str(path)], capture_output=True)
    assert drawn.returncode == 0 and b"Error" not in drawn.stderr, drawn.stderr
    return drawn.stdout.decode("utf-8", "replace")


# The way back

@pytest.mark.parametrize("writer", sorted(WRITERS))
def test_a_report_by_highdicom_comes_home_whole(home, writer, tmp_path):
    source = [ct(), ct(number=2)]
    source[1].StudyInstanceUID, source[1].SeriesInstanceUID = source[0].StudyInstanceUID, source[0].SeriesInstanceUID
    seen, key = home.send(*source)
    told = (f"{seen[0].PatientName}, förtätning i höger ovanlob, jämför remiss {seen[0].AccessionNumber}.\n"
            f"Patient {str(seen[0].PatientID)[:6]}\n{str(seen[0].PatientID)[6:]}, bild {seen[0].SOPInstanceUID}: Åsa, ö.")
    report = sr(seen, told, writer)
    row = home.push(report)
    assert row["state"] == "delivered", row.get("hold")
    delivered = home.at_home(report.SOPInstanceUID)
    restored = pydicom.dcmread(io.BytesIO(delivered))
    assert str(restored.PatientName) == PLANTED_NAME and restored.PatientID == source[0].PatientID
    for name in ("AccessionNumber", "StudyInstanceUID", "StudyID", "StudyDate", "PatientBirthDate", "PatientSex"):
        assert getattr(restored, name) == getattr(source[0], name), name
    assert restored.SeriesInstanceUID == report.SeriesInstanceUID
    assert str(restored.VerifyingObserverSequence[0].VerifyingObserverName) == "Läsare^Fjärran"
    assert restored.PatientIdentityRemoved == "NO" and "DeidentificationMethod" not in restored
    evidence = restored.CurrentRequestedProcedureEvidenceSequence[0]
    assert evidence.StudyInstanceUID == source[0].StudyInstanceUID
    referred = {one.ReferencedSOPInstanceUID for s in evidence.ReferencedSeriesSequence for one in s.ReferencedSOPSequence}
    assert referred == {str(one.SOPInstanceUID) for one in source}
    told = restored.ContentSequence[0].TextValue
    assert told == (
        f"Qvintus Håkan Zebrasson, förtätning i höger ovanlob, jämför remiss ZACC7719.\n"
        f"Patient 19340229-9876, bild {_original(source, seen)}: Åsa, ö.")
    assert not TOKEN.search(delivered)
    before, after = tmp_path / "before.dcm", tmp_path / "after.dcm"
    before.write_bytes(part10(report))
    after.write_bytes(delivered)
    assert not new_errors(dciodvfy(before), dciodvfy(after))


def _original(source, seen):
    """Which of the source's images the reader's first one is."""
    return next(one.SOPInstanceUID for one in source if one.PixelData == seen[0].PixelData)


def test_a_prior_is_cited_and_comes_home_as_a_reference(home):
    prior, now = ct(), ct()
    now.AccessionNumber = "ZACC7720"
    seen_prior, _ = home.send(prior)
    seen_now, _ = home.send(now)
    assert seen_prior[0].PatientID == seen_now[0].PatientID and seen_prior[0].StudyInstanceUID != seen_now[0].StudyInstanceUID
    report = sr(seen_now, f"Jämfört med {seen_prior[0].AccessionNumber}.", "comprehensive", previous_versions=None)
    other = Dataset()
    other.StudyInstanceUID = seen_prior[0].StudyInstanceUID
    series = Dataset()
    series.SeriesInstanceUID = seen_prior[0].SeriesInstanceUID
    image = Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = seen_prior[0].SOPClassUID, seen_prior[0].SOPInstanceUID
    series.ReferencedSOPSequence = [image]
    other.ReferencedSeriesSequence = [series]
    report.PertinentOtherEvidenceSequence = [other]
    row = home.push(report)
    assert row["state"] == "delivered", row.get("hold")
    restored = pydicom.dcmread(io.BytesIO(home.at_home(report.SOPInstanceUID)))
    assert restored.ContentSequence[0].TextValue == "Jämfört med ZACC7719."
    back = restored.PertinentOtherEvidenceSequence[0]
    assert back.StudyInstanceUID == prior.StudyInstanceUID
    assert back.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == prior.SOPInstanceUID


def item(**values):
    one = Dataset()
    for name, value in values.items():
        setattr(one, name, value)
    return one


@pytest.mark.parametrize("implicit", [True, False])
def test_issuers_persons_references_and_the_visit_come_home(home, implicit):
    source = ct()
    source.IssuerOfPatientID = "Åsele"
    source.IssuerOfPatientIDQualifiersSequence = [
        item(UniversalEntityID="1.2.752.129.2.1.3.1", UniversalEntityIDType="ISO")]
    source.IssuerOfAccessionNumberSequence = [item(LocalNamespaceEntityID="RIS")]
    source.OtherPatientIDsSequence = [
        item(PatientID="ZOLD-4711", IssuerOfPatientID="Östra", TypeOfPatientID="TEXT"),
        item(PatientID="ZOLD-4712", IssuerOfPatientID="Norra", TypeOfPatientID="TEXT")]
    source.ReferringPhysicianIdentificationSequence = [item(
        InstitutionName="Xylanders vårdcentral",
        PersonIdentificationCodeSequence=[item(CodeValue="SE77", CodingSchemeDesignator="99ZZ", CodeMeaning="Läkare")])]
    source.ReferencedStudySequence = [item(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID=generate_uid(prefix=None))]
    source.AdmissionID, source.ServiceEpisodeID, source.CurrentPatientLocation = "ZADM55", "ZEP66", "Avdelning Å4"
    source.IssuerOfAdmissionIDSequence = [item(LocalNamespaceEntityID="ADT")]
    source.MedicalAlerts, source.PregnancyStatus, source.PatientState = "nickel", 4, "awake"
    with home.site.association([(CT_IMAGE, (IMPLICIT if implicit else EXPLICIT,))]) as association:
        before = home.reader.count
        assert association.store(CT_IMAGE, source.SOPInstanceUID, bare(source, implicit=implicit)) == 0
        association.release()
    wait_until(lambda: home.reader.count > before, 40, "the image at the reader", pause=0.2)
    seen = pydicom.dcmread(io.BytesIO(home.reader.objects[home.reader.received[before]]))
    names = [
        "IssuerOfPatientID", "IssuerOfPatientIDQualifiersSequence", "IssuerOfAccessionNumberSequence",
        "OtherPatientIDsSequence", "ReferringPhysicianIdentificationSequence", "ReferencedStudySequence", "AdmissionID",
        "IssuerOfAdmissionIDSequence", "ServiceEpisodeID", "CurrentPatientLocation"]
    assert not any(seen.get(name) for name in names)
    # The reader's letters have no place in the study's character set.
    for text, charset in (("Normal.", "ISO_IR 100"), ("Höft ≥ 3 cm", "ISO_IR 192")):
        report = basic([seen], text)
        report.OtherPatientIDsSequence = [item(PatientID="READER-1", IssuerOfPatientID="Sydney", TypeOfPatientID="TEXT")]
        row = home.push(report)
        assert row["state"] == "delivered", row.get("hold")
        restored = pydicom.dcmread(io.BytesIO(home.at_home(report.SOPInstanceUID)))
        assert restored.SpecificCharacterSet == charset and restored.ContentSequence[0].TextValue == text
        for name in names + ["MedicalAlerts", "PregnancyStatus", "PatientState"]:
            assert restored.get(name) == source.get(name), name


def test_evidence_that_was_never_sent_is_delivered_and_told_of(home):
    """unknown_references = "deliver", the default."""
    seen, key = home.send(ct())
    report = sr(seen, "Compared with a study of elsewhere.", "comprehensive")
    elsewhere = item(
        StudyInstanceUID=generate_uid(prefix=None), ReferencedSeriesSequence=[item(
            SeriesInstanceUID=generate_uid(prefix=None), ReferencedSOPSequence=[item(
                ReferencedSOPClassUID=CT_IMAGE, ReferencedSOPInstanceUID=generate_uid(prefix=None))])])
    report.PertinentOtherEvidenceSequence = [elsewhere]
    row = home.push(report)
    assert row["state"] == "delivered", row.get("hold")
    restored = pydicom.dcmread(io.BytesIO(home.at_home(report.SOPInstanceUID)))
    assert restored.PertinentOtherEvidenceSequence[0] == elsewhere
    assert "1 of the objects that it refers to were never sent" in json.dumps(home.gateway.study(key))
    # Evidence of elsewhere alone says that the report is about something else.
    lost = sr(seen, "x", "comprehensive")
    lost.CurrentRequestedProcedureEvidenceSequence = [elsewhere]
    held(home, lost, "reportUnmatched")


def test_a_document_comes_home_behind_a_page_that_says_whose_it_is(home, tmp_path):
    seen, _ = home.send(ct())
    report = pdf(seen, ["Thorax without findings.", f"Patient {seen[0].PatientID}"], tmp_path)
    row = home.push(report)
    assert row["state"] == "delivered", row.get("hold")
    document = pydicom.dcmread(io.BytesIO(home.at_home(report.SOPInstanceUID))).EncapsulatedDocument
    assert document.startswith(report.EncapsulatedDocument.rstrip(b"\0"))
    text = text_of(document, tmp_path)
    assert text.index("Zebrasson") < text.index("Thorax without findings") and "19340229-9876" in text
    assert str(seen[0].PatientID) in text


# What is held, and why

def held(home, report, hold):
    row = home.push(report)
    assert row["state"] == "held" and row["hold"]["code"] == hold, row
    assert row["hold"]["hint"]
    return row


def test_what_does_not_agree_is_held_and_nothing_is_guessed(home, tmp_path):
    seen, _ = home.send(ct())
    other = ct()
    other.PatientID, other.PatientName, other.PatientBirthDate = "19121212-1212", "Tolvansson^Tolvan", "19121212"
    other.AccessionNumber = "ZACC8888"
    strangers, _ = home.send(other)
    delivered = home.pacs.count()

    unsent = basic(seen, "Normal.")
    unsent.StudyInstanceUID = generate_uid(prefix=None)
    held(home, unsent, "reportUnmatched")
    mixed = basic(seen, "Normal.")
    mixed.PatientID = strangers[0].PatientID
    held(home, mixed, "reportContradicts")
    held(home, basic(seen, f"Compared with {strangers[0].PatientID}."), "reportContradicts")
    held(home, basic(seen, f"Compared with {token('BCDFGHJKMN')}."), "reportContradicts")
    wrong = str(seen[0].PatientID)
    wrong = wrong[:5] + ("K" if wrong[5] != "K" else "H") + wrong[6:]
    held(home, basic(seen, f"Patient {wrong}."), "tokenDamaged")
    damaged = basic(seen, "Normal.")
    damaged.PatientID = wrong
    held(home, damaged, "tokenDamaged")
    nobody = basic(seen, "Normal.")
    nobody.PatientID = nobody.AccessionNumber = ""
    held(home, nobody, "reportUnmatched")
    undeclared = basic(seen, "Höft", charset="ISO_IR 100")
    undeclared.ContentSequence[0].TextValue = "H\u00f6ft"
    raw = part10(undeclared).replace(b"ISO_IR 100", b"ISO_IR 6\x20\x20")
    held(home, pydicom.dcmread(io.BytesIO(raw)), "characterSetMissing")
    held(home, pdf(seen, [f"Patient {strangers[0].PatientID}"], tmp_path), "reportContradicts")
    partial = basic(seen, "Normal.")
    partial.CompletionFlag = "PARTIAL"
    row = held(home, partial, "reportIncomplete")
    for name, word in (
            ("CompletionFlag", ""), ("CompletionFlag", "DRAFT"), ("PreliminaryFlag", "PRELIM"), ("VerificationFlag", "NO")):
        unknown = basic(seen, "Normal.")
        setattr(unknown, name, word)
        held(home, unknown, "reportIncomplete")
    assert home.pacs.count() == delivered
    # What a person may decide, a person can let go.
    home.gateway.run("report", "release", row["key"])
    wait_until(lambda: home.pacs.count() == delivered + 1, 30, "the released report at home", pause=0.2)


def image_item(image):
    reference = item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)
    return item(RelationshipType="CONTAINS", ValueType="IMAGE", ReferencedSOPSequence=[reference])


def test_what_is_another_patients_or_another_exams_is_held_wherever_it_stands(home, tmp_path):
    """With the header of the patient: nothing else in the report may speak of somebody else (two keys)."""
    source = ct()
    seen, _ = home.send(source)
    other = ct()
    other.PatientID, other.PatientName, other.PatientBirthDate = "19121212-1212", "Tolvansson^Tolvan", "19121212"
    other.AccessionNumber = "ZACC8889"
    [stranger], _ = home.send(other)
    second = ct(number=2)
    second.AccessionNumber = "ZACC7720"
    [later], _ = home.send(second)
    mine = seen[0]
    assert later.PatientID == mine.PatientID != stranger.PatientID
    delivered = home.pacs.count()

    def refuse(report, code="reportContradicts", **values):
        for name, value in values.items():
            setattr(report, name, value)
        held(home, report, code)

    def with_image(image):
        report = basic(seen, "Normal.")
        report.ContentSequence.append(image_item(image))
        return report

    def with_private(vr, value):
        report = basic(seen, "Normal.")
        report.private_block(0x0029, "READER", create=True).add_new(1, vr, value)
        return report

    # Images
    refuse(with_image(stranger))
    evidence = sr(seen, "Normal.")
    for reference in (evidence.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0],
                      evidence.ContentSequence[1]):
        reference.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = stranger.SOPInstanceUID
    refuse(evidence)
    header = {name: mine.get(name) for name in ("PatientName", "PatientID", "AccessionNumber", "StudyInstanceUID")}
    # A copy: the report shares the elements of the images that it is made of.
    refuse(sr([copy.deepcopy(stranger)], "Normal."), **header)
    # Other UIDs
    pointer = basic(seen, "Normal.")
    pointer.ContentSequence.append(item(
        RelationshipType="CONTAINS", ValueType="UIDREF", UID=stranger.StudyInstanceUID,
        ConceptNameCodeSequence=[code("110180", "DCM", "Study Instance UID")]))
    refuse(pointer)
    refuse(basic(seen, "Normal."), FrameOfReferenceUID=stranger.FrameOfReferenceUID)
    for uid in (stranger.StudyInstanceUID, stranger.SOPInstanceUID, stranger.FrameOfReferenceUID):
        refuse(basic(seen, f"Compared with {uid}."))
    refuse(with_private("LO", str(stranger.StudyInstanceUID)))
    refuse(with_private("OB", str(stranger.StudyInstanceUID).encode().ljust(64, b"\0")))
    refuse(with_private("OB", str(stranger.PatientID).encode("utf-16-le")))
    refuse(pdf(seen, [f"Compared with {stranger.StudyInstanceUID}"], tmp_path))
    # Another exam of the same patient
    exam = sr([copy.deepcopy(later)], "Normal.")
    refuse(exam, StudyInstanceUID=mine.StudyInstanceUID, AccessionNumber="")
    exam = sr(seen, "Normal.")
    evidence = exam.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    evidence.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = later.SOPInstanceUID
    refuse(exam)
    # Tokens that something cuts
    token = str(stranger.PatientID)
    for gap in ("\u200b", "\u00a0", "\u00ad", "\u2013", "\u2011", "/", ",", ":", "\t"):
        refuse(basic(seen, f"Compared with {token[:5]}{gap}{token[5:]}."))
    refuse(basic(seen, f"Compared with {' '.join(token)}."))
    refuse(basic(seen, "Compared with " + "".join(chr(ord(one) + 0xFEE0) for one in token)))
    # Somebody else in clear
    refuse(basic(seen, "Patient 19121212-1212."), "patientDiffers")
    refuse(basic(seen, "Normal."), "patientDiffers", PatientBirthDate="19500101")
    assert home.pacs.count() == delivered

    # What is the patient's own goes home whole.
    row = home.push(with_image(later))
    assert row["state"] == "delivered", row.get("hold")
    mine_cut = str(mine.PatientID)
    spaced = f"{mine_cut[:5]}\u2013{mine_cut[5:]}, {' '.join(mine_cut)}, {mine.FrameOfReferenceUID}"
    report = basic(seen, spaced)
    report.ContentSequence.append(image_item(later))
    row = home.push(report)
    assert row["state"] == "delivered", row.get("hold")
    restored = pydicom.dcmread(io.BytesIO(home.at_home(report.SOPInstanceUID)))
    assert restored.ContentSequence[0].TextValue == f"19340229-9876, 19340229-9876, {source.FrameOfReferenceUID}"
    assert restored.ContentSequence[1].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == second.SOPInstanceUID


def test_a_later_version_is_linked_and_the_same_uid_with_other_content_alarms(home):
    seen, key = home.send(ct())
    first = sr(seen, "No nodule.", "comprehensive")
    one = home.push(first)
    assert one["state"] == "delivered"
    second = sr(seen, "One nodule.", "comprehensive", previous_versions=[first])
    two = home.push(second)
    assert two["state"] == "delivered", two.get("hold")
    restored = pydicom.dcmread(io.BytesIO(home.at_home(second.SOPInstanceUID)))
    named = restored.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert named.ReferencedSOPInstanceUID == first.SOPInstanceUID
    events = home.gateway.study(key)["events"]
    assert any(e["kind"] == "reportFollows" and one["key"] in e["detail"] for e in events)
    changed = sr(seen, "Two nodules.", "comprehensive")
    changed.SOPInstanceUID = first.SOPInstanceUID
    three = held(home, changed, "reportConflict")
    home.gateway.run("report", "release", three["key"])
    wait_until(
        lambda: [r for r in home.gateway.reports() if r["key"] == three["key"]][0]["state"] == "delivered", 30,
        "the released one at home", pause=0.2)
    bodies = [one for one in home.pacs.files() if b"Two nodules." in one]
    assert len(bodies) == 1
    assert pydicom.dcmread(io.BytesIO(bodies[0])).SOPInstanceUID != first.SOPInstanceUID
    assert b"No nodule." in home.at_home(first.SOPInstanceUID)


# The vault

def told(home, *words, given=None):
    """A command with something on its standard input."""
    return subprocess.run(
        [home.gateway.binary, *map(str, words), "--config", str(home.gateway.config)], capture_output=True, text=True,
        input=given, timeout=60)


def test_disclosures_say_what_left_and_are_tied_to_a_patient_only_through_the_vault(home):
    image = ct()
    image.PatientID, image.AccessionNumber = "19540505-5467", "ZACC9001"
    _, key = home.send(image)
    rows = json.loads(told(home, "disclosures", "--format", "json").stdout)
    row = next(one for one in rows if f"S{one['studyID']}" == key)
    terms = row["terms"][0]
    assert terms["destination"] == "reader" and terms["identity"] == "pseudonymous" and row["acknowledged"] == 1
    assert terms["options"][0] == "113100" and row["result"]["classes"] == {str(image.SOPClassUID): 1}
    sheet = told(home, "disclosures", "--format", "csv", "--study", key).stdout
    lines = list(csv.DictReader(io.StringIO(sheet)))
    assert [line["exam"] for line in lines] == [key] and lines[0]["held_by_guard"] == "0"
    assert image.PatientID not in sheet and str(image.StudyInstanceUID) not in sheet
    assert told(home, "disclosures", "--json").stdout == told(home, "disclosures", "--format", "json").stdout
    for words in (["--format", "csv", "--json"], ["--format", "table", "--json"]):
        done = told(home, "disclosures", *words)
        assert done.returncode == 64 and "contradict" in done.stderr and not done.stdout, words
    refused = told(home, "disclosures", "--patient", given="19540505-5467\n")
    assert refused.returncode == 64
    found = told(home, "disclosures", "--patient", "--reason", "request 14", "--format", "json", given="540505-5467\n")
    assert [f"S{one['studyID']}" for one in json.loads(found.stdout)] == [key]
    looks = home.gateway.ask("vault", "accesses", "--limit", "1000")
    assert looks[0]["action"] == "disclosures" and looks[0]["reason"] == "request 14" and looks[0]["isWhole"]
    assert any(one["action"] == "send" and one["subject"] == key for one in looks)


def test_a_forgotten_patient_is_forgotten(home):
    image = ct()
    image.PatientID, image.AccessionNumber = "19660606-6675", "ZACC9002"
    seen, key = home.send(image)
    report = basic(seen, "Normal.")
    done = told(home, "vault", "forget", "--patient", "--reason", "request 15", "--yes", given="19660606-6675\n")
    assert done.returncode == 0, done.stderr
    held(home, report, "mapForgotten")
    assert told(home, "vault", "show", key, "--reason", "again").returncode != 0
    assert home.gateway.ask("studies", "--text", "19660606-6675") == []
    spool = [path for path in home.gateway.folder.rglob("*") if path.is_file() and "vault" not in path.name]
    assert not [path for path in spool if b"19660606-6675" in path.read_bytes()]
    assert home.gateway.ask("vault", "accesses", "--limit", "10")[0]["action"] in ("show", "search")


def test_the_key_is_rotated_while_the_daemon_runs_and_pseudonyms_stay(home):
    one, two = ct(), ct()
    for image, accession in ((one, "ZACC9003"), (two, "ZACC9004")):
        image.PatientID, image.AccessionNumber = "19770707-7785", accession
    before, _ = home.send(one)
    key = home.gateway.vault_key
    old = key.read_bytes()
    done = told(home, "vault", "rotate-key")
    assert done.returncode == 0, done.stderr
    assert key.read_bytes() != old and key.with_name("vault.key.old").read_bytes() == old
    assert not key.with_name("vault.key.new").exists() and key.stat().st_mode & 0o077 == 0
    after, _ = home.send(two)
    assert after[0].PatientID == before[0].PatientID
    home.site.stop()
    home.site.start()
    report = basic(before, f"Patient {before[0].PatientID}.")
    row = home.push(report)
    assert row["state"] == "delivered", row.get("hold")
    assert len(home.gateway.ask("vault", "status")["keys"]) == 2
    home.site.require_no_planted_words()


def test_a_key_that_was_rotated_away_or_is_another_ones_or_missing_stops_sending_and_nothing_else(home):
    key = home.gateway.vault_key
    kept = key.with_name("vault.key.kept")
    if not key.with_name("vault.key.old").exists():
        assert told(home, "vault", "rotate-key").returncode == 0
    home.site.stop()
    shutil.move(key, kept)
    count = home.reader.count
    try:
        for content, word in ((key.with_name("vault.key.old").read_bytes(), "rotated away"), (b"x" * 32, "does not fit"),
                              (None, "No such file")):
            key.unlink(missing_ok=True)
            if content:
                key.write_bytes(content)
                key.chmod(0o400)
            home.site.start()
            image = ct()
            with home.site.association() as association:
                assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
                association.release()
            status = home.gateway.status()
            alarm = next(one for one in status["alarms"] if one["code"] == "vaultUnavailable")
            assert word in alarm["detail"]
            with urllib.request.urlopen(f"http://127.0.0.1:{home.site.console_port}/readyz", timeout=10) as answer:
                assert b"sends nothing: vaultUnavailable" in answer.read()
            home.site.stop()
        assert home.reader.count == count
    finally:
        key.unlink(missing_ok=True)
        shutil.move(kept, key)
        home.site.start()
    wait_until(lambda: home.reader.count == count + 3, 60, "all at the reader, once the key is back", pause=0.3)
