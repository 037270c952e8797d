"""Receiving without its disk: what is left when a part of the work is taken away says what that part costs, and no more."""

from ..context import summary
from ..receivers import Antipode, StoreSCP
from ..studies import cached_slices
from ..table import Table, span
from . import slow_disk

NAME, TITLE = "without", "Receiving without its disk"
IN_QUICK = False
#: What the preloaded library forgets, and the words for it.
LESS = {"": "as it is", "images": "no flush of an image's file", "flushes": "no flush at all",
        "files": "images neither written nor flushed, the journal as it is"}
NOTHING = "storescp +B --ignore, which stores nothing"


def missing():
    return slow_disk.missing()


def run(context):
    result = {}
    with context.place("without") as (folder, stack):
        library = slow_disk.compiled(folder)
        receivers = {}
        for what, words in LESS.items():
            place = folder / (what or "all")
            place.mkdir()
            env = {"LD_PRELOAD": str(library), "ANTIPODE_DISK_FORGETS": what} if what else None
            receivers[words] = context.start(stack, Antipode(context.binary, place, context.authority, env=env))
        for associations, slices in ((1, 300), (8, 100)):
            nothing = context.start(stack, StoreSCP(folder, fork=associations > 1, ignoring=True))
            studies = [cached_slices(folder / "objects", 10 * associations + n, slices) for n in range(associations)]
            ones = list({**receivers, NOTHING: nothing}.items())
            rates = {words: [] for words, _ in ones}
            for _, receiver in ones:
                context.once(receiver, studies[:1])
            for turn in range(5):
                for words, receiver in ones[turn:] + ones[:turn]:
                    rates[words].append(context.once(receiver, studies))
            result[str(associations)] = {words: summary(values) for words, values in rates.items()}
            context.say(f"   {associations}: " + "   ".join(
                f"{words} {row['median']:.0f}/s" for words, row in result[str(associations)].items()))
    return result


def floors(figures):
    return []


def tables(figures):
    table = Table("receiving CT slices, with less to do", ["what", "one association, instances/s", "eight, instances/s"])
    for words, row in figures["1"].items():
        table.add(words, span(row), span(figures["8"][words]))
    yield table


def plots(figures):
    return {}
