"""Synthetic objects on disk, made once and given new UIDs in place before each repetition.

A receiver that meets an object twice does other work than with a new one, so that every repetition sends a study that
nobody has seen. Only a few bytes change, and the files stay in the page cache.
"""

import os
from functools import partial
from pathlib import Path

import numpy
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2.1"
SIDE = 512
FRAME_BYTES = SIDE * SIDE * 2
#: Stands in every UID where the number of the repetition goes.
PLACE = "77770000"
HEAD = 16 << 10


def _uid(kind, number):
    return f"2.25.{kind}{PLACE}{number:06}"


def _header(sop_class, number, study, priority=None):
    data = Dataset()
    if priority:
        data.RequestedProcedurePriority = priority
    data.SpecificCharacterSet = "ISO_IR 100"
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.SOPClassUID = sop_class
    data.SOPInstanceUID = _uid(3, study * 10_000 + number)
    data.StudyDate = data.SeriesDate = data.ContentDate = "20260301"
    data.StudyTime = data.SeriesTime = data.ContentTime = "221500"
    data.AccessionNumber = f"BENCH{study:04}"
    data.Modality = "CT"
    data.Manufacturer = "Phantom"
    data.InstitutionName = "Benchmark"
    data.ReferringPhysicianName = "Measure^Made For"
    data.StudyDescription = "CT thorax"
    data.SeriesDescription = "Thorax 1.0 mm"
    data.PatientName = f"Phantom^Number {study}"
    data.PatientID = f"PHANTOM-{study:04}"
    data.PatientBirthDate = "19700101"
    data.PatientSex = "O"
    data.BodyPartExamined = "CHEST"
    data.SliceThickness, data.KVP, data.PatientPosition = "1.0", "120", "HFS"
    data.StudyInstanceUID, data.SeriesInstanceUID = _uid(1, study), _uid(2, study)
    data.FrameOfReferenceUID = _uid(4, study)
    data.StudyID, data.SeriesNumber, data.InstanceNumber = "1", 1, number + 1
    request = Dataset()
    request.ScheduledProcedureStepID, request.RequestedProcedureID = "SPS1", "RP1"
    data.RequestAttributesSequence = Sequence([request])
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows = data.Columns = SIDE
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, data.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta = meta
    return data


def _pixels(number, side=SIDE):
    """Noise: nothing on the way compresses, and nobody should gain from blank slices."""
    return numpy.random.default_rng(number).integers(0, 4096, side * side, dtype=numpy.uint16).tobytes()


def scan_like(number):
    """A body in noise, 12 bits: what a lossless codec makes of it is near what it makes of a patient's slice."""
    random = numpy.random.default_rng(number)
    y, x = numpy.mgrid[-1:1:SIDE * 1j, -1:1:SIDE * 1j]
    body = (x / 0.9) ** 2 + (y / 0.65) ** 2 < 1
    organs = 1040 + 60 * numpy.sin(7 * x + number / 9) * numpy.cos(9 * y) + 200 * (x ** 2 + (y - 0.45) ** 2 < 0.01)
    image = numpy.where(body, organs, 24) + random.normal(0, 14, (SIDE, SIDE))
    return numpy.clip(image, 0, 4095).astype(numpy.uint16).tobytes()


class Study:
    """Files of one study, whose UIDs can be made new."""

    def __init__(self, folder, files, frames):
        self.folder, self.files, self.frames = folder, files, frames
        self.places = [_places(path) for path in files]
        self.current = PLACE

    @property
    def bytes(self):
        return sum(path.stat().st_size for path in self.files)

    def renew(self, run):
        """Gives every UID the number of this repetition."""
        self.current = f"{7777 * 10_000 + run:08}"
        for path, places in zip(self.files, self.places):
            with open(path, "r+b") as file:
                for place in places:
                    os.pwrite(file.fileno(), self.current.encode(), place)

    @property
    def study_uid(self):
        number = int(self.folder.name.rsplit("-", 1)[1])
        return _uid(1, number).replace(PLACE, self.current)


def _places(path):
    with open(path, "rb") as file:
        head = file.read(HEAD)
    found, at = [], head.find(PLACE.encode())
    while at >= 0:
        found.append(at)
        at = head.find(PLACE.encode(), at + 1)
    return found


