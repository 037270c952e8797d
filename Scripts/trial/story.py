"""What became of one pushed study, put together from the command line's JSON and from the peers' folders."""

import re
from datetime import datetime
from pathlib import Path

import pydicom

REPORT_CLASSES = ("1.2.840.10008.5.1.4.1.1.88.", "1.2.840.10008.5.1.4.1.1.104.")


def instant(text):
    return datetime.fromisoformat(text) if text else None


def when(text):
    at = instant(text)
    return at.astimezone().strftime("%H:%M:%S") if at else "--:--:--"


def seconds(start, end):
    first, last = instant(start), instant(end)
    return f"{max((last - first).total_seconds(), 0):.1f} s" if first and last else "-"


class Story:
    """One study on its way out and its report on the way home."""

    def __init__(self, title, study_uid, images, patient_name, patient_id):
        self.title, self.study_uid, self.images = title, study_uid, images
        self.patient_name, self.patient_id = patient_name, patient_id
        self.detail = None
        #: What was done about instances that were held, in words; None while nothing was.
        self.decision = None

    @classmethod
    def of_files(cls, title, files):
        header = pydicom.dcmread(files[0], stop_before_pixels=True)
        return cls(
            title, str(header.StudyInstanceUID), len(files), str(header.PatientName), str(header.get("PatientID", "")))

    @classmethod
    def of_words(cls, title, words):
        """From the line in which `antipode simulate modality --show-identity` tells what it sends."""
        found = re.search(r"sends study (\S+), (\d+) objects, patient (.*), ID (.*)", words)
        if not found:
            raise ValueError("the modality did not say what it sends")
        return cls(title, found[1], int(found[2]), found[3], found[4])

    def identity(self):
        """Words that the reader must not see."""
        parts = self.patient_name.replace("=", "^").replace(" ", "^").split("^")
        return [part for part in parts + [self.patient_id] if len(part) > 2]

    def update(self, gateway):
        for study in gateway.studies():
            if study["studyUID"] == self.study_uid and not study.get("followUpOf"):
                self.detail = gateway.study(study["key"])
                return

    @property
    def to_reader(self):
        found = [t for t in self.detail["transfers"] if not t.get("report")] if self.detail else []
        return found[0] if found else None

    @property
    def report(self):
        found = self.detail["reports"] if self.detail else []
        return found[0] if found else None

    @property
    def held(self):
        """The first notice that waits for a person."""
        if not self.detail:
            return None
        if self.detail["study"].get("hold"):
            return self.detail["study"]["hold"]
        return self.detail["study"].get("attention")

    @property
    def waits(self):
        """Whether nothing but a person can move it: what could be sent has been sent."""
        return bool(self.held) and not any(
            transfer["state"] in ("waiting", "active", "deferred") for transfer in self.detail["transfers"])

    @property
    def nothing_sent(self):
        """Whether everything of it stayed here, by a decision or by a hold."""
        transfer = self.to_reader
        return transfer is None or transfer["acknowledged"] == 0

    @property
    def stage(self):
        if not self.detail:
            return "pushed"
        if self.held:
            return "HELD " + str(self.held.get("code"))
        if self.report:
            return "report " + self.report["state"]
        transfer = self.to_reader
        if transfer:
            return f"sent {transfer['acknowledged']}/{transfer['instances']}"
        return f"{self.detail['study']['state']} {self.detail['study']['instances']}"

    @property
    def done(self):
        if not self.detail:
            return False
        if self.waits and not self.report or self.detail["study"]["state"] == "cancelled":
            return True
        return bool(self.report and self.report["state"] in ("delivered", "held", "discarded"))


def _objects(folder):
    for path in sorted(Path(folder).rglob("*.dcm")):
        yield pydicom.dcmread(path, stop_before_pixels=True)


def _is_report(header):
    return str(header.SOPClassUID).startswith(REPORT_CLASSES)


def pseudonymous_headers(reader_folder, study_uid):
    """Images of one study as the reader got them."""
    return [h for h in _objects(Path(reader_folder) / study_uid) if not _is_report(h)]


def restored_reports(pacs_folder, study_uid):
    return [h for h in _objects(Path(pacs_folder) / study_uid) if _is_report(h)]
