"""Storage classes: every one of the standard is taken and kept; what goes on and what waits for a person is decided after
that, in words. A class that the standard does not list is taken where the source's settings say so."""

import copy
import io

import pydicom
import pytest
from objects import bare, ct, data_set, part10
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE
from reader import CountingReader
from trial import dicomfiles
from trial.processes import wait_until
from wire import EXPLICIT

ARC = "1.2.840.10008.5.1.4.1.1."
PRIVATE = "1.3.46.670589.2.5.1.1"  # Philips 3D Volume Storage
PRIVATE_WITH_PIXELS = "1.2.840.113619.4.26"  # GE 3D Object Storage
SENT, PIXELS, DOCUMENT = "acknowledged", "pixelsMayIdentify", "documentMayIdentify"


def picture(kind, modality, **given):
    one = ct()
    one.SOPClassUID, one.Modality = ARC + kind, modality
    for name, value in given.items():
        setattr(one, name, value)
    return one


def without_pixels(kind, modality, **given):
    one = picture(kind, modality, **given)
    for name in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
                 "SamplesPerPixel", "PhotometricInterpretation", "PixelSpacing", "RescaleIntercept", "RescaleSlope",
                 "ImageType"):
        delattr(one, name)
    return one


def sample(name):
    """A file of pydicom's wheel, of a patient of ours, uncompressed."""
    one = pydicom.dcmread(dicomfiles.examples() / name, force=True)
    if one.file_meta.get("TransferSyntaxUID", ExplicitVRLittleEndian).is_compressed:
        one.decompress()
    base = ct()
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientName", "PatientID",
                    "PatientBirthDate", "AccessionNumber"):
        setattr(one, keyword, getattr(base, keyword))
    one.StudyInstanceUID, one.SeriesInstanceUID = generate_uid(prefix=None), generate_uid(prefix=None)
    one.SpecificCharacterSet = "ISO_IR 100"
    return pydicom.dcmread(io.BytesIO(part10(one, ExplicitVRLittleEndian)))


