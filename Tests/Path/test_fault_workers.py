"""Workers that die, stand still or run out of memory: nobody else notices, and what they held is marked."""

import signal
import threading
import time

import pytest
from commitment import Archive, configure
from faults import (
    a_sending_worker, in_a_hurry, kill, reading, rows, send, send_study, sending_workers,
    sent_off, states, worker_of, workers)
from objects import bare, ct, study
from trial.processes import Child, wait_until
from wire import CT_IMAGE, EXPLICIT, store_command


@pytest.fixture(scope="module")
def site(make_site):
    one = in_a_hurry(make_site("dying"), ("lanes = 4", "lanes = 2"))
    one.start()
    yield one
    one.stop()
    one.require_no_planted_words()


def half_an_object(association, one):
    association.send(store_command(CT_IMAGE, one.SOPInstanceUID), command=True)
    association.socket.sendall(b"\x04\x00\x00\x00\x10\x06" + b"\x00\x00\x10\x02\x01\x00" + bare(one)[:4096])


def ended(association, seconds):
    """How long it took until the peer closed."""
    start = time.monotonic()
    association.socket.settimeout(seconds)
    try:
        while association.socket.recv(4096):
            pass
    except ConnectionError:
        pass
    return time.monotonic() - start


@pytest.mark.parametrize("moment", ["idle", "inside an object"])
def test_a_receiving_worker_that_is_killed_takes_only_its_own_association_along(site, moment):
    pid = site.gateway.daemon.pid
    with site.association() as struck, site.association() as other:
        lost, kept = ct(), ct()
        if moment != "idle":
            half_an_object(struck, lost)
        victim = worker_of(site, struck)
        assert victim != worker_of(site, other)
        kill(victim)
        assert ended(struck, 5) < 5
        assert send(site, [kept], other) == [0]
        other.release()
    assert site.gateway.daemon.pid == pid and site.gateway.alive()
    assert site.study_key(lost.StudyInstanceUID, required=False) is None
    # It was never answered, and its sender sends it again.
    assert send(site, [lost]) == [0]

    # What it held, by the journal.
    def told():
        return [one["detail"] for one in site.gateway.ask("events", "--kind", "associationEnded")
                if "workerDied: the receiving worker was ended by signal 9" in one["detail"]]

    held = f"with object {lost.SOPInstanceUID} on its way"
    death = wait_until(lambda: [one for one in told() if (held in one) == (moment != "idle")], 10, "the death told")[0]
    assert death.startswith("A") and "of modality after 0 stored" in death
    assert ("on its way" in death) == (moment != "idle")
    # The log says so too, without the UID.
    assert lost.SOPInstanceUID not in site.gateway.log_text()
    words = "with an object on its way" if moment != "idle" else 'signal 9" hint'
    assert any("workerDied" in line and words in line for line in site.gateway.log_text().splitlines())


def test_an_idle_worker_that_is_killed_is_replaced(site):
    for pid in workers(site):
        kill(pid)
    assert send(site, [ct()]) == [0]
    assert wait_until(lambda: workers(site), 10, "new workers")


def test_an_instance_that_two_sending_workers_die_of_is_set_aside_and_others_go_on(site):
    # The reader answers so late that each worker can be found with the instance in its hands.
    with reading(site) as reader:
        sent_off(site)
        # Of several lanes nobody here could tell which has the instance.
        wait_until(lambda: not sending_workers(site, site.reader_port), 20, "the lanes' end")
        reader.delay = 3
        poison = send_study(site, 1)[0]
        key = site.study_key(poison.StudyInstanceUID)
        for _ in range(2):
            victim = a_sending_worker(site, site.reader_port)
            kill(victim)
            wait_until(lambda: victim not in workers(site), 5, "the worker's end", pause=0.02)
        wait_until(lambda: states(site, key) == ("held", "setAside"), 20, "the instance being set aside")
        reader.delay = 0
        other = send_study(site, 3)
        wait_until(
            lambda: states(site, site.study_key(other[0].StudyInstanceUID))[0] == "acknowledged", 30,
            "the other study being sent")
        assert destination_is_up(site)
        # A person who has looked sends it once more.
        site.gateway.run("study", "retry", key)
        wait_until(lambda: states(site, key)[0] == "acknowledged", 30, "the instance being sent after all")
    (marks,), = rows(site, "SELECT marks FROM transfer_instances ORDER BY id LIMIT 1")
    assert marks == 0


