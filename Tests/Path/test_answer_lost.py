"""What one side did and the other was not told: an object that was stored and not answered, in both directions, and a
sender that is killed inside an object."""

import os
import shutil
import signal
import subprocess

import numpy
import pytest
from objects import bare, ct, part10, study
from reader import CountingReader
from trial.processes import wait_until
from wire import CT_IMAGE, store_command


class ForgetfulReader(CountingReader):
    """Stores, and for every `n`-th object closes the connection instead of answering."""

    def __init__(self, *given, every=3):
        super().__init__(*given)
        self.every, self.lost = every, 0

    def _store(self, event):
        status = super()._store(event)
        with self.lock:
            lose = len(self.received) % self.every == 0 and self.lost < 3
            self.lost += lose
        if lose:
            event.assoc.dul.socket.close()
        return status


@pytest.fixture
def site(make_site):
    one = make_site("answer-lost")
    one.start()
    return one


def test_a_reader_whose_answer_is_lost_gets_the_object_again_and_nothing_is_held(site):
    certificate, key, trusted = site.peer_tls("reader")
    reader = ForgetfulReader(site.reader_port, site.reader_aet, certificate, key, trusted).start()
    try:
        images = study(9)
        with site.association() as association:
            for number, image in enumerate(images):
                assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image), message=number + 1) == 0
            association.release()
        key = site.study_key(images[0].StudyInstanceUID)
        wait_until(lambda: site.gateway.study(key)["study"]["state"] == "delivered", 60, "the study being delivered",
                   pause=0.3)
        assert reader.lost == 3
        assert len(reader.distinct) == 9 and reader.count == 12, "exactly what was not answered came again"
        assert site.gateway.status()["needsPerson"] == 0
    finally:
        reader.stop()


def test_a_sender_that_was_not_told_sends_again_and_one_copy_is_kept(site):
    image = ct()
    with site.association() as association:
        # Sent, and gone before the answer can be read.
        association.send(store_command(CT_IMAGE, image.SOPInstanceUID), command=True)
        association.send(bare(image))
    key = site.study_key(image.StudyInstanceUID)
    with site.association() as association:
        assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    assert site.gateway.study(key)["study"]["instances"] == 1
    assert len(list((site.gateway.folder / "state" / "spool" / "objects").rglob("*.dcm"))) == 1


def test_a_sender_that_is_killed_inside_an_object_leaves_nothing(site, tmp_path):
    """storescu, by SIGKILL, as soon as its object's file has begun to grow."""
    pixels = numpy.random.default_rng(1).integers(0, 4095, 8192 * 8192, dtype="<u2").tobytes()
    image = ct(pixels=pixels, rows=8192, columns=8192)
    path = tmp_path / "large.dcm"
    path.write_bytes(part10(image))
    incoming = site.gateway.folder / "state" / "spool" / "incoming"
    sender = subprocess.Popen(
        [shutil.which("storescu") or "storescu", "-aet", site.modality_aet, "-aec", site.gateway_aet, "127.0.0.1",
         str(site.plain_port), str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: any(p.stat().st_size > 1 << 20 for p in incoming.iterdir() if p.exists()), 30,
                   "a file growing", pause=0.001)
    finally:
        os.kill(sender.pid, signal.SIGKILL)
        assert sender.wait() == -signal.SIGKILL, "it was too quick"
    wait_until(lambda: not list(incoming.iterdir()), 15, "the unfinished file being removed")
    assert site.study_key(image.StudyInstanceUID, required=False) is None
    wait_until(lambda: "outcome=connectionLost" in site.gateway.log_text(), 10, "the lost association in the log")
