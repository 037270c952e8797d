"""Identity never leaves: planted in objects of many kinds, looked for in the bytes of all that a reader got; pixels blanked by
templates; what cannot be read for certain is held; a preview sends nothing and leaves its trace."""

import hashlib

import highdicom
import numpy
import pydicom
import pytest
import validators
from objects import PLANTED_NAME, PLANTED_WORDS, bare, ct, data_set, encapsulated, part10
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.uid import RLELossless, generate_uid
from reader import CountingReader
from test_storage_classes import ARC, CLASSES, SENT, picture
from trial.processes import wait_until
from wire import EXPLICIT, IMPLICIT

FORMS = PLANTED_WORDS + ["340229-9876", "3402299876", "ZS1QX77", "1934-02-28", "Remittentqvist", "Sköldmöqvist"]
NUMBER = "19340229-9876"

TEMPLATES = """
[[profile]]
name = "reading"

[[pixel_template]]
name = "path test ultrasound"
manufacturer = "Path*"
model = "Sono ?"
rows = 48
columns = 64
blank = [{ x = 0, y = 0, width = 64, height = 8 }, { x = 50, y = 40, width = 14, height = 8 }]
"""


@pytest.fixture(scope="module")
def site(make_site):
    one = make_site("identity")
    config = one.gateway.config
    text = config.read_text().replace('identity = "pseudonymous"', 'identity = "pseudonymous"\nprofile = "reading"', 1)
    config.write_text(text + TEMPLATES)
    one.start()
    yield one
    one.require_no_planted_words()


@pytest.fixture(scope="module")
def reader(site):
    one = CountingReader(site.reader_port, site.reader_aet, *site.peer_tls("reader")).start()
    yield one
    one.stop()


def person(one, keyword="PatientName"):
    setattr(one, keyword, PLANTED_NAME)


def plant(one):
    """The patient's words where they belong, where people put them all the same, and where nobody looks."""
    one.SpecificCharacterSet = "ISO_IR 100"
    one.PatientName, one.PatientID, one.PatientBirthDate = PLANTED_NAME, NUMBER, "19340228"
    one.AccessionNumber, one.StudyID = "ZACC7719", "ZS1QX77"
    one.InstitutionName, one.StationName = "Xylander sjukhus", "XYLANDER1"
    for keyword in ("ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName", "NameOfPhysiciansReadingStudy"):
        setattr(one, keyword, "Remittentqvist^Rut")
    one.OtherPatientIDs, one.PatientAddress = "193402299876", "Sköldmöqvist 3"
    one.PatientTelephoneNumbers, one.PatientComments = "08-7719 3402", f"Zebrasson {NUMBER}, f. 1934-02-28"
    one.StudyDescription = "Thorax Zebrasson"
    one.SeriesDescription = "Zebrasson ax 340229-9876"
    one.ProtocolName = "Qvintus protocol"
    request = Dataset()
    request.RequestedProcedureID, request.ScheduledProcedureStepID = "ZACC7719", "ZS1QX77"
    request.RequestedProcedureDescription = "CT Thorax, Zebrasson"
    request.AccessionNumber = "ZACC7719"
    person(request, "RequestingPhysician")
    one.RequestAttributesSequence = Sequence([request])
    inner = Dataset()
    person(inner)
    inner.PatientID = NUMBER
    original = Dataset()
    original.ModifiedAttributesSequence = Sequence([inner])
    original.SourceOfPreviousValues, original.AttributeModificationDateTime = "Xylander", "20260301"
    original.ModifyingSystem, original.ReasonForTheAttributeModification = "Xylander", "COERCE"
    one.OriginalAttributesSequence = Sequence([original])
    block = one.private_block(0x0029, "ACME QVINTUS", create=True)
    block.add_new(0x01, "LO", "Zebrasson")
    block.add_new(0x02, "OB", "Zebrasson^Qvintus 19340229-9876".encode() + b"\0")
    nested = Dataset()
    person(nested)
    block.add_new(0x03, "SQ", Sequence([nested]))
    one.add(DataElement(0x00091010, "UN", b"Zebrasson^Qvintus "))
    one.add(DataElement(0x60001500, "LO", "Zebrasson"))
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "THX", "99XYLANDER", "Thorax Xylander"
    one.ProcedureCodeSequence = Sequence([code])
    one.RetrieveURL = f"https://pacs.xylander.se/{one.StudyInstanceUID}"
    return one


