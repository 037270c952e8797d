"""Memory: objects of gigabytes, and a hundred associations. That of a backlog of a million instances is part of `growth`."""

import os
import time

from trial.processes import wait_until

from ..idle import IdleAssociations
from ..memory import MemoryWatch
from ..receivers import Antipode, StoreSCP
from ..studies import FRAME_BYTES, cached_slices, compressed_multiframe, multiframe
from ..svg import bars
from ..table import Table, at_most

NAME, TITLE = "memory", "Memory"
IN_QUICK = True
DAEMON_MB, WORKER_MB = 150, 40
ASSOCIATIONS = 100


def missing():
    return None


def _object(context, gateway, study, propose=()):
    """One object, received and forwarded while memory is watched."""
    context.renew([study])
    os.sync()
    with MemoryWatch(gateway.pid) as watch:
        receive = context.sender.send(gateway, [study], propose=propose)
        transfer = wait_until(lambda: gateway.transfer(study.study_uid), 900, "the object being forwarded", pause=0.2)
    forward = transfer["finishedAt"] - transfer["startedAt"]
    megabytes = study.bytes / 1e6
    context.say(f"   {megabytes:.0f} MB: {watch.figures()}")
    return {**watch.figures(), "object_MB": round(megabytes), "frames": study.frames,
            "received_MB_per_s": round(megabytes / receive), "forwarded_MB_per_s": round(megabytes / forward)}


def _objects(context):
    result = {}
    sizes = context.size([("1 GiB, uncompressed", 1 << 30)], [("2 GiB, uncompressed", 2 << 30), ("5 GB, RLE", 5 * 10**9)])
    for number, (name, size) in enumerate(sizes):
        # The files of each go before the next comes: fifteen gigabytes are enough.
        with context.place(f"memory-{number}") as (folder, stack):
            packed = "RLE" in name
            far = context.start(stack, StoreSCP(
                folder, fork=True, tls=context.authority.issue("reader"), accept=("+xr",) if packed else ()))
            gateway = context.start(stack, Antipode(context.binary, folder, context.authority, reader=far))
            study = (compressed_multiframe(folder / "objects", 90, size) if packed
                     else multiframe(folder / "objects", 90, size // FRAME_BYTES))
            result[name] = _object(context, gateway, study, ("-xr",) if packed else ())
    return result


def _associations(context):
    """A hundred that send at once, and a hundred that say nothing."""
    result = {}
    with context.place("memory-associations") as (folder, stack):
        gateway = context.start(stack, Antipode(context.binary, folder, context.authority))
        few = [cached_slices(folder / "objects", 100 + n, context.size(2, 5)) for n in range(ASSOCIATIONS)]
        with MemoryWatch(gateway.pid) as watch:
            context.renew(few)
            seconds = context.sender.send(gateway, few)
        result["100 associations that send"] = {**watch.figures(), "seconds": round(seconds, 1)}
        with MemoryWatch(gateway.pid) as watch, IdleAssociations(gateway, ASSOCIATIONS):
            time.sleep(context.size(2, 5))
        result["100 associations that are idle"] = watch.figures()
    for name, figures in result.items():
        context.say(f"   {name}: {figures}")
    return result


def run(context):
    return {**_objects(context), **_associations(context)}


def floors(figures):
    for name, row in figures.items():
        yield at_most(f"memory, {name}: daemon, resident, MB", row["daemon_resident_MB"], DAEMON_MB)
        yield at_most(f"memory, {name}: largest worker, private, MB", row["largest_worker_private_MB"], WORKER_MB)


def tables(figures):
    table = Table("memory", ["what passes", "daemon, resident, MB", "largest worker, private, MB", "workers at once",
                             "received, MB/s", "forwarded, MB/s"])
    for name, row in figures.items():
        table.add(name, row["daemon_resident_MB"], row["largest_worker_private_MB"], row["workers_at_once"],
                  row.get("received_MB_per_s", "–"), row.get("forwarded_MB_per_s", "–"))
    yield table


def plots(figures):
    return {"memory": bars(
        "Memory at its highest", [
            (f"the daemon, resident; the floor is {DAEMON_MB} MB",
             [(name, row["daemon_resident_MB"], None, None) for name, row in figures.items()]),
            (f"the largest worker, private; the floor is {WORKER_MB} MB",
             [(name, row["largest_worker_private_MB"], None, None) for name, row in figures.items()])], "megabytes",
        all_ours=True)}
