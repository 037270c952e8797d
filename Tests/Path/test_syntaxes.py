"""Every transfer syntax that is received: kept byte for byte, and forwarded with its pixels as they came.

Pictures come from pydicom's wheel and, for JPEG, from DCMTK's dcmcjpeg. Nothing at hand makes HTJ2K, JPEG XL and video: there
the fragments are random bytes, which shows as well that nobody on the way tries to read them."""

import io
import random
import re
import subprocess
import zlib

import pydicom
import pytest
from conftest import ROOT
from objects import bare, ct, data_set, encapsulated, part10
from pydicom.uid import UID, JPEGBaseline8Bit, generate_uid
from pynetdicom import AE
from reader import ALL_SYNTAXES, CountingReader
from trial import dicomfiles
from trial.processes import wait_until
from wire import CT_IMAGE, IMPLICIT

SAMPLES = [
    "MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "CT_small.dcm",
]
#: dcmcjpeg's process, and the bits that it wants.
JPEG = {
    "1.2.840.10008.1.2.4.50": ("+eb", 8), "1.2.840.10008.1.2.4.51": ("+ee", 16),
    "1.2.840.10008.1.2.4.57": ("+el", 16), "1.2.840.10008.1.2.4.70": ("+e1", 16),
}
#: Near-lossless JPEG-LS, lossy JPEG 2000, JPEG 2000 Part 2, JPEG XL, HTJ2K and the retired kinds of JPEG: one frame, in one
#: fragment or in three. So are encapsulated uncompressed pixels, and deflated frames.
STILL = [f"1.2.840.10008.1.2.4.{n}" for n in (81, 91, 92, 93, 110, 111, 112, 201, 202, 203, *range(52, 57),
                                              *range(58, 67))] + ["1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1"]
#: MPEG-2, MPEG-4 and HEVC: one stream for all frames; those that end in .1 may be cut (PS3.5 8.2.6 to 8.2.12).
VIDEO = [f"1.2.840.10008.1.2.4.{n}{cut}" for n in range(100, 107) for cut in ("", ".1")] + [
    "1.2.840.10008.1.2.4.107", "1.2.840.10008.1.2.4.108"]
#: The pixels are with a server: kept, and not sent to who does not reach it.
JPIP = ["1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.204"]
#: Asked for in a source's settings: private ones, one that is newer than the program, and deflated ones.
GE, VENDOR, FUTURE = "1.2.840.113619.5.2", "1.3.46.670589.33.1.4.1", "1.2.840.10008.1.2.4.999"
DEFLATED_JPIP = {"1.2.840.10008.1.2.4.95": JPIP[0], "1.2.840.10008.1.2.4.205": JPIP[1]}
CASES = SAMPLES + list(JPEG) + STILL + VIDEO


@pytest.fixture(scope="module")
def site(make_site):
    return make_site("syntaxes")


@pytest.fixture(scope="module")
def reader(site):
    one = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
    yield one
    one.stop()


def sample(name):
    """A file of the wheel under UIDs of its own."""
    one = pydicom.dcmread(dicomfiles.examples() / name)
    one.SOPInstanceUID = generate_uid(prefix=None)
    one.StudyInstanceUID, one.SeriesInstanceUID = generate_uid(prefix=None), generate_uid(prefix=None)
    return part10(one, one.file_meta.TransferSyntaxUID)


def jpeg(process, bits, folder):
    one = ct()
    if bits == 8:
        one.BitsAllocated, one.BitsStored, one.HighBit = 8, 8, 7
        one.PixelData = one.PixelData[::2]
    plain, packed = folder / f"{process}.dcm", folder / f"{process}.jpeg.dcm"
    plain.write_bytes(part10(one))
    subprocess.run(["dcmcjpeg", process, str(plain), str(packed)], check=True, capture_output=True)
    return packed.read_bytes()


def stream(syntax):
    """Bytes that look like tags, delimiters and names wherever somebody would read them."""
    noise = random.Random(syntax).randbytes(20_000)
    return noise + b"\xfe\xff\xdd\xe0\0\0\0\0" + noise[:999] + b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + noise[:500]


def content(case, folder):
    if case.endswith(".dcm"):
        return sample(case)
    if case in JPEG:
        return jpeg(*JPEG[case], folder)
    if case in STILL:
        return encapsulated(ct(), stream(case), UID(case), fragments=STILL.index(case) % 2 * 2 + 1)
    return encapsulated(ct(), stream(case), UID(case), fragments=3 if case.endswith(".1") else 1, frames=25)