def report():
    evidence = plant(ct())
    observer = highdicom.sr.ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=highdicom.sr.PersonObserverIdentifyingAttributes(name="Remittentqvist^Rut"))
    measured = highdicom.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=highdicom.sr.TrackingIdentifier(uid=generate_uid(prefix=None), identifier="Zebrasson 1"),
        referenced_real_world_value_map=None,
        measurements=[
            highdicom.sr.Measurement(name=codes.SCT.Length, value=5.0, unit=codes.UCUM.Millimeter)],
        source_images=[highdicom.sr.SourceImageForMeasurementGroup.from_source_image(evidence)])
    content = highdicom.sr.MeasurementReport(
        observation_context=highdicom.sr.ObservationContext(observer_person_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=[measured],
        title=codes.DCM.ImagingMeasurementReport)
    one = highdicom.sr.Comprehensive3DSR(
        evidence=[evidence], content=content[0], series_number=2, series_instance_uid=generate_uid(prefix=None),
        sop_instance_uid=generate_uid(prefix=None), instance_number=1, manufacturer="Path test")
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "TEXT"
    name = Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "121106", "DCM", "Comment"
    item.ConceptNameCodeSequence = Sequence([name])
    item.TextValue = f"Zebrasson Qvintus, {NUMBER}: normal thorax"
    one.ContentSequence = Sequence([*one.ContentSequence, item])
    return plant(one)


def key_objects():
    image = plant(ct())
    content = highdicom.ko.KeyObjectSelection(
        document_title=codes.DCM.OfInterest, referenced_objects=[image], description=f"Zebrasson, {NUMBER}")
    one = highdicom.ko.KeyObjectSelectionDocument(
        evidence=[image], content=content, series_instance_uid=generate_uid(prefix=None), series_number=3,
        sop_instance_uid=generate_uid(prefix=None), instance_number=1, manufacturer="Path test")
    return plant(one)


def segmentation():
    image = plant(ct())
    image.file_meta = pydicom.dcmread(pydicom.filebase.DicomBytesIO(part10(image))).file_meta
    segment = highdicom.seg.SegmentDescription(
        segment_number=1, segment_label="Zebrasson left", segmented_property_category=codes.SCT.Organ,
        segmented_property_type=codes.SCT.Lung, algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.MANUAL)
    one = highdicom.seg.Segmentation(
        source_images=[image], pixel_array=numpy.ones((1, 64, 64), "u1"),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY, segment_descriptions=[segment],
        series_instance_uid=generate_uid(prefix=None), series_number=5, sop_instance_uid=generate_uid(prefix=None),
        instance_number=1, manufacturer="Path test", manufacturer_model_name="M", software_versions="1",
        device_serial_number="77", content_creator_name="Remittentqvist^Rut")
    return plant(one)


def presentation():
    image = plant(ct())
    text = highdicom.pr.TextObject(
        text_value="Zebrasson 5 mm", units="PIXEL", anchor_point=(10.0, 10.0))
    layer = highdicom.pr.GraphicLayer("NOTES", order=1, description="Remittentqvist")
    annotation = highdicom.pr.GraphicAnnotation(
        referenced_images=[image], graphic_layer=layer, text_objects=[text])
    one = highdicom.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[image], series_instance_uid=generate_uid(prefix=None), series_number=4,
        sop_instance_uid=generate_uid(prefix=None), instance_number=1, manufacturer="Path test",
        manufacturer_model_name="M", software_versions="1", device_serial_number="77", content_label="NOTE",
        graphic_layers=[layer], graphic_annotations=[annotation], content_description="of Zebrasson")
    return plant(one)


KINDS = {name: (lambda make=make: plant(make())) for name, (make, expected) in CLASSES.items() if expected == SENT} | {
    "CT": lambda: plant(ct()),
    "Comprehensive 3D SR by highdicom": report,
    "Key object selection by highdicom": key_objects,
    "Segmentation by highdicom": segmentation,
    "Presentation state by highdicom": presentation,
}


def push(site, one, content=None):
    content = content or part10(one)
    data = data_set(content)
    syntax = str(pydicom.dcmread(pydicom.filebase.DicomBytesIO(content)).file_meta.TransferSyntaxUID)
    with site.association([(str(one.SOPClassUID), [syntax])]) as association:
        assert association.store(str(one.SOPClassUID), str(one.SOPInstanceUID), data) == 0
        association.release()


def transfer_of(site, one):
    def found():
        transfers = site.gateway.study(site.study_key(one.StudyInstanceUID))["transfers"]
        return transfers[0] if transfers and transfers[0]["state"] in ("acknowledged", "held") else None

    return wait_until(found, 40, "the transfer being settled", pause=0.3)


