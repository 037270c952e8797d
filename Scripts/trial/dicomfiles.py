"""Files of studies: what pydicom's wheel brings, and what a folder holds."""

from collections import defaultdict
from pathlib import Path

import pydicom
from pydicom.errors import InvalidDicomError


def examples():
    """The folder of DICOM files in pydicom's wheel."""
    return Path(pydicom.__file__).parent / "data" / "test_files"


def dicom_files(folder):
    """Each readable DICOM object under a folder, DICOMDIRs left out, as (path, header)."""
    for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True)
        except (InvalidDicomError, OSError, ValueError, NotImplementedError):
            continue
        if header.get("SOPInstanceUID") and header.get("StudyInstanceUID"):
            yield path, header


def studies(folder):
    """Study Instance UID → list of (path, header)."""
    found = defaultdict(list)
    for path, header in dicom_files(folder):
        found[str(header.StudyInstanceUID)].append((path, header))
    return dict(found)


def largest_study(folder):
    """The files of the study with the most objects."""
    return [path for path, _ in max(studies(folder).values(), key=len)]


def real_ct():
    """Seven slices of a real CT, with their pixels cut down by those who gave them to pydicom."""
    return largest_study(examples() / "dicomdirtests" / "98892001")


def real_mr():
    return largest_study(examples() / "dicomdirtests" / "98892003")
