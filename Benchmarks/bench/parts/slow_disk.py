"""Receiving on a disk whose flush takes 5 or 20 ms: what grouped commits are worth."""

import shutil
import subprocess
from pathlib import Path

from ..context import summary
from ..receivers import Antipode
from ..studies import cached_slices
from ..svg import bars
from ..table import Table, at_least, span

NAME, TITLE = "slow-disk", "Slow disks"
IN_QUICK = True
SOURCE = Path(__file__).resolve().parents[2] / "slowdisk.c"


def missing():
    return None if shutil.which("cc") else "no C compiler for the library that slows fsync"


def compiled(folder):
    """The library that is preloaded into the daemon and its workers."""
    library = folder / "slowdisk.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def run(context):
    result = {}
    with context.place("slow-disk") as (folder, stack):
        library = compiled(folder)
        studies = [cached_slices(folder / "objects", 1 + n, context.size(20, 40)) for n in range(8)]
        for milliseconds in (5, 20):
            place = folder / f"{milliseconds}-ms"
            place.mkdir()
            antipode = Antipode(
                context.binary, place, context.authority,
                env={"LD_PRELOAD": str(library), "ANTIPODE_SLOW_MS": str(milliseconds)})
            stack.callback(antipode.stop)
            antipode.start()
            context.once(antipode, studies[:1])
            figures = {}
            for associations in (1, 8):
                rates = [context.once(antipode, studies[:associations]) for _ in range(context.size(1, 3))]
                figures[str(associations)] = summary(rates)
            figures["ratio"] = round(figures["8"]["median"] / figures["1"]["median"], 2)
            context.say(f"   fsync of {milliseconds} ms: {figures['1']['median']:.0f}/s on one association, "
                        f"{figures['8']['median']:.0f}/s on eight")
            result[str(milliseconds)] = figures
            antipode.stop()
    return result


def floors(figures):
    # Without grouping all eight would share the journal's one commit after another: 1000 / 5 and 1000 / 20 a second. What they
    # have more is how many rows stand in a commit. (Eight to one is no measure of it: the less one association waits, the less it is.)
    return [at_least(f"fsync of {ms} ms: eight associations, to a commit for each instance",
                     round(row["8"]["median"] * int(ms) / 1000, 2), 2) for ms, row in figures.items()]


def tables(figures):
    table = Table("receiving, fsync slowed", ["each fsync takes at least", "one association, instances/s",
                                              "eight, instances/s", "eight : one", "one commit each would allow"])
    for milliseconds, row in figures.items():
        table.add(f"{milliseconds} ms", span(row["1"]), span(row["8"]), row["ratio"], f"{1000 / int(milliseconds):.0f}")
    yield table


def plots(figures):
    return {"slow-disk": bars(
        "Receiving on a slow disk", [
            (f"each fsync takes {ms} ms more", [
                (f"Antipode, {words}", row[key]["median"], row[key]["min"], row[key]["max"])
                for key, words in (("1", "one association"), ("8", "eight"))]
                + [("one commit for each instance", 1000 / int(ms), None, None)])
            for ms, row in figures.items()],
        "instances a second: median, lowest and highest")}
