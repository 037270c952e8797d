"""The demonstration itself: what it does with a user's own files, and how it fails."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest
import requests
from conftest import ROOT
from objects import ct, part10
from trial import dicomfiles
from trial.processes import listens, wait_until

US_SAMPLE = "ExplVR_BigEnd.dcm"


def demonstrate(state, binary, **environment):
    """(exit code, what it printed)."""
    done = subprocess.run(
        [sys.executable, ROOT / "Scripts" / "demo.py"], capture_output=True, text=True, timeout=280,
        env={**os.environ, "ANTIPODE_BIN": str(binary), "DEMO_STATE": str(state),
             **{name: str(value) for name, value in environment.items()}})
    left = [pid for pid in Path("/proc").iterdir() if pid.name.isdigit() and runs_on(pid, state)]
    assert not left, f"the demonstration left processes behind: {left}"
    return done.returncode, done.stdout + done.stderr


def runs_on(process, state):
    try:
        return str(state).encode() in (process / "cmdline").read_bytes()
    except OSError:
        return False


def last_line(said):
    return said.strip().splitlines()[-1]


@pytest.fixture
def folder(tmp_path):
    one = tmp_path / "study"
    one.mkdir()
    return one


def test_an_ultrasound_of_the_user_is_held_and_told_and_crosses_when_it_is_released(binary, folder, tmp_path):
    shutil.copy(dicomfiles.examples() / US_SAMPLE, folder)
    code, said = demonstrate(tmp_path / "held", binary, STUDY=folder)
    assert code == 0, said
    assert "pixelsMayIdentify" in said and f"make demo STUDY={folder} HELD=release" in said
    assert "1 of 1 study waits for a person" in last_line(said)
    code, said = demonstrate(tmp_path / "released", binary, STUDY=folder, HELD="release")
    assert code == 0, said
    assert "decided      released" in said and "delivered" in said
    assert last_line(said) == "The demonstration succeeded."


def test_a_report_that_does_not_come_in_time_is_a_failure_that_names_its_step(binary, folder, tmp_path):
    (folder / "1.dcm").write_bytes(part10(ct()))
    code, said = demonstrate(tmp_path / "state", binary, STUDY=folder, DEMO_PATIENCE="0.1")
    assert code == 1
    assert re.search(r"failed in the step 'waiting for the reports': .*DEMO_PATIENCE", last_line(said)), said


@pytest.mark.parametrize("environment,step", [
    ({"STUDY": "/proc/self/fdinfo"}, "choosing studies"), ({"HELD": "perhaps"}, "choosing studies"), ({}, "making the state"),
], ids=["no DICOM files", "no such decision", "a program that does not run"])
def test_what_goes_wrong_before_the_start_is_named(tmp_path, environment, step):
    code, said = demonstrate(tmp_path / "state", shutil.which("false"), **environment)
    assert code == 1
    assert last_line(said).startswith(f"The demonstration failed in the step '{step}'"), said


def test_a_folder_that_is_no_demonstration_is_not_deleted(tmp_path):
    precious = tmp_path / "state" / "precious"
    precious.parent.mkdir()
    precious.write_text("not ours")
    code, said = demonstrate(precious.parent, shutil.which("false"))
    assert code == 1 and "move it away" in last_line(said)
    assert precious.read_text() == "not ours"


# Without STUDY, as a newcomer runs it, and left running

SLICES = 12
TITLES = ("real CT", "real MR", "synthetic CT")
#: Whom the synthetic study is about (Sources/Simulation/Synthetic/SyntheticPatient.swift).
SWEDE = "Öberg-Ström^Åsa Märta"


def make(target, binary, state, **variables):
    """What `make` runs for it; the packages are here already, and the binary is ours."""
    environment = {name: value for name, value in os.environ.items() if name not in ("STUDY", "HELD", "KEEP")}
    return subprocess.run(
        ["make", "--no-print-directory", "--old-file=prerequisites", target,
         *(f"{name}={value}" for name, value in variables.items())],
        cwd=ROOT, capture_output=True, text=True, timeout=200,
        env={**environment, "ANTIPODE_BIN": str(binary), "DEMO_STATE": str(state), "DEMO_SLICES": str(SLICES)})


def process(pid):
    """(parent, when it started) of a process that runs; None of one that does not, or only waits to be counted."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else (int(fields[1]), fields[19])


