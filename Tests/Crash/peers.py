"""A reader and a PACS that write down every object with the association it came on, by pynetdicom."""

import io
import itertools
import logging
import ssl
import threading
import time
from dataclasses import dataclass

import pydicom
from pydicom.uid import AllTransferSyntaxes, ExplicitVRLittleEndian
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import Verification

# A peer that is killed again and again is no news.
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)


@dataclass
class Receipt:
    """One object answered with Success: its UID, and its Part 10 bytes."""

    uid: str
    content: bytes
    association: "Visit"
    place: int  # among those of its association
    at: float

    @property
    def is_last(self):
        return self.place == self.association.count

    def data_set(self):
        return pydicom.dcmread(io.BytesIO(self.content))


@dataclass
class Visit:
    """One association of the gateway."""

    number: int
    count: int = 0
    released: bool = False
    #: The association itself, so that no other gets its id.
    held: object = None

    def __str__(self):
        return f"association {self.number}{' (released)' if self.released else ''}"


class RecordingPeer:
    """A C-STORE SCP. With `tls` = (certificate, key, trusted) it asks for a certificate too."""

    def __init__(self, aet, port, tls=None, delay=0.0):
        self.port, self.delay = port, delay
        self.lock = threading.Lock()
        self.receipts = []
        self.visits = {}
        self.numbers = itertools.count(1)
        self.context = None
        if tls:
            certificate, key, trusted = map(str, tls)
            self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusted)
            self.context.load_cert_chain(certificate, key)
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.ae = AE(ae_title=aet)
        self.ae.maximum_associations = 64
        self.ae.network_timeout = self.ae.acse_timeout = self.ae.dimse_timeout = 30
        for context in AllStoragePresentationContexts:
            self.ae.add_supported_context(context.abstract_syntax, AllTransferSyntaxes)
        self.ae.add_supported_context(Verification)
        self.server = None

    def start(self):
        self.server = self.ae.start_server(
            ("127.0.0.1", self.port), block=False, ssl_context=self.context,
            evt_handlers=[(evt.EVT_ACCEPTED, self._accepted), (evt.EVT_C_STORE, self._store),
                          (evt.EVT_RELEASED, self._released)])
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()

    def _visit(self, association):
        if id(association) not in self.visits:
            self.visits[id(association)] = Visit(next(self.numbers), held=association)
        return self.visits[id(association)]

    def _accepted(self, event):
        with self.lock:
            self._visit(event.assoc)

    def _released(self, event):
        with self.lock:
            self._visit(event.assoc).released = True

    def _store(self, event):
        if self.delay:
            time.sleep(self.delay)
        content = event.encoded_dataset(include_meta=True)
        with self.lock:
            visit = self._visit(event.assoc)
            visit.count += 1
            self.receipts.append(
                Receipt(str(event.request.AffectedSOPInstanceUID), content, visit, visit.count, time.monotonic()))
        return 0x0000

    def received(self, since=0):
        with self.lock:
            return self.receipts[since:]


class ReportPusher:
    """Pushes what a reader wrote to the gateway's TLS listener until it is answered."""

    def __init__(self, site, tls):
        certificate, key, trusted = map(str, tls)
        self.site = site
        self.context = ssl.create_default_context(cafile=trusted)
        self.context.check_hostname = False
        self.context.load_cert_chain(certificate, key)

    def push(self, report):
        """Whether it was answered with Success."""
        ae = AE(ae_title=self.site.reader_aet)
        ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = ae.connection_timeout = 15
        ae.add_requested_context(report.SOPClassUID, ExplicitVRLittleEndian)
        one = ae.associate("127.0.0.1", self.site.tls_port, ae_title=self.site.gateway_aet,
                           tls_args=(self.context, None))
        if not one.is_established:
            return False
        answer = one.send_c_store(report)
        if one.is_established:
            one.release()
        return "Status" in answer and answer.Status == 0
