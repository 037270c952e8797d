"""Bad input: for each a defined answer, one clear line in the log, and a daemon that goes on."""

import os
import random
import re
import socket
import sqlite3
import ssl
import struct
import time
from contextlib import closing, contextmanager

import pytest
from objects import bare, ct, nested
from pydicom.dataset import Dataset
from trial.authority import Authority
from trial.processes import wait_until
from wire import (
    CT_IMAGE, EXPLICIT, IMPLICIT, VERIFICATION, Association, Closed, associate_request, pdu, store_command)
from wire import element as command_element

NOT_RECOGNISED_CALLING, NOT_RECOGNISED_CALLED = (1, 1, 3), (1, 1, 7)


@pytest.fixture(scope="module")
def site(make_site):
    one = make_site("bad")
    one.start()
    yield one
    one.require_no_planted_words()


def events(site):
    """(row, age in seconds, kind, detail) of the journal's events, read beside the daemon."""
    journal = next(site.gateway.folder.rglob("journal.sqlite"))
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as connection:
        return [(row, time.time() - at, kind, detail) for row, at, kind, detail in connection.execute(
            "SELECT id, at, kind, detail FROM events ORDER BY id")]


def warnings(site):
    # Nobody plays the reader here, and what is said of that road is of no fault of a sender.
    return [line for line in site.gateway.log_text().splitlines()
            if " WARNING " in line and " destination=" not in line]


def both(*parts):
    """A pattern for text in which each of these stands, in whatever order."""
    return "".join(f"(?=.*({part}))" for part in parts)


#: What happens before a peer is known is one row for each peer, reason and minute.
COUNTED = {"connectionRefused", "connectionFailed", "associationRejected"}


@contextmanager
def unharmed(site, event="refused", says=""):
    """Around each fault: another association goes on, the daemon stays, the log has exactly one warning more, which tells
    what and what to do, and the journal an event of this kind that says the same; None for what is no fault."""
    pid, lines = site.gateway.daemon.pid, len(warnings(site))
    last = max((row for row, *_ in events(site)), default=0)
    with site.association([(VERIFICATION, [IMPLICIT])]) as other:
        assert other.outcome == "accepted"
        yield
        assert other.echo() == 0, "another association was harmed"
        other.release()
    assert site.gateway.alive() and site.gateway.daemon.pid == pid
    with site.association() as after:
        one = ct()
        assert after.store(CT_IMAGE, one.SOPInstanceUID, bare(one)) == 0, "a good object is refused afterwards"
        after.release()
    if not event:
        assert warnings(site)[lines:] == []
        return

    def written():
        return [detail for row, age, kind, detail in events(site)
                if kind == event and (row > last or event in COUNTED and age < 61) and re.search(says, detail)]

    wait_until(written, 15, f"an event {event} that says '{says}'", pause=0.1)
    new = warnings(site)[lines:]
    assert len(new) == 1, f"not one line but {new}"
    assert re.search(says, new[0]), f"the log does not say '{says}': {new[0]}"
    assert re.search(r' hint="[A-Z][^"]+\."', new[0]), f"the log does not say what to do: {new[0]}"


def store(site, one, data=None, sop_instance=None, sop_class=CT_IMAGE, context=((CT_IMAGE, (EXPLICIT,)),)):
    with site.association(context) as association:
        assert association.outcome == "accepted"
        status = association.store(
            sop_class, sop_instance or one.SOPInstanceUID, bare(one) if data is None else data)
        association.release()
        return status


def element(tag, vr, value):
    """Explicit VR little endian, with a short length."""
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def changed(one, tag, vr, value, length=None):
    """The data set with one element's VR, value and stated length as given."""
    head, tail = Dataset(), Dataset()
    for each in one:
        if each.tag != tag:
            (head if each.tag < tag else tail).add(each)
    made = element(tag, vr, value)
    return bare(head) + (made if length is None else made[:6] + struct.pack("<H", length) + made[8:]) + bare(tail)


def without(keyword):
    one = ct()
    delattr(one, keyword)
    return one