def family(parents):
    """Process id → when it started, of these processes and all that descend from them."""
    running = {int(one.name): process(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()}
    found, new = {}, set(parents)
    while new:
        found |= {pid: running[pid][1] for pid in new if running.get(pid)}
        new = {pid for pid, stat in running.items() if stat and stat[0] in found and pid not in found}
    return found


@pytest.fixture(scope="module")
def kept(binary, tmp_path_factory):
    """(state, exit code, what `make demo KEEP=1` printed); ended when the tests are, if they did not end it."""
    state = tmp_path_factory.mktemp("kept") / "state"
    done = make("demo", binary, state, KEEP=1)
    yield state, done.returncode, done.stdout + done.stderr
    make("demo-stop", binary, state)


def test_three_studies_cross_and_their_reports_come_home(kept):
    state, code, said = kept
    assert code == 0, said
    assert "\nThe demonstration succeeded.\n" in said
    # A row of the table has every one of its five times only if the report was delivered.
    rows = re.findall(r"(?m)^   (real CT|real MR|synthetic CT) +(\d+)((?: +\d+\.\d s){5})$", said)
    counts = [len(dicomfiles.real_ct()), len(dicomfiles.real_mr()), SLICES]
    assert [(title, int(count)) for title, count, _ in rows] == list(zip(TITLES, counts)), said
    assert len(re.findall(r"(?m)^   delivered    \d\d:\d\d:\d\d  to the PACS$", said)) == 3

    sources = [pydicom.dcmread(files[0], stop_before_pixels=True) for files in (dicomfiles.real_ct(), dicomfiles.real_mr())]
    names = {str(source.PatientName) for source in sources} | {SWEDE}
    reports = [pydicom.dcmread(path) for path in (state / "pacs").rglob("*.dcm")]
    assert {str(one.PatientName) for one in reports} == names and len(reports) == 3
    assert all("ContentSequence" in one and one.Modality == "SR" for one in reports)

    at_reader = [path.read_bytes() for path in (state / "reader").rglob("*.dcm")]
    secrets = {*names, *SWEDE.replace("^", " ").split(), *(str(source.PatientID) for source in sources)}
    needles = [secret.encode(code) for secret in secrets if len(secret) > 3 for code in ("utf-8", "latin-1")]
    assert len(at_reader) >= sum(counts)
    assert not any(needle in data for needle in needles for data in at_reader)


def test_what_was_left_running_can_be_looked_at_as_it_says(kept, binary, tmp_path):
    state, code, said = kept
    assert code == 0, said
    look = said.split("To look at it:\n")[1].split("End it with: make demo-stop")[0]
    address = re.search(r"pages +(http://\S+/)", look)[1]
    for token in re.search(r"viewer's token is in (\S+), the operator's in (\S+)", look).groups():
        session = requests.Session()
        page = session.post(
            address + "login", data={"token": Path(token).read_text().strip()},
            headers={"Origin": address.rstrip("/")}, timeout=10)
        assert page.status_code == 200 and page.url == address
        studies = session.get(address + "studies", timeout=10).text
        assert all(f"/studies/S{number}" in studies for number in (1, 2, 3))

    export = re.search(r"export ANTIPODE_CONFIG=\S+", look)[0]
    commands = re.findall(rf"(?m)^ +({re.escape(str(binary))} .*)$", look)
    assert [command.split()[1] for command in commands] == ["status", "studies", "study", "explain", "report", "peers"]
    (tmp_path / "one.dcm").write_bytes(part10(ct()))
    commands.append(re.search(r"(?m)^ +push +(.*)$", look)[1].replace("FOLDER", str(tmp_path)))
    for command in commands:
        done = subprocess.run(["bash", "-c", f"{export}; {command}"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    folders = re.search(r"files +(\S+) is what the reader has, (\S+) what the PACS has", look).groups()
    assert all(any(Path(folder).rglob("*.dcm")) for folder in folders)
    logs = re.search(r"(?m)^ +logs +(.*)$", look)[1].split(", ")
    assert len(logs) == 3 and all(Path(log).stat().st_size > 0 for log in logs)


def test_what_was_left_running_is_not_run_over_and_ends_when_it_is_told(kept, binary):
    state, code, said = kept
    assert code == 0, said
    second = make("demo", binary, state)
    assert second.returncode != 0 and "end it with: make demo-stop" in second.stdout

    parents = [int(line.split()[0]) for line in (state / "running").read_text().splitlines()]
    before = family(parents)
    ports = [int(port) for port in re.findall(r"(?m)^port = (\d+)$", (state / "antipode.toml").read_text())]
    assert len(parents) == 3 and len(before) > 3, "the gateway has no workers"
    assert len(ports) == 5 and all(listens(port) for port in ports)
    done = make("demo-stop", binary, state)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(f"({pid})" in done.stdout for pid in parents)

    def left():
        return [pid for pid, started in before.items() if (process(pid) or (0, ""))[1] == started]

    wait_until(lambda: not left(), 10, "the end of every process of the demonstration")
    assert not any(listens(port) for port in ports)
    again = make("demo-stop", binary, state)
    assert again.returncode == 0 and "nothing is running" in again.stdout
