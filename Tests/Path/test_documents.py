"""Documents inside of objects: by `documents = "replace"` a PDF leaves as a page of ours that says nothing, CDA and STL
wait for a person; by `"hold"` all three do, and no release lets one out."""

import copy
import io
import subprocess
import zlib

import pydicom
import pytest
import validators
from objects import PLANTED_NAME, PLANTED_WORDS, bare, ct, part10
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid
from reader import CountingReader
from trial.processes import wait_until
from wire import EXPLICIT, IMPLICIT

ARC = "1.2.840.10008.5.1.4.1.1.104."
PDF, CDA, STL = ARC + "1", ARC + "2", ARC + "3"
NUMBER = "19340229-9876"
FORMS = PLANTED_WORDS + [NUMBER, "340229-9876", "3402299876", "1934-02-28", "ZS1QX77", "Remittentqvist", "Håkan"]
DEFLATED = "1.2.840.10008.1.2.1.99"


# The objects

def pdf(folder):
    """Drawn by Ghostscript with subset fonts and compressed streams; its information dictionary names the patient too."""
    script, made = folder / "letter.ps", folder / "letter.pdf"
    script.write_text(
        "%!PS\n[/Title (Zebrasson 19340229-9876) /Author (Remittentqvist) /DOCINFO pdfmark\n"
        "/Times-Roman findfont 12 scalefont setfont\n72 700 moveto (Zebrasson, Qvintus 19340229-9876) show\n"
        "72 680 moveto (Xylander sjukhus, ZACC7719) show\nshowpage\n")
    subprocess.run(["ps2pdf", "-dEmbedAllFonts=true", str(script), str(made)], check=True)
    return made.read_bytes()


def cda():
    return (f'<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3"><title>Zebrasson</title>'
            f'<recordTarget><patientRole><id extension="{NUMBER}"/></patientRole></recordTarget></ClinicalDocument>').encode()


def stl():
    return b"Zebrasson^Qvintus 19340229-9876".ljust(80) + (1).to_bytes(4, "little") + bytes(50)


def code(value, scheme, meaning):
    one = Dataset()
    one.CodeValue, one.CodingSchemeDesignator, one.CodeMeaning = value, scheme, meaning
    return one


def picture():
    one = ct()
    # Her given name is not the Modality of documents.
    one.ReferringPhysicianName = "Remittentqvist^Rut"
    return one


