"""SIGHUP: rules, peers, lanes, listeners and certificates change under a gateway that goes on receiving and sending."""

import os
import re
import signal
import socket
import ssl

import pytest
import requests
from faults import metrics_of
from objects import bare, study
from reader import CountingReader
from test_service import NotifySocket
from trial.authority import Authority
from trial.processes import free_ports, wait_until
from wire import CT_IMAGE, Association


@pytest.fixture
def site(make_site):
    return make_site("reload")


@pytest.fixture
def notify(site):
    one = NotifySocket(site.folder / "notify")
    site.gateway.start(extra_env={"NOTIFY_SOCKET": str(one.path)})
    yield one
    site.stop()
    one.socket.close()
    site.require_no_planted_words()


@pytest.fixture
def read(site):
    """read(…) starts a reader; it ends with the test."""
    readers = []

    def start(port=None, files=None, **options):
        one = CountingReader(
            port or site.reader_port, site.reader_aet, *(files or site.peer_tls("reader")), **options).start()
        readers.append(one)
        return one

    yield start
    for one in readers:
        one.stop()


def reload(site, notify, *changes):
    """Replaces texts in the configuration, and waits until it is in force."""
    text = site.gateway.config.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    site.gateway.config.write_text(text)
    before = notify.lines().count("STATUS=reloaded")
    os.kill(site.gateway.daemon.pid, signal.SIGHUP)
    notify.wait("STATUS=reloaded", count=before + 1)


def push(site, count=1):
    images = study(count)
    with site.association() as association:
        for number, image in enumerate(images):
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image), message=number + 1) == 0
        association.release()
    return site.study_key(images[0].StudyInstanceUID)


def transfers(site, key):
    return site.gateway.study(key)["transfers"]


def settled(site, key, state="acknowledged"):
    return wait_until(
        lambda: (found := transfers(site, key)) and found[0]["state"] == state and found[0], 30,
        f"the transfer being {state}", pause=0.2)


def test_a_changed_rule_holds_for_the_next_study(site, notify, read):
    reader = read()
    first = push(site)
    settled(site, first)
    reload(site, notify, ('to = ["reader"]', 'hold = "Ask the night shift."'))
    second = push(site)
    wait_until(lambda: site.gateway.study(second)["study"]["state"] == "held", 30, "the next study being held", pause=0.2)
    assert "Ask the night shift." in site.gateway.study(second)["study"]["hold"]["detail"]
    assert reader.count == 1
    assert transfers(site, first)[0]["state"] == "acknowledged"


def test_a_reader_that_moved_gets_what_waited_for_it(site, notify, read):
    key = push(site, 3)
    wait_until(lambda: transfers(site, key), 30, "a plan")
    (port,) = free_ports(1)
    reader = read(port=port)
    reload(site, notify, (f"port = {site.reader_port}\n", f"port = {port}\n"))
    settled(site, key)
    assert reader.count == 3


def test_fewer_lanes_are_in_force_at_once_and_drop_nothing(site, notify, read):
    reader = read(delay=0.2)
    first = push(site, 16)
    wait_until(lambda: reader.count >= 2, 30, "the first study on its way")
    reload(site, notify, ("lanes = 4\n", "lanes = 1\n"))
    settled(site, first)
    assert reader.count == 16, "nothing was sent twice"
    before = reader.connections
    second = push(site, 6)
    settled(site, second)
    assert reader.connections - before == 1
    assert [p["lanes"] for p in site.gateway.ask("peers") if p["name"] == "reader"] == [1]


def test_a_destination_that_is_taken_out_keeps_its_studies_until_it_is_back(site, notify, read):
    key = push(site)
    wait_until(lambda: transfers(site, key), 30, "a plan")
    text = site.gateway.config.read_text()
    end = text.index("[[destination]]", text.index('name = "reader"\nrole = "reader"\nhost'))
    start = text.index('[[destination]]\nname = "reader"')
    gone = text[start:end]
    reload(
        site, notify, (gone, ""), ('role = "reader"\ndestination = "reader"', 'role = "modality"'),
        (text[text.index("[[reports]]"):text.index("[[rule]]")], ""), ('to = ["reader"]', 'to = ["pacs"]'))
    # What waits for it is not forgotten: it stands there with its age, as an alarm, and as something for a person.
    pacs, gone = site.gateway.ask("peers")
    assert pacs["name"] == "pacs"
    assert (gone["name"], gone["circuit"]) == ("reader", "unconfigured")
    assert gone["waitingInstances"] == 1 and gone["waitingTransfers"] + gone["deferredTransfers"] == 1
    assert wait_until(lambda: site.gateway.ask("peers")[1]["oldestWaitingSeconds"] > 1, 10, "its age growing")
    status = site.gateway.status()
    alarm, = (one for one in status["alarms"] if one["code"] == "unconfigured")
    assert "reader" in alarm["detail"] and alarm["hint"]
    assert status["needsPerson"] == 1
    assert [(one["key"], one["notice"]["code"]) for one in status["attention"]] == [(key, "unconfigured")]
    assert f"study send {key}" in status["attention"][0]["notice"]["hint"]
    told = metrics_of(site)
    assert 'antipode_destination_up{destination="reader"} 0' in told
    assert re.search(r'antipode_oldest_waiting_seconds\{destination="reader"\} [1-9]', told)
    assert "antipode_alarms 1" in told and "antipode_needs_person 1" in told
    assert transfers(site, key)[0]["state"] in ("waiting", "deferred", "active")
    late = read()
    site.gateway.config.write_text(text)
    reload(site, notify)
    settled(site, key)
    assert late.count == 1
    assert not site.gateway.status()["alarms"] and site.gateway.status()["needsPerson"] == 0


