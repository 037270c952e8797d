"""When a study is complete: by the quiet period of its modality, and after a restart by itself."""

import time

from objects import bare, ct
from trial.processes import wait_until
from wire import CT_IMAGE, EXPLICIT

QUIET = 6


def state(site, key):
    return site.gateway.study(key)["study"]["state"]


def push(site, image):
    with site.association(((CT_IMAGE, (EXPLICIT,)),)) as association:
        assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()


def test_a_modality_with_a_longer_quiet_period_keeps_it_over_a_kill(make_site):
    site = make_site("quiet")
    text = site.gateway.config.read_text()
    listed = 'quiet_period = "2s"\n\n[source.quiet_period_by_modality]\nCT = "6s"\n'
    assert text.count('quiet_period = "2s"\n') == 1
    site.gateway.config.write_text(text.replace('quiet_period = "2s"\n', listed))
    site.start()
    other, image = ct(), ct()
    # The source's own period is for what is not listed.
    other.Modality = "PT"
    push(site, other)
    push(site, image)
    pushed = time.monotonic()
    key, other_key = site.study_key(image.StudyInstanceUID), site.study_key(other.StudyInstanceUID)
    wait_until(lambda: state(site, other_key) != "receiving", 5, "the study without a period of its own being complete")
    time.sleep(max(0, pushed + 3 - time.monotonic()))
    assert state(site, key) == "receiving", "it was complete before its quiet period was over"
    assert time.monotonic() < pushed + QUIET, "this machine is too slow to tell"
    site.gateway.kill()
    # By now its six seconds are over; while the daemon is down nobody can know that nothing more was to come.
    time.sleep(max(0, pushed + QUIET + 0.5 - time.monotonic()))
    started = time.monotonic()
    site.gateway.start()
    wait_until(lambda: state(site, key) != "receiving", 3 * QUIET, "the study being complete without a new image")
    waited = time.monotonic() - started
    assert waited >= QUIET, f"it was complete {waited:.1f} s after the restart"
    kinds = [event["kind"] for event in site.gateway.study(key)["events"]]
    assert kinds.count("received") == 1 and kinds.count("completed") == 1
