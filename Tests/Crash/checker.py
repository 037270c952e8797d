"""What must be true when the dust has settled, from what the modalities were answered and what reader and PACS hold.

Nothing here asks the gateway: pseudonyms are learnt from the pixels, which no profile changes.
"""

import hashlib
import io
import time
from collections import defaultdict

import pydicom
from objects import PLANTED_NAME, PLANTED_WORDS, bare, data_set

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
        came_back(offers, original, report, one, findings)
    for uid in must_be_there:
        findings.must(uid in delivered, f"LOST: report {uid} was taken and is not at the PACS")


def came_back(offers, original, report, one, findings):
    """Whether `one` is the reader's report with its identity; `original` are UIDs by pseudonym."""
    uid = one.SOPInstanceUID
    about = {original.get(image) for image in referenced(report)}
    if not findings.must(about and None not in about, f"report {uid} is about images that were never sent"):
        return
    first = offers.images[min(about)]
    findings.must(str(one.PatientName) == PLANTED_NAME, f"report {uid}: the name did not come back")
    for keyword in ("PatientID", "AccessionNumber", "StudyInstanceUID", "PatientBirthDate"):
        findings.must(one.get(keyword) == first.get(keyword), f"report {uid}: {keyword} did not come back")
    findings.must(referenced(one) == about, f"report {uid}: its images are not those it was written about")
    findings.must(marker(one) == marker(report), f"report {uid}: its text is another's")
    findings.must(first.PatientID in text_of(one), f"report {uid}: its text does not name the patient")


class Known:
    """What may lie in the spool: the data set of each image that was offered, as it was sent, and reports, as the reader
    wrote them or with their identity. Takes the Part 10 bytes of files."""

    HEAD = bytes(128) + b"DICM"
    PAGE = 4096
    #: Whether the power was cut: the length of a file that was not flushed may then be there, and zeros instead of what was
    #: not written back (ext4 allocates by unwritten extents).
    may_have_holes = False

    def __init__(self, offers, reader):
        self.offers, self.reader = offers, reader
        #: SOP Instance UID → data set as sent.
        self.images, self.whole = {}, set()
        #: How many files were asked about, but empty ones.
        self.asked = {"whole files looked at": 0, "beginnings looked at": 0}

    def _learn(self):
        with self.offers.lock:
            new = [one for uid, one in self.offers.images.items() if uid not in self.images]
        for one in new:
            self.images[str(one.SOPInstanceUID)] = bare(one)
            self.whole.add(hashlib.sha256(self.images[str(one.SOPInstanceUID)]).digest())

    def is_whole(self, content):
        self.asked["whole files looked at"] += 1
        if content[:132] != self.HEAD or len(content) < 144:
            return False
        value = hashlib.sha256(data_set(content)).digest()
        if value not in self.whole:
            self._learn()
        if value not in self.whole and self._is_report(content):
            self.whole.add(value)
        return value in self.whole

    def _is_report(self, content):
        try:
            one = pydicom.dcmread(io.BytesIO(content))
            report = self.reader.reports().get(str(one.SOPInstanceUID))
            if report is None:
                return False
            if data_set(content) == bare(report) or pydicom.Dataset(one) == pydicom.Dataset(report):
                return True
            # How it is written is the gateway's affair; what it says is not.
            findings = Findings()
            came_back(self.offers, self._pseudonyms(referenced(report)), report, one, findings)
            return not findings
        except Exception:  # noqa: BLE001: whatever a parser says about bytes that are no report
            return False

    def _pseudonyms(self, wanted, seconds=10):
        """Original UIDs of what the reader has. It may not have looked at its newest images yet."""
        end = time.monotonic() + seconds
        while True:
            original = {str(image.SOPInstanceUID): uid for uid, image in list(self.reader.images.items())}
            if wanted <= set(original) or time.monotonic() > end:
                return original
            time.sleep(0.1)

    def is_beginning(self, content):
        self.asked["beginnings looked at"] += bool(content)
        if self.may_have_holes and content and not any(content):
            return True
        if content[:132] == self.HEAD[:len(content)]:
            start = min(len(content), 144 + int.from_bytes(content[140:144], "little"))
        elif self.may_have_holes and not any(content[:self.PAGE]):
            start = None
        else:
            return False
        self._learn()
        if start == len(content) or any(self._begins(content, start, one) for one in list(self.images.values())):
            return True
        reports = self.reader.reports()
        # One that was being restored is known by its UID alone.
        return any(self._begins(content, start, bare(one)) or uid.encode() in content for uid, one in reports.items())

    def _begins(self, content, start, one):
        """Whether after `start` the data set `one` follows, as far as it goes; None when the page with the head is a hole."""
        if start is not None and one.startswith(content[start:]):
            return True
        if not self.may_have_holes or len(content) - (start or 0) > len(one) + self.PAGE * (start is None):
            return False
        for place in range(0, len(content), self.PAGE):
            page = content[place:place + self.PAGE].rstrip(bytes(1))
            if start is None:
                is_of_it = page in one
            else:
                here = max(0, start - place)
                is_of_it = one.startswith(page[here:], place + here - start)
            if not is_of_it:
                return False
        return True


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
