"""Each gateway on one core by itself, in turns; senders, reader and this program on the others: on a machine of two cores they
otherwise compete with it."""

from ..cores import allowed, only
from ..receivers import Antipode, Orthanc, StoreSCP
from ..studies import cached_slices
from ..table import at_least
from . import receiving, way

NAME, TITLE = "apart", "On a core of its own"
IN_QUICK = False


def missing():
    return None if len(allowed()) > 1 else "one core only"


def run(context):
    own, *others = allowed()

    def start(stack, gateway):
        with only([own]):
            return context.start(stack, gateway)

    result = {}
    with context.place("apart") as (folder, stack), only(others):
        eight = [cached_slices(folder / "objects", 1 + n, 100) for n in range(8)]
        receivers = [start(stack, one) for one in (
            StoreSCP(folder, fork=True, preserving=False), StoreSCP(folder, fork=True),
            Antipode(context.binary, folder, context.authority), Orthanc(folder),
            StoreSCP(folder, fork=True, ignoring=True))]
        result["8"] = receiving.turns(context, receivers, eight, 5)
    context.disk.rest(context.say)
    with context.place("apart-way") as (folder, stack), only(others):
        far = context.start(stack, StoreSCP(folder, fork=True, tls=context.authority.issue("reader")))
        studies = [cached_slices(folder / "objects", 1 + n, 150) for n in range(8)]
        ones = [start(stack, kind(context, folder, far)) for kind in (way.Own, way.OrthancOverREST)]
        result["way"] = {
            "instances": sum(len(study.files) for study in studies),
            "who": way.compared(context, ones, far, studies, 5)}
    return result


def floors(figures):
    """Those of the parts in which gateways and their load share the cores."""
    def ratio(name):
        return figures["8"]["receivers"][name]["antipode_to_this"]["median"]

    where = "on a core of its own"
    return [
        at_least(f"{where}, eight associations, to storescp --fork", ratio("storescp --fork"), 1.0),
        at_least(f"{where}, eight associations, to storescp +B --fork", ratio("storescp +B --fork"), 1.0),
        at_least(f"{where}, eight associations, to Orthanc", ratio("Orthanc"), 4),
        at_least(f"{where}, the whole way, to Orthanc",
                 figures["way"]["who"][way.OrthancOverREST.name]["antipode_to_this"]["median"], 3),
    ]


def tables(figures):
    yield receiving.table_of(figures["8"], "eight associations, each receiver on a core of its own")
    yield way.table_of(
        figures["way"]["who"],
        f"the whole way, {figures['way']['instances']} CT slices from {way.SENDERS} senders, each gateway on a core of its own")


def plots(figures):
    return {}
