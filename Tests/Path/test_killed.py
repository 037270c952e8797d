"""kill -9 at random moments: nothing is lost, and nothing that was acknowledged is sent again."""

import random
import threading
import time

import pytest
from objects import bare, study
from reader import CountingReader
from trial.processes import wait_until
from wire import CT_IMAGE, EXPLICIT, Association

IMAGES = 60
KILLS = 4


@pytest.fixture
def site(make_site):
    return make_site("killed")


@pytest.fixture
def reader(site):
    certificate, key, trusted = site.peer_tls("reader")
    one = CountingReader(site.reader_port, site.reader_aet, certificate, key, trusted, delay=0.02).start()
    yield one
    one.stop()


class Modality(threading.Thread):
    """Pushes a study on one association after another until each image was answered with Success, and pushes none
    again that was: as scanners do."""

    def __init__(self, site, images):
        super().__init__(daemon=True)
        self.site, self.images = site, images
        self.acknowledged = set()
        self.failures = []
        self.given_up = False

    def run(self):
        end = time.monotonic() + 120
        while len(self.acknowledged) < len(self.images) and time.monotonic() < end:
            try:
                self._push()
            except OSError:
                time.sleep(0.1)
        self.given_up = len(self.acknowledged) < len(self.images)

    def _push(self):
        with Association(self.site.plain_port, self.site.gateway_aet, self.site.modality_aet,
                         [(CT_IMAGE, [EXPLICIT])]) as one:
            if one.outcome != "accepted":
                time.sleep(0.1)
                return
            for number, image in enumerate(self.images):
                if image.SOPInstanceUID in self.acknowledged:
                    continue
                status = one.store(CT_IMAGE, image.SOPInstanceUID, bare(image), message=number + 1)
                if status in ("aborted", "closed"):
                    return
                if status == 0:
                    self.acknowledged.add(image.SOPInstanceUID)
                else:
                    self.failures.append(status)
                time.sleep(0.01)
            one.release()


def acknowledged(site):
    """What the journal knows to be acknowledged; asked while the daemon is down."""
    return sum(t["acknowledged"] for t in site.gateway.transfers())


def test_a_daemon_killed_while_it_receives_and_sends_loses_nothing(site, reader):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    images = study(IMAGES)
    site.start()
    modality = Modality(site, images)
    modality.start()
    may_repeat = 0
    for kill in range(KILLS):
        if kill < KILLS // 2:
            # While the modality pushes.
            time.sleep(moments.uniform(0.2, 0.8))
        else:
            # While the lanes send.
            goal = min(reader.count + moments.randint(2, 12), IMAGES)
            wait_until(lambda: reader.count >= goal or len(reader.distinct) == IMAGES, 60, "sending", pause=0.02)
        site.gateway.kill()
        # Whatever was on the wire is over: the workers end with their office.
        time.sleep(0.3)
        may_repeat += len(reader.distinct) - acknowledged(site)
        site.gateway.start()
    modality.join(120)
    assert not modality.given_up and not modality.failures
    wait_until(lambda: len(reader.distinct) >= IMAGES, 60, f"all {IMAGES} images at the reader")

    def settled():
        transfers = site.gateway.transfers()
        return transfers and all(t["state"] == "acknowledged" for t in transfers)

    wait_until(settled, 30, "all transfers being acknowledged", pause=0.3)
    assert len(reader.distinct) == IMAGES, "an image reached the reader under two pseudonyms"
    # What the reader had stored but the journal could not yet know may come twice, and nothing else.
    assert reader.count - IMAGES <= may_repeat
    assert may_repeat <= KILLS * site.lanes
    site.gateway.stop()
    site.journal_is_sound()


def test_a_daemon_that_is_stopped_politely_sends_nothing_twice(site, reader):
    before = reader.count
    images = study(20)
    if not site.gateway.alive():
        site.start()
    modality = Modality(site, images)
    modality.start()
    modality.join(60)
    wait_until(lambda: reader.count >= before + 5, 60, "sending", pause=0.02)
    site.gateway.stop()
    site.gateway.start()
    wait_until(lambda: reader.count >= before + 20, 60, "all images at the reader")
    time.sleep(1)
    assert reader.count == before + 20
