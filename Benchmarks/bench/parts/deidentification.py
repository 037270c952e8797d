"""De-identification: what one core makes ready to leave, guard included, beside Orthanc's anonymisation of the same objects, and
how often the guard is wrong.

Rates are by the processor time that was used, so that threads do not count as one core and a busy machine does not count at
all; the two take turns, so that a machine that slows down slows both. Synthetic slices have few attributes and none of a
vendor's: where the developer set of DICOM files is at hand (ANTIPODE_SHARED, or ../shared), its CT and MR images are measured
too, small as they are, and all of its instances go past the guard once.
"""

import csv
import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from ..context import summary
from ..memory import all_seconds
from ..receivers import Orthanc
from ..studies import cached_slices, multiframe
from ..svg import bars
from ..table import Table, at_least, at_most

NAME, TITLE = "deidentification", "De-identification"
IN_QUICK = True

IMAGES = {"1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"}
NATIVE = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}
SHARED = Path(os.environ.get("ANTIPODE_SHARED", Path(__file__).resolve().parents[4] / "shared")) / "dicom"


def missing():
    return None


def _measure(binary, folder, seconds):
    def used():
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    before = used()
    done = subprocess.run(
        [str(binary), "measure", str(folder), "--seconds", str(seconds)], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    found["processorSeconds"] = used() - before
    return found


def _ours(binary, folder, seconds):
    """A measurement of objects that all leave."""
    found = _measure(binary, folder, seconds)
    if found["held"]:
        raise RuntimeError(f"{found['held']} of {found['instances']} would be held: {found['heldFor']}")
    return found


class _Anonymiser:
    """Orthanc with the objects in its store."""

    def __init__(self, folder, paths):
        self.orthanc = Orthanc(folder).start()
        try:
            stored = [self.orthanc.ask("/instances", path.read_bytes(), "application/dicom")["ID"] for path in paths]
            self.count = len(set(stored))
            self.studies = self.orthanc.ask("/studies")
        except BaseException:
            self.stop()
            raise

    def rates(self):
        """Instances a second of processor time, and of the clock. What was made is taken away again."""
        pid = self.orthanc.child.pid
        before, start = all_seconds(pid), time.monotonic()
        made = [
            self.orthanc.ask(f"/studies/{study}/anonymize", json.dumps({"Synchronous": True}).encode())["ID"]
            for study in self.studies]
        rates = self.count / (all_seconds(pid) - before), self.count / (time.monotonic() - start)
        for study in made:
            self.orthanc.ask(f"/studies/{study}", method="DELETE")
        return rates

    def stop(self):
        self.orthanc.stop()


def _compare(context, folder, objects, paths, turns, seconds):
    peer = _Anonymiser(folder, paths)
    try:
        turn = [(_ours(context.binary, objects, seconds), *peer.rates()) for _ in range(turns)]
    finally:
        peer.stop()
    rates = [found["instances"] / found["processorSeconds"] for found, _, _ in turn]
    rate = summary(rates, 0)
    return {
        "instances": peer.count, "per_core_second": rate, "milliseconds": round(1000 / rate["median"], 3),
        "guard_milliseconds": summary([1000 * found["guardSeconds"] / found["instances"] for found, _, _ in turn], 3),
        "orthanc_per_core_second": summary([core for _, core, _ in turn], 0),
        "orthanc_per_s": summary([clock for _, _, clock in turn], 0),
        "ratio": summary([ours / core for ours, (_, core, _) in zip(rates, turn)]),
        "peak_MiB": max(found["peakMemory"] for found, _, _ in turn) >> 20}


def _rows():
    """Of the developer set's table, the rows of whole instances."""
    if not (SHARED / "manifest.tsv").exists():
        return []
    with (SHARED / "manifest.tsv").open(encoding="utf-8") as table:
        return [row for row in csv.DictReader(table, delimiter="\t") if row["kind"] == "instance"]


def _copied(rows, folder):
    folder.mkdir(parents=True)
    return [Path(shutil.copy(SHARED / row["path"], folder / f"{number:04}.dcm")) for number, row in enumerate(rows)]


def _passing(binary, paths, folder):
    """Those that would leave, and the others taken away: Orthanc anonymises anything, and what is held costs us little."""
    if not paths:
        return []
    together = Path(tempfile.mkdtemp(dir=folder))
    for path in paths:
        os.link(path, together / path.name)
    held = _measure(binary, together, 0)["held"]
    shutil.rmtree(together)
    if held == 0:
        return paths
    if held == len(paths):
        for path in paths:
            path.unlink()
        return []
    half = len(paths) // 2
    return _passing(binary, paths[:half], folder) + _passing(binary, paths[half:], folder)


def _real(context, turns, seconds):
    rows = _rows()
    if not rows:
        return None
    with context.place("deidentification-real") as (folder, _):
        wanted = [row for row in rows if row["sop_class_uid"] in IMAGES and row["transfer_syntax_uid"] in NATIVE]
        paths = _passing(context.binary, _copied(wanted, folder / "images"), folder)
        figures = _compare(context, folder, folder / "images", paths, turns, seconds)
        _copied(rows, folder / "all")
        found = _measure(context.binary, folder / "all", 0)
        figures["all_instances"], figures["held_for"] = found["instances"], found["heldFor"]
    return figures


def run(context):
    turns, seconds = context.size(1, 3), context.size(2, 6)
    with context.place("deidentification") as (folder, _):
        small = cached_slices(folder / "small", 1, context.size(100, 300), pool=300)
        large = multiframe(folder / "large", 2, 512)
        figures = _compare(context, folder, small.folder, small.files, turns, seconds)
        figures["peak_MiB_of_256_MiB_object"] = _ours(context.binary, large.folder, 1)["peakMemory"] >> 20
    figures["real"] = _real(context, turns, seconds)
    return figures


def floors(figures):
    return [
        at_least("de-identification on one core, to Orthanc's", figures["ratio"]["median"], 4),
        at_most("de-identification: memory of an object of 256 MiB beyond that of slices, MiB",
                figures["peak_MiB_of_256_MiB_object"] - figures["peak_MiB"], 64)]


def tables(figures):
    for title, part in (("slices of 512 × 512", figures), ("real CT and MR images", figures["real"])):
        if not part:
            continue
        table = Table(f"de-identification of {part['instances']} {title}, by the processor's time",
                      ["what", "of one core, each second", "ms each"])
        table.add("Antipode, hold rules, profile, guard, encoding", _spread(part["per_core_second"]), part["milliseconds"])
        table.add("… of it the guard's search", "", part["guard_milliseconds"]["median"])
        table.add("Orthanc's anonymisation", _spread(part["orthanc_per_core_second"]),
                  round(1000 / part["orthanc_per_core_second"]["median"], 2))
        table.add("ratio", _spread(part["ratio"]), "")
        yield table
    if figures["real"]:
        real = figures["real"]
        table = Table("real instances past the guard, once", ["what", "instances"])
        table.add("all", real["all_instances"])
        table.add("held by the guard", real["held_for"].get("identityFound", 0))
        table.add("held for something else", sum(n for code, n in real["held_for"].items() if code != "identityFound"))
        yield table


def _spread(figure):
    return f"{figure['median']:g} ({figure['min']:g} to {figure['max']:g})"


def plots(figures):
    return {"deidentification": bars(
        "De-identification of CT slices", [("", [
            ("Antipode, guard included", figures["per_core_second"]["median"], None, None),
            ("Orthanc's anonymisation", figures["orthanc_per_core_second"]["median"], None, None)])],
        "slices for each second of one core")}
