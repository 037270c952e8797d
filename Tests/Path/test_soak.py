"""The soak's judgement sees what it is there to see: it is run for an hour, and nobody looks twice at what it calls good."""

import sys

import pytest
from objects import ct

from conftest import ROOT

sys.path[:0] = [str(ROOT / "Tests" / "Soak"), str(ROOT / "Tests" / "Crash")]

import soak  # noqa: E402


class PACS:
    def __init__(self, *came, wrong=()):
        self.came, self.wrong = dict.fromkeys(came, 1), list(wrong)


@pytest.fixture
def ledger():
    """Two images that were answered: one at the reader, one refused by it."""
    one = soak.Ledger()
    one.images_made = [ct(number=number) for number in (1, 2, 3)]
    one.offer(one.images_made, reported=False)
    for image in one.images_made[:2]:
        one.answer(image)
    one.arrive(one.images_made[0])
    one.refuse(one.images_made[1])
    return one


def judged(ledger, pacs=PACS("r"), held=(1,), reports=("r",), held_reports=()):
    """`held` are places among the images."""
    uids = {str(ledger.images_made[n].SOPInstanceUID) for n in held}
    return soak.judge(ledger, {"r", *reports}, set(reports), pacs, uids, set(held_reports))


def test_all_is_well_when_what_was_answered_arrived_or_somebody_is_told(ledger):
    assert judged(ledger) == []


def test_an_image_that_was_answered_and_is_nowhere_is_lost_unless_a_person_is_told(ledger):
    ledger.answer(ledger.images_made[2])
    (fault,) = judged(ledger)
    assert fault.startswith("LOST: 1 instances")
    assert judged(ledger, held=(1, 2)) == []


def test_a_refused_image_that_nobody_is_told_of_is_a_fault(ledger):
    (fault,) = judged(ledger, held=())
    assert "no person is told" in fault


def test_an_image_that_nobody_offered_is_a_fault(ledger):
    ledger.arrive(ct(number=9))
    (fault,) = judged(ledger)
    assert "nobody offered" in fault


def test_reports_are_lost_strange_or_about_somebody_else(ledger):
    assert "LOST: 1 reports" in judged(ledger, PACS())[0]
    assert judged(ledger, PACS(), held_reports=("r",)) == []
    assert "did not write" in judged(ledger, PACS("r", "s"))[0]
    assert "do not name their patient" in judged(ledger, PACS("r", wrong=("r",)))[0]


@pytest.mark.parametrize("name", soak.ALLOWED)
def test_a_figure_that_rises_all_the_time_is_no_level(name):
    def seen(slope):
        return [{"seconds": 2.0 * n, **dict.fromkeys(soak.ALLOWED, 50 + n % 7), **({name: 50 + n % 7 + slope * n})}
                for n in range(300)]

    assert soak.rising(seen(0)) == []
    (fault,) = soak.rising(seen(2 * soak.ALLOWED[name] / 240))
    assert fault.startswith(name)