LONG_UID = b"1.2." + b"3" * 61

#: What comes, the status of the answer, and what log and journal say of it (docs/operations.md, Bad input).
OBJECTS = {
    "an empty data set": (lambda one: b"", 0xA900, r"dataSetMismatch.*SOP Class UID \(0008,0016\)"),
    "random bytes": (lambda one: random.Random(5).randbytes(5000), 0xC000, "unwalkable"),
    "text": (lambda one: b"<html>not an image</html>" * 40, 0xC000, "unwalkable"),
    "cut off in the middle": (lambda one: bare(one)[:-4000], 0xC000, "unwalkable.*overruns"),
    "cut off inside an element's head": (lambda one: bare(one) + b"\x10\xff\x10", 0xC000, "unwalkable"),
    "nested a hundred thousand deep": (lambda one: nested(100_000, one), 0xC000, "unwalkable.*(deep|depth)"),
    "a length beyond the end": (
        lambda one: changed(one, 0x00101010, b"AS", b"042Y", 0x7FFE), 0xC000, "unwalkable"),
    "a length too short": (lambda one: changed(one, 0x00101010, b"AS", b"042Y", 2), 0xC000, "unwalkable"),
    "implicit VR where explicit was agreed": (lambda one: bare(one, implicit=True), 0xC000, "unwalkable"),
    "a group that belongs to the file": (
        lambda one: element(0x00020010, b"UI", EXPLICIT.encode() + b"\0") + bare(one), 0xC000, "unwalkable"),
    "no SOP Class UID": (lambda one: bare(without("SOPClassUID")), 0xA900, r"dataSetMismatch.*\(0008,0016\)"),
    "no SOP Instance UID": (
        lambda one: changed(one, 0x00080018, b"UI", b""), 0xA900, r"dataSetMismatch.*\(0008,0018\)"),
    "another SOP Instance UID": (lambda one: bare(ct()), 0xA900, r"dataSetMismatch.*\(0008,0018\)"),
    "another SOP Class UID": (
        lambda one: changed(one, 0x00080016, b"UI", b"1.2.840.10008.5.1.4.1.1.4\0"), 0xA900,
        r"dataSetMismatch.*\(0008,0016\)"),
    "an empty Study Instance UID": (
        lambda one: changed(one, 0x0020000D, b"UI", b""), 0xC000, r"identifiersMissing.*\(0020,000D\)"),
    "no Series Instance UID": (
        lambda one: changed(one, 0x0020000E, b"UI", b""), 0xC000, r"identifiersMissing.*\(0020,000E\)"),
    "a Study Instance UID of 65 characters": (
        lambda one: changed(one, 0x0020000D, b"UI", LONG_UID + b"\0"), 0xC000,
        r"identifiersMissing.*\(0020,000D\) is not valid"),
    "a Study Instance UID that is a path": (
        lambda one: changed(one, 0x0020000D, b"UI", b"../../../etc/passwd\0"), 0xC000,
        r"identifiersMissing.*\(0020,000D\) is not valid"),
    "two Study Instance UIDs": (
        lambda one: element(0x0020000D, b"UI", b"1.2.3.4\0"[:8]) + bare(one), 0xC000, "unwalkable"),
}


@pytest.mark.parametrize("what", OBJECTS)
def test_an_object_that_is_not_one(site, what):
    make, status, says = OBJECTS[what]
    one = ct()
    spooled = {path.name for path in site.gateway.folder.rglob("objects/*/*.dcm")}
    with unharmed(site, says=both(f"{status:04X}", says)):
        assert store(site, one, make(one)) == status
    assert site.study_key(one.StudyInstanceUID, required=False) is None
    # The good object that `unharmed` sends is the only one more.
    assert len({path.name for path in site.gateway.folder.rglob("objects/*/*.dcm")} - spooled) == 1