@pytest.fixture(scope="module")
def pushed(site, reader):
    made = {}
    for name, make in KINDS.items():
        one = make()
        one.StudyInstanceUID, one.SeriesInstanceUID = generate_uid(prefix=None), generate_uid(prefix=None)
        made[name] = one
        push(site, one)
    return made


@pytest.mark.parametrize("name", KINDS)
def test_no_planted_identity_leaves(site, reader, pushed, name, tmp_path):
    one = pushed[name]
    transfer = transfer_of(site, one)
    assert transfer["state"] == "acknowledged", transfer["failure"]
    arrived = reader.of_study(transfer["pseudonymousStudyUID"])
    assert len(arrived) == 1
    content = reader.objects[str(arrived[0].SOPInstanceUID)]
    lower = content.lower()
    for word in FORMS + [str(one.StudyInstanceUID), str(one.SeriesInstanceUID), str(one.SOPInstanceUID)]:
        for charset in ("latin-1", "utf-8"):
            assert word.lower().encode(charset) not in lower, f"{name}: a planted word left"
    if "PixelData" in one:
        assert hashlib.sha256(arrived[0].PixelData).digest() == hashlib.sha256(one.PixelData).digest()
    before, after = tmp_path / "before.dcm", tmp_path / "after.dcm"
    before.write_bytes(part10(one))
    after.write_bytes(content)
    fresh = validators.new_errors(validators.dciodvfy(before), validators.dciodvfy(after))
    assert not fresh, f"dciodvfy newly says: {list(fresh)}"


#: Attributes that only captured images have: those are held. A code's scheme and version are no text that people type.
CAPTURED = {"SecondaryCaptureDeviceID", "HardcopyCreationDeviceID", "SecondaryCaptureDeviceManufacturer", "HardcopyDeviceManufacturer",
            "SecondaryCaptureDeviceManufacturerModelName", "SecondaryCaptureDeviceSoftwareVersions",
            "HardcopyDeviceSoftwareVersion", "HardcopyDeviceManufacturerModelName"}


@pytest.mark.parametrize("depth", [0, 3])
@pytest.mark.parametrize("implicit", [False, True])
def test_no_text_attribute_of_the_dictionary_carries_a_name(site, reader, depth, implicit):
    """Every attribute that text can stand in, those that Table E.1-1 does not list among them."""
    one = ct()
    inner = Dataset() if depth else one
    for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
        group = tag >> 16
        if vr not in ("PN", "LO", "SH", "ST", "LT", "UT", "UC") or not 8 <= group < 0x7FE0 or keyword in CAPTURED or not keyword:
            continue
        if group & 0xFF00 not in (0x5000, 0x6000):
            inner.add_new(tag, vr, PLANTED_NAME if vr == "PN" else "Zebrasson" if vr == "SH" else f"Qvintus {NUMBER}")
    for level in range(depth):
        outer = one if level == depth - 1 else Dataset()
        outer.ReferencedImageSequence = Sequence([inner])
        inner = outer
    syntax = IMPLICIT if implicit else EXPLICIT
    with site.association([(str(one.SOPClassUID), [syntax])]) as association:
        assert association.store(str(one.SOPClassUID), str(one.SOPInstanceUID), bare(one, implicit=implicit)) == 0
        association.release()
    transfer = transfer_of(site, one)
    assert transfer["state"] == "acknowledged", transfer["failure"]
    content = next(
        reader.objects[str(got.SOPInstanceUID)] for got in reader.of_study(transfer["pseudonymousStudyUID"])).lower()
    for word in FORMS:
        for charset in ("latin-1", "utf-8"):
            assert word.lower().encode(charset) not in content, "a planted word left"


def ultrasound(frames, model="Sono 3", colour=True):
    one = picture("3.1", "US", NumberOfFrames=frames, ManufacturerModelName=model, BurnedInAnnotation="NO")
    one.Rows, one.Columns = 48, 64
    one.SamplesPerPixel = 3 if colour else 1
    one.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        one.PlanarConfiguration = 0
    one.BitsAllocated, one.BitsStored, one.HighBit = 8, 8, 7
    one.ImageType = ["ORIGINAL", "PRIMARY"]
    shape = (frames, 48, 64, 3) if colour else (frames, 48, 64)
    one.PixelData = numpy.random.default_rng(7).integers(1, 255, shape, dtype="u1").tobytes()
    return one


