"""Receiving objects of other sizes than a CT slice's: of small ones a gateway feels the work for each, of large ones that for each
byte."""

from ..receivers import Antipode, Orthanc, StoreSCP
from ..studies import cached_slices
from ..svg import bars
from . import receiving

NAME, TITLE = "sizes", "Receiving other sizes"
IN_QUICK = False
#: Rows and columns, what has them, and how many objects one association sends, and each of eight.
SIZES = ((128, "33 kB, a functional MR", 1500, 400), (256, "131 kB, MR", 1000, 200), (2048, "8.4 MB, a radiograph", 40, 8))


def missing():
    return None


def run(context):
    result = {}
    for side, what, alone, each in SIZES:
        if result:
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
    # One each: a hundred times as many small objects a second as large ones are no bars beside each other.
    return {f"sizes-{side}": bars(
        f"Receiving objects of {side} × {side}", [(words, receiving.rows_of(found)) for words, found in figures.items() if words.startswith(what)],
        "instances a second: median, lowest and highest; only Antipode calls fsync") for side, what, _, _ in SIZES}