@pytest.fixture(scope="module")
def pushed(site, reader, tmp_path_factory):
    """Originals by case, each pushed byte for byte in its own syntax, and its data set."""
    site.start()
    folder = tmp_path_factory.mktemp("originals")
    originals = {}
    for case in CASES:
        file = folder / f"{case}.sent"
        file.write_bytes(content(case, folder))
        one, data = pydicom.dcmread(file), data_set(file.read_bytes())
        syntax = str(one.file_meta.TransferSyntaxUID)
        assert case.endswith(".dcm") or syntax == case
        with site.association([(str(one.SOPClassUID), [syntax])]) as association:
            assert association.accepted == {1: syntax}, f"{one.file_meta.TransferSyntaxUID.name} is not taken"
            assert association.store(str(one.SOPClassUID), str(one.SOPInstanceUID), data) == 0
            association.release()
        originals[case] = (one, data)
    wait_until(lambda: len(reader.distinct) >= len(CASES), 90, "all of them at the reader", pause=0.3)
    return originals


@pytest.mark.parametrize("case", CASES)
def test_it_is_kept_as_it_came_and_its_pixels_arrive(site, reader, pushed, case):
    original, data = pushed[case]
    assert len(site.spooled(data)) == 1
    key = site.study_key(original.StudyInstanceUID)
    arrived = reader.of_study(site.gateway.study(key)["transfers"][0]["pseudonymousStudyUID"])
    assert len(arrived) == 1
    assert str(arrived[0].PatientName) != str(original.PatientName)
    if original.file_meta.TransferSyntaxUID.is_encapsulated:
        assert arrived[0].file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID
        assert arrived[0].PixelData == original.PixelData
    else:
        assert (arrived[0].pixel_array == original.pixel_array).all()


def test_no_syntax_that_is_offered_goes_untried(pushed):
    """The list of the program, so that what is added there is tried here."""
    source = (ROOT / "Sources/DICOMVocabulary/TransferSyntax.swift").read_text()
    offered = re.search(r"let receivable: .*?= \[(.*?)\]\.map", source, re.S).group(1)
    tried = {str(one.file_meta.TransferSyntaxUID) for one, _ in pushed.values()} | set(JPIP)
    assert tried == set(re.findall(r'"([\d.]+)"', offered))


def without_pixels(one):
    del one.PixelData
    one.PixelDataProviderURL = "https://pacs.xylander.example/jpip?study=1"
    return bare(one)


def push(site, one, data, syntax):
    with site.association([(CT_IMAGE, [syntax])]) as association:
        assert association.accepted == {1: syntax}, f"{syntax} is not taken"
        status = association.store(CT_IMAGE, str(one.SOPInstanceUID), data)
        association.release()
        return status


def transfer_in(site, one, state):
    def found():
        transfers = site.gateway.study(site.study_key(one.StudyInstanceUID))["transfers"]
        return next((each for each in transfers if each["state"] == state), None)

    return wait_until(found, 30, f"the transfer being {state}", pause=0.3)


@pytest.mark.parametrize("syntax", JPIP)
def test_pixels_that_are_with_a_server_are_kept_and_held_in_words(site, reader, pushed, syntax):
    one = ct()
    data = without_pixels(one)
    assert push(site, one, data, syntax) == 0
    assert len(site.spooled(data)) == 1
    failure = transfer_in(site, one, "held")["failure"]
    assert failure["code"] == "unreadable" and "JPIP" in failure["detail"] and "server" in failure["hint"]


@pytest.mark.parametrize("syntax", [GE, VENDOR, FUTURE, *DEFLATED_JPIP])
def test_what_nobody_knows_is_refused_unless_the_settings_ask_for_it(site, pushed, syntax):
    with site.association([(CT_IMAGE, [syntax, IMPLICIT])]) as association:
        assert association.accepted == {1: IMPLICIT}
        association.release()


def test_a_syntax_that_the_reader_does_not_take_is_held_in_words(site, reader, pushed, tmp_path):
    reader.stop()
    plain = CountingReader(
        site.reader_port, site.reader_aet, *site.peer_tls("reader"), syntaxes=["1.2.840.10008.1.2.1"]).start()
    try:
        file = tmp_path / "htj2k.dcm"
        file.write_bytes(encapsulated(ct(), stream("another"), UID("1.2.840.10008.1.2.4.201")))
        one = pydicom.dcmread(file)
        with site.association([(CT_IMAGE, [str(one.file_meta.TransferSyntaxUID)])]) as association:
            assert association.store(CT_IMAGE, str(one.SOPInstanceUID), data_set(file.read_bytes())) == 0
            association.release()

        def held():
            transfers = site.gateway.study(site.study_key(one.StudyInstanceUID))["transfers"]
            return next((t for t in transfers if t["state"] == "held"), None)

        failure = wait_until(held, 30, "the transfer being held", pause=0.3)["failure"]
        assert failure["code"] == "noPresentationContext"
        assert "HTJ2K Lossless" in failure["detail"]
    finally:
        plain.stop()