def enhanced_mr():
    one = picture("4.1", "MR", NumberOfFrames=2, ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"])
    one.PixelData = one.PixelData * 2
    frame, plane = Dataset(), Dataset()
    plane.ImagePositionPatient = [0, 0, 1]
    frame.PlanePositionSequence = Sequence([plane])
    one.PerFrameFunctionalGroupsSequence = Sequence([frame, copy.deepcopy(frame)])
    return one


def segmentation():
    one = picture("66.4", "SEG", SegmentationType="BINARY", ContentLabel="LUNG", ContentCreatorName="Xylander^Doc")
    part = Dataset()
    part.SegmentNumber, part.SegmentLabel = 1, "Left lung"
    one.SegmentSequence = Sequence([part])
    one.BitsAllocated, one.BitsStored, one.HighBit = 1, 1, 0
    one.PixelData = one.PixelData[: 64 * 64 // 8]
    return one


def encapsulated_pdf():
    return without_pixels(
        "104.1", "DOC", MIMETypeOfEncapsulatedDocument="application/pdf", BurnedInAnnotation="YES",
        EncapsulatedDocument=b"%PDF-1.4 Zebrasson\n%%EOF")


#: What the class is, how one is made, and what becomes of it.
CLASSES = {
    "RT Dose": (lambda: sample("rtdose_1frame.dcm"), SENT),
    "RT Plan": (lambda: sample("rtplan.dcm"), SENT),
    "RT Structure Set": (lambda: sample("rtstruct.dcm"), SENT),
    "12-lead ECG": (lambda: sample("waveform_ecg.dcm"), SENT),
    "Enhanced MR": (enhanced_mr, SENT),
    "Segmentation": (segmentation, SENT),
    "PET": (lambda: picture("128", "PT", Units="BQML"), SENT),
    "Nuclear Medicine": (lambda: picture("20", "NM", NumberOfFrames=1), SENT),
    "Digital Mammography": (lambda: picture("1.2", "MG", ImageLaterality="L"), SENT),
    "MR Spectroscopy": (
        lambda: without_pixels("4.2", "MR", Rows=1, Columns=1, SpectroscopyData=b"\0\0\x80\x3f" * 4), SENT),
    "Grayscale Presentation State": (lambda: without_pixels("11.1", "PR", ContentLabel="NOTE"), SENT),
    "Spatial Registration": (lambda: without_pixels("66.1", "REG", ContentLabel="REG"), SENT),
    "Ophthalmic Photography": (lambda: picture("77.1.5.1", "OP"), PIXELS),
    "Ultrasound Multi-frame": (lambda: picture("3.1", "US", NumberOfFrames=1), PIXELS),
    "Secondary Capture": (lambda: picture("7", "OT", ConversionType="WSD"), PIXELS),
    "Video Endoscopic": (lambda: picture("77.1.1.1", "ES", NumberOfFrames=1), PIXELS),
    "Whole Slide Microscopy": (lambda: picture("77.1.6", "SM", NumberOfFrames=1), PIXELS),
    "one that a later edition may add": (lambda: picture("9999.1", "OT"), PIXELS),
    "Encapsulated PDF": (encapsulated_pdf, DOCUMENT),
    "Raw Data": (lambda: without_pixels("66", "MR", CreatorVersionUID="1.2.3"), DOCUMENT),
}


@pytest.fixture(scope="module")
def site(make_site):
    one = make_site("classes")
    one.start()
    yield one
    one.require_no_planted_words()


@pytest.fixture(scope="module")
def reader(site):
    one = CountingReader(
        site.reader_port, site.reader_aet, *site.peer_tls("reader"),
        private_classes=[PRIVATE, PRIVATE_WITH_PIXELS, ARC + "9999.1"]).start()
    yield one
    one.stop()


def push(site, one):
    """Stores it as it is, and gives its data set as bytes."""
    data = data_set(part10(one))
    with site.association([(str(one.SOPClassUID), [EXPLICIT])]) as association:
        assert association.accepted == {1: EXPLICIT}
        assert association.store(str(one.SOPClassUID), str(one.SOPInstanceUID), data) == 0
        association.release()
    return data


@pytest.fixture(scope="module")
def pushed(site, reader):
    made = {name: make() for name, (make, _) in CLASSES.items()}
    return {name: (one, push(site, one)) for name, one in made.items()}


def settled(site, one, *states):
    """The study's only transfer, once it is in one of these states."""
    def found():
        transfers = site.gateway.study(site.study_key(one.StudyInstanceUID))["transfers"]
        return transfers[0] if transfers and transfers[0]["state"] in states else None

    return wait_until(found, 30, f"the transfer being {' or '.join(states)}", pause=0.3)


def require_arrival(site, reader, one):
    transfer = settled(site, one, "acknowledged", "held")
    assert transfer["state"] == "acknowledged", transfer["failure"]
    arrived = reader.of_study(transfer["pseudonymousStudyUID"])
    assert len(arrived) == 1
    assert arrived[0].SOPClassUID == one.SOPClassUID
    assert str(arrived[0].PatientName) != str(one.PatientName)
    for keyword in ("PixelData", "WaveformSequence", "ROIContourSequence", "BeamSequence", "SpectroscopyData"):
        if keyword in one:
            assert keyword in arrived[0]
    if "PixelData" in one:
        assert arrived[0].PixelData == one.PixelData
    return arrived[0]


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_kept_and_goes_on_or_is_held_in_words(site, reader, pushed, name):
    one, data = pushed[name]
    assert len(site.spooled(data)) == 1
    expected = CLASSES[name][1]
    if expected == SENT:
        require_arrival(site, reader, one)
    else:
        transfer = settled(site, one, "acknowledged", "held")
        assert transfer["state"] == "held", "it left, though nobody looked at it"
        assert transfer["failure"]["code"] == expected
        assert transfer["failure"]["detail"] and transfer["failure"]["hint"]


def test_pixels_that_a_person_released_go_on(site, reader, pushed):
    one, _ = pushed["Ophthalmic Photography"]
    settled(site, one, "held")
    site.gateway.run("study", "release", site.study_key(one.StudyInstanceUID), "--yes")
    require_arrival(site, reader, one)


# Classes that the standard does not list


def private(sop_class, with_pixels):
    one = ct()
    one.SOPClassUID = sop_class
    if not with_pixels:
        for name in ("PixelData", "Rows", "Columns"):
            delattr(one, name)
    return one


def propose(site, sop_class):
    """An association of pynetdicom that proposes one class."""
    modality = AE(ae_title=site.modality_aet)
    modality.add_requested_context(sop_class, [ExplicitVRLittleEndian])
    return modality.associate("127.0.0.1", site.plain_port, ae_title=site.gateway_aet)


@pytest.mark.parametrize("sop_class, with_pixels, code", [
    (PRIVATE, False, DOCUMENT), (PRIVATE_WITH_PIXELS, True, PIXELS)])
def test_a_private_class_is_kept_where_the_source_may_send_it_and_held(site, reader, sop_class, with_pixels, code):
    one = private(sop_class, with_pixels)
    one.file_meta = pydicom.dcmread(io.BytesIO(part10(one))).file_meta
    association = propose(site, sop_class)
    assert association.is_established
    assert association.send_c_store(one).Status == 0
    association.release()
    assert len(site.spooled(bare(one))) == 1
    transfer = settled(site, one, "acknowledged", "held")
    assert transfer["state"] == "held"
    assert transfer["failure"]["code"] == code
    assert "private storage class" in transfer["failure"]["detail"]
    if with_pixels:
        site.gateway.run("study", "release", site.study_key(one.StudyInstanceUID), "--yes")
        require_arrival(site, reader, one)


def test_a_private_class_is_refused_where_the_source_may_not_send_it(make_site):
    site = make_site("no-private-classes")
    text = site.gateway.config.read_text()
    assert "unknown_sop_classes = true\n" in text
    site.gateway.config.write_text(text.replace("unknown_sop_classes = true\n", ""))
    site.start()
    association = propose(site, PRIVATE)
    assert not association.accepted_contexts
    # Abstract syntax not supported (PS3.8 Table 9-18).
    assert [context.result for context in association.rejected_contexts] == [3]
    if association.is_established:
        association.release()
    # One that is refused takes nothing from one that is not.
    with site.association([(PRIVATE, [EXPLICIT]), (ARC + "2", [EXPLICIT])]) as both:
        assert both.accepted == {3: EXPLICIT}
        one = ct()
        assert both.store(str(one.SOPClassUID), str(one.SOPInstanceUID), bare(one), context=3) == 0
        both.release()
    site.stop()
