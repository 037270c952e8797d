"""Peers of storage commitment (PS3.4 Annex J), by pynetdicom: an archive that is asked, and a modality that asks."""

import ssl
import threading
import time

from pydicom.dataset import Dataset
from pydicom.uid import AllTransferSyntaxes, generate_uid
from pynetdicom import AE, AllStoragePresentationContexts, build_role, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance, Verification

MODEL, INSTANCE = StorageCommitmentPushModel, StorageCommitmentPushModelInstance


ASKED = """
[destination.commitment]
request = true
wait = "{wait}"
answer = "{answer}"
give_up = "{give_up}"
"""


def configure(site, destination, wait="1s", answer="2s", give_up="1d", more="", rule=None):
    """Asks `destination` to commit, and adds what else a test needs."""
    text = site.gateway.config.read_text().replace('quiet_period = "2s"', 'quiet_period = "1s"')
    head, tail = text.split(f'name = "{destination}"\nrole = "{ "reader" if destination == "reader" else "pacs" }"\nhost', 1)
    part, rest = tail.split("[destination.retry]", 1)
    table = ASKED.format(wait=wait, answer=answer, give_up=give_up)
    text = (head + f'name = "{destination}"\nrole = "{ "reader" if destination == "reader" else "pacs" }"\nhost' + part
            + table + "\n[destination.retry]" + rest)
    if rule:
        text = text.replace('to = ["reader"]', f"to = {rule}")
    site.gateway.config.write_text(text + more)
    return site


def tls_context(tls, purpose):
    if tls is None:
        return None
    certificate, key, trusted = tls
    context = ssl.create_default_context(purpose, cafile=str(trusted))
    context.load_cert_chain(str(certificate), str(key))
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def references(pairs):
    found = []
    for sop_class, sop_instance in pairs:
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = sop_class, sop_instance
        found.append(one)
    return found


def report(transaction, committed, refused):
    """The data set of an N-EVENT-REPORT, and its Event Type ID."""
    data = Dataset()
    data.TransactionUID = transaction
    if committed:
        data.ReferencedSOPSequence = references(committed)
    if refused:
        data.FailedSOPSequence = references((sop_class, uid) for sop_class, uid, _ in refused)
        for item, (_, _, reason) in zip(data.FailedSOPSequence, refused):
            item.FailureReason = reason
    return data, 2 if refused else 1


