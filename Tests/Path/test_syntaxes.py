"""Every transfer syntax that pydicom's wheel has pictures in goes through to the reader with its pixels."""

import io

import pydicom
import pytest
from pydicom.uid import generate_uid
from reader import CountingReader
from trial import dicomfiles
from trial.processes import wait_until
from wire import Association

FILES = [
    "MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "CT_small.dcm",
]


@pytest.fixture(scope="module")
def site(make_site):
    return make_site("syntaxes")


@pytest.fixture(scope="module")
def reader(site):
    one = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
    yield one
    one.stop()


def with_new_uids(path):
    """The file's object under UIDs of its own, and its data set as bytes."""
    one = pydicom.dcmread(path)
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid(prefix=None)
    one.StudyInstanceUID, one.SeriesInstanceUID = generate_uid(prefix=None), generate_uid(prefix=None)
    buffer = io.BytesIO()
    one.save_as(buffer)
    raw = buffer.getvalue()
    # The group length's value ends the first element; as many bytes of file meta information follow as it says.
    return one, raw[144 + int.from_bytes(raw[140:144], "little"):]


@pytest.fixture(scope="module")
def pushed(site, reader):
    """Originals by study, each pushed byte for byte in its own syntax."""
    site.start()
    originals = {}
    for name in FILES:
        one, data = with_new_uids(dicomfiles.examples() / name)
        syntax = str(one.file_meta.TransferSyntaxUID)
        with site.association([(str(one.SOPClassUID), [syntax])]) as association:
            assert association.accepted, f"{one.file_meta.TransferSyntaxUID.name} is not taken"
            assert association.store(str(one.SOPClassUID), str(one.SOPInstanceUID), data) == 0
            association.release()
        originals[name] = one
    wait_until(lambda: len(reader.distinct) >= len(FILES), 60, "all of them at the reader", pause=0.3)
    return originals


@pytest.mark.parametrize("name", FILES)
def test_its_pixels_arrive(site, reader, pushed, name):
    original = pushed[name]
    key = site.study_key(original.StudyInstanceUID)
    pseudonym = site.gateway.study(key)["transfers"][0]["pseudonymousStudyUID"]
    arrived = [one for one in map(lambda data: pydicom.dcmread(io.BytesIO(data)), reader.objects.values())
               if str(one.StudyInstanceUID) == pseudonym]
    assert len(arrived) == 1
    if original.file_meta.TransferSyntaxUID.is_encapsulated:
        assert arrived[0].file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID
        assert arrived[0].PixelData == original.PixelData
    else:
        assert (arrived[0].pixel_array == original.pixel_array).all()
