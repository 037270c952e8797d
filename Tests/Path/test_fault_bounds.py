"""Bounds: what the sender sees at each, that nobody starves, and that input without end ends."""

import contextlib
import resource
import socket
import ssl
import struct
import threading
import time
import zlib

import pytest
from faults import in_a_hurry, is_ready, reading, rows, send, send_study, states, timed, workers
from objects import bare, ct, nested, study
from trial.processes import wait_until
from wire import CT_IMAGE, EXPLICIT, IMPLICIT, VERIFICATION, Association, associate_request, pdu, store_command

LOCAL_LIMIT, CONGESTION = (2, 3, 2), (2, 3, 1)
DEFLATED = "1.2.840.10008.1.2.1.99"

SOURCES = "".join(f"""
[[source]]
name = "ct{n}"
listeners = ["modalities"]
addresses = ["127.0.0.{n + 10}"]
calling_ae_titles = ["CT{n}"]
quiet_period = "2s"
maximum_associations = 2
""" for n in range(20))


@pytest.fixture(scope="module")
def site(make_site):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    one = in_a_hurry(
        make_site("bounds"), ("[[destination]]\nname = \"reader\"", SOURCES + "\n[[destination]]\nname = \"reader\""),
        ('unknown_sop_classes = true', 'unknown_sop_classes = true\ndeflated = true\nmaximum_associations = 12'))
    one.start()
    yield one
    one.stop()
    one.require_no_planted_words()


def modality(site, n, contexts=((CT_IMAGE, (EXPLICIT,)),), **options):
    return Association(site.plain_port, site.gateway_aet, f"CT{n}", contexts, source=f"127.0.0.{n + 10}", **options)


def resident(pid):
    """Bytes of memory."""
    with open(f"/proc/{pid}/statm") as figures:
        return int(figures.read().split()[1]) * resource.getpagesize()


def echo_seconds(site):
    def ask():
        with site.association([(VERIFICATION, [IMPLICIT])]) as one:
            assert one.outcome == "accepted" and one.echo() == 0
            one.release()
    return timed(ask)[1]


def test_a_thousand_silent_and_dripping_connections_keep_nobody_waiting(site):
    """An echo takes less than a second; one of five may be unlucky on a machine that has others to serve."""
    request = associate_request(site.gateway_aet, site.modality_aet, [(CT_IMAGE, [EXPLICIT])])
    held, stop = [], threading.Event()

    def drip():
        sent = 1
        while not stop.wait(0.5) and sent < len(request):
            for one in held[500:]:
                try:
                    one.send(request[sent:sent + 1])
                except OSError:
                    pass
            sent += 1

    memory = resident(site.gateway.daemon.pid)
    try:
        for number in range(1000):
            one = socket.create_connection(("127.0.0.1", site.plain_port), timeout=10)
            if number >= 500:
                one.sendall(request[:1])
            held.append(one)
        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        echoes = sorted(echo_seconds(site) for _ in range(5))
        assert echoes[-2] < 1 and echoes[-1] < 3, f"echoes took {echoes} s"
        assert send(site, [ct()]) == [0]
        assert resident(site.gateway.daemon.pid) - memory < 64 << 20
        stop.set()
        dripping.join()
        # Nobody keeps its place by being silent or slow.
        wait_until(lambda: all(closed(one) for one in held), site.patience, "each of them being closed", pause=0.5)
    finally:
        stop.set()
        for one in held:
            one.close()


