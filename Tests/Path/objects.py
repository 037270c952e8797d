"""Objects for the path tests: all of them made here, about people who do not live."""

import io

import numpy
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, XRayAngiographicImageStorage, generate_uid

#: Words that may stand nowhere but in spool, vault and at the hospital.
PLANTED_NAME = "Zebrasson^Qvintus Håkan"
PLANTED_WORDS = ["Zebrasson", "Qvintus", "19340229-9876", "193402299876", "ZACC7719", "Xylander"]


def ct(study=None, series=None, number=1, pixels=None, rows=64, columns=64):
    """A small CT slice that dciodvfy has nothing against."""
    one = Dataset()
    one.SpecificCharacterSet = "ISO_IR 100"
    one.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    one.SOPClassUID = CTImageStorage
    one.SOPInstanceUID = generate_uid(prefix=None)
    one.StudyDate = one.ContentDate = "20260301"
    one.StudyTime = one.ContentTime = "221500"
    one.AccessionNumber = "ZACC7719"
    one.Modality = "CT"
    one.Manufacturer = "Path test"
    one.InstitutionName = "Xylander sjukhus"
    one.ReferringPhysicianName = "Xylander^Doc"
    one.StudyDescription = "CT thorax"
    one.PatientName = PLANTED_NAME
    one.PatientID = "19340229-9876"
    one.PatientBirthDate = "19340228"
    one.PatientSex = "M"
    one.BodyPartExamined = "CHEST"
    one.SliceThickness = "1"
    one.KVP = "120"
    one.PatientPosition = "HFS"
    one.StudyInstanceUID = study or generate_uid(prefix=None)
    one.SeriesInstanceUID = series or generate_uid(prefix=None)
    one.StudyID = "ZS1"
    one.SeriesNumber = 1
    one.AcquisitionNumber = 1
    one.InstanceNumber = number
    one.ImagePositionPatient = [0, 0, number]
    one.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    one.FrameOfReferenceUID = one.SeriesInstanceUID + ".1"
    one.PositionReferenceIndicator = ""
    one.SamplesPerPixel = 1
    one.PhotometricInterpretation = "MONOCHROME2"
    one.Rows, one.Columns = rows, columns
    one.PixelSpacing = [1, 1]
    one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 12, 11, 0
    one.RescaleIntercept, one.RescaleSlope = "-1024", "1"
    if pixels is None:
        pixels = numpy.random.default_rng(number).integers(0, 4095, rows * columns, dtype="<u2").tobytes()
    one.PixelData = pixels
    return one


def bare(one, implicit=False):
    """The data set alone, without file meta information."""
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, implicit
    write_dataset(buffer, one)
    return buffer.getvalue()


def part10(one, syntax=ExplicitVRLittleEndian):
    one = Dataset(one)
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = syntax
    one.file_meta.MediaStorageSOPClassUID = one.SOPClassUID
    one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
    buffer = io.BytesIO()
    one.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def data_set(content):
    """A Part 10 file's data set, byte for byte."""
    # The group length's value ends the first element; as many bytes of file meta information follow as it says.
    return content[144 + int.from_bytes(content[140:144], "little"):]


def encapsulated(one, stream, syntax, fragments=1, frames=1):
    """The Part 10 file of an image whose pixel data is one stream that nobody here can decode (PS3.5 A.4)."""
    one = Dataset(one)
    if frames > 1:
        one.SOPClassUID = XRayAngiographicImageStorage
        one.Modality = "XA"
        one.NumberOfFrames = frames
    one.PixelData = encapsulate([stream], fragments_per_frame=fragments, has_bot=False)
    one["PixelData"].VR = "OB"
    one["PixelData"].is_undefined_length = True
    return part10(one, syntax)


def study(count, **given):
    """Slices of one series."""
    first = ct(number=1, **given)
    return [first] + [
        ct(study=first.StudyInstanceUID, series=first.SeriesInstanceUID, number=n, **given)
        for n in range(2, count + 1)]


def nested(depth, one):
    """The data set with so many sequences, each in the item of the one before, of undefined length."""
    opened = (b"\x09\x00\x10\x10SQ\x00\x00\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff") * depth
    closed = (b"\xfe\xff\x0d\xe0\x00\x00\x00\x00" + b"\xfe\xff\xdd\xe0\x00\x00\x00\x00") * depth
    head, tail = Dataset(), Dataset()
    for element in one:
        (head if element.tag < 0x00091010 else tail).add(element)
    return bare(head) + opened + closed + bare(tail)