def test_a_source_that_is_taken_out_ends_no_open_association_and_gets_no_new_one(site, notify):
    images = study(2)
    with site.association() as open_one:
        assert open_one.store(CT_IMAGE, images[0].SOPInstanceUID, bare(images[0])) == 0
        reload(site, notify, (f'calling_ae_titles = ["{site.modality_aet}"]', 'calling_ae_titles = ["ANOTHER"]'))
        assert open_one.store(CT_IMAGE, images[1].SOPInstanceUID, bare(images[1]), message=2) == 0
        with site.association() as refused:
            assert refused.outcome == "rejected"
        open_one.release()
    with Association(site.plain_port, site.gateway_aet, "ANOTHER") as new:
        assert new.outcome == "accepted"
        new.release()


def test_a_listener_that_moves_leaves_the_old_port_and_ends_no_open_association(site, notify):
    (port,) = free_ports(1)
    images = study(2)
    with site.association() as open_one:
        assert open_one.store(CT_IMAGE, images[0].SOPInstanceUID, bare(images[0])) == 0
        reload(site, notify, (f"port = {site.plain_port}\n", f"port = {port}\n"))
        wait_until(lambda: not listens(site.plain_port), 10, "the old port being closed", pause=0.1)
        with Association(port, site.gateway_aet, site.modality_aet) as new:
            assert new.outcome == "accepted"
            new.release()
        assert open_one.store(CT_IMAGE, images[1].SOPInstanceUID, bare(images[1]), message=2) == 0
        open_one.release()


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    except ConnectionRefusedError:
        return False