def slices(folder, study, count, pixels=None, priority=None, side=SIDE):
    """A CT study of so many slices, 512 × 512 × 16 bit: half a megabyte each. `priority` is the Requested Procedure Priority;
    `pixels` of one's own have to give `side` × `side`."""
    pixels = pixels or partial(_pixels, side=side)
    folder = Path(folder) / f"ct-{study}"
    folder.mkdir(parents=True)
    files = []
    for number in range(count):
        data = _header(CT_IMAGE, number, study, priority)
        data.ImagePositionPatient, data.PixelSpacing = ["-180", "-180", str(number)], ["0.7", "0.7"]
        data.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
        data.RescaleIntercept, data.RescaleSlope = "-1024", "1"
        data.Rows = data.Columns = side
        data.PixelData = pixels(study * 10_000 + number)
        data["PixelData"].VR = "OW"
        path = folder / f"{number:04}.dcm"
        data.save_as(path, enforce_file_format=True)
        files.append(path)
    return Study(folder, files, count)


def cached_slices(folder, study, count, pixels=None, priority=None, pool=16, side=SIDE):
    """As `slices`, with pixel data of which only so many differ: a thousand slices are made in a second."""
    made = {}
    pixels = pixels or partial(_pixels, side=side)

    def few(number):
        key = number % pool
        if key not in made:
            made[key] = pixels(key)
        return made[key]

    return slices(folder, study, count, few, priority, side)


def _rle_frame(number):
    """A frame of noise in RLE Lossless (PS3.5 G), of literal runs: two segments, the high bytes and the low ones."""
    samples = numpy.frombuffer(_pixels(number), dtype=numpy.uint8)
    segments = []
    for plane in (samples[1::2], samples[0::2]):
        runs = numpy.full((plane.size // 128, 129), 127, dtype=numpy.uint8)
        runs[:, 1:] = plane.reshape(-1, 128)
        segments.append(runs.tobytes() + b"\0" * (runs.size % 2))
    offsets = [64, 64 + len(segments[0])]
    header = b"".join(n.to_bytes(4, "little") for n in [2, *offsets, *[0] * 13])
    return header + b"".join(segments)


def compressed_multiframe(folder, study, size):
    """One Enhanced CT object of at least so many bytes in RLE Lossless: what is longer than 4 GiB has no other form than an
    encapsulated one (PS3.5 A.4)."""
    folder = Path(folder) / f"multiframe-{study}"
    folder.mkdir(parents=True)
    data = _header(ENHANCED_CT_IMAGE, 0, study)
    data.file_meta.TransferSyntaxUID = RLELossless
    parts = [_rle_frame(number) for number in range(16)]
    frames = -(-size // len(parts[0]))
    data.NumberOfFrames = frames
    path = folder / "0000.dcm"
    data.save_as(path, enforce_file_format=True)
    with open(path, "ab") as file:
        file.write(b"\xe0\x7f\x10\x00OW\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\0\0\0\0")
        for number in range(frames):
            part = parts[number % 16]
            file.write(b"\xfe\xff\x00\xe0" + len(part).to_bytes(4, "little") + part)
        file.write(b"\xfe\xff\xdd\xe0\0\0\0\0")
    return Study(folder, [path], frames)


def multiframe(folder, study, frames):
    """One Enhanced CT object; written piece by piece, because a gigabyte needs no memory to be made either."""
    folder = Path(folder) / f"multiframe-{study}"
    folder.mkdir(parents=True)
    data = _header(ENHANCED_CT_IMAGE, 0, study)
    data.NumberOfFrames = frames
    path = folder / "0000.dcm"
    data.save_as(path, enforce_file_format=True)
    with open(path, "ab") as file:
        # (7FE0,0010) OW, two reserved bytes, and a length of 32 bits (PS3.5 7.1.2).
        file.write(b"\xe0\x7f\x10\x00OW\0\0" + (frames * FRAME_BYTES).to_bytes(4, "little"))
        for frame in range(frames):
            file.write(_pixels(frame % 16))
    return Study(folder, [path], frames)
