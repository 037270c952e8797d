"""What must be true when the dust has settled, from what the modalities were answered and what reader and PACS hold.

Nothing here asks the gateway: pseudonyms are learnt from the pixels, which no profile changes.
"""

import hashlib
import io
from collections import defaultdict

import pydicom
from objects import PLANTED_NAME, PLANTED_WORDS

#: Attributes that the profile leaves as they are.
KEPT = ("SOPClassUID", "Modality", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
        "PhotometricInterpretation", "SamplesPerPixel", "KVP", "SliceThickness", "ImagePositionPatient",
        "ImageOrientationPatient", "PixelSpacing", "RescaleIntercept", "RescaleSlope", "InstanceNumber", "SeriesNumber",
        "BodyPartExamined", "ImageType", "PatientPosition", "PatientSex")
#: Attributes that no value of may be found again.
REPLACED = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientName", "PatientID",
            "AccessionNumber")
UIDS = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")


def pixels(data_set):
    return hashlib.sha256(data_set.PixelData).hexdigest()


class Findings(list):
    """What is wrong, in words; empty is good."""

    def must(self, truth, words):
        if not truth:
            self.append(words)
        return truth


def images_at_reader(offers, contents, findings):
    """`contents` is Part 10 bytes of each image at the reader, as often as it came. Gives original SOP Instance UID →
    pseudonymous data set of what arrived."""
    by_pixels = {pixels(one): one for one in offers.images.values()}
    arrived, bytes_of, pseudonym, original = {}, {}, {}, {}
    for content in contents:
        one = pydicom.dcmread(io.BytesIO(content))
        source = by_pixels.get(pixels(one))
        if not findings.must(source is not None, f"the reader has {one.SOPInstanceUID}, which nobody offered"):
            continue
        uid = str(source.SOPInstanceUID)
        body = content[content.index(b"DICM"):]
        if uid in bytes_of:
            findings.must(bytes_of[uid] == hashlib.sha256(body).digest(), f"{uid} came twice with different bytes")
            continue
        bytes_of[uid] = hashlib.sha256(body).digest()
        arrived[uid] = one
        for keyword in KEPT:
            findings.must(one.get(keyword) == source.get(keyword), f"{uid}: {keyword} is not what was sent")
        for keyword in REPLACED:
            findings.must(one.get(keyword) != source.get(keyword), f"{uid}: {keyword} was not replaced")
        for keyword in UIDS:
            before, after = str(source[keyword].value), str(one[keyword].value)
            findings.must(pseudonym.setdefault(before, after) == after, f"{before} has two pseudonyms")
            findings.must(original.setdefault(after, before) == before, f"{after} stands for two UIDs")
        text = content.decode("latin-1").lower()
        for word in PLANTED_WORDS:
            findings.must(word.lower() not in text, f"{uid}: the identity left")
    for uid in offers.answered_now():
        findings.must(uid in arrived, f"LOST: {uid} was answered Success and is not at the reader")
    return arrived


def sent_once(receipts, findings, what):
    """An instance may come again only when the daemon could not yet have written down that it had arrived: it was then
    the last on its association, and that was cut, not released. Gives the number of repeats."""
    by_uid = defaultdict(list)
    for one in receipts:
        by_uid[one.uid].append(one)
    repeats = 0
    for uid, ones in by_uid.items():
        ones.sort(key=lambda one: one.association.number)
        for one in ones[:-1]:
            repeats += 1
            visits = ", ".join(f"{i.place}/{i.association.count} of {i.association} at {i.at:.3f}" for i in ones)
            findings.must(
                one.is_last and not one.association.released,
                f"DOUBLE: {what} {uid} was sent again although its acknowledgement had been written down: {visits}")
    return repeats


def reports_at_pacs(offers, arrived, written, delivered, must_be_there, findings):
    """`arrived` as `images_at_reader` gave it; `written` are the reader's reports and `delivered` the PACS's, by SOP
    Instance UID; `must_be_there` are UIDs."""
    original = {str(one.SOPInstanceUID): uid for uid, one in arrived.items()}
    for uid, one in delivered.items():
        report = written.get(uid)
        if not findings.must(report is not None, f"the PACS has {uid}, which no reader wrote"):
            continue
        about = {original.get(image) for image in referenced(report)}
        if not findings.must(about and None not in about, f"report {uid} is about images that were never sent"):
            continue
        first = offers.images[min(about)]
        findings.must(str(one.PatientName) == PLANTED_NAME, f"report {uid}: the name did not come back")
        for keyword in ("PatientID", "AccessionNumber", "StudyInstanceUID", "PatientBirthDate"):
            findings.must(one.get(keyword) == first.get(keyword), f"report {uid}: {keyword} did not come back")
        findings.must(referenced(one) == about, f"report {uid}: its images are not those it was written about")
        findings.must(marker(one) == marker(report), f"report {uid}: its text is another's")
        findings.must(first.PatientID in text_of(one), f"report {uid}: its text does not name the patient")
    for uid in must_be_there:
        findings.must(uid in delivered, f"LOST: report {uid} was taken and is not at the PACS")


def referenced(report):
    """SOP Instance UIDs of the evidence."""
    found = set()
    for study in report.get("CurrentRequestedProcedureEvidenceSequence", []):
        for series in study.ReferencedSeriesSequence:
            found |= {str(item.ReferencedSOPInstanceUID) for item in series.ReferencedSOPSequence}
    return found


def text_of(report):
    words = []
    for element in report.iterall():
        if element.keyword == "TextValue":
            words.append(str(element.value))
    return " ".join(words)


def marker(report):
    """The word that tells reports apart."""
    return next((word for word in text_of(report).split() if word.startswith("mark-")), None)
