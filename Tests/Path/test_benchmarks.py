"""What `make bench` says of its figures: a floor that is missed is shown and ends it with 1, and plots are SVG."""

import json
import os
import shutil
import socket
import subprocess
import sys
import xml.etree.ElementTree as XML
from types import SimpleNamespace

import pytest
from conftest import ROOT
from objects import ct, part10
from trial.processes import Child, free_ports, wait_until

sys.path.insert(0, str(ROOT / "Benchmarks"))

from bench import svg  # noqa: E402
from bench.cores import allowed, only  # noqa: E402
from bench.disk import Disk  # noqa: E402
from bench.sender import Sender, SendingFailed  # noqa: E402
from bench.studies import cached_slices  # noqa: E402
from bench.table import at_least, at_most, floors_table  # noqa: E402
from run import onto  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def summary(median):
    return {"median": median, "min": median / 2, "max": median * 2, "repetitions": 3}


def result(ratio):
    figures = {"5": {"1": summary(60), "8": summary(60 * ratio), "ratio": ratio}}
    return {
        "mode": "quick", "date": "2026-03-01", "load_at_start": 0.1, "load_at_end": 1.2, "left_out": {"line": "not root"},
        "failed": {}, "seconds": {}, "parts": {"slow-disk": figures},
        "machine": {"cores": 2, "processor": "<A & B>", "memory_GiB": 4, "kernel": "6", "file_system": "ext4 rw",
                    "dcmtk": "", "orthanc": ""},
        "floors": [at_least("fsync of 5 ms: eight associations, to one", ratio, 4)]}


def show(tmp_path, ratio, *words):
    (tmp_path / "result.json").write_text(json.dumps(result(ratio)))
    return subprocess.run(
        [sys.executable, ROOT / "Benchmarks/run.py", "--show", tmp_path / "result.json", "--plots", tmp_path / "plots",
         *words], capture_output=True, text=True, timeout=60)


def test_a_missed_floor_is_shown_and_ends_with_1(tmp_path):
    missed, kept = show(tmp_path, 3.9), show(tmp_path, 4.1)
    assert (missed.returncode, kept.returncode) == (1, 0)
    assert "MISSED" in missed.stdout and "MISSED" not in kept.stdout
    assert "not root" in kept.stdout


def test_a_part_of_a_later_run_takes_the_place_of_the_earlier_one_and_is_named():
    made = onto({**result(4.1), "date": "2026-03-02"}, result(1.1))
    assert made["parts"] == result(4.1)["parts"] and made["date"] == "2026-03-01"
    assert "2026-03-02" in made["again"]["slow-disk"]
    assert [floor["is"] for floor in made["floors"]] == [1.23]


def test_a_part_that_failed_in_either_run_has_failed():
    failed = {**result(4.1), "parts": {}, "failed": {"slow-disk": "OSError: none"}}
    for made in (onto(failed, result(1.1)), onto({**failed, "failed": {}}, failed)):
        assert made["parts"] == {} and made["failed"] == failed["failed"]
        assert [floor["kept"] for floor in made["floors"]] == [False]
    assert onto(result(4.1), failed)["failed"] == {}


def test_a_sender_that_fails_says_why(tmp_path):
    study = cached_slices(tmp_path / "objects", 1, 2, side=64)
    nobody = SimpleNamespace(title="NOBODY", port=free_ports(1)[0])
    with pytest.raises(SendingFailed, match="0 of 2 stored, ended with 1; .*refused"):
        Sender(tmp_path / "one").send(nobody, [study])
    with pytest.raises(SendingFailed, match="Unknown option --nonsense"):
        Sender(tmp_path / "two").send(nobody, [study], propose=["--nonsense"])


def test_tables_can_be_pasted_into_the_documentation(tmp_path):
    lines = show(tmp_path, 4.1, "--markdown").stdout.splitlines()
    (row,) = [line for line in lines if line.startswith("| 5 ms |")]
    assert row == "| 5 ms | 60 (30–120) | 246 (123–492) | 4.1 | 200 |"


def test_what_was_not_measured_keeps_no_floor():
    table = floors_table([at_most("a", None, 1), at_least("b", None, 1), at_most("c", 1, 1)])
    assert [row[-1] for row in table.rows] == ["MISSED", "MISSED", "kept"]


def test_plots_are_svg_with_bars_as_long_as_their_values(tmp_path):
    show(tmp_path, 4.1)
    XML.parse(tmp_path / "plots/slow-disk.svg")
    page = XML.fromstring(svg.bars("A <b> & c", [("", [("Antipode", 200.0, None, None), ("other", 100.0, 50, 150)])], "s"))
    ours, other = (float(one.get("width")) for one in list(page.iter(f"{SVG}rect"))[1:])
    assert abs(ours / other - 2) < 0.01
    assert page.find(f"{SVG}title").text == "A <b> & c"
    XML.fromstring(svg.lines("t", {"a": [(0, 0), (3, 0.004)]}, "x", "y", [(1, "here")]))


def test_a_part_waits_until_new_files_are_cheap_and_not_for_ever(tmp_path, monkeypatch):
    costs, slept, told = iter([300, 90, 20, 300, 300, 300]), [], []
    disk = Disk(tmp_path, patience=60)
    monkeypatch.setattr(disk, "_new_file", lambda: next(costs))
    assert disk.rest(told.append, slept.append) == 20
    assert (len(slept), len(told)) == (2, 1)
    assert disk.rest(told.append, slept.append) == 300, "patience is for the whole run"
    assert sum(slept) == 60
    assert "measured all the same" in told[-1]


def test_what_a_new_file_costs_is_measured(tmp_path):
    disk = Disk(tmp_path)
    assert 0 < disk._new_file() < 1e6
    assert len(list((tmp_path / "new").glob("*/*"))) == 600


def test_a_program_stays_on_the_cores_it_was_started_on(tmp_path):
    first, before = allowed()[0], os.sched_getaffinity(0)
    asked = [sys.executable, "-c", "import os; print(*os.sched_getaffinity(0))"]
    with only([first]):
        assert subprocess.run(asked, capture_output=True, text=True).stdout.split() == [str(first)]
    assert os.sched_getaffinity(0) == before


def test_every_hot_function_that_has_a_threshold_is_measured(binary, tmp_path):
    objects, received = tmp_path / "objects", tmp_path / "received"
    objects.mkdir()
    received.mkdir()
    (objects / "1.dcm").write_bytes(part10(ct()))
    (port,) = free_ports(1)
    far = Child("storescp", [shutil.which("storescp"), "-v", "-od", received, port], tmp_path / "storescp.log").start()
    try:
        wait_until(lambda: port_is_open(port), 10, "storescp listening")
        done = subprocess.run(
            [binary, "measure-hot", objects, "--scratch", tmp_path / "scratch", "--seconds", "0.05", "--peer",
             f"STORESCP@127.0.0.1:{port}"], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        steps = json.loads(done.stdout)["steps"]
    finally:
        far.stop()
    thresholds = json.loads((ROOT / "Benchmarks/thresholds.json").read_text())
    assert {limit["step"] for limit in thresholds.values()} <= set(steps)


def port_is_open(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
