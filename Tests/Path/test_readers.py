"""Readers that are not as they should be: each is asked again, seldom enough, and harms no other study."""

import time

import pytest
from objects import bare, study
from pydicom.uid import JPEGBaseline8Bit
from reader import CountingReader
from trial.processes import wait_until
from wire import CT_IMAGE


@pytest.fixture(scope="module")
def site(make_site):
    one = make_site("readers")
    one.start()
    yield one
    one.stop()
    one.require_no_planted_words()


@pytest.fixture
def read(site):
    """read(…) starts a reader; it ends with the test."""
    certificate, key, trusted = site.peer_tls("reader")
    readers = []

    def start(**options):
        one = CountingReader(site.reader_port, site.reader_aet, certificate, key, trusted, **options).start()
        readers.append(one)
        return one

    yield start
    for one in readers:
        one.stop()


def push(site, count):
    images = study(count)
    with site.association() as association:
        for image in images:
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    return images[0].StudyInstanceUID


def transfer(site, study_uid):
    found = site.gateway.study(site.study_key(study_uid))["transfers"]
    return found[0] if found else None


def test_a_reader_that_takes_one_association_of_four_gets_everything_over_it(site, read):
    one = read(delay=0.1, associations=1)
    push(site, 30)
    wait_until(lambda: len(one.distinct) == 30, 60, "all images over one association")
    assert one.count == 30
    assert one.connections <= 12, "the reader was asked for more associations again and again"


def test_a_reader_that_is_out_of_resources_is_asked_ever_more_seldom(site, read):
    full = read(status=0xA700)
    study_uid = push(site, 9)
    wait_until(lambda: full.connections >= 3, 30, "the first tries")
    before = full.connections
    time.sleep(3)
    assert full.connections - before <= 6
    full.stop()
    well = read()
    wait_until(lambda: len(well.distinct) == 9, 30, "all images when it has room again")
    wait_until(lambda: transfer(site, study_uid)["state"] == "acknowledged", 15, "the transfer being acknowledged")


def test_a_reader_that_takes_no_proposed_context_gets_the_next_study_all_the_same(site, read):
    choosy = read(syntaxes=[JPEGBaseline8Bit])
    study_uid = push(site, 2)
    held = wait_until(
        lambda: (t := transfer(site, study_uid)) and t["state"] == "held" and t, 30, "the study being held", pause=0.3)
    assert held["failure"]["code"] == "noPresentationContext"
    choosy.stop()
    well = read()
    push(site, 2)
    wait_until(lambda: len(well.distinct) == 2, 15, "the next study at the reader")