@pytest.fixture(scope="module")
def asking(make_site):
    """A site that asks for what is not offered by default, and a reader that takes it."""
    site = make_site("unknown")
    text = site.gateway.config.read_text()
    words = "unknown_sop_classes = true\n"
    assert words in text
    site.gateway.config.write_text(text.replace(words, words + "unknown_transfer_syntaxes = true\ndeflated = true\n"))
    site.start()
    private = [UID(one) for one in (GE, VENDOR, FUTURE)]
    reader = CountingReader(
        site.reader_port, site.reader_aet, *site.peer_tls("reader"), syntaxes=[*ALL_SYNTAXES, *private]).start()
    yield site, reader
    reader.stop()


@pytest.mark.parametrize("syntax", [GE, VENDOR, FUTURE])
def test_an_unknown_syntax_that_is_asked_for_is_kept_and_arrives_with_its_pixels(asking, syntax):
    """GE's is implicit VR with pixels that are not encapsulated; others are what PS3.5 A.4 says."""
    site, reader = asking
    one = ct()
    pixels = one.PixelData
    if syntax == GE:
        data = bare(one, implicit=True)
    else:
        # pydicom writes no syntax that it does not know; the data set is the same (PS3.5 A.4).
        data = data_set(encapsulated(one, stream(syntax), UID(JPEGBaseline8Bit)))
    assert push(site, one, data, syntax) == 0
    assert len(site.spooled(data)) == 1
    uid = transfer_in(site, one, "acknowledged")["pseudonymousStudyUID"]
    with reader.lock:
        arrived = [content for content in reader.objects.values() if uid.encode() in content]
    assert len(arrived) == 1 and syntax.encode() in arrived[0]
    assert (pixels if syntax == GE else stream(syntax)) in arrived[0]
    assert b"Zebrasson" not in arrived[0]


def test_a_private_syntax_that_is_no_explicit_one_is_refused_object_by_object(asking):
    site, _ = asking
    one = ct()
    assert push(site, one, bare(one, implicit=True), VENDOR) == 0xC000
    assert site.study_key(one.StudyInstanceUID, required=False) is None


@pytest.mark.parametrize("syntax", DEFLATED_JPIP)
def test_a_deflated_reference_is_kept_packed_and_held(asking, syntax):
    site, _ = asking
    one = ct()
    packer = zlib.compressobj(wbits=-15)
    data = packer.compress(without_pixels(one)) + packer.flush()
    data += b"\0" * (len(data) % 2)
    assert push(site, one, data, syntax) == 0
    assert len(site.spooled(data)) == 1
    assert "JPIP" in transfer_in(site, one, "held")["failure"]["detail"]


@pytest.mark.parametrize("option,name", [
    ("-xr", "MR_small_RLE.dcm"), ("-xv", "MR_small_jp2klossless.dcm"), ("-xt", "MR_small_jpeg_ls_lossless.dcm"),
    ("-xb", "MR_small_bigendian.dcm"), ("-xi", "MR_small_implicit.dcm"), ("-xe", "MR_small.dcm")])
def test_storescu_of_dcmtk_is_taken_at_its_word(site, pushed, tmp_path, option, name):
    file = tmp_path / name
    file.write_bytes(sample(name))
    one = pydicom.dcmread(file)
    done = subprocess.run(
        ["storescu", option, "-aet", site.modality_aet, "-aec", site.gateway_aet, "127.0.0.1", str(site.plain_port),
         str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    key = site.study_key(one.StudyInstanceUID)
    kept = [path for path in site.gateway.folder.rglob("objects/*/*.dcm") if one.SOPInstanceUID.encode() in path.read_bytes()]
    assert len(kept) == 1 and key
    stored = pydicom.dcmread(kept[0])
    assert stored.file_meta.TransferSyntaxUID == one.file_meta.TransferSyntaxUID
    assert stored.PixelData == one.PixelData and stored.PatientName == one.PatientName


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.1.98", VIDEO[-1]])
def test_pynetdicom_sends_what_it_knows_only_by_number(site, pushed, syntax):
    one = pydicom.dcmread(io.BytesIO(encapsulated(ct(), stream("p" + syntax), UID(syntax))))
    ae = AE(ae_title=site.modality_aet)
    ae.add_requested_context(CT_IMAGE, UID(syntax))
    association = ae.associate("127.0.0.1", site.plain_port, ae_title=site.gateway_aet)
    assert association.is_established
    status = association.send_c_store(one)
    association.release()
    assert status.Status == 0
    kept = site.spooled(data_set(part10(one, UID(syntax))))
    assert len(kept) == 1
