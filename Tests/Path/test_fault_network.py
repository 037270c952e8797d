"""Bad roads and bad readers: each has its own lanes, its own pauses and its own end, and none delays another."""

import json
import socket
import threading
import time

import pytest
from chaos import ChaosProxy
from faults import (
    destination, in_a_hurry, metrics_of, reading, rows, send, send_study, states, timed)
from objects import study
from reader import CountingReader
from trial.authority import Authority
from trial.processes import free_ports, wait_until

MORE = """
[[destination]]
name = "{name}"
role = "reader"
host = "127.0.0.1"
port = {port}
called_ae_title = "READER"
calling_ae_title = "ANTIPODE"
tls = "trial"
identity = "pseudonymous"
lanes = 2

[destination.retry]
minimum = "0.5s"
maximum = "1s"

[destination.limits]
negotiation = "3s"
connect = "2s"
dimse = "3s"
minimum_rate_window = "3s"
"""


@pytest.fixture(scope="module")
def site(make_site):
    """The reader stands behind a road that can be made bad."""
    one = make_site("road")
    one.far_port, = free_ports(1)
    in_a_hurry(one).start()
    one.road = ChaosProxy(one.reader_port, ("127.0.0.1", one.far_port)).start()
    yield one
    one.road.stop()
    one.stop()
    one.require_no_planted_words()


@pytest.fixture
def own_site(make_site):
    """One lane and no road between: what is tried when is the gateway's own doing."""
    one = in_a_hurry(make_site("direct"), ("lanes = 4", "lanes = 1")).start()
    yield one
    one.stop()
    one.require_no_planted_words()


def whole(site, images, seconds=40):
    key = site.study_key(images[0].StudyInstanceUID)
    return wait_until(lambda: states(site, key)[0] == "acknowledged", seconds, "the study being sent", pause=0.2)


def test_a_reader_that_takes_connections_and_never_answers_opens_the_circuit_and_closes_it_when_it_does(site):
    with reading(site, port=site.far_port) as reader:
        site.road.blackhole = True
        images = send_study(site, 3)
        view = wait_until(
            lambda: (lambda d: d if d["circuit"] == "open" else None)(destination(site)), 60, "the circuit opening")
        assert view["retryAt"] and view["lastFailure"]["code"] in ("peerTimedOut", "connectTimedOut", "tlsFailed")
        assert view["oldestWaitingSeconds"] > 0 and view["waitingInstances"] == 3
        assert "open" in site.gateway.run("peers").stdout
        site.road.blackhole = False
        site.road.cut()
        whole(site, images)
        assert reader.count >= 3 and len(reader.distinct) == 3
        wait_until(lambda: destination(site)["circuit"] == "closed", 10, "the circuit closing")
        assert destination(site).get("oldestWaitingSeconds") is None


def test_a_reader_whose_machine_drops_every_syn_is_given_up_at_the_connect_deadline(own_site):
    """A listener whose queue is full: the kernel answers no SYN, as if nobody were there."""
    site = own_site
    full = socket.socket()
    full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    full.bind(("127.0.0.1", site.reader_port))
    full.listen(0)
    crowd = []
    try:
        for _ in range(8):
            crowd.append(socket.socket())
            crowd[-1].setblocking(False)
            crowd[-1].connect_ex(("127.0.0.1", site.reader_port))
        images = send_study(site, 2)
        # Connect deadline 2 s, pauses of half a second to one: each try is one line of the log.
        view = wait_until(
            lambda: (lambda d: d if d["circuit"] == "open" else None)(destination(site)), 60, "the circuit opening")
        assert view["lastFailure"]["code"] == "connectTimedOut", view
        before = time.monotonic()
        tries = site.gateway.log_text().count("connectTimedOut")
        wait_until(lambda: site.gateway.log_text().count("connectTimedOut") >= tries + 3, 30, "three more tries")
        # No less than the deadline each, and not much more than deadline and pause.
        assert 4 < time.monotonic() - before < 20
        assert site.gateway.status()["ready"]
    finally:
        for one in crowd:
            one.close()
        full.close()
    with reading(site) as reader:
        whole(site, images)
        assert reader.count == 2


def test_a_reader_that_takes_an_object_and_never_answers_is_aborted_at_the_dimse_deadline_and_gets_it_again(own_site):
    site = own_site
    enough, asked = threading.Event(), []

    def judge(_):
        asked.append(time.monotonic())
        if len(asked) <= 2:
            enough.wait(30)
        return 0

    with reading(site) as reader:
        reader.judge = judge
        images = send_study(site, 2)
        try:
            wait_until(lambda: destination(site).get("lastFailure"), 30, "the deadline passing")
            assert destination(site)["lastFailure"]["code"] == "peerTimedOut"
            wait_until(lambda: len(asked) >= 3, 30, "a third try")
        finally:
            enough.set()
        # DIMSE deadline 3 s, and a pause of a second at most; the next association, not the same.
        assert all(3 <= later - one < 12 for one, later in zip(asked[:2], asked[1:3])), asked
        assert reader.connections >= 3
        whole(site, images)
        assert len(reader.distinct) == 2
        # Two were stored whose answers came too late; they came again, and no oftener.
        assert len(asked) == 4


