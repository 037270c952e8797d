"""Storage commitment: destinations are asked after their acknowledgement, and modalities are told what those have said."""

import time

import pytest
from commitment import Archive, AskingModality, configure, report
from objects import bare, study
from orthanc import Orthanc
from trial.processes import free_ports, wait_until
from wire import CT_IMAGE

def push(site, images):
    with site.association() as association:
        for image in images:
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    return site.study_key(images[0].StudyInstanceUID)


def transfer(site, key):
    transfers = site.gateway.study(key)["transfers"]
    return transfers[0] if transfers else None


def wait_state(site, key, state, seconds=40):
    def reached():
        one = transfer(site, key)
        return one if one and one["state"] == state else None

    return wait_until(reached, seconds, f"the transfer of {key} being {state}", pause=0.2)


# As SCU


def test_orthanc_commits_to_pseudonymous_objects_on_an_association_of_its_own(make_site, tmp_path):
    site = configure(make_site("committed"), "reader", wait="1s", answer="20s")
    reader = Orthanc(
        tmp_path / "orthanc", site.reader_aet, {site.gateway_aet: site.tls_port}, tls=site.peer_tls("reader"),
        port=site.reader_port).start()
    try:
        site.start()
        key = push(site, study(3))
        one = wait_state(site, key, "confirmed")
        assert one["acknowledged"] == one["instances"] == 3
        assert "confirmed" in [event["kind"] for event in site.gateway.study(key)["events"]]
        assert site.gateway.studies()[0]["state"] == "delivered"
        assert site.gateway.status()["transfers"]["confirmed"] == 1
        site.require_no_planted_words()
    finally:
        reader.stop()


@pytest.fixture
def site(make_site):
    """One for each test: a lane keeps its association open for a while, and would speak with the archive of the test before."""
    one = configure(make_site("archive"), "reader")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def archive(site):
    one = Archive(
        site.reader_port, site.reader_aet, (site.tls_port, site.gateway_aet), tls=site.peer_tls("reader"))
    yield one
    one.stop()


@pytest.mark.parametrize("where", ["same", "other"])
def test_a_transfer_ends_confirmed_whichever_way_the_answer_comes(site, archive, where):
    archive.answers = where
    key = push(site, study(2))
    wait_state(site, key, "confirmed")
    # The gateway has written its answer down before the archive has read it.
    wait_until(lambda: archive.statuses, 10, "the archive reading our answer")
    assert archive.statuses == [0]
    [(_, pairs)] = archive.asked
    # What was asked about is what was sent, under the names it was sent by.
    assert {uid for _, uid in pairs} == set(archive.came)


def test_an_object_that_is_not_there_after_all_is_sent_again(site, archive):
    archive.answers = "never"
    images = study(3)
    key = push(site, images)
    wait_until(lambda: archive.asked, 30, "the question")
    lost = sorted(archive.came)[0]
    archive.forget(lost)
    archive.answers = "same"
    wait_state(site, key, "confirmed")
    assert archive.came[lost] == 2
    assert sorted(archive.came.values()) == [1, 1, 2]
    assert "notCommitted" in [event["kind"] for event in site.gateway.study(key)["events"]]


def test_what_the_archive_never_has_is_held_with_its_reason_and_a_release_does_without(site, archive):
    archive.refusals["*"] = [0x0119]
    key = push(site, study(1))
    held = wait_state(site, key, "held")
    assert held["failure"]["code"] == "notCommitted" and "0119H" in held["failure"]["detail"]
    assert site.gateway.studies()[0]["state"] == "planned"
    assert site.gateway.status()["needsPerson"] >= 1
    site.gateway.run("study", "release", key)
    wait_state(site, key, "acknowledged")
    assert list(archive.came.values()) == [1]