@pytest.mark.parametrize("compressed", [False, True])
def test_a_template_blanks_every_frame_and_nothing_else(site, reader, compressed):
    one = ultrasound(4)
    before = numpy.frombuffer(one.PixelData, "u1").reshape(4, 48, 64, 3).copy()
    content = None
    if compressed:
        packed = pydicom.dcmread(pydicom.filebase.DicomBytesIO(part10(one)))
        packed.compress(RLELossless, generate_instance_uid=False)
        content = part10(packed, RLELossless)
    push(site, one, content)
    transfer = transfer_of(site, one)
    assert transfer["state"] == "acknowledged", transfer["failure"]
    arrived = reader.of_study(transfer["pseudonymousStudyUID"])[0]
    after = arrived.pixel_array
    expected = before
    expected[:, 0:8, 0:64] = 0
    expected[:, 40:48, 50:64] = 0
    assert (after == expected).all()
    assert arrived.BurnedInAnnotation == "NO"
    assert "113101" in {code.CodeValue for code in arrived.DeidentificationMethodCodeSequence}
    if compressed:
        assert arrived.file_meta.TransferSyntaxUID == RLELossless


def require_hold(site, one, code):
    transfer = transfer_of(site, one)
    assert transfer["state"] == "held", "it left"
    assert transfer["failure"]["code"] == code, transfer["failure"]
    for word in PLANTED_WORDS:
        assert word.lower() not in str(transfer["failure"]).lower()
    return transfer["failure"]


def test_an_ultrasound_that_no_template_fits_is_held(site, reader):
    one = ultrasound(1, model="Other 9")
    push(site, one)
    require_hold(site, one, "pixelsMayIdentify")


def test_text_of_no_declared_character_set_is_held(site, reader):
    one = ct()
    data = data_set(part10(one)).replace(b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", b"", 1)
    with site.association([(str(one.SOPClassUID), [EXPLICIT])]) as association:
        assert association.store(str(one.SOPClassUID), str(one.SOPInstanceUID), data) == 0
        association.release()
    failure = require_hold(site, one, "unreadable")
    assert "(0008,0005)" in failure["detail"]


def test_a_name_in_the_comment_of_a_jpeg_stream_is_found(site, reader):
    one = ct()
    comment = b"Zebrasson^Qvintus"
    stream = b"\xff\xd8\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + b"\xff\xda\0\2" + bytes(99) + b"\xff\xd9"
    content = encapsulated(one, stream, "1.2.840.10008.1.2.4.70")
    push(site, one, content)
    failure = require_hold(site, one, "identityFound")
    assert "(7fe0,0010)" in failure["detail"].lower()


def test_a_name_in_a_value_that_stays_holds_the_instance_with_place_and_kind(site, reader):
    one = ct()
    one.add(DataElement(0x00282000, "OB", b"\0" * 20 + b"Zebrasson"))
    push(site, one)
    failure = require_hold(site, one, "identityFound")
    assert "patientName in (0028,2000)" in failure["detail"]


def test_a_preview_shows_before_and_after_sends_nothing_and_is_written_down(site, reader):
    one = plant(ct())
    push(site, one)
    transfer_of(site, one)
    key = site.study_key(one.StudyInstanceUID)
    count = reader.count
    seen = site.gateway.ask("preview", key, "--to", "reader")
    assert seen["instance"] == 1 and seen["instances"] == 1
    lines = {line["path"].lower(): line for line in seen["preview"]["lines"]}
    assert lines["(0010,0010)"]["before"] == PLANTED_NAME
    assert lines["(0010,0010)"]["after"].startswith("AP")
    assert lines["(0008,0080)"].get("after") is None
    assert seen["preview"].get("held") is None
    assert not any(word in str([line.get("after") for line in seen["preview"]["lines"]]) for word in PLANTED_WORDS)
    events = site.gateway.study(key)["events"]
    assert [event for event in events if event["kind"] == "previewed"]
    assert reader.count == count
    text = site.gateway.run("preview", key, "--to", "reader").stdout
    assert "BEFORE" in text and "Zebrasson" in text


def test_the_profile_is_told_attribute_by_attribute(site):
    shown = site.gateway.ask("profile", "show", "reader")
    assert shown["profile"] == "reading" and shown["pixelTemplates"] == ["path test ultrasound"]
    assert len(shown["lines"]["attributes"]) == 657
    assert all(line["reason"] for line in shown["lines"]["attributes"])
    assert site.gateway.ask("profile", "show", "pacs")["ground"] == "the hospital's own archive"