def document(image, sop_class, content, mime):
    """An encapsulated document about an image, with its patient in every field of its module (PS3.3 A.45, C.24.2)."""
    one = Dataset()
    for name in ("SpecificCharacterSet", "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID",
                 "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "InstitutionName", "StudyID"):
        setattr(one, name, getattr(image, name))
    one.SOPClassUID, one.SOPInstanceUID = sop_class, generate_uid(prefix=None)
    one.SeriesInstanceUID, one.SeriesNumber, one.InstanceNumber = generate_uid(prefix=None), 3, 1
    one.Modality, one.ConversionType, one.Manufacturer = "M3D" if sop_class == STL else "DOC", "WSD", "Path test"
    one.ContentDate, one.ContentTime, one.AcquisitionDateTime = "20260301", "223000", "20260301223000"
    one.BurnedInAnnotation = "YES"
    one.DocumentTitle = f"Remiss Zebrasson {NUMBER}"
    one.ConceptNameCodeSequence = Sequence([code("R-ZACC7719", "99XYLANDER", "Remiss Remittentqvist")])
    one.MIMETypeOfEncapsulatedDocument = mime
    one.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    one.EncapsulatedDocumentLength = len(content)
    source = Dataset()
    source.ReferencedSOPClassUID, source.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    one.SourceInstanceSequence = Sequence([source])
    if sop_class == CDA:
        one.HL7InstanceIdentifier = "2.16.840.1.113883.19^Zebrasson"
    return one


KINDS = {
    "PDF": lambda image, folder: document(image, PDF, pdf(folder), "application/pdf"),
    "CDA": lambda image, folder: document(image, CDA, cda(), "text/XML"),
    "STL": lambda image, folder: document(image, STL, stl(), "model/stl"),
}


# The house

@pytest.fixture(scope="module")
def replacing(make_site):
    yield from house(make_site, "replace")


@pytest.fixture(scope="module")
def holding(make_site):
    yield from house(make_site, "hold")


def house(make_site, documents):
    site = make_site(f"documents-{documents}")
    config = site.gateway.config
    text = config.read_text().replace('identity = "pseudonymous"', 'identity = "pseudonymous"\nprofile = "reading"', 1)
    text = text.replace("unknown_sop_classes = true\n", "unknown_sop_classes = true\ndeflated = true\n", 1)
    config.write_text(f'{text}\n[[profile]]\nname = "reading"\ndocuments = "{documents}"\n')
    site.start()
    reader = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
    yield site, reader
    reader.stop()
    site.require_no_planted_words()


def push(site, *objects, syntax=EXPLICIT):
    for one in objects:
        data = bare(one, implicit=syntax == IMPLICIT)
        if syntax == DEFLATED:
            data = deflated(data)
        with site.association([(str(one.SOPClassUID), [syntax])]) as association:
            assert association.accepted == {1: syntax}
            assert association.store(str(one.SOPClassUID), str(one.SOPInstanceUID), data) == 0
            association.release()


def deflated(data):
    """RFC 1951 without a header, of even length (PS3.5 A.5)."""
    pressed = zlib.compressobj(wbits=-15)
    made = pressed.compress(data) + pressed.flush()
    return made + b"\0" * (len(made) % 2)


def settled(site, one):
    def found():
        transfers = site.gateway.study(site.study_key(one.StudyInstanceUID))["transfers"]
        return transfers[0] if transfers and transfers[0]["state"] in ("acknowledged", "held") else None

    return wait_until(found, 40, "the transfer being settled", pause=0.3)


def instances(site, one):
    """SOP Instance UID → its row."""
    rows = site.gateway.ask("study", "instances", site.study_key(one.StudyInstanceUID))
    return {row["sopInstanceUID"]: row for row in rows}


def require_nothing_of(content, *originals):
    """No planted word and no UID of the sources stands in the bytes."""
    lower = content.lower()
    uids = [str(getattr(one, name)) for one in originals
            for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    for word in FORMS + uids + PLANTED_NAME.split("^"):
        for charset in ("latin-1", "utf-8", "utf-16-le", "utf-16-be"):
            assert word.lower().encode(charset) not in lower, "a planted word left"


def drawn(content, folder):
    """A PDF's text as Ghostscript reads it, which says so where it had to repair the file."""
    path = folder / "left.pdf"
    path.write_bytes(content)
    done = subprocess.run(
        ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=txtwrite", "-sOutputFile=-", str(path)], capture_output=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.decode()


# What leaves

@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, DEFLATED], ids=["explicit", "implicit", "deflated"])
def test_a_pdf_leaves_as_a_page_of_ours(replacing, tmp_path, syntax):
    site, reader = replacing
    image = picture()
    one = KINDS["PDF"](image, tmp_path)
    original = bytes(one.EncapsulatedDocument)
    assert b"Zebrasson" in original and b"FlateDecode" in original
    push(site, one, syntax=syntax)
    push(site, image)
    transfer = settled(site, one)
    assert transfer["state"] == "acknowledged", transfer["failure"]
    arrived = {str(got.SOPClassUID): got for got in reader.of_study(transfer["pseudonymousStudyUID"])}
    assert set(arrived) == {PDF, str(image.SOPClassUID)}
    got, slice_ = arrived[PDF], arrived[str(image.SOPClassUID)]
    content = reader.objects[str(got.SOPInstanceUID)]
    require_nothing_of(content, image, one)

    # The document is another one, whole, and opens.
    document = got.EncapsulatedDocument[:got.EncapsulatedDocumentLength]
    assert document.startswith(b"%PDF-") and document.rstrip().endswith(b"%%EOF")
    assert len(got.EncapsulatedDocument) - len(document) == len(document) % 2
    assert drawn(document, tmp_path).split() == "This document was taken out before the study was sent.".split()
    for start in range(0, len(original) - 48, 16):
        assert original[start:start + 48] not in content, "a piece of the original document left"
    assert got.MIMETypeOfEncapsulatedDocument == "application/pdf" and got.Modality == "DOC"

    # It belongs where its source did.
    assert (got.StudyInstanceUID, got.PatientID, got.AccessionNumber) == (
        slice_.StudyInstanceUID, slice_.PatientID, slice_.AccessionNumber)
    assert str(got.PatientID).startswith("AP") and got.PatientIdentityRemoved == "YES"
    assert got.SourceInstanceSequence[0].ReferencedSOPInstanceUID == slice_.SOPInstanceUID
    for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert str(getattr(got, name)).startswith("2.25.") and getattr(got, name) != getattr(one, name)
    assert got.file_meta.MediaStorageSOPInstanceUID == got.SOPInstanceUID

    # Nothing became invalid.
    before, after = tmp_path / "before.dcm", tmp_path / "after.dcm"
    before.write_bytes(part10(one))
    after.write_bytes(content)
    fresh = validators.new_errors(validators.dciodvfy(before), validators.dciodvfy(after))
    assert not fresh, f"dciodvfy newly says: {list(fresh)}"


def test_what_was_replaced_is_the_same_each_time_and_kept_whole_here(replacing, tmp_path):
    site, reader = replacing
    image = picture()
    one = KINDS["PDF"](image, tmp_path)
    push(site, one)
    transfer = settled(site, one)
    assert transfer["state"] == "acknowledged", transfer["failure"]
    first = reader.of_study(transfer["pseudonymousStudyUID"])[0]
    content = reader.objects.pop(str(first.SOPInstanceUID))
    site.gateway.run("study", "send", site.study_key(one.StudyInstanceUID), "reader")
    wait_until(lambda: str(first.SOPInstanceUID) in reader.objects, 40, "it being sent again", pause=0.3)
    assert reader.objects[str(first.SOPInstanceUID)] == content
    assert len(site.spooled(bare(one)[-64:])) == 1


@pytest.mark.parametrize("kind", ["CDA", "STL"])
def test_cda_and_stl_are_held_all_the_same_and_the_images_leave(replacing, tmp_path, kind):
    site, reader = replacing
    image = picture()
    one = KINDS[kind](image, tmp_path)
    push(site, image, one)
    require_held(site, reader, one, image)


@pytest.mark.parametrize("kind", KINDS)
def test_without_replacement_each_is_held_and_the_images_leave(holding, tmp_path, kind):
    site, reader = holding
    image = picture()
    one = KINDS[kind](image, tmp_path)
    push(site, image, one)
    require_held(site, reader, one, image)


def require_held(site, reader, one, image):
    transfer = settled(site, one)
    assert transfer["state"] == "held", "it left"
    rows = instances(site, one)
    assert rows[str(image.SOPInstanceUID)]["state"] == "acknowledged"
    row = rows[str(one.SOPInstanceUID)]
    assert row["state"] == "held", row
    for failure in (transfer["failure"], row["failure"]):
        assert failure["code"] == "documentMayIdentify", failure
        assert failure["detail"] == "an encapsulated document" and "another way" in failure["hint"]
        assert not [word for word in FORMS if word.lower() in str(failure).lower()]
    arrived = reader.of_study(transfer["pseudonymousStudyUID"])
    assert [str(got.SOPClassUID) for got in arrived] == [str(image.SOPClassUID)]

    # Nobody's release lets it out.
    key = site.study_key(one.StudyInstanceUID)
    site.gateway.run("study", "release", key, check=False)
    site.gateway.run("study", "retry", key, check=False)
    wait_until(lambda: settled(site, one)["state"] == "held", 20, "it being held again", pause=0.3)
    row = wait_until(
        lambda: (now := instances(site, one)[str(one.SOPInstanceUID)])["state"] == "held" and now, 20, "its row held",
        pause=0.3)
    assert row["failure"]["code"] == "documentMayIdentify"
    require_nothing_left(reader, image, one)


def require_nothing_left(reader, *originals):
    for content in list(reader.objects.values()):
        require_nothing_of(content, *originals)


def test_documents_where_none_belong_do_not_leave(replacing, tmp_path):
    """The page is put in the place of an encapsulated PDF; a document elsewhere becomes a dummy like other bytes."""
    site, reader = replacing
    image, within = picture(), picture()
    inner = Dataset()
    inner.EncapsulatedDocument, inner.DocumentTitle = pdf(tmp_path) + b"\0", "Zebrasson"
    inner.EncapsulatedDocument = inner.EncapsulatedDocument[:len(inner.EncapsulatedDocument) // 2 * 2]
    image.EncapsulatedDocument = inner.EncapsulatedDocument
    image.MIMETypeOfEncapsulatedDocument = "application/pdf"
    within.ReferencedImageSequence = Sequence([copy.deepcopy(inner)])
    both = KINDS["PDF"](picture(), tmp_path)
    both.SourceInstanceSequence[0].EncapsulatedDocument = inner.EncapsulatedDocument
    for one in (image, within, both):
        push(site, one)
        transfer = settled(site, one)
        assert transfer["state"] == "acknowledged", transfer["failure"]
        got = reader.of_study(transfer["pseudonymousStudyUID"])[0]
        content = reader.objects[str(got.SOPInstanceUID)]
        require_nothing_of(content, one)
        for start in range(0, len(inner.EncapsulatedDocument) - 48, 16):
            assert inner.EncapsulatedDocument[start:start + 48] not in content, "a piece of the document left"
        pydicom.dcmread(io.BytesIO(content)).walk(lambda *_: None)
