"""What ends the daemon itself, each time it has it in its hands: it is set aside after a set number of tries, and the rest
goes on."""

import time

import pytest
from faults import in_a_hurry, reading, rows, send, send_study, states
from objects import study
from trial.gateway import CommandFailed
from trial.processes import NotReady, wait_until

CRASHES = 3


@pytest.fixture
def site(make_site, request):
    one = in_a_hurry(make_site("poison"), ("lanes = 4", "lanes = 2"),
                     ('drain = "5s"', f'drain = "5s"\nmaximum_crashes = {CRASHES}'))
    yield one
    one.stop()
    one.require_no_planted_words()
    one.journal_is_sound()


def live_on(site, fault, seconds, done):
    """Started again after each end, as systemd does, until it stays up and `done`; gives how often it ended."""
    ends = 0
    while True:
        try:
            site.gateway.start(extra_env={"ANTIPODE_FAULT": fault})
            wait_until(lambda: not site.gateway.alive() or done(), seconds, "the end of it", pause=0.1)
        except (NotReady, CommandFailed):
            # It may end before it says that it is ready, or while it is asked; its socket is gone a moment before it is.
            until = time.monotonic() + 5
            while site.gateway.alive() and time.monotonic() < until:
                time.sleep(0.1)
            if site.gateway.alive():
                raise
        if site.gateway.alive():
            return ends
        ends += 1
        assert ends <= 3 * CRASHES, "it is never set aside"


def passages(site, key):
    return dict(rows(
        site, """SELECT sopInstanceUID, passage.state FROM transfer_instances AS passage
                 JOIN transfers ON transfers.id = transferID JOIN instances ON instances.id = instanceID
                 WHERE transfers.studyID = ?""", int(key[1:])))


def test_an_instance_that_ends_the_daemon_whenever_it_is_sent_is_set_aside_and_everything_else_is_sent(site):
    # Without a reader nothing is begun; then both lanes have one in their hands at each end.
    site.start()
    images = send_study(site, 6)
    key = site.study_key(images[0].StudyInstanceUID)
    wait_until(lambda: states(site, key)[0] != "unplanned", 20, "the study being planned")
    poison = images[2].SOPInstanceUID
    with reading(site) as reader:
        site.stop()
        ends = live_on(site, f"lane.after-claim@{poison}=kill", 60, lambda: states(site, key)[0] == "held")
        assert ends == CRASHES
        assert passages(site, key) == {
            str(one.SOPInstanceUID): "held" if one is images[2] else "acknowledged" for one in images}
        assert states(site, key) == ("held", "setAside")
        failure = site.gateway.study(key)["transfers"][0]["failure"]
        assert f"the daemon ended {CRASHES} times without being asked to" in failure["detail"], failure
        assert site.gateway.status()["needsPerson"] == 1
        # Nothing is in its way any more.
        other = send_study(site, 2)
        wait_until(lambda: states(site, site.study_key(other[0].StudyInstanceUID))[0] == "acknowledged", 30,
                   "another study being sent")
        # It was something else, a person says; and it was.
        site.stop()
        site.start()
        site.gateway.run("study", "retry", key)
        wait_until(lambda: states(site, key)[0] == "acknowledged", 30, "the instance being sent after all")
        assert len(reader.distinct) == 8


def test_a_study_whose_planning_ends_the_daemon_is_held_and_the_others_are_planned(site):
    poison, other = study(2), study(2)
    fault = f"plan.begin@{poison[0].StudyInstanceUID}=kill"
    with reading(site):
        site.start()
        site.stop()
        sent = []

        def done():
            # The first life takes them in; each of them ends when the first study is complete.
            if not sent:
                sent.append(send(site, poison) + send(site, other))
            key = site.study_key(poison[0].StudyInstanceUID, required=False)
            return key and site.gateway.study(key)["study"]["state"] == "held"

        assert live_on(site, fault, 60, done) == CRASHES
        assert sent == [[0] * 4]
        key = site.study_key(poison[0].StudyInstanceUID)
        view = site.gateway.study(key)["study"]
        assert view["hold"]["code"] == "setAside" and f"ended {CRASHES} times" in view["hold"]["detail"], view
        wait_until(lambda: states(site, site.study_key(other[0].StudyInstanceUID))[0] == "acknowledged", 30,
                   "the other study being sent")
        site.stop()
        site.start()
        site.gateway.run("study", "release", key)
        wait_until(lambda: states(site, key)[0] == "acknowledged", 30, "it being planned after all")