def test_a_reader_that_aborts_after_some_objects_gets_the_next_and_never_the_first_again(own_site):
    site, came, aborts = own_site, [], []

    def judge(event):
        # Instances keep their number, which no profile replaces.
        came.append(int(event.dataset.InstanceNumber))
        if len(came) % 3 == 0 and len(aborts) < 3:
            aborts.append(came[-1])
            event.assoc.abort()
        return 0

    with reading(site) as reader:
        reader.judge = judge
        images = send_study(site, 9)
        whole(site, images, 60)
    assert len(aborts) == 3
    assert list(dict.fromkeys(came)) == list(range(1, 10)), f"the order of the first time each came: {came}"
    assert len(came) <= 9 + len(aborts), came
    assert {one for one in came if came.count(one) > 1} <= set(aborts), "only what was cut off comes again"


@pytest.mark.parametrize("fault", ["reset", "half-closed"])
def test_a_road_that_ends_inside_an_object_is_taken_again(site, fault):
    with reading(site, port=site.far_port) as reader:
        images = study(4, rows=256, columns=256)
        # Each connection carries one object and a half.
        setattr(site.road, "cut_after" if fault == "reset" else "half_close", 200_000)
        assert send(site, images) == [0] * 4
        key = site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: reader.count >= 2, 60, "some objects getting through")
        site.road.cut_after = site.road.half_close = 0
        whole(site, images, 60)
        assert len(reader.distinct) == 4
        # An object whose acknowledgement was lost may come twice, under the same pseudonym.
        assert states(site, key) == ("acknowledged", None)


def test_a_road_that_refuses_is_tried_seldom(site):
    site.road.refuse = True
    before = site.road.connections
    images = send_study(site, 3)
    time.sleep(6)
    # Pauses of half a second to one, after three lanes that tried at once.
    assert site.road.connections - before <= 20
    assert destination(site)["lastFailure"]["code"] in ("connectionLost", "tlsFailed", "connectFailed")
    site.road.refuse = False
    with reading(site, port=site.far_port):
        whole(site, images)


def test_a_long_road_is_no_fault(site):
    with reading(site, port=site.far_port) as reader:
        site.road.delay = 0.15
        try:
            images = send_study(site, 6)
            whole(site, images, 60)
            # On a busy machine the last ones may be a late part of the study.
            wait_until(lambda: reader.count >= 6, 30, "all of them", pause=0.2)
            assert reader.count == 6
        finally:
            site.road.delay = 0


def test_a_reader_that_refuses_every_third_instance_gets_the_other_two(site):
    with reading(site, port=site.far_port, status=0) as reader:
        images = study(9)
        count = {"n": 0}

        def refuse(_):
            count["n"] += 1
            return 0xA900 if count["n"] % 3 == 0 else 0

        reader.judge = refuse
        assert send(site, images) == [0] * 9
        key = site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: states(site, key) == ("held", "dataSetMismatch"), 40, "the refused ones being held")
        transfer = site.gateway.study(key)["transfers"][0]
        assert (transfer["acknowledged"], transfer["held"]) == (6, 3)
        assert destination(site)["circuit"] == "closed"


#: PS3.4 Table B.2-1 and PS3.7 Annex C (2026d): each status of a C-STORE response, and what becomes of its instance.
ACKNOWLEDGED = [0x0000, 0x0001, 0x0107, 0x0111, 0x0116, 0xB000, 0xB006, 0xB007]
REFUSED = {
    0xA900: "dataSetMismatch", 0xA9FF: "dataSetMismatch", 0xC000: "cannotUnderstand", 0xCFFF: "cannotUnderstand",
    0x0122: "sopClassNotSupported", 0x0118: "sopClassNotSupported", 0x0112: "sopClassNotSupported",
    0x0117: "refusedByPeer", 0x0119: "refusedByPeer", 0x0105: "refusedByPeer", 0x0113: "refusedByPeer",
    0x0114: "refusedByPeer", 0x0120: "refusedByPeer", 0x0121: "refusedByPeer", 0x0123: "refusedByPeer",
    0x0106: "protocolError", 0x0115: "protocolError", 0x0210: "protocolError", 0x0211: "protocolError",
    0x0212: "protocolError",
}
AGAIN = {0xA700: "outOfResources", 0xA7FF: "outOfResources", 0x0213: "outOfResources", 0x0110: "refusedByPeer",
         0x0124: "notAuthorized", 0xFE00: "refusedByPeer"}


