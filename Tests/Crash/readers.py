"""The readers and PACS of a crash run: ours that write everything down, the shipped stand-in, Orthanc, storescp."""

import io
import shutil
import sys
import threading
import time
from pathlib import Path

import pydicom
import requests
from checker import pixels
from orthanc import Orthanc
from peers import RecordingPeer, ReportPusher
from sr import basic_report
from trial.processes import Child

REPORTS = "1.2.840.10008.5.1.4.1.1.88."


def is_report(one):
    return str(one.SOPClassUID).startswith(REPORTS)


def objects(folder):
    for path in sorted(Path(folder).rglob("*.dcm")):
        yield path.read_bytes()


class Reader:
    """A reader: what it holds, and reports about what it holds. `method` is how its reports come home."""

    method = "push"
    #: Whether it is asked to commit to what it has (PS3.4 Annex J).
    commits = False
    #: Receipts one by one, where the peer tells.
    receipts = None

    def __init__(self, site, offers):
        self.site, self.offers = site, offers
        self.lock = threading.Lock()
        self.seen = 0
        #: Original SOP Instance UID → the image as it arrived.
        self.images = {}
        #: SOP Instance UID → report.
        self.written = {}
        self.taken = set()
        self.reported = set()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    @property
    def last_state(self):
        """Of a transfer to it."""
        return "confirmed" if self.commits else "acknowledged"

    def start(self):
        self.open()
        self.thread.start()
        return self

    def stop(self):
        self.stopping.set()
        self.thread.join(30)
        self.close()

    def _run(self):
        while not self.stopping.is_set():
            try:
                self.look()
                self.report_what_is_whole()
            except (OSError, requests.RequestException, RuntimeError) as error:
                print(f"  the reader: {error}", file=sys.stderr)
            time.sleep(0.1)

    def look(self):
        """Learns which images have arrived."""
        by_pixels = {}
        for content in self.news():
            one = pydicom.dcmread(io.BytesIO(content))
            if is_report(one):
                continue
            by_pixels = by_pixels or {pixels(i): uid for uid, i in list(self.offers.images.items())}
            if uid := by_pixels.get(pixels(one)):
                with self.lock:
                    self.images.setdefault(uid, one)

    def arrived(self):
        with self.lock:
            return set(self.images)

    def report_what_is_whole(self):
        answered = self.offers.answered_now()
        for study, images in self.offers.finished_now().items():
            wanted = {str(one.SOPInstanceUID) for one in images} & answered
            if study in self.reported or not wanted or not wanted <= self.arrived():
                continue
            report = basic_report([self.images[uid] for uid in sorted(wanted)], f"mark-{len(self.reported)} and no more")
            self.written[str(report.SOPInstanceUID)] = report
            self.reported.add(study)
        for uid, report in self.written.items():
            if uid not in self.taken and not self.stopping.is_set() and self.hand_in(report):
                self.taken.add(uid)

    def is_finished(self):
        """Every finished study of which an image was answered has its report, and every report was taken."""
        answered = self.offers.answered_now()
        wanted = {study for study, images in self.offers.finished_now().items()
                  if any(str(one.SOPInstanceUID) in answered for one in images)}
        return wanted <= self.reported and set(self.written) <= self.taken

    def open(self):
        raise NotImplementedError

    def close(self):
        raise NotImplementedError

    def news(self):
        """Part 10 bytes of what has come since the last look."""
        raise NotImplementedError

    def contents(self):
        """Part 10 bytes of all images, as often as they came where that is known."""
        raise NotImplementedError

    def hand_in(self, report):
        """Whether the report is now where the gateway must find it."""
        raise NotImplementedError

    def reports(self):
        return dict(self.written)


class RecordingReader(Reader):
    def open(self):
        tls = self.site.peer_tls("reader")
        self.peer = RecordingPeer(self.site.reader_aet, self.site.reader_port, tls).start()
        self.pusher = ReportPusher(self.site, tls)
        self.receipts = self.peer.received

    def close(self):
        self.peer.stop()

    def news(self):
        new = self.peer.received(self.seen)
        self.seen += len(new)
        return [one.content for one in new]

    def contents(self):
        return [one.content for one in self.peer.received()]

    def hand_in(self, report):
        return self.pusher.push(report)


