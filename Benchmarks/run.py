"""Measures Antipode beside storescp, storescu, Orthanc and what the machine itself can do. See docs/performance.md.

    .venv/bin/python Benchmarks/run.py [--quick] [--only PART …] [--markdown]

Prints tables, and writes one JSON file and the plots into Benchmarks/results. The exit code is 1 when a floor is missed.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "Benchmarks")]

from bench import machine, parts  # noqa: E402
from bench.context import Context  # noqa: E402
from bench.table import Table, floors_table  # noqa: E402


NOT_ASKED = "not asked for"


def say(text=""):
    print(text, flush=True)


def chosen(arguments):
    """The parts to run, and of each other one why it is not."""
    wanted, left_out = [], {}
    for part in parts.ALL:
        if arguments.only:
            reason = None if part.NAME in arguments.only else NOT_ASKED
        else:
            reason = "too long for --quick" if arguments.quick and not part.IN_QUICK else None
        reason = reason or part.missing()
        if reason is None:
            wanted.append(part)
        else:
            left_out[part.NAME] = reason
    return wanted, left_out


def measure(arguments, folder):
    wanted, left_out = chosen(arguments)
    context = Context(arguments.binary.resolve(), folder, arguments.quick, say)
    result = {
        "mode": "quick" if arguments.quick else "full", "date": time.strftime("%Y-%m-%d"),
        "machine": machine.describe(folder, arguments.binary.resolve()), "load_at_start": machine.load(), "parts": {},
        "new_file_us": {}, "seconds": {}, "left_out": left_out, "failed": {}, "floors": []}
    for part in wanted:
        say(f"\n== {part.TITLE}")
        start = time.monotonic()
        try:
            result["new_file_us"][part.NAME] = context.disk.rest(say)
            figures = result["parts"][part.NAME] = part.run(context)
            result["floors"] += list(part.floors(figures))
        except Exception as error:  # the other parts are measured all the same
            traceback.print_exc()
            result["parts"].pop(part.NAME, None)
            result["failed"][part.NAME] = f"{type(error).__name__}: {error}"
            result["floors"].append(not_measured(part))
        result["seconds"][part.NAME] = round(time.monotonic() - start)
    if context.disk.fsyncs:
        result["disk"] = context.disk.figures()
    result["load_at_end"] = machine.load()
    return result


def onto(result, earlier):
    """An earlier result with the parts of this one in their places, and said which; floors are those of today. A part that failed
    in either, and was not measured since, has failed."""
    measured, failed = result["parts"], result["failed"]
    when = ", ".join([
        result["date"], result["machine"]["processor"], f"load {result['load_at_start']} and {result['load_at_end']}",
        *([f"a new file {new_files(costs)}"] if (costs := result.get("new_file_us")) else [])])
    made = {**earlier, "seconds": earlier["seconds"] | result["seconds"], "floors": []}
    made["parts"] = {name: of for name, of in (earlier["parts"] | measured).items() if name not in failed}
    made["failed"] = {name: why for name, why in earlier["failed"].items() if name not in measured} | failed
    made["again"] = earlier.get("again", {}) | {name: when for name in measured}
    made["left_out"] = {
        name: why for name, why in earlier["left_out"].items() if name not in made["parts"] and name not in failed}
    for part in parts.ALL:
        if part.NAME in made["failed"]:
            made["floors"].append(not_measured(part))
        elif part.NAME in made["parts"]:
            made["floors"] += list(part.floors(made["parts"][part.NAME]))
    return made


def not_measured(part):
    return {"floor": f"{part.TITLE}: measured", "at_least": 1, "is": 0, "kept": False}


def new_files(costs):
    return ", ".join(f"{name} {cost} µs" for name, cost in costs.items())


def tables(result):
    """All of a result, as tables; also of a result that was read from its file."""
    about = result["machine"]
    first = Table(f"measured {result['date']}, {result['mode']}", ["what", ""])
    first.add("machine", f"{about['cores']} cores ({about['processor']}), {about['memory_GiB']} GiB, Linux {about['kernel']}, "
                         f"{about['file_system'].split()[0]}")
    first.add("load at the start and at the end", f"{result['load_at_start']}, {result['load_at_end']}")
    first.add("peers", f"DCMTK {about['dcmtk']}; {about['orthanc']}")
    if "disk" in result:
        for words, key in (("write + fsync of 512 KiB, p50 and p99", "write_fsync_512KiB"),
                           ("the whole order of durability, no DICOM, p50 and p99", "write_fsync_rename_folder_log")):
            row = result["disk"][key]
            first.add(words, f"{row['p50_ms']} ms, {row['p99_ms']} ms")
    if costs := result.get("new_file_us"):
        first.add("a new file, before each part", new_files(costs))
    for when in dict.fromkeys(result.get("again", {}).values()):
        first.add("of another run: " + ", ".join(name for name, of in result["again"].items() if of == when), when)
    for name, reason in result["left_out"].items():
        if reason == NOT_ASKED:
            continue
        first.add(f"left out: {name}", reason)
    for name, reason in result["failed"].items():
        first.add(f"FAILED: {name}", reason)
    yield None, [first]
    for part in parts.ALL:
        if part.NAME in result["parts"]:
            yield part.TITLE, list(part.tables(result["parts"][part.NAME]))
    yield "Floors", [floors_table(result["floors"])]


def show(result, markdown):
    for title, found in tables(result):
        if title:
            say(f"\n### {title}" if markdown else f"\n== {title}")
        for table in found:
            say("\n" + (table.markdown() if markdown else table.text()))


def put_into(result, document):
    """Between `<!-- bench:NAME -->` and `<!-- /bench -->`, what was measured; what was not stays as it is."""
    text = document.read_text()
    names = {part.TITLE: part.NAME for part in parts.ALL} | {None: "about", "Floors": "floors"}
    for title, found in tables(result):
        begin, end = f"<!-- bench:{names[title]} -->", "<!-- /bench -->"
        if begin in text:
            before, after = text.split(begin, 1)
            _, after = after.split(end, 1)
            inside = "\n\n".join(table.markdown() for table in found)
            text = f"{before}{begin}\n{inside}\n{end}{after}"
    document.write_text(text)


def plot(result, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts.ALL:
        if part.NAME in result["parts"]:
            for name, text in part.plots(result["parts"][part.NAME]).items():
                (folder / f"{name}.svg").write_text(text)


def main():
    names = [part.NAME for part in parts.ALL]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=ROOT / ".build-release/release/antipode")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer: under three minutes")
    parser.add_argument("--only", nargs="+", choices=names, metavar="PART", help=", ".join(names))
    parser.add_argument("--markdown", action="store_true", help="tables for docs/performance.md")
    parser.add_argument("--folder", type=Path, help="where to work: the file system that is measured (45 GB)")
    parser.add_argument("--output", type=Path, help="the JSON file")
    parser.add_argument("--onto", type=Path, metavar="JSON", help="an earlier result, whose other parts stay as they are")
    parser.add_argument("--plots", type=Path, default=ROOT / "Benchmarks/results/plots", help="the folder of the plots")
    parser.add_argument("--into", type=Path, metavar="DOCUMENT", help="with --show: replaces the tables of docs/performance.md")
    parser.add_argument("--show", type=Path, metavar="JSON", help="measure nothing: tables and plots of an earlier result")
    arguments = parser.parse_args()
    if arguments.show:
        result = json.loads(arguments.show.read_text())
        if arguments.into:
            put_into(result, arguments.into)
        else:
            show(result, arguments.markdown)
        plot(result, arguments.plots)
        return 0 if all(floor["kept"] for floor in result["floors"]) else 1
    earlier = json.loads(arguments.onto.read_text()) if arguments.onto else None
    if earlier and (earlier["mode"] == "quick") != arguments.quick:
        parser.error(f"--onto {arguments.onto}: that is a {earlier['mode']} run; --quick has to be the same for both")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    base = arguments.folder or ROOT / ".build-release"
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=base))
    try:
        result = measure(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if earlier:
        result = onto(result, earlier)
    mode = result["mode"] + ("-" + "-".join(arguments.only) if arguments.only else "")
    output = arguments.output or ROOT / "Benchmarks/results" / f"{result['date']}-{mode}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    show(result, arguments.markdown)
    plot(result, arguments.plots)
    say(f"\nwritten to {output} and {arguments.plots}")
    return 0 if all(floor["kept"] for floor in result["floors"]) else 1


if __name__ == "__main__":
    sys.exit(main())
