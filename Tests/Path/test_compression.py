"""Uncompressed pixels leave compressed without loss where the destination asks for it and the reader takes it.

The decoders that look at what arrived are others than the encoders: OpenJPEG and libjpeg, by pylibjpeg."""

import numpy
import pydicom
import pytest
from objects import ct, data_set, part10
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
from reader import CountingReader
from trial import dicomfiles
from trial.processes import wait_until

HTJ2K, JPEG_LS = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.80"
PLAIN = [str(ExplicitVRLittleEndian), str(ImplicitVRLittleEndian)]


def renewed(one):
    one.StudyInstanceUID, one.SeriesInstanceUID = generate_uid(prefix=None), generate_uid(prefix=None)
    one.SOPInstanceUID = generate_uid(prefix=None)
    return one


def grey(bits_allocated, bits_stored, signed, frames=1, syntax=ExplicitVRLittleEndian):
    """A wave with noise in it, over the whole range of its bits."""
    one = renewed(ct())
    random = numpy.random.default_rng(bits_stored + signed)
    low = -(1 << bits_stored - 1) if signed else 0
    top = low + (1 << bits_stored) - 1
    y, x = numpy.mgrid[0:96, 0:131]
    wave = (low + top) / 2 + (top - low) / 2.2 * numpy.sin(x / 23) * numpy.cos(y / 17)
    pixels = numpy.clip(wave + random.normal(0, 3, (frames, 96, 131)), low, top)
    one.Rows, one.Columns, one.SamplesPerPixel, one.PhotometricInterpretation = 96, 131, 1, "MONOCHROME2"
    one.BitsAllocated, one.BitsStored, one.HighBit = bits_allocated, bits_stored, bits_stored - 1
    one.PixelRepresentation = int(signed)
    kind = numpy.dtype(f"<{'i' if signed else 'u'}{bits_allocated // 8}")
    data = pixels.astype(kind).tobytes()
    one.PixelData = data + b"\0" * (len(data) % 2)
    if frames > 1:
        one.NumberOfFrames = frames
    return part10(one, syntax)


def wheel(name):
    one = renewed(pydicom.dcmread(dicomfiles.examples() / name))
    return part10(one, one.file_meta.TransferSyntaxUID)


CASES = {
    "12 bits": lambda: grey(16, 12, False),
    "12 bits with a sign": lambda: grey(16, 12, True),
    "16 bits with a sign, implicit": lambda: grey(16, 16, True, syntax=ImplicitVRLittleEndian),
    "16 bits": lambda: grey(16, 16, False),
    "8 bits": lambda: grey(8, 8, False),
    "five frames": lambda: grey(16, 12, False, frames=5),
    "a CT": lambda: wheel("CT_small.dcm"),
    "an MR": lambda: wheel("MR_small.dcm"),
}


@pytest.fixture(scope="module")
def site(make_site):
    one = make_site("compression")
    text = one.gateway.config.read_text()
    changed = text.replace(f"lanes = {one.lanes}", f'lanes = {one.lanes}\ncompression = "lossless"', 1)
    assert changed != text
    one.gateway.config.write_text(changed)
    return one.start()


def through(site, syntaxes, contents):
    """Pushes files, and gives (original, what the reader got) of each."""
    reader = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader"), syntaxes=syntaxes).start()
    try:
        originals = []
        for number, content in enumerate(contents):
            file = site.folder / f"{generate_uid(prefix=None)}.dcm"
            file.write_bytes(content)
            one = pydicom.dcmread(file)
            sop_class, syntax = str(one.SOPClassUID), str(one.file_meta.TransferSyntaxUID)
            with site.association([(sop_class, [syntax])]) as association:
                assert association.store(sop_class, str(one.SOPInstanceUID), data_set(content)) == 0
                association.release()
            originals.append(one)
        wait_until(lambda: reader.count >= len(contents), 60, "all of them at the reader", pause=0.2)
        result = []
        for one in originals:
            transfer = site.gateway.study(site.study_key(one.StudyInstanceUID))["transfers"][0]
            arrived = reader.of_study(transfer["pseudonymousStudyUID"])
            assert len(arrived) == 1
            result.append((one, arrived[0]))
        return result
    finally:
        reader.stop()


@pytest.mark.parametrize("syntax", [HTJ2K, JPEG_LS])
def test_pixels_come_back_bit_for_bit(site, syntax):
    found = through(site, [syntax, *PLAIN], [make() for make in CASES.values()])
    for case, (original, arrived) in zip(CASES, found):
        assert arrived.file_meta.TransferSyntaxUID == syntax, case
        assert len(arrived.PixelData) < len(original.PixelData), case
        arrived.pixel_array_options(decoding_plugin="pylibjpeg")
        assert (arrived.pixel_array == original.pixel_array).all(), case
        for name in ("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PhotometricInterpretation",
                     "Rows", "Columns"):
            assert arrived.get(name) == original.get(name), (case, name)
        assert "LossyImageCompression" not in arrived or arrived.LossyImageCompression == "00"


def test_a_reader_that_takes_no_codec_gets_what_came(site):
    ((original, arrived),) = through(site, PLAIN, [grey(16, 12, False)])
    assert arrived.file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID
    assert arrived.PixelData == original.PixelData


def test_what_gains_nothing_leaves_as_it_came(site):
    noise = renewed(ct())
    noise.Rows = noise.Columns = 64
    noise.BitsAllocated = noise.BitsStored = 16
    noise.HighBit, noise.PixelRepresentation = 15, 0
    noise.PixelData = numpy.random.default_rng(1).bytes(64 * 64 * 2)
    ((original, arrived),) = through(site, [HTJ2K, JPEG_LS, *PLAIN], [part10(noise)])
    assert arrived.file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID
    assert arrived.PixelData == original.PixelData