class OrthancReader(Reader):
    """Debian's Orthanc, over TLS; it is asked for its reports, and to commit to its images."""

    method = "get"
    commits = True

    def open(self):
        home = {self.site.gateway_aet: self.site.tls_port}
        self.orthanc = Orthanc(self.site.folder / "orthanc-reader", self.site.reader_aet, home,
                               self.site.peer_tls("reader"), self.site.reader_port).start()
        self.known = {}

    def close(self):
        self.orthanc.stop()

    def news(self):
        found = [key for key in self.orthanc.get("/instances").json() if key not in self.known]
        for key in found:
            self.known[key] = self.orthanc.get(f"/instances/{key}/file").content
        return [self.known[key] for key in found]

    def contents(self):
        return [one for one in self.orthanc.files() if not is_report(pydicom.dcmread(io.BytesIO(one)))]

    def hand_in(self, report):
        buffer = io.BytesIO()
        report.save_as(buffer, enforce_file_format=True)
        self.orthanc.take(buffer.getvalue())
        return True


class StandIn(Reader):
    """`antipode simulate reader`, which writes reports by itself; they are fetched with C-MOVE."""

    method = "move"

    def open(self):
        self.folder = self.site.folder / "stand-in"
        self.folder.mkdir()
        certificate, key, trusted = self.site.peer_tls("reader")
        self.child = Child("the reader", [
            self.site.gateway.binary, "simulate", "reader", "--port", self.site.reader_port, "--ae",
            self.site.reader_aet, "--folder", self.folder, "--delay", "1", "--certificate", certificate, "--key", key,
            "--trusted", trusted, "--move-to", f"{self.site.gateway_aet}@127.0.0.1:{self.site.tls_port}"],
            self.site.folder / "reader.log").start().wait_listening(self.site.reader_port)
        self.known, self.parsed = set(), {}

    def close(self):
        self.child.stop()

    def news(self):
        found = [path for path in sorted(self.folder.rglob("*.dcm")) if path not in self.known]
        self.known |= set(found)
        return [path.read_bytes() for path in found]

    def contents(self):
        return [one for one in objects(self.folder) if not is_report(pydicom.dcmread(io.BytesIO(one)))]

    def report_what_is_whole(self):
        """It does so itself; here they are only counted."""

    def is_finished(self):
        answered = self.offers.answered_now()
        wanted = {str(self.images[str(one.SOPInstanceUID)].StudyInstanceUID)
                  for images in self.offers.finished_now().values() for one in images
                  if str(one.SOPInstanceUID) in answered and str(one.SOPInstanceUID) in self.images}
        return wanted <= {str(one.StudyInstanceUID) for one in self.reports().values()}

    def reports(self):
        # They have their names when they are whole, and stay as they are.
        for path in sorted(self.folder.rglob("*.dcm")):
            if path not in self.parsed:
                self.parsed[path] = pydicom.dcmread(io.BytesIO(path.read_bytes()))
        found = {str(one.SOPInstanceUID): one for one in list(self.parsed.values()) if is_report(one)}
        self.taken = set(found)
        return found


class RecordingPACS:
    def __init__(self, site):
        self.peer = RecordingPeer(site.pacs_aet, site.pacs_port)
        self.receipts = self.peer.received

    def start(self):
        self.peer.start()
        return self

    def stop(self):
        self.peer.stop()

    def contents(self):
        return [one.content for one in self.peer.received()]


class OrthancPACS:
    receipts = None

    def __init__(self, site):
        self.orthanc = Orthanc(site.folder / "orthanc-pacs", site.pacs_aet, {}, None, site.pacs_port)

    def start(self):
        self.orthanc.start()
        return self

    def stop(self):
        self.orthanc.stop()

    def contents(self):
        return self.orthanc.files()


class StorescpPACS:
    """DCMTK's storescp."""

    receipts = None

    def __init__(self, site):
        self.folder = site.folder / "storescp"
        self.folder.mkdir()
        self.port = site.pacs_port
        self.child = Child("storescp", [
            shutil.which("storescp") or "storescp", "-aet", site.pacs_aet, "-od", self.folder, "-fe", ".dcm",
            site.pacs_port], site.folder / "storescp.log")

    def start(self):
        self.child.start().wait_listening(self.port)
        return self

    def stop(self):
        self.child.stop()

    def contents(self):
        return list(objects(self.folder))


READERS = {"recording": RecordingReader, "orthanc": OrthancReader, "stand-in": StandIn}
PACS = {"recording": RecordingPACS, "orthanc": OrthancPACS, "storescp": StorescpPACS}
