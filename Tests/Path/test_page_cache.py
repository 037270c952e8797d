"""Objects pass through the spool whole, past the page cache and through it, whatever their length."""

import numpy
import pytest
from faults import spool_file
from objects import bare, ct
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from reader import CountingReader
from trial.processes import wait_until

#: Of less than a block, of several PDUs, and of more than a worker holds in memory.
SIZES = [4, 64, 512, 2048]


def noisy(size, study):
    one = ct(rows=size, columns=size, study=study)
    one.SOPInstanceUID = generate_uid(prefix=None)
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.PixelRepresentation = 15, 0
    one.PixelData = numpy.random.default_rng(size).bytes(size * size * 2)
    return one


@pytest.mark.parametrize("page_cache", ["false", "true"])
def test_objects_of_every_length_are_kept_and_sent_as_they_came(make_site, page_cache):
    site = make_site(f"page-cache-{page_cache}")
    text = site.gateway.config.read_text()
    changed = text.replace("[spool]\n", f"[spool]\npage_cache = {page_cache}\n", 1)
    assert changed != text
    site.gateway.config.write_text(changed)
    site.start()
    reader = CountingReader(
        site.reader_port, site.reader_aet, *site.peer_tls("reader"), syntaxes=[str(ExplicitVRLittleEndian)]).start()
    try:
        study = generate_uid(prefix=None)
        # The shorter behind the longer: nothing of one is left in the next.
        objects = [noisy(size, study) for size in SIZES + SIZES[::-1]]
        with site.association() as association:
            for one in objects:
                assert association.store(str(one.SOPClassUID), str(one.SOPInstanceUID), bare(one)) == 0
            association.release()
        for one in objects:
            assert spool_file(site, one.SOPInstanceUID).read_bytes().endswith(bare(one))
        wait_until(lambda: reader.count >= len(objects), 60, "all of them at the reader", pause=0.2)
        transfer = site.gateway.study(site.study_key(study))["transfers"][0]
        arrived = reader.of_study(transfer["pseudonymousStudyUID"])
        assert sorted(one.PixelData for one in arrived) == sorted(one.PixelData for one in objects)
    finally:
        reader.stop()
        site.stop()