@pytest.mark.parametrize("vr", [b"ZZ", b"\0\0", b"PN", b"OB"], ids=["unknown", "zeros", "of a name", "of bytes"])
def test_a_wrong_value_representation_is_taken_or_refused_whole(site, vr):
    """A person's age under another VR: where its length still is where it should be, the object is kept as it came
    (PS3.5 6.2.2, note 1); else it is C000."""
    one = ct()
    data = changed(one, 0x00101010, vr, b"042Y")
    kept = vr in (b"PN", b"\0\0")
    with unharmed(site, event=None if kept else "refused", says="" if kept else both("C000", "unwalkable")):
        assert store(site, one, data) == (0 if kept else 0xC000)
    assert len(site.spooled(data)) == int(kept)


@pytest.mark.parametrize("uid", [LONG_UID.decode(), "../../x", "1.2.03", ""], ids=["long", "path", "zero", "empty"])
def test_a_command_whose_sop_instance_uid_is_none(site, uid):
    one = ct()
    data = changed(one, 0x00080018, b"UI", uid.encode() + b"\0" * (len(uid) % 2))
    with unharmed(site, says=both("A900", "SOP Instance UID")):
        with site.association() as association:
            assert association.store(CT_IMAGE, uid, data) == 0xA900
            # It goes on: the data set was read over.
            other = ct()
            assert association.store(CT_IMAGE, other.SOPInstanceUID, bare(other)) == 0
            association.release()


def test_a_wrong_called_ae_title(site):
    with unharmed(site, "associationRejected", says="NOBODY"):
        one = Association(site.plain_port, "NOBODY", site.modality_aet)
        assert one.outcome == "rejected" and one.rejection == NOT_RECOGNISED_CALLED


def test_a_wrong_calling_ae_title(site):
    with unharmed(site, "associationRejected", says="STRANGER"):
        one = Association(site.plain_port, site.gateway_aet, "STRANGER")
        assert one.outcome == "rejected" and one.rejection == NOT_RECOGNISED_CALLING


def test_an_unknown_source_address(site):
    with unharmed(site, "connectionRefused", says="127.0.0.77"):
        one = Association(site.plain_port, site.gateway_aet, site.modality_aet, source="127.0.0.77")
        assert one.outcome in ("rejected", "closed", "aborted")


def test_no_common_presentation_context(site):
    with unharmed(site, "associationEnded", says=both("noCommonContext", r"1\.2\.840\.10008\.5\.1\.4\.31")):
        worklist = "1.2.840.10008.5.1.4.31"
        one = Association(site.plain_port, site.gateway_aet, site.modality_aet, [(worklist, [EXPLICIT])])
        assert one.outcome in ("accepted", "rejected") and not one.accepted
        one.close()


def test_an_association_without_an_object(site):
    count = len(site.gateway.studies())
    with unharmed(site, event=None):
        with site.association() as one:
            assert one.outcome == "accepted"
            one.release()
    # The good object that `unharmed` sends makes one study; the empty association makes none.
    assert len(site.gateway.studies()) == count + 1


def test_a_missing_patient_id_is_taken_and_goes_on(site):
    """Many never send again: what a report is matched by are the study's own keys."""
    one = without("PatientID")
    with unharmed(site, event=None):
        assert store(site, one) == 0
    assert len(site.spooled(bare(one))) == 1
    key = site.study_key(one.StudyInstanceUID)
    wait_until(lambda: site.gateway.study(key)["study"]["state"] == "planned", 30, "the study being planned", pause=0.3)


def test_a_command_that_is_no_command(site):
    """A C-STORE-RQ without a message ID: nobody could say what is answered (PS3.7 9.1.1)."""
    with unharmed(site, "associationEnded", says="garbage"):
        with site.association() as association:
            body = command_element(0, 0x0002, CT_IMAGE.encode()) + command_element(0, 0x0100, struct.pack("<H", 1))
            body += command_element(0, 0x0800, struct.pack("<H", 0))
            association.send(command_element(0, 0, struct.pack("<I", len(body))) + body, command=True)
            assert ended(association, site.patience) in ("aborted", "closed")


