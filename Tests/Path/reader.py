"""A reader that counts: what came, how often, and when. Over TLS, by pynetdicom."""

import ssl
import threading
import time

from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import Verification


class CountingReader:
    """A C-STORE SCP that keeps each SOP Instance UID as often as it came."""

    def __init__(self, port, aet, certificate, key, trusted, delay=0.0, status=0x0000, associations=32,
                 syntaxes=AllTransferSyntaxes):
        self.port, self.delay, self.status = port, delay, status
        self.connections = 0
        self.received = []
        #: Part 10 bytes by SOP Instance UID, as they came.
        self.objects = {}
        self.lock = threading.Lock()
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(trusted))
        self.context.load_cert_chain(str(certificate), str(key))
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.ae = AE(ae_title=aet)
        self.ae.maximum_associations = associations
        for context in AllStoragePresentationContexts:
            self.ae.add_supported_context(context.abstract_syntax, syntaxes)
        self.ae.add_supported_context(Verification)
        self.server = None

    def start(self):
        self.server = self.ae.start_server(
            ("127.0.0.1", self.port), block=False, ssl_context=self.context,
            evt_handlers=[(evt.EVT_C_STORE, self._store), (evt.EVT_CONN_OPEN, self._connected)])
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server = None

    def _connected(self, _):
        with self.lock:
            self.connections += 1

    def _store(self, event):
        if self.delay:
            time.sleep(self.delay)
        if self.status:
            return self.status
        with self.lock:
            uid = str(event.request.AffectedSOPInstanceUID)
            self.received.append(uid)
            self.objects[uid] = event.encoded_dataset(include_meta=True)
        return 0x0000

    @property
    def count(self):
        with self.lock:
            return len(self.received)

    @property
    def distinct(self):
        with self.lock:
            return set(self.received)