def client_hello(context):
    """The first message of a handshake, whole."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


@pytest.mark.fault
@pytest.mark.parametrize("how_far", ["the first message", "the handshake"])
def test_a_thousand_stalling_handshakes_keep_nobody_of_their_own_address_waiting(site, how_far):
    """Each takes a worker for a moment. What is asked at the other port does not notice, and at this one it comes through."""
    certificate, key, trusted = site.peer_tls("reader")
    context = ssl.create_default_context(cafile=str(trusted))
    context.check_hostname = False
    context.load_cert_chain(str(certificate), str(key))
    hello = client_hello(context)
    count = 1000 if how_far == "the first message" else 100
    held = [socket.create_connection(("127.0.0.1", site.tls_port), timeout=10) for _ in range(count)]

    def shake(one):
        with contextlib.suppress(OSError):
            context.wrap_socket(one)

    def echo_over_tls():
        with Association(site.tls_port, site.gateway_aet, site.reader_aet, [(VERIFICATION, [IMPLICIT])], tls=context) as one:
            assert one.outcome == "accepted" and one.echo() == 0
            one.release()

    try:
        if how_far == "the first message":
            for one in held:
                one.sendall(hello)
        else:
            for one in held:
                threading.Thread(target=shake, args=(one,), daemon=True).start()
        plain = sorted(echo_seconds(site) for _ in range(5))
        assert plain[-2] < 1 and plain[-1] < 3, f"echoes took {plain} s at the other port"
        own = sorted(timed(echo_over_tls)[1] for _ in range(3))
        assert own[1] < 3 and own[-1] < 6, f"echoes took {own} s at the same port"
    finally:
        for one in held:
            one.close()
    wait_until(lambda: timed(echo_over_tls)[1] < 1, site.patience, "the end of the crowd")


def closed(one):
    one.setblocking(False)
    try:
        return one.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_objects_that_drip_are_ended_and_disturb_nobody(site):
    dripping = [modality(site, n) for n in range(8)]
    ends = [None] * 8

    def drip(n):
        one = dripping[n]
        start = time.monotonic()
        try:
            one.send(store_command(CT_IMAGE, ct().SOPInstanceUID), command=True)
            one.socket.sendall(struct.pack(">BBI", 4, 0, 16006) + struct.pack(">IBB", 16002, 1, 0))
            while time.monotonic() - start < 40 and not closed(one.socket):
                one.socket.setblocking(True)
                one.socket.sendall(b"x")
                time.sleep(0.2)
        except OSError:
            pass
        ends[n] = time.monotonic() - start

    threads = [threading.Thread(target=drip, args=(n,), daemon=True) for n in range(8)]
    for one in threads:
        one.start()
    assert echo_seconds(site) < 3
    assert send(site, [ct()]) == [0]
    for one in threads:
        one.join(60)
    assert all(end is not None and end < 35 for end in ends), ends


def test_more_associations_of_a_source_than_it_may_have_are_rejected_for_a_while(site):
    standing = [modality(site, 0) for _ in range(2)]
    assert [one.outcome for one in standing] == ["accepted"] * 2
    extra = modality(site, 0)
    assert extra.outcome == "rejected" and extra.rejection == LOCAL_LIMIT
    # Another source has its own.
    other = modality(site, 1)
    assert other.outcome == "accepted"
    standing.pop().release()
    wait_until(lambda: modality(site, 0).outcome == "accepted", 10, "the place being free again")
    for one in (*standing, other):
        one.release()


def test_more_negotiations_of_one_address_than_it_may_have_are_rejected_in_words(site):
    """All turns of this address are taken by TLS handshakes that stand still; the next plain one waits, and is then told."""
    hello = b"\x16\x03\x01\x00\x05" + b"\x01\x00\x00\x01\x00"
    stalled = []
    try:
        for _ in range(8):
            one = socket.create_connection(("127.0.0.1", site.tls_port), timeout=10)
            one.sendall(hello)
            stalled.append(one)
        time.sleep(0.5)
        late, seconds = timed(site.association)
        assert late.outcome == "accepted" or (late.outcome == "rejected" and late.rejection == CONGESTION)
        assert seconds < site.patience
        # A modality at another address does not notice.
        other, seconds = timed(lambda: modality(site, 3))
        assert other.outcome == "accepted" and seconds < 3
        other.release()
    finally:
        for one in stalled:
            one.close()


def test_twenty_modalities_at_once_all_get_their_share_and_memory_stays(site):
    with reading(site) as reader:
        before = resident(site.gateway.daemon.pid)
        ends, statuses = {}, {}
        studies = {n: study(10) for n in range(20)}

        def push(n):
            with modality(site, n) as one:
                statuses[n] = send(site, studies[n], one) if one.outcome == "accepted" else [one.outcome]
                ends[n] = time.monotonic()
                one.release()

        threads = [threading.Thread(target=push, args=(n,)) for n in range(20)]
        start = time.monotonic()
        for one in threads:
            one.start()
        for one in threads:
            one.join(120)
        assert all(statuses[n] == [0] * 10 for n in range(20)), statuses
        took = sorted(end - start for end in ends.values())
        # All sent the same and began together: the last is not far behind the middle.
        assert took[-1] < 3 * took[10] + 2, took
        wait_until(lambda: len(reader.distinct) >= 200, 90, "all two hundred at the reader", pause=0.5)
        assert resident(site.gateway.daemon.pid) - before < 96 << 20
    assert is_ready(site)


@pytest.mark.parametrize("length", [0, 1, 1 << 31, (1 << 32) - 1], ids=["0", "1", "2^31", "2^32-1"])
@pytest.mark.parametrize("kind", [1, 4, 5, 7, 9], ids=["request", "data", "release", "abort", "unknown"])
def test_a_length_that_cannot_be_is_refused_in_time_and_costs_no_memory(site, kind, length):
    memory = resident(site.gateway.daemon.pid)
    with site.association() as other:
        if kind == 1:
            socket_ = socket.create_connection(("127.0.0.1", site.plain_port), timeout=10)
        else:
            struck = site.association()
            assert struck.outcome == "accepted"
            socket_ = struck.socket
        with socket_:
            socket_.sendall(struct.pack(">BBI", kind, 0, length) + b"\0" * 64)
            start = time.monotonic()
            socket_.settimeout(site.patience)
            try:
                while socket_.recv(4096):
                    pass
            except ConnectionError:
                pass
            assert time.monotonic() - start < site.patience
        assert send(site, [ct()], other) == [0]
        other.release()
    assert resident(site.gateway.daemon.pid) - memory < 32 << 20
    assert all(resident(pid) < 512 << 20 for pid in workers(site))


def refused(status):
    return isinstance(status, int) and status >> 12 == 0xC


def test_a_sequence_of_ten_thousand_items_is_taken_and_sent(site):
    one = ct()
    items = b"".join(
        b"\xfe\xff\x00\xe0" + struct.pack("<I", 12) + b"\x08\x00\x50\x11UI\x04\x001.2\0" for _ in range(10_000))
    head = bare(one)
    at = head.index(b"\x10\x00\x10\x00PN")
    sequence = b"\x08\x00\x15\x11SQ\0\0" + struct.pack("<I", len(items)) + items
    with reading(site):
        with site.association() as association:
            status, seconds = timed(lambda: association.store(
                CT_IMAGE, one.SOPInstanceUID, head[:at] + sequence + head[at:]))
            assert status == 0 and seconds < 10
            association.release()
        key = site.study_key(one.StudyInstanceUID)
        wait_until(lambda: states(site, key)[0] in ("acknowledged", "held"), 60, "it having its end", pause=0.5)


@pytest.mark.parametrize("depth", [65, 1000, 20_000])
def test_nesting_beyond_the_bound_is_refused(site, depth):
    one = ct()
    with site.association() as association:
        assert refused(association.store(CT_IMAGE, one.SOPInstanceUID, nested(depth, one)))
        assert send(site, [ct()], association) == [0]
        association.release()


def test_a_deflated_bomb_is_refused_before_it_has_cost_anything(site):
    one = ct()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = bare(one)
    bomb = packer.compress(head)
    bomb += packer.compress(b"\xe1\x7f\x10\x00OB\0\0" + struct.pack("<I", 600 << 20))
    block = b"\0" * (1 << 20)
    for _ in range(600):
        bomb += packer.compress(block)
    bomb += packer.flush()
    with site.association([(CT_IMAGE, [DEFLATED])]) as association:
        assert association.outcome == "accepted" and association.accepted
        status, seconds = timed(lambda: association.store(CT_IMAGE, one.SOPInstanceUID, bomb))
        assert refused(status) and seconds < 15
        association.release()
    assert all(resident(pid) < 256 << 20 for pid in workers(site))


def test_a_command_set_without_end_is_refused(site):
    with site.association() as association:
        for _ in range(10):
            try:
                association.socket.sendall(pdu(4, struct.pack(">IBB", 16002, 1, 1) + b"\0" * 16000))
            except OSError:
                break
        assert wait_until(lambda: closed(association.socket), site.patience, "the end of it")
    assert send(site, [ct()]) == [0]


@pytest.mark.fault
def test_a_very_large_object_costs_the_office_and_its_workers_no_memory(site):
    large = ct(rows=16000, columns=16000)
    peak = {"office": 0, "worker": 0}
    stop = threading.Event()

    def watch():
        while not stop.wait(0.05):
            for pid, who in [(site.gateway.daemon.pid, "office"), *((pid, "worker") for pid in workers(site))]:
                try:
                    peak[who] = max(peak[who], resident(pid))
                except OSError:
                    pass

    before = resident(site.gateway.daemon.pid)
    watching = threading.Thread(target=watch)
    watching.start()
    try:
        with reading(site) as reader:
            assert send(site, [large]) == [0]
            wait_until(lambda: reader.count == 1, 120, "it at the reader")
    finally:
        stop.set()
        watching.join()
    assert peak["office"] - before < 64 << 20 and peak["worker"] < 192 << 20, peak


def test_what_was_refused_is_on_record(site):
    kinds = {kind for kind, in rows(site, "SELECT DISTINCT kind FROM events")}
    assert {"refused", "associationRejected", "associationEnded"} <= kinds
    assert send_study(site, 1)
