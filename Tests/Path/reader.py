"""A reader that counts: what came, how often, and when. Over TLS, by pynetdicom."""

import io
import ssl
import threading
import time

import pydicom
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, AllStoragePresentationContexts, evt, register_uid
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import Verification


#: What pydicom's list leaves out: JPEG XL, retired JPEG, encapsulated uncompressed, deflated frames.
ALL_SYNTAXES = [
    *AllTransferSyntaxes, *(f"1.2.840.10008.1.2.4.{n}" for n in (110, 111, 112, *range(52, 57), *range(58, 67))),
    "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1"]


class _HurriedContext(ssl.SSLContext):
    """pynetdicom shakes hands in the loop that accepts: a connection that says nothing would stop the reader for good."""

    def wrap_socket(self, sock, *arguments, **options):
        sock.settimeout(5)
        wrapped = super().wrap_socket(sock, *arguments, **options)
        wrapped.settimeout(None)
        return wrapped


class CountingReader:
    """A C-STORE SCP that keeps each SOP Instance UID as often as it came."""

    def __init__(self, port, aet, certificate, key, trusted, delay=0.0, status=0x0000, associations=32,
                 syntaxes=ALL_SYNTAXES, private_classes=()):
        self.port, self.delay, self.status = port, delay, status
        #: judge(event) → the status of one object, if the reader is to choose; a warning is kept, a failure is not.
        self.judge = None
        self.connections = 0
        self.received = []
        #: Part 10 bytes by SOP Instance UID, as they came.
        self.objects = {}
        self.lock = threading.Lock()
        self.context = _HurriedContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_verify_locations(str(trusted))
        self.context.load_cert_chain(str(certificate), str(key))
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.ae = AE(ae_title=aet)
        self.ae.maximum_associations = associations
        for context in AllStoragePresentationContexts:
            self.ae.add_supported_context(context.abstract_syntax, syntaxes)
        self.ae.add_supported_context(Verification)
        for sop_class in private_classes:
            # pynetdicom takes a class that it does not know only when told that it stands for storage.
            register_uid(sop_class, "Private" + sop_class.replace(".", "_"), StorageServiceClass)
            self.ae.add_supported_context(sop_class, syntaxes)
        self.server = None

    def start(self):
        self.server = self.ae.start_server(
            ("127.0.0.1", self.port), block=False, ssl_context=self.context, evt_handlers=self.handlers())
        return self

    def handlers(self):
        return [(evt.EVT_C_STORE, self._store), (evt.EVT_CONN_OPEN, self._connected)]

    def stop(self):
        if self.server:
            # Its associations too: a lane that rests would go on with a reader that is thought to be gone.
            self.ae.shutdown()
            self.server = None

    def _connected(self, _):
        with self.lock:
            self.connections += 1

    def _store(self, event):
        if self.delay:
            time.sleep(self.delay)
        if self.status:
            return self.status
        verdict = self.judge(event) if self.judge else 0x0000
        if verdict >> 12 not in (0x0, 0xB) or 0x0100 < verdict < 0x1000 and verdict not in (0x0107, 0x0116):
            return verdict
        with self.lock:
            uid = str(event.request.AffectedSOPInstanceUID)
            self.received.append(uid)
            self.objects[uid] = event.encoded_dataset(include_meta=True)
        return verdict

    @property
    def count(self):
        with self.lock:
            return len(self.received)

    @property
    def distinct(self):
        with self.lock:
            return set(self.received)

    def of_study(self, study_uid):
        """The data sets that came under a Study Instance UID."""
        with self.lock:
            contents = list(self.objects.values())
        found = [pydicom.dcmread(io.BytesIO(content)) for content in contents]
        return [one for one in found if str(one.StudyInstanceUID) == str(study_uid)]
