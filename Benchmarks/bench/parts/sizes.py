"""Receiving objects of other sizes than a CT slice's: of small ones a gateway feels the work for each, of large ones that for each
byte."""

from ..receivers import Antipode, Orthanc, StoreSCP
from ..studies import cached_slices
from ..svg import bars
from . import receiving

NAME, TITLE = "sizes", "Receiving other sizes"
IN_QUICK = False
#: Rows and columns, what has them, and how many objects one association sends, and each of eight.
SIZES = ((128, "33 kB, a functional MR", 600, 200), (256, "131 kB, MR", 400, 100), (2048, "8.4 MB, a radiograph", 24, 6))


def missing():
    return None


def run(context):
    result = {}
    for side, what, alone, each in SIZES:
        context.disk.rest(context.say)
        with context.place(f"sizes-{side}") as (folder, stack):
            one = [cached_slices(folder / "objects", 1, alone, side=side)]
            eight = [cached_slices(folder / "objects", 10 + n, each, side=side) for n in range(8)]
            antipode = context.start(stack, Antipode(context.binary, folder, context.authority))
            orthanc = context.start(stack, Orthanc(folder))
            usual = context.start(stack, StoreSCP(folder))
            forking = context.start(stack, StoreSCP(folder, fork=True))
            for associations, storescp, studies in (("one association", usual, one), ("eight associations", forking, eight)):
                context.say(f"{what}, {associations}")
                result[f"{what}, {associations}"] = receiving.turns(context, [storescp, antipode, orthanc], studies, 5)
    return result


def floors(figures):
    return []


def tables(figures):
    for words, found in figures.items():
        yield receiving.table_of(found, words, "objects")


def plots(figures):
    return {"sizes": bars("Receiving objects of other sizes", [
        (words, [(name, row["instances_per_s"]["median"], row["instances_per_s"]["min"], row["instances_per_s"]["max"])
                 for name, row in found["receivers"].items()])
        for words, found in figures.items()], "instances a second: median, lowest and highest; only Antipode calls fsync")}