def destination_is_up(site):
    return next(d for d in site.gateway.status()["destinations"] if d["name"] == "reader")["circuit"] == "closed"


@pytest.mark.fault
def test_a_receiving_worker_that_stands_still_is_ended_by_the_office_and_the_object_is_not_kept(site):
    with site.association() as struck, site.association() as other:
        half_an_object(struck, ct())
        kill(worker_of(site, struck), signal.SIGSTOP)
        assert send(site, [ct()], other) == [0]
        other.release()
        # DIMSE deadline, rate window, and two minutes for a busy disk.
        assert ended(struck, 160) < 150
    assert send(site, [ct()]) == [0]


@pytest.mark.fault
def test_a_sending_worker_that_stands_still_is_ended_twice_and_its_instance_set_aside(site):
    with reading(site) as reader:
        sent_off(site)
        wait_until(lambda: not sending_workers(site, site.reader_port), 20, "the lanes' end")
        reader.delay = 2
        stuck = send_study(site, 1)[0]
        key = site.study_key(stuck.StudyInstanceUID)
        for _ in range(2):
            victim = a_sending_worker(site, site.reader_port, 60)
            kill(victim, signal.SIGSTOP)
            other = send_study(site, 1)
            wait_until(
                lambda: states(site, site.study_key(other[0].StudyInstanceUID))[0] == "acknowledged", 30,
                "another study being sent beside the lane that stands still")
            wait_until(lambda: victim not in workers(site), 60, "the worker's end")
        wait_until(lambda: states(site, key) == ("held", "setAside"), 30, "the instance being set aside")


@pytest.mark.fault
def test_workers_that_spin_are_ended_and_what_they_held_is_set_aside(make_site):
    site = in_a_hurry(make_site("spinning"), ("lanes = 4", "lanes = 2"))
    # Each sending worker at its first object, and a receiving one after so many that only one association gets there.
    site.gateway.start(extra_env={
        "ANTIPODE_FAULT": "worker.send.before-object=spin,worker.receive.mid-object:100=spin"})
    try:
        with reading(site):
            poison = send_study(site, 1)[0]
            key = site.study_key(poison.StudyInstanceUID)
            with site.association() as struck:
                struck.socket.settimeout(160)
                answers = []

                def push():
                    while not answers or answers[-1] == 0:
                        answers.extend(send(site, [ct()], struck))

                pushing = threading.Thread(target=push, daemon=True)
                pushing.start()
                start = time.monotonic()
                while pushing.is_alive() and time.monotonic() - start < 160:
                    began = time.monotonic()
                    with site.association() as other:
                        assert send(site, [ct()], other) == [0]
                        other.release()
                    assert time.monotonic() - began < 5, "a sender waited for those that spin"
                    time.sleep(4)
                assert not pushing.is_alive() and answers[-1] != 0 and len(answers) < 102
            wait_until(lambda: states(site, key) == ("held", "setAside"), 120, "the instance being set aside", pause=0.5)
    finally:
        site.stop()


@pytest.mark.fault
def test_an_instance_that_fills_a_worker_to_its_memory_limit_is_set_aside(make_site):
    site = in_a_hurry(
        make_site("memory"), ('drain = "5s"', 'drain = "5s"\nworker_memory = "512 MiB"'))
    site.start()
    huge = ct()
    for tag in (0x00420011, 0x00660029):
        huge.add_new(tag, "OB", b"\1" * (240 << 20))
    with reading(site) as reader:
        assert send(site, [huge]) == [0]
        key = site.study_key(huge.StudyInstanceUID)
        others = send_study(site, 4)
        wait_until(
            lambda: states(site, site.study_key(others[0].StudyInstanceUID))[0] == "acknowledged", 60,
            "the other study being sent")
        wait_until(lambda: states(site, key) == ("held", "setAside"), 120, "the instance being set aside")
        assert reader.count == 4
    assert site.gateway.status()["ready"]
    site.stop()


