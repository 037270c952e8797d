"""A reader with an archive: it answers C-FIND, C-GET and C-MOVE, and can be told with which status. By pynetdicom."""

import ssl
import threading
from collections import Counter

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedSRStorage, ExplicitVRLittleEndian
from pynetdicom import build_context, evt
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind, StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove)
from reader import CountingReader

ABORT = "abort"


class ReportingReader(CountingReader):
    """Takes images, and has the reports that it was given, in that order."""

    def __init__(self, port, aet, certificate, key, trusted, home):
        super().__init__(port, aet, certificate, key, trusted)
        #: (host, port, AE title) of the gateway's listener for readers.
        self.home = home
        self.reports = []
        #: By SOP Instance UID: what is answered instead of the report, and how often it was asked for.
        self.statuses, self.asked = {}, Counter()
        #: While it is not set, a C-GET that was asked waits for its report.
        self.gives = threading.Event()
        self.gives.set()
        for model in (StudyRootQueryRetrieveInformationModelFind, StudyRootQueryRetrieveInformationModelGet,
                      StudyRootQueryRetrieveInformationModelMove):
            self.ae.add_supported_context(model)
        self.ae.remove_supported_context(EnhancedSRStorage)
        self.ae.add_supported_context(EnhancedSRStorage, [ExplicitVRLittleEndian], scu_role=True, scp_role=True)
        self.back = ssl.create_default_context(cafile=str(trusted))
        self.back.check_hostname = False
        self.back.load_cert_chain(str(certificate), str(key))

    def handlers(self):
        return [*super().handlers(), (evt.EVT_C_FIND, self._find), (evt.EVT_C_GET, self._get),
                (evt.EVT_C_MOVE, self._move)]

    def add(self, report, status=None):
        with self.lock:
            if status:
                self.statuses[report.SOPInstanceUID] = status
            self.reports.append(report)

    def _find(self, event):
        asked = event.identifier
        with self.lock:
            reports = [one for one in self.reports if one.StudyInstanceUID == asked.StudyInstanceUID]
        for one in reports:
            match = Dataset()
            match.QueryRetrieveLevel = asked.QueryRetrieveLevel
            match.StudyInstanceUID, match.SeriesInstanceUID = one.StudyInstanceUID, one.SeriesInstanceUID
            if asked.QueryRetrieveLevel == "SERIES":
                match.Modality = "SR"
            elif one.SeriesInstanceUID == asked.SeriesInstanceUID:
                match.SOPInstanceUID, match.SOPClassUID = one.SOPInstanceUID, one.SOPClassUID
            else:
                continue
            yield 0xFF00, match

    def _wanted(self, event):
        uid = event.identifier.SOPInstanceUID
        with self.lock:
            self.asked[uid] += 1
            return next(one for one in self.reports if one.SOPInstanceUID == uid), self.statuses.get(uid)

    def _get(self, event):
        report, status = self._wanted(event)
        if status == ABORT:
            event.assoc.abort()
            return
        self.gives.wait(30)
        yield 1
        yield (status, None) if status else (0xFF00, report)

    def _move(self, event):
        report, status = self._wanted(event)
        if status == 0xA801:
            yield None, None
            return
        host, port, aet = self.home
        yield host, port, {"ae_title": aet, "tls_args": (self.back, None), "contexts": self._proposed()}
        yield 1
        yield (status, None) if status else (0xFF00, report)

    def _proposed(self):
        return [build_context(EnhancedSRStorage, ExplicitVRLittleEndian)]
