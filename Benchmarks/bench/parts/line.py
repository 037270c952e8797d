"""The long line: how full it is kept, who else fills it how far, an acute case on it, a line that fails for a while, and a
reader that stalls. Needs root and /dev/net/tun: the line is `wanlink` between two network namespaces."""

import json
import os
import subprocess
import time

from trial.processes import wait_until

from ..acute_run import RATE, SLICES, acute
from ..line import READER, Line
from ..receivers import Antipode, Orthanc, StandInReader, StoreSCP
from ..sender import environment
from ..stalling import OneServed
from ..studies import cached_slices, scan_like
from ..svg import bars, lines
from ..table import Table, at_least, at_most
from .acute import curves

NAME, TITLE = "line", "The long line"
IN_QUICK = False
#: The usual bound; the reader that stalls accepts sixteen.
LANES, STALLING = 48, 16
#: Name, one way delay in ms, Mbit/s, loss, and how many studies of the backlog.
LINES = [
    ("300 ms, 100 Mbit/s", 150, 100, 0.0, 5),
    ("300 ms, 100 Mbit/s, 1 % loss", 150, 100, 0.01, 5),
    ("300 ms, 20 Mbit/s", 150, 20, 0.0, 1),
    ("30 ms, 1 Gbit/s", 15, 1000, 0.0, 5),
]


def missing():
    return Line.missing()


def _push(end, gateway, study):
    subprocess.run(
        [*end, "storescu", "-R", "-aet", "MODALITY", "-aec", gateway.title, "127.0.0.1", str(gateway.port),
         *map(str, study.files)], check=True, env=environment(), stdout=subprocess.DEVNULL)


def _forwarded(gateway, end, cargo, patience=1200):
    """Original bytes a second, from the first instance's start to the last acknowledgement, by the transfers' own times in the
    journal."""
    for study in cargo:
        _push(end, gateway, study)
    transfers = [
        wait_until(lambda s=study: gateway.transfer(s.study_uid), patience, "the study being forwarded", pause=0.3)
        for study in cargo]
    begin, finish = min(t["startedAt"] for t in transfers), max(t["finishedAt"] for t in transfers)
    return sum(study.bytes for study in cargo) / (finish - begin)


def _cargo(folder, number, count, slices=SLICES, priority=None):
    return [cached_slices(folder / "objects", number + n, slices, pixels=scan_like, priority=priority, pool=24)
            for n in range(count)]


def _stand_in(context, folder, line):
    return StandInReader(
        context.binary, folder, context.authority.issue("reader", address=READER), end=line.reader, host=READER)


def _gateway(context, folder, line, reader, **keys):
    return Antipode(
        context.binary, folder, context.authority, reader=reader, lanes=LANES, end=line.hospital, **keys)


def _others(context, folder, line, study):
    """storescu and Orthanc on one association, bytes a second."""
    result = {}
    with context.place("line-others") as (folder, stack):
        far = context.start(stack, StoreSCP(folder, fork=True, end=line.reader, host=READER))
        start = time.perf_counter()
        subprocess.run(
            [*line.hospital, "storescu", "-R", "-pdu", "131072", "-aet", "MODALITY", "-aec", far.title, READER,
             str(far.port), *map(str, study.files)], check=True, env=environment(), stdout=subprocess.DEVNULL)
        result["storescu"] = study.bytes / (time.perf_counter() - start)
        orthanc = context.start(
            stack, Orthanc(folder, end=line.hospital, modalities={"far": [far.title, READER, far.port]}))

        def ask(path, body=None):
            words = [*line.hospital, "curl", "-sf", f"http://127.0.0.1:{orthanc.http}{path}"]
            done = subprocess.run(words + (["-d", body] if body else []), capture_output=True, text=True)
            return done.stdout if done.returncode == 0 else None

        wait_until(lambda: ask("/statistics"), 60, "Orthanc answering")
        _push(line.hospital, orthanc, study)
        found = json.loads(ask("/studies"))
        start = time.perf_counter()
        if ask("/modalities/far/store", json.dumps({"Resources": found, "Timeout": 600})) is None:
            raise RuntimeError("Orthanc could not send")
        result["Orthanc"] = study.bytes / (time.perf_counter() - start)
    return result


