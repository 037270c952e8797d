"""Modalities that push without an end and write down what they were answered: by hand, by storescu, by pynetdicom."""

import re
import shutil
import subprocess
import threading
import time

import numpy
from objects import bare, ct, part10
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE
from wire import CT_IMAGE, EXPLICIT, Association


class Offers:
    """Everything that was offered to the gateway, and what was answered. Safe from any thread."""

    def __init__(self):
        self.lock = threading.Lock()
        #: By SOP Instance UID.
        self.images = {}
        self.answered = set()
        self.refused = []
        #: Studies that nobody pushes any more: Study Instance UID → its images.
        self.finished = {}

    def offer(self, images):
        with self.lock:
            for one in images:
                self.images[str(one.SOPInstanceUID)] = one

    def answer(self, uid, status):
        with self.lock:
            if status == 0:
                self.answered.add(str(uid))
            elif isinstance(status, int):
                self.refused.append((str(uid), status))

    def is_answered(self, image):
        with self.lock:
            return str(image.SOPInstanceUID) in self.answered

    def finish(self, images):
        with self.lock:
            self.finished[str(images[0].StudyInstanceUID)] = images

    def answered_now(self):
        with self.lock:
            return set(self.answered)

    def finished_now(self):
        with self.lock:
            return dict(self.finished)


class Modality(threading.Thread):
    """Pushes one study after the other. What was answered Success is never pushed again, as scanners do; what was not is
    pushed until it is, or, with `forgetful`, is not pushed again."""

    def __init__(self, site, offers, seed, forgetful=False, may_begin=lambda: True):
        super().__init__(daemon=True)
        self.site, self.offers, self.forgetful, self.may_begin = site, offers, forgetful, may_begin
        self.draw = numpy.random.default_rng(seed)
        self.stopping = threading.Event()
        self.studies = 0

    def run(self):
        while not self.stopping.is_set():
            if not self.may_begin():
                time.sleep(0.05)
                continue
            images = self.make_study()
            self.offers.offer(images)
            self.studies += 1
            open_ = images
            while open_:
                before = len(open_)
                try:
                    self.push(open_)
                except (OSError, RuntimeError):
                    pass
                open_ = [one for one in open_ if not self.offers.is_answered(one)]
                if self.forgetful and len(open_) < before:
                    break
                if open_:
                    time.sleep(0.05)
            self.offers.finish(images)

    def stop(self):
        """Finishes the study under way."""
        self.stopping.set()

    def make_study(self):
        first, made = None, []
        # Half of them are sent while they arrive.
        description = "CT akut" if self.draw.random() < 0.5 else "CT thorax"
        for number in range(1, int(self.draw.integers(2, 8)) + 1):
            # Large enough, now and then, for several PDUs.
            size = 192 if self.draw.random() < 0.2 else 24
            pixels = self.draw.integers(0, 4095, size * size, dtype="<u2").tobytes()
            one = ct(study=first and first.StudyInstanceUID, series=first and first.SeriesInstanceUID, number=number,
                     pixels=pixels, rows=size, columns=size)
            one.StudyDescription = description
            first = first or one
            made.append(one)
        return made

    def push(self, images):
        raise NotImplementedError


class ByHand(Modality):
    def push(self, images):
        with Association(self.site.plain_port, self.site.gateway_aet, self.site.modality_aet,
                         [(CT_IMAGE, [EXPLICIT])], timeout=10) as one:
            if one.outcome != "accepted":
                return
            for number, image in enumerate(images):
                status = one.store(CT_IMAGE, image.SOPInstanceUID, bare(image), message=number + 1)
                self.offers.answer(image.SOPInstanceUID, status)
                if status in ("aborted", "closed"):
                    return
            one.release()


class ByPynetdicom(Modality):
    def push(self, images):
        ae = AE(ae_title=self.site.modality_aet)
        ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = ae.connection_timeout = 10
        ae.add_requested_context(CT_IMAGE, EXPLICIT)
        one = ae.associate("127.0.0.1", self.site.plain_port, ae_title=self.site.gateway_aet)
        if not one.is_established:
            return
        for image in images:
            image.file_meta = getattr(image, "file_meta", None) or _meta()
            answer = one.send_c_store(image)
            self.offers.answer(image.SOPInstanceUID, answer.Status if "Status" in answer else "closed")
            if not one.is_established:
                return
        one.release()


class ByStorescu(Modality):
    def push(self, images):
        folder = self.site.folder / "outbox" / str(images[0].StudyInstanceUID)
        folder.mkdir(parents=True, exist_ok=True)
        files = {}
        for image in images:
            path = folder / f"{image.SOPInstanceUID}.dcm"
            if not path.exists():
                path.write_bytes(part10(image))
            files[str(path)] = image
        done = subprocess.run(
            [shutil.which("storescu") or "storescu", "-v", "-to", "5", "-ta", "10", "-td", "10", "-aet",
             self.site.modality_aet, "-aec", self.site.gateway_aet, "127.0.0.1", str(self.site.plain_port), *files],
            capture_output=True, text=True, timeout=60)
        sending = None
        for line in (done.stdout + done.stderr).splitlines():
            if found := re.search(r"Sending file: (.*)$", line):
                sending = found[1].strip()
            elif sending and "Received Store Response (Success)" in line:
                self.offers.answer(files[sending].SOPInstanceUID, 0)
                sending = None


def _meta():
    from pydicom.dataset import FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return meta