@pytest.mark.fault
def test_an_answer_that_could_not_be_given_is_asked_for_again(site, archive):
    archive.refusals["*"] = [0x0110, 0x0213]
    key = push(site, study(1))
    wait_state(site, key, "confirmed")
    assert list(archive.came.values()) == [1]
    assert len({transaction for transaction, _ in archive.asked}) == 3


@pytest.mark.fault
def test_a_late_answer_to_an_earlier_question_counts_and_a_strange_one_does_not(site, archive):
    archive.answers = "never"
    key = push(site, study(1))
    wait_until(lambda: len(archive.asked) >= 2, 40, "the second question")
    transaction, pairs = archive.asked[0]
    # Of a transaction that nobody began, and with another class than was sent.
    assert archive.tell(*report("2.25.4711", pairs, [])) == 0x0115
    assert archive.tell(*report(transaction, [("1.2.840.10008.5.1.4.1.1.4", pairs[0][1])], [])) == 0
    time.sleep(1)
    assert transfer(site, key)["state"] == "acknowledged"
    assert archive.tell(*report(transaction, pairs, [])) == 0
    wait_state(site, key, "confirmed")


def test_a_question_outlives_a_kill(site, archive):
    archive.answers = "never"
    key = push(site, study(1))
    wait_until(lambda: archive.asked, 30, "the question")
    site.gateway.kill()
    site.gateway.start()
    transaction, pairs = archive.asked[0]
    assert archive.tell(*report(transaction, pairs, [])) == 0
    wait_state(site, key, "confirmed")


@pytest.mark.fault
def test_silence_is_given_up_and_a_person_is_told(make_site):
    site = configure(make_site("silent"), "reader", wait="0s", answer="1s", give_up="3s").start()
    archive = Archive(
        site.reader_port, site.reader_aet, (site.tls_port, site.gateway_aet), tls=site.peer_tls("reader"),
        answers="never")
    try:
        key = push(site, study(1))
        held = wait_state(site, key, "held")
        assert held["failure"]["code"] == "notCommitted" and "in time" in held["failure"]["detail"]
        archive.answers = "same"
        site.gateway.run("study", "retry", key)
        # The answer is waited for on an association of its own here.
        wait_until(lambda: len(archive.asked) > 1, 20, "another question")
        transaction, pairs = archive.asked[-1]
        archive.tell(*report(transaction, pairs, []))
        wait_state(site, key, "confirmed")
    finally:
        archive.stop()


# As SCP, for modalities

RELAY = """
[[source]]
name = "pacs"
role = "pacs"
destination = "pacs"
listeners = ["modalities"]
addresses = ["127.0.0.1"]
calling_ae_titles = ["PACS"]
"""


def relay_site(make_site, name, port, deadline="1d"):
    site = configure(make_site(name), "pacs", more=RELAY, rule='["pacs"]')
    text = site.gateway.config.read_text()
    head, tail = text.split('calling_ae_titles = ["MODALITY"]', 1)
    part, rest = tail.split("[[source]]", 1)
    table = f'\n[source.commitment]\nby = ["pacs"]\nport = {port}\ndeadline = "{deadline}"\n\n[[source]]'
    site.gateway.config.write_text(head + 'calling_ae_titles = ["MODALITY"]' + part + table + rest)
    return site.start()


@pytest.fixture(scope="module")
def asking_port():
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def relay(make_site, asking_port):
    return relay_site(make_site, "relay", asking_port)


@pytest.fixture
def pacs(relay):
    one = Archive(relay.pacs_port, relay.pacs_aet, (relay.plain_port, relay.gateway_aet))
    yield one
    one.stop()


@pytest.fixture
def modality(relay, asking_port):
    one = AskingModality(asking_port, relay.modality_aet, relay.plain_port, relay.gateway_aet)
    yield one
    one.stop()


def pairs_of(images):
    return [(CT_IMAGE, str(image.SOPInstanceUID)) for image in images]