def test_a_service_that_is_not_offered(site):
    """An N-GET on a context for storage is answered 0211H, Unrecognized Operation, and the association goes on."""
    with unharmed(site, event=None):
        with site.association() as association:
            body = command_element(0, 0x0003, CT_IMAGE.encode()) + command_element(0, 0x0100, struct.pack("<H", 0x110))
            body += command_element(0, 0x0110, struct.pack("<H", 7))
            body += command_element(0, 0x0800, struct.pack("<H", 0x101)) + command_element(0, 0x1001, b"1.2.3")
            association.send(command_element(0, 0, struct.pack("<I", len(body))) + body, command=True)
            assert association.response() == 0x0211
            one = ct()
            assert association.store(CT_IMAGE, one.SOPInstanceUID, bare(one)) == 0
            association.release()


def test_a_class_that_the_source_may_not_store_on_a_context_for_another(site):
    one = ct()
    one.SOPClassUID = "1.2.840.10008.5.1.4.31"
    with unharmed(site, says=both("0122", "sopClassNotSupported")):
        with site.association() as association:
            assert association.store(str(one.SOPClassUID), one.SOPInstanceUID, bare(one)) == 0x0122
            other = ct()
            assert association.store(CT_IMAGE, other.SOPInstanceUID, bare(other)) == 0
            association.release()
    assert site.study_key(one.StudyInstanceUID, required=False) is None


def test_a_class_that_the_source_may_store_on_a_context_for_another_is_kept(site):
    """Refusing it would lose an image for a slip of its sender's."""
    one = ct()
    one.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    with unharmed(site, event=None):
        assert store(site, one, sop_class=str(one.SOPClassUID)) == 0
    assert len(site.spooled(bare(one))) == 1


def ended(association, seconds):
    association.socket.settimeout(seconds)
    try:
        kind, _ = association.receive()
        return "aborted" if kind == 7 else f"PDU {kind}"
    except (Closed, ConnectionError):
        return "closed"


def test_a_peer_that_stops_in_the_middle_of_a_pdu(site):
    one = ct()
    with unharmed(site, "associationEnded", says=both("timedOut|tooSlow", "with (an )?object.* on its way")):
        with site.association() as association:
            association.send(store_command(CT_IMAGE, one.SOPInstanceUID), command=True)
            association.socket.sendall(struct.pack(">BBI", 4, 0, 16006) + struct.pack(">IBB", 16002, 1, 0) + b"x" * 99)
            # Says nothing more. The limits of this site end it.
            end = time.monotonic() + site.patience
            association.socket.settimeout(site.patience)
            try:
                while association.socket.recv(4096):
                    pass
            except (ConnectionError, socket.timeout):
                pass
            assert time.monotonic() < end, "a peer that says nothing is kept for ever"


def test_a_peer_that_leaves_in_the_middle_of_an_object(site):
    one = ct()
    with unharmed(site, "associationEnded", says=both("connectionLost", "with (an )?object.* on its way")):
        association = site.association()
        association.send(store_command(CT_IMAGE, one.SOPInstanceUID), command=True)
        association.socket.sendall(pdu(4, struct.pack(">IBB", 502, 1, 0) + b"y" * 500))
        association.close()
    assert site.study_key(one.StudyInstanceUID, required=False) is None


def drain(connection, seconds):
    """Reads until the peer closes; False if it does not in time."""
    connection.settimeout(seconds)
    try:
        while connection.recv(4096):
            pass
        return True
    except ConnectionError:
        return True
    except (socket.timeout, ssl.SSLError):
        return False


@pytest.mark.parametrize("garbage", [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", os.urandom(4096), b"\x01\x00\xff\xff\xff\xff" + b"A" * 4096,
    b"\x04\x00\x00\x00\x00\x10" + b"B" * 16, b"\x00" * 64,
], ids=["http", "random", "huge length", "data before an association", "zeros"])
def test_garbage_on_the_plain_port(site, garbage):
    with unharmed(site, "connectionFailed", says="garbage"):
        with socket.create_connection(("127.0.0.1", site.plain_port)) as connection:
            connection.sendall(garbage)
            assert drain(connection, site.patience), "the connection is still open"


