"""Deflated Explicit VR Little Endian: taken where a source's settings ask for it, bounded, and sent on unpacked."""

import zlib

import pydicom
import pytest
from objects import bare, ct
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian
from reader import CountingReader
from trial import dicomfiles
from trial.processes import wait_until
from wire import CT_IMAGE, IMPLICIT

DEFLATED = str(DeflatedExplicitVRLittleEndian)
ASKED = "unknown_sop_classes = true\n"


@pytest.fixture(scope="module")
def site(make_site):
    site = make_site("deflated")
    text = site.gateway.config.read_text()
    assert ASKED in text
    site.gateway.config.write_text(text.replace(ASKED, ASKED + "deflated = true\n", 1))
    site.start()
    yield site
    site.require_no_planted_words()


@pytest.fixture(scope="module")
def reader(site):
    one = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
    yield one
    one.stop()


def deflate(data):
    packer = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush()
    return packed + b"\0" * (len(packed) % 2)


def push(site, one, data, syntaxes=(DEFLATED,)):
    with site.association([(str(one.SOPClassUID), list(syntaxes))]) as association:
        assert association.accepted == {1: syntaxes[0]}
        status = association.store(str(one.SOPClassUID), str(one.SOPInstanceUID), data)
        association.release()
        return status


def require_arrival(site, reader, one):
    key = site.study_key(one.StudyInstanceUID)
    pseudonym = wait_until(
        lambda: next((t["pseudonymousStudyUID"] for t in site.gateway.study(key)["transfers"]), None), 30, "a plan")

    arrived = wait_until(lambda: reader.of_study(pseudonym), 30, "the object at the reader", pause=0.3)[0]
    assert arrived.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert (arrived.pixel_array == one.pixel_array).all()
    return arrived


def test_one_is_kept_as_it_came_and_sent_on_unpacked(site, reader):
    one = ct()
    one.ensure_file_meta()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = deflate(bare(one))
    assert push(site, one, data) == 0
    assert len(site.spooled(data)) == 1
    arrived = require_arrival(site, reader, one)
    assert str(arrived.PatientName) != str(one.PatientName)


def test_a_sample_of_another_writer_is_taken(site):
    """pydicom's comes from dicom3tools, which leave a checksum behind the stream."""
    path = dicomfiles.examples() / "image_dfl.dcm"
    one, raw = pydicom.dcmread(path), path.read_bytes()
    data = raw[144 + int.from_bytes(raw[140:144], "little"):]
    assert push(site, one, data) == 0
    assert len(site.spooled(data)) == 1
    key = site.study_key(one.StudyInstanceUID)
    assert site.gateway.study(key)["study"]["modalities"] == ["OT"]
    assert push(site, one, data) == 0, "the same again is a duplicate"
    assert len(site.spooled(data)) == 1


@pytest.mark.parametrize("megabytes", [64, 600])
def test_a_bomb_is_refused_in_words(site, megabytes):
    one = ct(pixels=b"")
    del one.PixelData
    head = bare(one)
    packer = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    size = megabytes << 20
    data = packer.compress(head + b"\xe0\x7f\x10\x00OW\0\0" + size.to_bytes(4, "little"))
    for _ in range(megabytes):
        data += packer.compress(bytes(1 << 20))
    data += packer.flush()
    data += b"\0" * (len(data) % 2)
    assert len(data) < megabytes * 1100
    assert push(site, one, data) == 0xC000
    # The sender is answered before the office is told.
    wait_until(lambda: "unpacks to more than" in site.gateway.log_text(), 15, "the words in the log", pause=0.1)
    assert not site.spooled(data)
    assert site.study_key(one.StudyInstanceUID, required=False) is None
    assert site.gateway.alive()


def test_a_damaged_stream_is_refused_and_the_association_goes_on(site):
    good, bad = ct(), ct()
    data = deflate(bare(bad))
    with site.association([(CT_IMAGE, [DEFLATED])]) as association:
        assert association.store(CT_IMAGE, str(bad.SOPInstanceUID), data[: len(data) // 2 & ~1]) == 0xC000
        assert association.store(CT_IMAGE, str(good.SOPInstanceUID), deflate(bare(good)), message=2) == 0
        association.release()


def test_a_source_that_did_not_ask_is_not_given_it(make_site):
    site = make_site("undeflated")
    site.start()
    with site.association([(CT_IMAGE, [DEFLATED, IMPLICIT])]) as association:
        assert association.accepted == {1: IMPLICIT}
        association.release()
    with site.association([(CT_IMAGE, [DEFLATED])]) as association:
        assert association.accepted == {}
        association.release()
    site.stop()