def presented(site):
    """The certificate that the TLS listener shows, DER."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    certificate, key, _ = site.peer_tls("reader")
    context.load_cert_chain(str(certificate), str(key))
    with socket.create_connection(("127.0.0.1", site.tls_port), timeout=20) as plain:
        with context.wrap_socket(plain) as secure:
            return secure.getpeercert(binary_form=True)


def test_certificates_of_another_authority_are_used_by_listeners_and_lanes(site, notify, read):
    before = presented(site)
    old = site.own_authority.issue("gateway")
    other = Authority(site.folder / "other-authority")
    new = other.issue("gateway")
    reload(site, notify, *((f'"{a}"', f'"{b}"') for a, b in zip(old, new)))
    assert presented(site) != before
    assert presented(site) == ssl.PEM_cert_to_DER_cert(new[0].read_text())
    # The reader trusts the new authority only, and is trusted by it only.
    reader = read(files=other.issue("reader"))
    settled(site, push(site))
    assert reader.count == 1


def test_a_key_that_does_not_belong_is_told_and_takes_nothing_else_along(site, notify):
    certificate, key, _ = site.own_authority.issue("gateway")
    other = site.own_authority.issue("somebody")
    reload(site, notify, (f'"{key}"', f'"{other[1]}"'))
    wait_until(lambda: "tls.trial.private_key" in site.gateway.log_text(), 15, "the fault in the log", pause=0.1)
    assert f"does not belong to {certificate}" in site.gateway.log_text()
    # The plain listener receives as before.
    push(site)
    reload(site, notify, (f'"{other[1]}"', f'"{key}"'))
    assert presented(site) == ssl.PEM_cert_to_DER_cert(certificate.read_text())


@pytest.mark.parametrize("spoil, words", [
    (lambda text: text.replace("[gateway]", "[gateway", 1), "is not TOML"),
    (lambda text: text.replace("lanes = 4", "lanes = 0"), "destination[1].lanes = 0"),
    (lambda text: text.replace("lanes = 4", "lames = 4"), "Did you mean lanes?"),
    (lambda text: text.replace('to = ["reader"]', 'to = ["raeder"]'), "raeder"),
    (lambda _: "ÿ", "is not TOML"),
    (lambda _: None, "cannot be read"),
], ids=["no TOML", "out of range", "unknown key", "unknown destination", "another text", "no file"])
def test_a_bad_file_changes_nothing_and_is_told(site, notify, read, spoil, words):
    good = site.gateway.config.read_text()
    bad = spoil(good)
    if bad is None:
        site.gateway.config.unlink()
    else:
        site.gateway.config.write_text(bad)
    os.kill(site.gateway.daemon.pid, signal.SIGHUP)
    wait_until(lambda: "the old one goes on" in site.gateway.log_text(), 15, "the fault in the log", pause=0.1)
    assert words in site.gateway.log_text()
    site.gateway.config.write_text(good)
    reader = read()
    settled(site, push(site))
    assert reader.count == 1


def events(site, kind):
    return [one["detail"] for one in site.gateway.ask("events", "--kind", kind)]


def test_a_reload_says_exactly_what_needs_a_restart(site, notify):
    reload(site, notify)
    assert events(site, "reloaded") == [""]
    before = site.gateway.config.read_text()
    reload(site, notify, (f"port = {site.console_port}\n", 'port = 1\nsession_length = "1h"\n'), ("lanes = 4", "lanes = 3"))
    assert events(site, "reloaded")[0].endswith("until a restart: console.port, console.session_length")
    assert "settings=\"console.port, console.session_length\"" in site.gateway.log_text()
    # It is said until it is so, or undone.
    reload(site, notify)
    assert events(site, "reloaded")[0].endswith("console.port, console.session_length")
    site.gateway.config.write_text(before)
    reload(site, notify)
    assert events(site, "reloaded")[0] == ""
    bad = before.replace("lanes = 4", "lanes = 0")
    site.gateway.config.write_text(bad)
    os.kill(site.gateway.daemon.pid, signal.SIGHUP)
    wait_until(lambda: events(site, "reloadFailed"), 15, "the refused reload among the events")
    assert events(site, "reloadFailed")[0].startswith("1 fault, first: destination[1].lanes ")
    site.gateway.config.write_text(before)


def test_a_state_folder_that_moved_is_told_to_who_looks_at_the_new_one(site, notify):
    before = site.gateway.config.read_text()
    reload(site, notify, ('state = "state"', 'state = "elsewhere"'))
    for words in (["status"], ["study", "retry", "S1"]):
        done = site.gateway.run(*words, check=False)
        assert done.returncode == 69 and "answers at its old place until it is restarted" in done.stderr, words
    site.gateway.config.write_text(before)
    assert events(site, "reloaded")[0].endswith("until a restart: gateway.state")


def test_a_destination_that_answers_again_is_an_event(site, notify, read):
    key = push(site)
    wait_until(lambda: events(site, "circuitOpened"), 30, "the circuit opening")
    read()
    settled(site, key)
    wait_until(lambda: events(site, "circuitClosed"), 15, "the circuit closing")
    assert events(site, "circuitClosed") == ["reader answers again"] and len(events(site, "circuitOpened")) == 1


def test_certificates_that_end_soon_are_told_once_a_day_and_counted(site):
    text = site.gateway.config.read_text()
    site.gateway.config.write_text(text.replace('state = "state"', 'state = "state"\ncertificate_warning = "3650d"'))
    site.gateway.start()
    wait_until(lambda: len(events(site, "certificateEnds")) == 2, 30, "both files being told")
    site.stop()
    site.gateway.start()
    wait_until(lambda: len(events(site, "started")) == 2, 15, "the second start")
    token = site.gateway.viewer_token.read_text().strip()

    def left():
        answer = requests.get(
            f"http://127.0.0.1:{site.console_port}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=10)
        found = re.findall(r"^antipode_certificate_seconds_left\{(.*)\} (\d+)", answer.text, re.MULTILINE)
        return dict(found)

    found = wait_until(lambda: len(left()) == 2 and left(), 30, "the metric of both files")
    assert all('tls="trial"' in labels and "/" not in labels for labels in found)
    assert sum('file="certificate"' in labels for labels in found) == 1
    assert all(86_400 < float(value) < 4000 * 86_400 for value in found.values())
    assert len(events(site, "certificateEnds")) == 2, "once a day, over a restart too"
    assert sorted(detail.split()[0] for detail in events(site, "certificateEnds")) == [
        "tls.trial.certificate", "tls.trial.trusted"]
    site.stop()
    assert "stopped" in site.gateway.run("events").stdout


def test_many_reloads_at_once_end_with_the_last(site, notify, read):
    reader = read(delay=0.05)
    images = study(40)
    with site.association() as association:
        for number, image in enumerate(images):
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image), message=number + 1) == 0
            os.kill(site.gateway.daemon.pid, signal.SIGHUP)
        association.release()
    reload(site, notify, ("lanes = 4\n", "lanes = 2\n"))
    settled(site, site.study_key(images[0].StudyInstanceUID))
    assert sorted(reader.received) == sorted(reader.distinct), "nothing was sent twice"
    assert [p["lanes"] for p in site.gateway.ask("peers") if p["name"] == "reader"] == [2]
