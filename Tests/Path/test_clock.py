"""A daemon whose clock is wrong, or is set while it runs: nothing is lost and nothing stalls."""

import os
import shutil
import subprocess
import time

import pytest
from conftest import HERE
from objects import bare, study
from reader import CountingReader
from trial.processes import wait_until
from wire import CT_IMAGE

YEAR = 365 * 86_400


class Clock:
    """The daemon's wall clock, real time plus an offset that can be changed while it runs. What measures how long
    something takes stays as it is: that is what happens when somebody sets a clock."""

    def __init__(self, folder):
        self.file, self.library = folder / "clock", folder / "wrong_clock.so"
        compiler = shutil.which("cc") or shutil.which("clang")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", self.library, HERE / "wrong_clock.c"], check=True)
        self.set(0)

    def set(self, seconds):
        new = self.file.with_suffix(".new")
        new.write_text(str(seconds))
        os.replace(new, self.file)

    @property
    def environment(self):
        return {"LD_PRELOAD": str(self.library), "WRONG_CLOCK": str(self.file)}


@pytest.fixture
def site(make_site):
    return make_site("clock")


@pytest.fixture
def clock(site):
    return Clock(site.folder)


@pytest.fixture
def reader(site):
    certificate, key, trusted = site.peer_tls("reader")
    one = CountingReader(site.reader_port, site.reader_aet, certificate, key, trusted, status=0xA700).start()
    yield one
    one.stop()


def push(site, images):
    with site.association() as association:
        for number, image in enumerate(images):
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image), message=number + 1) == 0
        association.release()


def waits_for_a_time(site):
    """A transfer is deferred: its reader was out of resources each time."""
    return any(one["state"] == "deferred" for one in site.gateway.transfers())


def year_in_log(site):
    return site.gateway.log_text().strip().splitlines()[-1][:4]


def test_a_clock_that_ran_a_year_ahead_is_set_back_while_it_runs(site, clock, reader):
    clock.set(YEAR)
    site.gateway.start(extra_env=clock.environment)
    assert int(year_in_log(site)) >= time.gmtime().tm_year + 1, "the clock is not faked"
    push(site, study(3))
    wait_until(lambda: waits_for_a_time(site), 40, "a deferred transfer", pause=0.2)
    clock.set(0)
    reader.status = 0
    wait_until(lambda: len(reader.distinct) == 3, 25, "the images arriving after the clock was set back")
    assert "The clock was set" in site.gateway.log_text()
    site.stop()
    site.journal_is_sound()


def test_a_clock_that_was_wrong_at_boot_is_right_after_a_kill(site, clock, reader):
    clock.set(YEAR)
    site.gateway.start(extra_env=clock.environment)
    push(site, study(2))
    wait_until(lambda: waits_for_a_time(site), 40, "a deferred transfer", pause=0.2)
    site.gateway.kill()
    reader.status = 0
    clock.set(0)
    site.gateway.start(extra_env=clock.environment)
    # Written down, too: what was answered a moment before a kill is sent a second time.
    wait_until(
        lambda: all(one["state"] == "acknowledged" for one in site.gateway.transfers()), 25,
        "the images arriving after the start")
    # And a clock that starts in 1990, as one without a battery does.
    site.gateway.kill()
    clock.set(-36 * YEAR)
    site.gateway.start(extra_env=clock.environment)
    push(site, study(2))
    wait_until(lambda: len(reader.distinct) == 4, 25, "the images arriving by a clock of 1990")
    clock.set(0)
    push(site, study(2))
    wait_until(lambda: len(reader.distinct) == 6, 25, "the images arriving after the clock was set right")
    assert reader.count == 6


def test_hours_that_are_skipped_or_repeated_disturb_nothing(site, clock, reader):
    """A clock that is set by hand for summer and winter time, again and again, while studies come and go."""
    reader.status = 0
    site.gateway.start(extra_env=clock.environment)
    images = study(12)
    for number, offset in enumerate((3600, 0, -3600, 7200, 0, -7200)):
        clock.set(offset)
        push(site, images[2 * number:2 * number + 2])
        time.sleep(0.4)
    clock.set(0)
    wait_until(lambda: len(reader.distinct) == 12, 40, "every image at the reader")
    wait_until(lambda: all(one["state"] == "acknowledged" for one in site.gateway.transfers()), 20,
               "every transfer acknowledged", pause=0.3)
    assert reader.count == 12


def test_a_reader_that_is_down_for_ten_days_gets_all_of_it_when_it_is_back(site, clock):
    """Each day a study comes, and the daemon's clock goes on by a day. Nothing is given up, swept or tried without a pause."""
    config = site.gateway.config
    config.write_text(config.read_text().replace('drain = "5s"', 'drain = "5s"\nretention = "86400s"', 1))
    site.gateway.start(extra_env=clock.environment)
    images = []

    def road():
        return next(one for one in site.gateway.ask("peers") if one["name"] == "reader")

    for day in range(10):
        clock.set(day * 86_400)
        images += study(2)
        push(site, images[-2:])
        wait_until(lambda: len(site.gateway.transfers()) == day + 1, 20, "the day's transfer", pause=0.2)
    clock.set(10 * 86_400)
    waiting = wait_until(lambda: road() if road()["oldestWaitingSeconds"] > 9.9 * 86_400 else None, 20,
                         "the age of what waits longest", pause=0.3)
    assert waiting["waitingTransfers"] + waiting["deferredTransfers"] == 10, waiting
    assert not [one for one in site.gateway.transfers() if one["state"] in ("held", "failed")]
    assert [one for one in site.gateway.studies() if one["state"] == "swept"] == []
    assert sum(one["attempts"] for one in site.gateway.transfers()) < 60, "it was tried without a pause"
    certificate, key, trusted = site.peer_tls("reader")
    back = CountingReader(site.reader_port, site.reader_aet, certificate, key, trusted).start()
    try:
        wait_until(lambda: len(back.distinct) == len(images), 60, "ten days' images at the reader", pause=0.2)
        wait_until(lambda: all(one["state"] == "acknowledged" for one in site.gateway.transfers()), 20,
                   "every transfer acknowledged", pause=0.3)
        assert back.count == len(images)
    finally:
        back.stop()
    site.stop()
    site.journal_is_sound()