def _filled(context, number, name, delay, rate, loss, backlog):
    """One line: what it carries, and what is made of it."""
    figures = {}
    with context.place(f"line-{number}") as (folder, stack):
        line = Line(folder / "line", delay_ms=delay, rate_mbit=rate, loss=loss)
        stack.callback(line.stop)
        line.start()
        carries = line.capacity(context.size(8, 15))
        figures["line_MB_per_s"] = round(carries / 1e6, 2)
        context.say(f"{name}: the line carries {carries / 1e6:.2f} MB/s")
        made = _cargo(folder, 10, context.size(1, backlog))

        def once(title, cargo, compression):
            with context.place(f"line-{number}-run") as (place, run_stack):
                context.renew(cargo)
                reader = context.start(run_stack, _stand_in(context, place, line))
                gateway = context.start(
                    run_stack, _gateway(context, place, line, reader, compression=compression, quiet=8))
                speed = _forwarded(gateway, line.hospital, cargo)
            figures[title] = {"MB_per_s": round(speed / 1e6, 2), "of_the_line": round(speed / carries, 2)}
            context.say(f"   {title}: {speed / 1e6:.2f} MB/s of original bytes, {speed / carries:.2f} of the line")

        once("one cold study", made[:1], None)
        if len(made) > 1:
            once("backlog", made, None)
        once("backlog, compressed without loss", made, "lossless")
        if number == 0:
            few = _cargo(folder, 90, 1, context.size(12, 40))[0]
            # Original bytes by the fastest way that the reader accepts, as a site would set it.
            best = max(row["MB_per_s"] for row in figures.values() if isinstance(row, dict))
            for peer, speed in _others(context, folder, line, few).items():
                figures[peer] = {"MB_per_s": round(speed / 1e6, 3), "antipode_to_this": round(best * 1e6 / speed, 1)}
                context.say(f"   {peer} on one association: {speed / 1e6:.2f} MB/s")
    return figures


def _acute(context):
    with context.place("line-acute") as (folder, stack):
        line = Line(folder / "line")
        stack.callback(line.stop)
        line.start()
        reader = _stand_in(context, folder, line)
        stack.callback(reader.stop)
        gateway = context.start(stack, _gateway(
            context, folder, line, reader, compression="lossless", quiet=1, immediate="acute",
            warm_lanes=4))
        backlog = _cargo(folder, 200, 50, context.size(20, 40))
        (study,) = _cargo(folder, 1, 1, priority="STAT")
        context.renew([*backlog, study])
        return acute(context, gateway, reader, backlog, study, line.hospital)


