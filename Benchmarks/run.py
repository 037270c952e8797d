"""Measures how fast Antipode receives, forwards, and how little memory it needs. See docs/performance.md.

    .venv/bin/python Benchmarks/run.py --binary .build-release/release/antipode [--quick]

Prints tables, and writes one JSON file into Benchmarks/results. The exit code is 1 when a floor is missed.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "Benchmarks")]

from bench import machine, studies  # noqa: E402
from bench.disk import Disk  # noqa: E402
from bench.measures import Bench, reader  # noqa: E402
from bench.receivers import Antipode, Orthanc, StoreSCP  # noqa: E402
from bench.report import floors, show  # noqa: E402
from bench.sender import Sender  # noqa: E402
from trial.authority import Authority  # noqa: E402

QUICK = {"slices": 300, "turns": 3, "lanes_of": 40, "turns_of_eight": 2, "whole_way": 2, "memory": 1}
FULL = {"slices": 300, "turns": 9, "lanes_of": 100, "turns_of_eight": 7, "whole_way": 5, "memory": 3}
ASSOCIATIONS = 8
FRAMES = 2048


def say(text=""):
    print(text, flush=True)


def started(stack, receiver):
    stack.callback(receiver.stop)
    return receiver.start()


def measure(arguments, folder):
    size = QUICK if arguments.quick else FULL
    binary = arguments.binary.resolve()
    disk, authority = Disk(folder / "disk"), Authority(folder / "authority")
    bench = Bench(Sender(folder), disk, say)
    result = {
        "mode": "quick" if arguments.quick else "full", "date": time.strftime("%Y-%m-%d"),
        "machine": machine.describe(folder, binary), "load_at_start": machine.load()}

    say("making synthetic studies")
    one = [studies.slices(folder / "objects", 1, size["slices"])]
    eight = [studies.slices(folder / "objects", 10 + n, size["lanes_of"]) for n in range(ASSOCIATIONS)]

    with ExitStack() as stack:
        antipode = started(stack, Antipode(binary, folder, authority))
        orthanc = started(stack, Orthanc(folder))
        storescp, usual = started(stack, StoreSCP(folder)), started(stack, StoreSCP(folder, preserving=False))
        forking = started(stack, StoreSCP(folder, fork=True))
        say(f"receiving {size['slices']} slices on one association")
        result["receive_1"] = bench.receiving([usual, storescp, antipode, orthanc], one, size["turns"])
        say(f"receiving {ASSOCIATIONS} × {size['lanes_of']} slices on {ASSOCIATIONS} associations")
        result["receive_8"] = bench.receiving([forking, antipode, orthanc], eight, size["turns_of_eight"])

    with ExitStack() as stack:
        far = started(stack, reader(folder, authority))
        gateway = started(stack, Antipode(binary, folder, authority, reader=far))
        say("the whole way: receive, de-identify, guard, forward over TLS")
        bench.whole_way(gateway, eight[0], 1)
        result["whole_way"] = bench.whole_way(gateway, one[0], size["whole_way"])
        say(f"one object of {FRAMES} frames, {FRAMES * studies.FRAME_BYTES >> 20} MiB")
        large = studies.multiframe(folder / "objects", 90, FRAMES)
        result["memory"] = bench.memory(gateway, large, size["memory"])

    result["disk"] = disk.figures()
    result["load_at_end"] = machine.load()
    result["floors"] = floors(result)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=ROOT / ".build-release/release/antipode")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: under three minutes")
    parser.add_argument("--folder", type=Path, help="where to work: the file system that is measured (12 GB)")
    parser.add_argument("--output", type=Path, help="the JSON file")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    base = arguments.folder or ROOT / ".build-release"
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=base))
    try:
        result = measure(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(result, say)
    output = arguments.output or ROOT / "Benchmarks/results" / f"{result['date']}-{result['mode']}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=1) + "\n")
    say(f"\nwritten to {output.relative_to(ROOT) if output.is_relative_to(ROOT) else output}")
    return 0 if all(floor["kept"] for floor in result["floors"]) else 1


if __name__ == "__main__":
    sys.exit(main())
