"""Receiving: the same storescu to each receiver, in turns."""

from ..context import summary
from ..machine import load
from ..receivers import Antipode, Orthanc, StoreSCP
from ..studies import cached_slices
from ..svg import bars
from ..table import Table, at_least, span

NAME, TITLE = "receiving", "Receiving"
IN_QUICK = True


def missing():
    return None


def turns(context, receivers, studies, repetitions):
    """All receivers in turn, in another order each time, and the disk between them."""
    rates = {receiver.name: [] for receiver in receivers}
    for receiver in receivers:
        # Not counted: a first association pays for what the next ones find in place.
        context.once(receiver, [studies[0]])
    loads = []
    for turn in range(repetitions):
        start = turn % len(receivers)
        context.disk.sample(20)
        loads.append(load())
        for receiver in receivers[start:] + receivers[:start]:
            rates[receiver.name].append(context.once(receiver, studies))
        context.say("   " + "   ".join(f"{name} {values[-1]:.0f}/s" for name, values in rates.items()))
    instances = sum(len(study.files) for study in studies)
    megabytes = sum(study.bytes for study in studies) / instances / 1e6
    ours = rates[Antipode.name]
    result = {"instances": instances, "associations": len(studies), "receivers": {}, "load_before_turns": loads}
    for name, values in rates.items():
        result["receivers"][name] = {
            "instances_per_s": summary(values), "MB_per_s": round(summary(values)["median"] * megabytes, 1),
            # Of the same turn, so that a slow minute slows both.
            "antipode_to_this": summary([a / b for a, b in zip(ours, values)], 2)}
    return result


def _nagle(context, receivers, study):
    """The sender has left Nagle's algorithm on."""
    result = {}
    for receiver in receivers:
        rates = [context.once(receiver, [study], nodelay=False) for _ in range(context.size(1, 3))]
        result[receiver.name] = summary(rates)
        context.say(f"   {receiver.name}: {rates[-1]:.0f}/s with Nagle's algorithm on")
    served = [context.once(receivers[0], [study]) for _ in range(context.size(1, 3))]
    result["Antipode, TCP_NODELAY set"] = summary(served)
    return result


def run(context):
    result = {}
    with context.place("receiving") as (folder, stack):
        start = context.start
        one = [cached_slices(folder / "objects", 1, 300)]
        eight = [cached_slices(folder / "objects", 10 + n, context.size(40, 100)) for n in range(8)]
        twenty = [cached_slices(folder / "objects", 30 + n, context.size(10, 40)) for n in range(20)]
        nagle = cached_slices(folder / "objects", 60, context.size(40, 100))
        antipode = start(stack, Antipode(context.binary, folder, context.authority))
        orthanc = start(stack, Orthanc(folder))
        usual, fast = start(stack, StoreSCP(folder, preserving=False)), start(stack, StoreSCP(folder))
        forking = start(stack, StoreSCP(folder, fork=True, preserving=False))
        fast_forking = start(stack, StoreSCP(folder, fork=True))
        # What senders and machine allow at best.
        nothing = start(stack, StoreSCP(folder, ignoring=True))
        nothing_forking = start(stack, StoreSCP(folder, fork=True, ignoring=True))
        context.say("one association")
        result["1"] = turns(context, [usual, fast, antipode, orthanc, nothing], one, context.size(2, 9))
        context.say("eight associations")
        result["8"] = turns(context, [forking, fast_forking, antipode, orthanc, nothing_forking], eight, context.size(2, 7))
        context.say("twenty associations at once")
        result["20"] = turns(context, [fast_forking, antipode], twenty, context.size(1, 5))
        context.say("a sender that left Nagle's algorithm on")
        result["nagle"] = {"instances": len(nagle.files), "rates": _nagle(context, [antipode, usual, orthanc], nagle)}
    return result


def floors(figures):
    def ratio(part, name):
        return figures[part]["receivers"][name]["antipode_to_this"]["median"]

    rates = figures["nagle"]["rates"]
    return [
        at_least("receiving, one association, to storescp", ratio("1", "storescp"), 0.6),
        at_least("receiving, one association, to storescp +B", ratio("1", "storescp +B"), 0.6),
        at_least("receiving, one association, to Orthanc", ratio("1", "Orthanc"), 3),
        at_least("receiving, eight associations, to storescp --fork", ratio("8", "storescp --fork"), 1.0),
        at_least("receiving, eight associations, to storescp +B --fork", ratio("8", "storescp +B --fork"), 1.0),
        at_least("receiving, eight associations, to Orthanc", ratio("8", "Orthanc"), 4),
        at_least("receiving from a sender with Nagle's algorithm, to one without",
                 round(rates["Antipode"]["median"] / rates["Antipode, TCP_NODELAY set"]["median"], 2), 0.8),
    ]


def table_of(found, words, kind="CT slices"):
    table = Table(f"receiving {found['instances']} {kind}, {words}",
                  ["receiver", "instances/s", "MB/s", "Antipode : this"])
    for name, row in found["receivers"].items():
        table.add(name, span(row["instances_per_s"]), f"{row['MB_per_s']:.0f}", span(row["antipode_to_this"], 2))
    return table


def tables(figures):
    for part, words in (("1", "one association"), ("8", "eight associations"), ("20", "twenty associations at once")):
        yield table_of(figures[part], words)
    table = Table(f"{figures['nagle']['instances']} slices, the sender has left Nagle's algorithm on",
                  ["receiver", "instances/s"])
    for name, row in figures["nagle"]["rates"].items():
        table.add(name, span(row))
    yield table


def rows_of(found):
    """For a plot: who, and median, lowest and highest."""
    return [(name, f["instances_per_s"]["median"], f["instances_per_s"]["min"], f["instances_per_s"]["max"])
            for name, f in found["receivers"].items()]


def plots(figures):
    return {"receiving": bars(
        "Receiving CT slices of half a megabyte", [
            ("one association", rows_of(figures["1"])), ("eight associations", rows_of(figures["8"])),
            ("twenty associations", rows_of(figures["20"])),
            ("one association, Nagle's algorithm on", [
                (name, row["median"], row["min"], row["max"]) for name, row in figures["nagle"]["rates"].items()])],
        "instances a second: median, lowest and highest; only Antipode calls fsync")}
