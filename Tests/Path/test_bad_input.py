"""Bad input: for each a defined answer, one clear line in the log, and a daemon that goes on."""

import os
import socket
import sqlite3
import ssl
import struct
import time
from contextlib import closing, contextmanager

import pytest
from objects import bare, ct, nested
from trial.authority import Authority
from trial.processes import wait_until
from wire import CT_IMAGE, EXPLICIT, IMPLICIT, VERIFICATION, Association, associate_request, pdu, store_command

NOT_RECOGNISED_CALLING, NOT_RECOGNISED_CALLED = (1, 1, 3), (1, 1, 7)


@pytest.fixture(scope="module")
def site(make_site):
    one = make_site("bad")
    one.start()
    yield one
    one.require_no_planted_words()


def events(site, after=0):
    """(row, kind) of the journal's events, read beside the daemon."""
    journal = next(site.gateway.folder.rglob("journal.sqlite"))
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT id, kind FROM events WHERE id > ? ORDER BY id", (after,)).fetchall()


def warnings(site):
    # Nobody plays the reader here, and what is said of that road is of no fault of a sender.
    return [line for line in site.gateway.log_text().splitlines()
            if " WARNING " in line and " destination=" not in line]


@contextmanager
def unharmed(site, event="refused"):
    """Around each fault: another association goes on, the daemon stays, the log has a warning more, and the journal
    an event of this kind; None for what is no fault."""
    pid, lines = site.gateway.daemon.pid, len(warnings(site))
    last = max((row for row, _ in events(site)), default=0)
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
    if event:
        wait_until(lambda: event in {kind for _, kind in events(site, last)}, 15, f"an event {event}", pause=0.1)
        assert len(warnings(site)) > lines, "no warning in the log"


def store(site, one, data=None, sop_instance=None):
    with site.association() as association:
        assert association.outcome == "accepted"
        return association.store(
            CT_IMAGE, sop_instance or one.SOPInstanceUID, bare(one) if data is None else data)


def is_failure(status):
    return status == "aborted" or (isinstance(status, int) and status >> 12 in (0xA, 0xC)) or status == 0x0117


def test_a_hundred_thousand_nested_sequences(site):
    one = ct()
    with unharmed(site):
        status = store(site, one, nested(100_000, one))
        assert isinstance(status, int) and status & 0xF000 == 0xC000
    assert site.study_key(one.StudyInstanceUID, required=False) is None


def test_a_wrong_called_ae_title(site):
    with unharmed(site, "associationRejected"):
        one = Association(site.plain_port, "NOBODY", site.modality_aet)
        assert one.outcome == "rejected" and one.rejection == NOT_RECOGNISED_CALLED


def test_a_wrong_calling_ae_title(site):
    with unharmed(site, "associationRejected"):
        one = Association(site.plain_port, site.gateway_aet, "STRANGER")
        assert one.outcome == "rejected" and one.rejection == NOT_RECOGNISED_CALLING


def test_an_unknown_source_address(site):
    with unharmed(site, "connectionRefused"):
        one = Association(site.plain_port, site.gateway_aet, site.modality_aet, source="127.0.0.77")
        assert one.outcome in ("rejected", "closed", "aborted")


def test_no_common_presentation_context(site):
    with unharmed(site, "associationEnded"):
        worklist = "1.2.840.10008.5.1.4.31"
        one = Association(site.plain_port, site.gateway_aet, site.modality_aet, [(worklist, [EXPLICIT])])
        assert one.outcome in ("accepted", "rejected") and not one.accepted
        one.close()


def test_a_data_set_that_does_not_parse(site):
    one = ct()
    with unharmed(site):
        status = store(site, one, os.urandom(5000))
        assert isinstance(status, int) and status & 0xF000 == 0xC000


def test_a_data_set_that_ends_in_the_middle(site):
    one = ct()
    with unharmed(site):
        status = store(site, one, bare(one)[:-4000])
        assert isinstance(status, int) and status & 0xF000 == 0xC000


def test_another_sop_instance_uid_in_the_command(site):
    one, other = ct(), ct()
    with unharmed(site):
        status = store(site, one, sop_instance=other.SOPInstanceUID)
        assert status == 0xA900
    assert site.study_key(one.StudyInstanceUID, required=False) is None


def test_an_association_without_an_object(site):
    count = len(site.gateway.studies())
    with unharmed(site, event=None):
        with site.association() as one:
            assert one.outcome == "accepted"
            one.release()
    # The good object that `unharmed` sends makes one study; the empty association makes none.
    assert len(site.gateway.studies()) == count + 1


def test_an_empty_data_set(site):
    with unharmed(site):
        assert is_failure(store(site, ct(), b""))


def test_an_empty_study_instance_uid(site):
    one = ct()
    one.StudyInstanceUID = ""
    with unharmed(site):
        assert is_failure(store(site, one))


def test_a_uid_of_65_characters(site):
    one = ct()
    uid = "1.2." + "3" * 61
    raw = bare(one).replace(one.SOPInstanceUID.encode().ljust(len(one.SOPInstanceUID) + len(one.SOPInstanceUID) % 2,
                                                              b"\0"), b"@@UID@@")
    # The element's length is replaced with its value.
    marker = raw.index(b"@@UID@@")
    value = uid.encode() + b"\0"
    raw = raw[:marker - 2] + struct.pack("<H", len(value)) + value + raw[marker + 7:]
    with unharmed(site):
        assert is_failure(store(site, one, raw, sop_instance=uid))


def test_a_missing_patient_id(site):
    one = ct()
    del one.PatientID
    with unharmed(site, event=None):
        status = store(site, one)
        assert status == 0 or is_failure(status)
    if status == 0:
        # Taken, but nothing that a report could be matched with leaves the house unseen.
        key = site.study_key(one.StudyInstanceUID)

        def judged():
            return site.gateway.study(key)["study"]["state"] in ("held", "planned", "delivered")

        wait_until(judged, 30, "the study without a patient ID being judged", pause=0.3)


def test_a_peer_that_stops_in_the_middle_of_a_pdu(site):
    one = ct()
    with unharmed(site, "associationEnded"):
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
    with unharmed(site, "associationEnded"):
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
    with unharmed(site, "connectionFailed"):
        with socket.create_connection(("127.0.0.1", site.plain_port)) as connection:
            connection.sendall(garbage)
            assert drain(connection, site.patience), "the connection is still open"


def test_garbage_on_the_tls_port(site):
    with unharmed(site, "connectionFailed"):
        with socket.create_connection(("127.0.0.1", site.tls_port)) as connection:
            connection.sendall(os.urandom(2048))
            assert drain(connection, site.patience), "the connection is still open"


def test_plain_dicom_on_the_tls_port(site):
    with unharmed(site, "connectionFailed"):
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
    with unharmed(site, "connectionFailed"):
        assert refused_over_tls(site, tls_client(site.trusted, signed, key))


def test_an_expired_certificate(site):
    signed, key, _ = site.own_authority.issue("expired", days=-1)
    with unharmed(site, "connectionFailed"):
        assert refused_over_tls(site, tls_client(site.trusted, signed, key))


def test_no_certificate_at_all(site):
    with unharmed(site, "connectionFailed"):
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
    with unharmed(site, "conflict"):
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