def _drop(context):
    """The line carries 1 Mbit/s for a while in the middle of a study."""
    seconds = context.size(8, 20)
    with context.place("line-drop") as (folder, stack):
        line = Line(folder / "line")
        stack.callback(line.stop)
        line.start()
        reader = context.start(stack, _stand_in(context, folder, line))
        gateway = context.start(stack, _gateway(context, folder, line, reader, quiet=2))
        (study,) = _cargo(folder, 1, 1)
        context.renew([study])
        _push(line.hospital, gateway, study)
        wait_until(lambda: len(gateway.acknowledged()) >= SLICES // 4, 120, "a quarter being sent", pause=0.05)
        line.set_rate(1)
        dropped = time.time()
        time.sleep(seconds)
        line.set_rate(100)
        back = time.time()
        transfer = wait_until(lambda: gateway.transfer(study.study_uid), 900, "the study being forwarded", pause=0.3)
        times = gateway.acknowledged()
    begin = transfer["startedAt"]
    return {
        "instances": len(study.files), "acknowledged": len(times), "dropped_after_s": round(dropped - begin, 1),
        "back_after_s": round(back - begin, 1), "seconds": round(transfer["finishedAt"] - begin, 1),
        "while_dropped": sum(1 for t in times if dropped + 2 < t < back),
        "times": [round(t - begin, 2) for t in times[::5]]}


def _stall(context):
    """A reader, on this machine, that accepts 16 associations and serves one of them; beside one lane that nobody disturbs."""
    result = {}
    slices = context.size(60, 200)
    for name, lanes, stalls in (("one lane, nobody stalls", 1, False), ("16 lanes, one is served", STALLING, True)):
        with context.place(f"line-stall-{lanes}") as (folder, stack):
            # Each object under a name of its own: a process whose association ends in the middle of an object deletes the file,
            # also when another has finished it meanwhile.
            far = context.start(
                stack, StoreSCP(folder, fork=True, tls=context.authority.issue("reader"), accept=("+uf",)))
            between = OneServed(far.port)
            if not stalls:
                between.stalls.clear()
            stack.callback(between.stop)
            between.start()
            far.port = between.port
            gateway = context.start(stack, Antipode(
                context.binary, folder, context.authority, reader=far, lanes=lanes, quiet=1,
                destination_keys='limits.dimse = "5s"\nlimits.minimum_rate_window = "5s"'))
            study = cached_slices(folder / "objects", 1, slices)
            context.renew([study])
            context.sender.send(gateway, [study])
            transfer = wait_until(lambda: gateway.transfer(study.study_uid), 900, "the study being forwarded", pause=0.3)
            times = gateway.acknowledged()
            seconds = transfer["finishedAt"] - transfer["startedAt"]
            result[name] = {
                "instances": slices, "acknowledged": len(times), "at_the_reader": far.instances(), "stalled": between.stalled,
                "seconds": round(seconds, 1), "instances_per_s": round(slices / seconds, 1),
                "half_after_s": round(times[len(times) // 2] - transfer["startedAt"], 1)}
            context.say(f"   {name}: {result[name]}")
    return result


def run(context):
    result = {"lines": {}}
    for number, (name, delay, rate, loss, backlog) in enumerate(LINES):
        if number == 0 or not context.quick:
            result["lines"][name] = _filled(context, number, name, delay, rate, loss, backlog)
    context.say("an acute study on the long line")
    result["acute"] = _acute(context)
    context.say(f"   {result['acute']['seconds_after_last_answer']} s after the last answer")
    context.say("a line that carries 1 Mbit/s for a while")
    result["drop"] = _drop(context)
    context.say(f"   {result['drop']['acknowledged']} of {result['drop']['instances']} in {result['drop']['seconds']} s")
    context.say("a reader that stalls")
    result["stall"] = _stall(context)
    return result


def floors(figures):
    first = figures["lines"][LINES[0][0]]
    for name, _, rate, _, _ in LINES:
        rows = figures["lines"].get(name)
        if rows is None:
            continue
        of = "the long line" if rows is first else f"a line of {name}"
        yield at_least(f"{of}, one cold study, of the line", rows["one cold study"]["of_the_line"], 0.75)
        if "backlog" in rows:
            yield at_least(f"{of}, a backlog of five, of the line", rows["backlog"]["of_the_line"], 0.9)
        # A gigabit is faster than the codec.
        if rate < 1000:
            yield at_least(f"{of}, compressed, original bytes in times of the line",
                           rows["backlog, compressed without loss"]["of_the_line"], 2)
    for peer in ("storescu", "Orthanc"):
        yield at_least(f"the long line, to {peer}", first[peer]["antipode_to_this"], 20)
    acute_figures = figures["acute"]
    yield at_most("an acute study on the long line: from the last answer to the last acknowledgement, s",
                  acute_figures["seconds_after_last_answer"] if acute_figures["backlog_left_after_push"] > 0 else None, 3.0)
    drop = figures["drop"]
    yield at_least("a line that drops: instances acknowledged", drop["acknowledged"], drop["instances"])
    for name, row in figures["stall"].items():
        yield at_least(f"a reader that stalls, {name}: instances at the reader", row["at_the_reader"], row["instances"])


def tables(figures):
    table = Table("the long line", ["what", "MB/s of original bytes", "of the line", "Antipode : this"])
    for name, rows in figures["lines"].items():
        table.add(f"{name}: plain TCP, 16 connections", f"{rows['line_MB_per_s']}", "1", "")
        for title, row in rows.items():
            if isinstance(row, dict):
                table.add(f"… {title}", row["MB_per_s"], row.get("of_the_line", ""), row.get("antipode_to_this", ""))
    yield table
    found = figures["acute"]
    table = Table(f"{SLICES} acute slices at {RATE} a second over 300 ms and 100 Mbit/s", ["what", ""])
    table.add("from the last C-STORE answer to the last acknowledgement", f"{found['seconds_after_last_answer']} s")
    table.add("elective instances that waited, and when the push was over",
              f"{found['backlog_instances']}, {found['backlog_left_after_push']}")
    table.add("sent while it still arrives (immediate = true)", "yes" if found["sent_while_it_arrives"] else "no")
    yield table
    drop = figures["drop"]
    table = Table("a line that carries 1 Mbit/s for a while", ["what", ""])
    table.add("the line dropped and came back after", f"{drop['dropped_after_s']} s, {drop['back_after_s']} s")
    table.add("instances acknowledged", f"{drop['acknowledged']} of {drop['instances']}, in {drop['seconds']} s")
    table.add("of them while it was slow", drop["while_dropped"])
    yield table
    table = Table("a reader that accepts 16 associations and stalls 15", [
        "what", "instances at the reader", "half of them after, s", "all after, s", "associations that stalled"])
    for name, row in figures["stall"].items():
        table.add(name, f"{row['at_the_reader']} of {row['instances']}", row["half_after_s"], row["seconds"], row["stalled"])
    yield table


def plots(figures):
    groups = []
    for name, rows in figures["lines"].items():
        bars_of = [("plain TCP, 16 connections", rows["line_MB_per_s"], None, None)]
        bars_of += [(title if title in ("storescu", "Orthanc") else f"Antipode, {title}", row["MB_per_s"], None, None)
                    for title, row in rows.items() if isinstance(row, dict)]
        groups.append((name, bars_of))
    drop = figures["drop"]
    drops = lines(
        "A line that carries 1 Mbit/s for a while",
        {"acknowledged": [(t, 5 * n + 1) for n, t in enumerate(drop["times"])]}, "seconds", "slices",
        [(drop["dropped_after_s"], "1 Mbit/s"), (drop["back_after_s"], "100 Mbit/s")])
    return {
        "line": bars("The long line: megabytes of original bytes a second", groups, "MB/s"),
        "line-acute": lines("An acute study beside a backlog of 50, over 300 ms and 100 Mbit/s", curves(figures["acute"]),
                            "seconds", "slices"),
        "line-drop": drops}