# What a site says of something of the way back that two workers died of, or nothing yet.

def held_report(site, _):
    return [r for r in site.gateway.reports() if (r.get("hold") or {}).get("code") == "setAside"]


def overdue_study(site, key):
    return [a for a in site.gateway.status()["attention"]
            if a["key"] == key and a["notice"]["code"] == "reportOverdue" and "2 workers died" in a["notice"]["detail"]]


def uncommitted_transfer(site, key):
    return [t for t in site.gateway.study(key)["transfers"]
            if t["state"] == "held" and t["failure"]["code"] == "notCommitted"
            and "2 workers died" in t["failure"]["detail"]]


WAY_BACK = [
    ("worker.inspect.before-reading", "push", held_report), ("worker.restore.before-file", "push", held_report),
    ("worker.poll.found", "get", overdue_study), ("worker.commit.before-request", "push", uncommitted_transfer),
]


@pytest.mark.fault
@pytest.mark.parametrize("action", ["exit", "hang", "spin"])
@pytest.mark.parametrize("point, method, told", WAY_BACK, ids=[one[0] for one in WAY_BACK])
def test_what_two_workers_of_the_way_back_end_over_waits_for_a_person_and_the_rest_goes_on(
        make_site, point, method, told, action):
    site = in_a_hurry(
        make_site(f"back-{point.split('.')[1]}-{action}", method=method),
        ('drain = "5s"', 'drain = "5s"\nworker_answer = "3s"'))
    if "commit" in point:
        configure(site, "reader", wait="0s", answer="2s")
    site.gateway.start(extra_env={"ANTIPODE_FAULT": f"{point}={action}"})
    tls = site.peer_tls("reader")
    if "commit" in point:
        reader = Archive(site.reader_port, site.reader_aet, (site.tls_port, site.gateway_aet), tls=tls, answers="never")
    else:
        certificate, key, trusted = tls
        back = ["--push-to", f"{site.gateway_aet}@127.0.0.1:{site.tls_port}"] if method == "push" else []
        reader = Child("the reader", [
            site.gateway.binary, "simulate", "reader", "--port", site.reader_port, "--ae", site.reader_aet, "--folder",
            site.folder / "reader", "--delay", "0.5", "--certificate", certificate, "--key", key, "--trusted", trusted,
            *back], site.folder / "reader.log").start().wait_listening(site.reader_port)
    try:
        images = send_study(site, 1)
        key = site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: told(site, key), 20 if action == "exit" else 180, "a person being told", pause=0.5)
        assert site.gateway.status()["needsPerson"] >= 1
        # Whatever else there is to do goes on beside it.
        other = send_study(site, 1)
        wait_until(
            lambda: states(site, site.study_key(other[0].StudyInstanceUID))[0] in ("acknowledged", "held"), 30,
            "another study being sent")
        assert site.gateway.alive() and site.gateway.status()["ready"]
    finally:
        reader.stop()
    site.stop()


@pytest.mark.fault
def test_many_dying_workers_start_no_storm(site):
    """Each new worker is killed at once for a while; the daemon goes on at its own pace and comes back."""
    started = set()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for pid in workers(site):
            started.add(pid)
            kill(pid)
        time.sleep(0.01)
    assert len(started) < 200
    assert site.gateway.alive()
    wait_until(lambda: send_or_none(site), 60, "the next object being taken", pause=0.5)


def send_or_none(site):
    with site.association([(CT_IMAGE, [EXPLICIT])]) as one:
        return one.outcome == "accepted" and send(site, study(1), one) == [0]