class Archive:
    """Takes objects, and answers what it has. `answers`: on the same association, on one of its own, or never."""

    def __init__(self, port, aet, back, tls=None, answers="same", delay=0.2):
        self.back, self.tls, self.answers, self.delay = back, tls, answers, delay
        self.lock = threading.Lock()
        #: SOP Class UID by SOP Instance UID, and how often each came.
        self.objects, self.came = {}, {}
        #: Reasons by SOP Instance UID or "*", each used once.
        self.refusals = {}
        #: (transaction, [(class, instance)]) as asked; the statuses that our reports got.
        self.asked, self.statuses = [], []
        self.ae = AE(ae_title=aet)
        for context in AllStoragePresentationContexts:
            self.ae.add_supported_context(context.abstract_syntax, AllTransferSyntaxes)
        self.ae.add_supported_context(Verification)
        self.ae.add_supported_context(MODEL)
        self.server = self.ae.start_server(
            ("127.0.0.1", port), block=False, ssl_context=tls_context(tls, ssl.Purpose.CLIENT_AUTH),
            evt_handlers=[(evt.EVT_C_STORE, self._store), (evt.EVT_N_ACTION, self._action)])

    def stop(self):
        self.server.shutdown()

    def forget(self, uid):
        with self.lock:
            self.objects.pop(uid, None)

    def _store(self, event):
        uid = str(event.request.AffectedSOPInstanceUID)
        with self.lock:
            self.objects[uid] = str(event.request.AffectedSOPClassUID)
            self.came[uid] = self.came.get(uid, 0) + 1
        return 0x0000

    def _action(self, event):
        asked = event.action_information
        pairs = [(str(one.ReferencedSOPClassUID), str(one.ReferencedSOPInstanceUID))
                 for one in asked.ReferencedSOPSequence]
        with self.lock:
            self.asked.append((str(asked.TransactionUID), pairs))
        if self.answers != "never":
            threading.Thread(
                target=self._answer, args=(event.assoc, str(asked.TransactionUID), pairs), daemon=True).start()
        return 0x0000, None

    def judge(self, pairs):
        committed, refused = [], []
        with self.lock:
            for sop_class, uid in pairs:
                reasons = self.refusals.get(uid) or self.refusals.get("*") or []
                if reasons:
                    refused.append((sop_class, uid, reasons.pop(0)))
                elif self.objects.get(uid) == sop_class:
                    committed.append((sop_class, uid))
                else:
                    refused.append((sop_class, uid, 0x0112))
        return committed, refused

    def _answer(self, association, transaction, pairs):
        time.sleep(self.delay)
        data, event = report(transaction, *self.judge(pairs))
        if self.answers == "same":
            status, _ = association.send_n_event_report(data, event, MODEL, INSTANCE)
            self.statuses.append(status.Status if status else None)
        else:
            self.tell(data, event)

    def tell(self, data, event):
        """On an association of our own, with the SCP role alone; gives the status, None when there is none."""
        port, aet = self.back
        ae = AE(ae_title=self.ae.ae_title)
        ae.add_requested_context(MODEL)
        context = tls_context(self.tls, ssl.Purpose.SERVER_AUTH)
        if context:
            context.check_hostname = False
        association = ae.associate(
            "127.0.0.1", port, ae_title=aet, ext_neg=[build_role(MODEL, scp_role=True)],
            tls_args=(context, None) if context else None)
        if not association.is_established:
            return None
        status, _ = association.send_n_event_report(data, event, MODEL, INSTANCE)
        association.release()
        self.statuses.append(status.Status if status else None)
        return self.statuses[-1]


class AskingModality:
    """Asks for commitment, and waits for the answer on its association or at its own port."""

    def __init__(self, port, aet, gateway_port, gateway_aet):
        self.aet, self.gateway_port, self.gateway_aet = aet, gateway_port, gateway_aet
        self.lock = threading.Lock()
        #: By transaction: (event type, committed UIDs, {refused UID: reason}, "same" or "other").
        self.answers = {}
        #: Answers that our port refuses before it takes one.
        self.refuse = 0
        self.ae = AE(ae_title=aet)
        self.ae.add_supported_context(MODEL, scu_role=False, scp_role=True)
        self.server = self.ae.start_server(
            ("127.0.0.1", port), block=False,
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, self._told, ["other"])])

    def stop(self):
        self.server.shutdown()

    def _told(self, event, where):
        with self.lock:
            if where == "other" and self.refuse > 0:
                self.refuse -= 1
                return 0x0110, None
            data = event.event_information
            self.answers[str(data.TransactionUID)] = (
                event.request.EventTypeID,
                {str(one.ReferencedSOPInstanceUID) for one in data.get("ReferencedSOPSequence", [])},
                {str(one.ReferencedSOPInstanceUID): one.FailureReason for one in data.get("FailedSOPSequence", [])},
                where)
        return 0x0000, None

    def ask(self, pairs, stay=0.0, transaction=None):
        """Gives (status of the N-ACTION-RSP or None, transaction); stays on the association for so many seconds."""
        transaction = transaction or str(generate_uid(prefix=None))
        data = Dataset()
        data.TransactionUID = transaction
        data.ReferencedSOPSequence = references(pairs)
        ae = AE(ae_title=self.aet)
        ae.add_requested_context(MODEL)
        association = ae.associate(
            "127.0.0.1", self.gateway_port, ae_title=self.gateway_aet,
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, self._told, ["same"])])
        if not association.is_established:
            return None, transaction
        status, _ = association.send_n_action(data, 1, MODEL, INSTANCE)
        end = time.monotonic() + stay
        while time.monotonic() < end and transaction not in self.answers and association.is_established:
            time.sleep(0.05)
        if association.is_established:
            association.release()
        return (status.Status if status and "Status" in status else None), transaction

    def answer(self, transaction):
        with self.lock:
            return self.answers.get(transaction)