def test_garbage_on_the_tls_port(site):
    with unharmed(site, "connectionFailed", says="tlsFailed"):
        with socket.create_connection(("127.0.0.1", site.tls_port)) as connection:
            connection.sendall(os.urandom(2048))
            assert drain(connection, site.patience), "the connection is still open"


def test_plain_dicom_on_the_tls_port(site):
    with unharmed(site, "connectionFailed", says="tlsFailed"):
        with socket.create_connection(("127.0.0.1", site.tls_port)) as connection:
            connection.sendall(associate_request(site.gateway_aet, site.reader_aet, [(VERIFICATION, [IMPLICIT])]))
            assert drain(connection, site.patience), "the connection is still open"


def tls_client(trusted, signed=None, key=None):
    context = ssl.create_default_context(cafile=str(trusted))
    context.check_hostname = False
    if signed:
        context.load_cert_chain(str(signed), str(key))
    return context


def refused_over_tls(site, context):
    try:
        one = Association(
            site.tls_port, site.gateway_aet, site.reader_aet, [(VERIFICATION, [IMPLICIT])], tls=context,
            timeout=site.patience)
    except (ssl.SSLError, ConnectionError):
        return True
    one.close()
    return one.outcome in ("closed", "aborted", "rejected")


def test_a_certificate_of_another_authority(site, tmp_path):
    signed, key, _ = Authority(tmp_path / "stranger").issue("stranger")
    with unharmed(site, "connectionFailed", says="tlsFailed"):
        assert refused_over_tls(site, tls_client(site.trusted, signed, key))


def test_an_expired_certificate(site):
    signed, key, _ = site.own_authority.issue("expired", days=-1)
    with unharmed(site, "connectionFailed", says="tlsFailed"):
        assert refused_over_tls(site, tls_client(site.trusted, signed, key))


def test_no_certificate_at_all(site):
    with unharmed(site, "connectionFailed", says="tlsFailed"):
        assert refused_over_tls(site, tls_client(site.trusted))


def test_the_right_certificate_is_taken(site):
    signed, key, trusted = site.peer_tls("reader")
    one = Association(
        site.tls_port, site.gateway_aet, site.reader_aet, [(VERIFICATION, [IMPLICIT])],
        tls=tls_client(trusted, signed, key))
    assert one.outcome == "accepted" and one.echo() == 0
    one.release()


def test_the_same_sop_instance_with_other_content(site):
    one = ct(pixels=b"\1\2" * 4096)
    other = ct(pixels=b"\3\4" * 4096)
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        setattr(other, keyword, getattr(one, keyword))
    with unharmed(site, "conflict", says="conflict|content"):
        assert store(site, one) == 0
        assert store(site, one) == 0, "the same object again is a success"
        assert store(site, other) == 0x0111
    detail = site.gateway.study(site.study_key(one.StudyInstanceUID))
    assert detail["study"]["instances"] == 1
    assert "conflict" in {event["kind"] for event in detail["events"]}


def test_three_hundred_connections_that_say_nothing(site):
    with unharmed(site, event=None):
        silent = [socket.create_connection(("127.0.0.1", site.plain_port)) for _ in range(300)]
        try:
            with site.association([(VERIFICATION, [IMPLICIT])]) as one:
                assert one.outcome == "accepted" and one.echo() == 0
                one.release()
        finally:
            for connection in silent:
                connection.close()


def test_hundreds_of_unfinished_requests_keep_nobody_waiting(site):
    request = associate_request(site.gateway_aet, site.modality_aet, [(CT_IMAGE, [EXPLICIT])])
    held = []
    try:
        for number in range(200):
            for port, beginning in ((site.plain_port, request[:1 + number % 60]), (site.tls_port, b"\x16\x03\x01")):
                one = socket.create_connection(("127.0.0.1", port), timeout=10)
                one.sendall(beginning)
                held.append(one)
        start = time.monotonic()
        with site.association([(VERIFICATION, [IMPLICIT])]) as other:
            assert other.outcome == "accepted" and other.echo() == 0
            other.release()
        assert time.monotonic() - start < 1
    finally:
        for one in held:
            one.close()