def test_a_modality_is_told_yes_only_after_the_pacs_has_said_so(relay, pacs, modality):
    pacs.answers = "never"
    images = study(3)
    key = push(relay, images)
    wait_state(relay, key, "acknowledged")
    status, transaction = modality.ask(pairs_of(images))
    assert status == 0
    time.sleep(3)
    assert modality.answer(transaction) is None, "an acknowledgement is no commitment"
    pacs.answers = "other"
    wait_until(lambda: modality.answer(transaction), 40, "the answer")
    assert modality.answer(transaction) == (1, {uid for _, uid in pairs_of(images)}, {}, "other")
    assert transfer(relay, key)["state"] == "confirmed"


def test_a_modality_that_waits_is_told_on_its_own_association(relay, pacs, modality):
    images = study(1)
    push(relay, images)
    status, transaction = modality.ask(pairs_of(images), stay=30)
    assert status == 0
    assert modality.answer(transaction) == (1, {pairs_of(images)[0][1]}, {}, "same")


def test_what_is_unknown_or_of_another_class_is_refused_by_name(relay, pacs, modality):
    images = study(2)
    key = push(relay, images)
    wait_state(relay, key, "confirmed")
    known, other = (str(image.SOPInstanceUID) for image in images)
    asked = [(CT_IMAGE, known), ("1.2.840.10008.5.1.4.1.1.4", other), (CT_IMAGE, "1.2.3.4")]
    status, transaction = modality.ask(asked)
    assert status == 0
    wait_until(lambda: modality.answer(transaction), 30, "the answer")
    assert modality.answer(transaction) == (2, {known}, {other: 0x0119, "1.2.3.4": 0x0112}, "other")


@pytest.mark.fault
def test_content_that_was_not_kept_is_never_committed_to(relay, pacs, modality):
    images = study(1)
    key = push(relay, images)
    wait_state(relay, key, "confirmed")
    changed = study(1)[0]
    changed.SOPInstanceUID = images[0].SOPInstanceUID
    with relay.association() as association:
        assert association.store(CT_IMAGE, changed.SOPInstanceUID, bare(changed)) == 0x0111
        association.release()
    _, transaction = modality.ask(pairs_of(images))
    wait_until(lambda: modality.answer(transaction), 30, "the answer")
    assert modality.answer(transaction)[:3] == (2, set(), {str(images[0].SOPInstanceUID): 0x0110})


@pytest.mark.fault
def test_an_answer_is_tried_again_until_the_modality_takes_it(relay, pacs, modality):
    images = study(1)
    key = push(relay, images)
    wait_state(relay, key, "confirmed")
    modality.refuse = 1
    _, transaction = modality.ask(pairs_of(images))
    wait_until(lambda: modality.answer(transaction), 60, "the answer after a refusal")
    assert modality.answer(transaction)[0] == 1


@pytest.mark.fault
def test_without_the_pacs_the_answer_is_no_when_its_time_is_over(make_site):
    port = free_ports(1)[0]
    site = relay_site(make_site, "overdue", port, deadline="4s")
    archive = Archive(site.pacs_port, site.pacs_aet, (site.plain_port, site.gateway_aet), answers="never")
    modality = AskingModality(port, site.modality_aet, site.plain_port, site.gateway_aet)
    try:
        images = study(1)
        key = push(site, images)
        wait_state(site, key, "acknowledged")
        _, transaction = modality.ask(pairs_of(images))
        wait_until(lambda: modality.answer(transaction), 30, "the answer")
        assert modality.answer(transaction)[:3] == (2, set(), {str(images[0].SOPInstanceUID): 0x0110})
    finally:
        modality.stop()
        archive.stop()


def test_a_source_without_the_setting_is_refused(site):
    modality = AskingModality(free_ports(1)[0], site.modality_aet, site.plain_port, site.gateway_aet)
    try:
        status, _ = modality.ask([(CT_IMAGE, "1.2.3")])
        assert status is None, "no presentation context is accepted"
    finally:
        modality.stop()