def test_each_status_of_the_standard_has_its_end(site):
    """Acknowledged, or held with the status on record; the road stays open for all of it."""
    statuses = ACKNOWLEDGED + list(REFUSED)
    images = study(len(statuses))
    given = {}

    def judge(event):
        # Instances keep their number, which no profile replaces.
        status = statuses[int(event.dataset.InstanceNumber) - 1]
        given[status] = given.get(status, 0) + 1
        return status

    with reading(site, port=site.far_port) as reader:
        reader.judge = judge
        assert send(site, images) == [0] * len(images)
        key = site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: states(site, key)[0] == "held", 60, "every instance having its end")
        assert destination(site)["circuit"] == "closed"
    assert given == {status: 1 for status in statuses}, "nothing that has its end is sent again"
    ends = {
        status: (state, json.loads(failure)["code"] if failure else None) for status, state, failure in rows(
            site, """SELECT lastStatus, passage.state, passage.failure FROM transfer_instances AS passage
                     JOIN transfers ON transfers.id = transferID WHERE studyID = ?""", int(key[1:]))}
    assert ends == {**{one: ("acknowledged", None) for one in ACKNOWLEDGED},
                    **{one: ("held", code) for one, code in REFUSED.items()}}


@pytest.mark.parametrize(
    "status", [one if one in (0xA700, 0x0110) else pytest.param(one, marks=pytest.mark.fault) for one in AGAIN], ids=hex)
def test_a_status_that_may_pass_is_tried_again_until_it_does(site, status):
    asked = []
    with reading(site, port=site.far_port) as reader:
        reader.judge = lambda _: asked.append(status) or (status if len(asked) < 3 else 0)
        images = send_study(site, 1)
        whole(site, images, 60)
        assert len(asked) == 3
    lines = [line for line in site.gateway.log_text().splitlines() if f"({status:04X}H)" in line]
    assert lines and all(f"code={AGAIN[status]}" in line for line in lines if "not acknowledged" in line)


def test_a_reader_that_drops_its_certificate_gets_nothing_until_it_shows_the_right_one(site, tmp_path):
    signed, key, _ = Authority(tmp_path / "other").issue("reader")
    images = send_study(site, 2)
    from reader import CountingReader
    wrong = CountingReader(site.far_port, site.reader_aet, signed, key, site.trusted).start()
    try:
        wait_until(
            lambda: (destination(site).get("lastFailure") or {}).get("code") == "certificateRefused", 30, "the certificate being refused")
        time.sleep(2)
        assert destination(site)["circuit"] != "closed" and wrong.count == 0
        # The alarm, by its name: an event, the metric, and what a person sees of the reader.
        opened = [one["detail"] for one in site.gateway.ask("events", "--kind", "circuitOpened")]
        assert any(one.startswith("reader: certificateRefused") for one in opened), opened
        assert 'antipode_destination_up{destination="reader"} 0' in metrics_of(site)
        assert "certificateRefused" in site.gateway.run("peers").stdout
    finally:
        wrong.stop()
    with reading(site, port=site.far_port) as reader:
        whole(site, images)
        assert reader.count == 2
        assert 'antipode_destination_up{destination="reader"} 1' in metrics_of(site)


def test_one_dead_and_one_slow_destination_delay_no_other(make_site):
    site = make_site("three")
    dead, slow = free_ports(2)
    in_a_hurry(site, ('to = ["reader"]', 'to = ["dead", "slow", "reader"]'),
               ("[[reports]]", MORE.format(name="dead", port=dead) + MORE.format(name="slow", port=slow) + "[[reports]]"))
    with ChaosProxy(dead, ("127.0.0.1", 1), blackhole=True), reading(site, port=slow, delay=0.7) as late, \
            reading(site) as good:
        site.start()
        images = send_study(site, 12)
        _, seconds = timed(lambda: wait_until(lambda: good.count == 12, 30, "the good reader having all"))
        assert seconds < 15
        assert late.count < 12
        views = {d["name"]: d for d in site.gateway.status()["destinations"]}
        assert views["reader"].get("oldestWaitingSeconds") is None
        assert views["dead"]["oldestWaitingSeconds"] > 0 and views["slow"]["oldestWaitingSeconds"] > 0
        metrics = metrics_of(site)
        assert 'antipode_oldest_waiting_seconds{destination="dead"}' in metrics
        wait_until(lambda: late.count == 12, 60, "the slow reader having all in its own time")
        assert images
    site.stop()


@pytest.mark.fault
def test_a_reader_that_comes_back_after_a_long_night_gets_everything_and_is_not_run_over(site):
    """Ten minutes' worth of pauses is a Swift test with its own clock; this is half a minute of the real thing."""
    site.road.refuse = True
    total = 0
    for _ in range(6):
        send_study(site, 10)
        total += 10
        time.sleep(5)
    site.road.refuse = False
    with reading(site, port=site.far_port, delay=0.05, associations=2) as reader:
        wait_until(lambda: len(reader.distinct) >= total, 120, "everything that waited", pause=0.5)
        assert reader.count == total


