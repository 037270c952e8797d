"""An acute case on the LAN: 300 slices at 30 a second while 50 elective studies drain. That on the long line is part of
`line`."""

from ..acute_run import RATE, SLICES, acute, after_pauses
from ..context import summary
from ..receivers import Antipode, StoreSCP
from ..studies import cached_slices
from ..svg import lines
from ..table import Table, at_most

NAME, TITLE = "acute", "An acute case on the LAN"
IN_QUICK = False
#: Seconds that lanes rest before each small study: whatever a lane does at intervals of a second is met at each of its moments.
PAUSES = [n / 10 for n in range(2, 22, 2)]


def missing():
    return None


def run(context):
    with context.place("acute") as (folder, stack):
        far = StoreSCP(folder, fork=True, tls=context.authority.issue("reader"))
        stack.callback(far.stop)
        gateway = context.start(stack, Antipode(
            context.binary, folder, context.authority, reader=far, lanes=4, quiet=1, immediate="acute",
            warm_lanes=2))
        backlog = [cached_slices(folder / "objects", 100 + n, context.size(100, 150)) for n in range(50)]
        study = cached_slices(folder / "objects", 1, SLICES, priority="STAT")
        small = [cached_slices(folder / "objects", 200 + n, 5, priority="STAT") for n in range(len(PAUSES))]
        context.renew([*backlog, study, *small])
        result = acute(context, gateway, far, backlog, study)
        seconds = after_pauses(context, gateway, small, PAUSES)
        result["after_pauses"] = summary(seconds, 3)
    context.say(f"   {result['seconds_after_last_answer']} s after the last answer; after pauses at most {max(seconds):.3f} s")
    return result


def floors(figures):
    # A backlog that was gone before the acute study was in would have proven nothing.
    return [at_most("an acute study on the LAN: from the last answer to the last acknowledgement, s",
                    figures["seconds_after_last_answer"] if figures["backlog_left_after_push"] > 0 else None, 1.0),
            at_most("small acute studies to lanes that rest: from the last answer to the last acknowledgement, at most, s",
                    figures["after_pauses"]["max"], 0.5)]


def tables(figures):
    table = Table(f"{SLICES} acute slices at {RATE} a second, beside a backlog", ["what", ""])
    table.add("from the last C-STORE answer to the last acknowledgement", f"{figures['seconds_after_last_answer']} s")
    table.add("the push took", f"{figures['push_seconds']} s")
    table.add("elective instances that waited, and when the push was over",
              f"{figures['backlog_instances']}, {figures['backlog_left_after_push']}")
    table.add("ten studies of five slices, to lanes that have rested for a while: median and highest",
              f"{figures['after_pauses']['median']} s, {figures['after_pauses']['max']} s")
    table.add("sent while it still arrives (immediate = true)", "yes" if figures["sent_while_it_arrives"] else "no")
    table.note = ("Answers by the clock of the process that reads the modality's lines; acknowledgements by acknowledgedAt in "
                  "the journal, on the same machine.")
    yield table


def curves(figures):
    def of(times):
        return [(moment, 5 * number + 1) for number, moment in enumerate(times)]

    return {"answered to the modality": of(figures["answered"]), "acknowledged by the reader": of(figures["acknowledged"])}


def plots(figures):
    return {"acute": lines("An acute study beside a backlog of 50, on the LAN", curves(figures), "seconds", "slices")}
