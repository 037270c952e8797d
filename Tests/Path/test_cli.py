"""The command line as a person and a script meet it: help, JSON, exit codes, and what it does while the daemon is down."""

import grp
import io
import json
import os
import re
import socket
import stat
import subprocess

import pydicom
import pytest
from objects import bare, ct, part10, study
from sr import basic_report, push_report
from trial.processes import wait_until
from wire import CT_IMAGE, EXPLICIT, IMPLICIT, Association

COMMANDS = {
    "serve": [], "init": [], "check": [], "status": [], "studies": [], "explain": [], "transfers": [], "reports": [],
    "events": [], "profile": ["show"], "preview": [], "peers": [], "echo": [], "certs": [], "version": [],
    "study": ["show", "instances", "hold", "release", "leave-out", "retry", "cancel", "send", "explain"],
    "report": ["show", "release", "retry", "discard"],
    "simulate": ["reader", "pacs", "modality"], "sweep": [], "backup": [], "restore": [], "verify": [],
    "disclosures": [], "vault": ["status", "show", "accesses", "forget", "rotate-key"],
}
PATHS = [[name] for name in COMMANDS] + [[name, sub] for name, subs in COMMANDS.items() for sub in subs]


@pytest.fixture(scope="module")
def run(binary):
    def start(*words, **options):
        return subprocess.run(
            [str(binary), *map(str, words)], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            **options)

    return start


@pytest.fixture(scope="module")
def site(make_site):
    """A site with one delivered-to-nobody study, S1, whose daemon runs."""
    one = make_site("cli", method="push").start()
    with one.association() as association:
        for image in study(2):
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    wait_until(lambda: one.gateway.transfers(), 30, "the study being planned")
    return one


# Help


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_shows_an_example_that_the_program_understands(run, path):
    done = run("help", *path)
    assert done.returncode == 0
    examples = re.findall(r"^ {2}(antipode .*?[^\\])$", done.stdout, re.MULTILINE | re.DOTALL)
    assert examples, done.stdout
    for example in examples:
        words = re.sub("'[^']*'", "reason", example.replace("\\\n", " ")).split()
        assert words[1] in COMMANDS
        assert any(words[1:1 + len(one)] == one for one in PATHS)
        options = set(re.findall(r"^ {2}(--[a-z-]+)", run("help", *_command(words)).stdout, re.MULTILINE))
        assert {word for word in words if word.startswith("--")} <= options, example


def _command(words):
    return words[1:3] if len(words) > 2 and words[2] in COMMANDS.get(words[1], []) else words[1:2]


def test_the_list_of_commands_is_the_one_that_is_tested(run):
    listed = re.findall(r"^ {2}([a-z]+) {2,}", run("help").stdout.split("SUBCOMMANDS:")[1], re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("name", [n for n, subs in COMMANDS.items() if subs])
def test_the_list_of_subcommands_is_the_one_that_is_tested(run, name):
    listed = re.findall(r"^ {2}([a-z-]+) {2,}", run("help", name).stdout.split("SUBCOMMANDS:")[1], re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS[name])


# JSON, and the same commands while the daemon is down


@pytest.mark.parametrize(
    "path", [path for path in PATHS if len(path) == 2 or not COMMANDS[path[0]]], ids=" ".join)
def test_every_command_takes_json(run, path):
    listed = run("help", *path).stdout
    assert re.search(r"^ {2}--json ", listed, re.MULTILINE)


def test_what_goes_on_running_speaks_json_line_by_line(run, site, tmp_path):
    pushed = run(
        "simulate", "modality", "--to", f"{site.gateway_aet}@127.0.0.1:{site.plain_port}", "--ae", site.modality_aet,
        "--synthetic", "ct", "--slices", "2", "--size", "16", "--json")
    assert pushed.returncode == 0, pushed.stderr
    lines = [json.loads(line) for line in pushed.stdout.splitlines()]
    assert all("event" in line and "at" in line for line in lines[:-1])
    assert lines[-1] == {"stored": 2, "refused": 0, "failed": 0}
    told = run(
        "simulate", "modality", "--to", f"{site.gateway_aet}@127.0.0.1:{site.plain_port}", "--ae", site.modality_aet,
        "--synthetic", "ct", "--slices", "2", "--size", "16").stdout
    assert len(re.findall(r"0 refused, 0 failed", told)) == 1, "the total once"
    # A second daemon on the same state ends, and what it has said until then are documents.
    done = site.gateway.run("serve", "--json", check=False)
    assert done.returncode != 0
    logged = [line for line in done.stderr.splitlines() if not line.startswith("antipode: ")]
    assert all({"at", "level", "message", "details"} <= set(json.loads(line)) for line in logged)


LOOKING = [
    ["status"], ["studies"], ["study", "show", "S1"], ["explain", "S1"], ["study", "explain", "S1"], ["transfers"],
    ["reports"], ["peers"], ["study", "instances", "S1"], ["events"], ["events", "--all", "--since", "1d"],
]
LOCAL = [["check"], ["certs"]]


#: What looks and needs more than the journal, of a report, and what is shown all the same.
NEEDING_THE_DAEMON = [(["report", "show"], "reportUnmatched"), (["report", "show", "--document", "report.pdf"], "")]


@pytest.mark.parametrize("words", LOOKING + LOCAL, ids=" ".join)
def test_json_parses_and_text_is_not_empty(site, words):
    assert json.loads(site.gateway.run(*words, "--json").stdout) is not None
    assert site.gateway.run(*words).stdout.strip()
    assert "1 instances" not in site.gateway.run(*words).stdout


def test_json_of_the_commands_that_need_no_daemon(run, tmp_path):
    assert json.loads(run("version", "--json").stdout)["program"] == "antipode"
    made = json.loads(run("init", tmp_path / "made", "--json").stdout)
    assert all((tmp_path / "made" / name).exists() for name in made["files"])


def test_what_looks_answers_from_the_journal_while_the_daemon_is_down(make_site, monkeypatch, tmp_path):
    one = make_site("down").start()
    image = ct()
    with one.association() as association:
        assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    wait_until(lambda: one.gateway.transfers(), 30, "the study being planned")
    seen = pydicom.dcmread(io.BytesIO(part10(image)))
    push_report(one, basic_report([seen], "Normal findings."))
    report = wait_until(lambda: [r for r in one.gateway.reports() if r["state"] == "held"], 30, "the report being held")[0]
    assert "Normal findings." in one.gateway.report_text(report["key"])
    one.stop()
    monkeypatch.chdir(tmp_path)
    for words, shown in NEEDING_THE_DAEMON:
        for more in ([], ["--json"]):
            done = one.gateway.run(*words, report["key"], *more, check=False)
            assert done.returncode == 69, words
            assert shown in done.stdout, "what the journal knows is still shown"
            assert "Normal findings." not in done.stdout
    assert not list(tmp_path.iterdir())
    down = one.gateway.run("status", "--json", check=False)
    assert down.returncode == 69 and json.loads(down.stdout)["running"] is False
    assert json.loads(down.stdout)["studies"], "what the journal knows is still shown"
    down = one.gateway.run("status", check=False)
    assert down.returncode == 69 and "NOT RUNNING" in down.stdout and "1 planned" in down.stdout
    # What stands in the vault is asked of the daemon, and not silently not found.
    for words in (["ZACC7719"], ["19340229-9876"]):
        done = one.gateway.run("studies", "--text", *words, check=False)
        assert done.returncode == 69 and "running daemon" in done.stderr and not done.stdout
    assert [s["key"] for s in one.gateway.ask("studies", "--text", "S1")] == ["S1"]
    for words in [words for words in LOOKING if words != ["status"]]:
        assert json.loads(one.gateway.run(*words, "--json").stdout) is not None
    for words in (["study", "hold", "S1", "--reason", "x"], ["study", "release", "S1"], ["study", "retry", "S1"],
                  ["study", "cancel", "S1", "--yes"], ["study", "send", "S1", "reader"], ["echo", "reader"],
                  ["study", "leave-out", "S1", "--yes"], ["report", "release", "R1"], ["report", "retry", "R1"],
                  ["report", "discard", "R1", "--reason", "x"]):
        done = one.gateway.run(*words, check=False)
        assert done.returncode == 69, words
        assert "daemon" in done.stderr


def test_before_the_first_start_there_is_nothing_to_look_at(make_site):
    one = make_site("unborn")
    for words in LOOKING:
        done = one.gateway.run(*words, check=False)
        assert done.returncode == 69 and "there is no journal yet" in done.stderr, words


# Exit codes

@pytest.mark.parametrize("words, code, said", [
    (["study", "show", "S999"], 66, "there is no study S999"),
    (["study", "show", "nonsense"], 65, "is not a key"),
    (["study", "show", "2.25.1"], 65, "is not a key"),
    (["study", "hold", "S999", "--reason", "x"], 66, "there is no study S999"),
    (["study", "release", "S1"], 77, "cannot be done"),
    (["study", "hold", "S1", "--reason", " "], 65, "reason"),
    (["study", "cancel", "S1"], 64, "--yes"),
    (["study", "send", "S1", "nowhere"], 65, "there are reader, pacs"),
    (["study", "explain", "S999"], 66, "there is no study S999"),
    (["explain", "S999"], 66, "there is no study S999"),
    (["report", "show", "R999"], 66, "there is no report R999"),
    (["report", "show", "S1"], 65, "is not a key"),
    (["report", "release", "R999"], 66, "there is no report R999"),
    (["report", "retry", "R999"], 66, "there is no report R999"),
    (["report", "discard", "R999", "--reason", "x"], 66, "there is no report R999"),
    (["report", "discard", "R999"], 64, "--reason"),
    (["report", "release", "R999", "--override"], 64, "go together"),
    (["report", "release", "R999", "--override", "--reason", "x"], 64, "needs --study"),
    (["study", "instances", "S999"], 66, "there is no study S999"),
    (["study", "leave-out", "S1"], 77, "nothing to leave out"),
    (["study", "leave-out", "S999"], 66, "there is no study S999"),
    (["study", "cancel", "S999"], 66, "there is no study S999"),
    (["study", "leave-out", "S1", "--yes"], 77, "nothing to leave out"),
    (["study", "hold", "S1", "--reason", "see 19121212-1212"], 65, "personal number"),
    (["events", "--since", "yesterday"], 64, "yesterday"),
    (["echo", "nobody"], 66, "there is no destination nobody"),
    (["echo", "reader"], 75, None),
    (["studies", "--state", "hold"], 64, "--state takes one of"),
    (["transfers", "--state", "sent"], 64, "--state takes one of"),
    (["reports", "--state", "lost"], 64, "--state takes one of"),
    (["reports", "--limit", "0"], 64, "--limit"),
    (["frobnicate"], 64, None),
    (["study", "shwo", "S1"], 64, None),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_exit_codes_are_those_of_sysexits(site, words, code, said):
    done = site.gateway.run(*words, check=False)
    assert done.returncode == code, done.stderr or done.stdout
    if said:
        assert said in done.stderr
    assert "Traceback" not in done.stderr and "Fatal" not in done.stderr


def test_faults_elsewhere_in_the_configuration_keep_nobody_from_looking(site, tmp_path):
    config = site.gateway.config
    text = config.read_text()
    try:
        config.write_text(text.replace("[gateway]\n", "[gateway]\nnonsense = 1\n", 1) + '\n[[rule]]\nname = "half"\n')
        for words in LOOKING:
            done = site.gateway.run(*words)
            assert "warning: " in done.stderr and "gateway.nonsense" in done.stderr, words
        assert site.gateway.run("check", check=False).returncode == 78
    finally:
        config.write_text(text)


def test_an_image_in_another_transfer_syntax_is_a_conflict_and_listed(site):
    image = ct()
    contexts = ((CT_IMAGE, (EXPLICIT,)), (CT_IMAGE, (IMPLICIT,)))
    with site.association(contexts) as association:
        assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image, implicit=True), context=3) == 0x0111
        association.release()
    listed = [one for one in site.gateway.ask("events") if one["kind"] == "conflict"]
    assert [one["study"] for one in listed] == [site.study_key(image.StudyInstanceUID)]


def test_starts_and_a_destination_that_does_not_answer_are_events(site):
    def kinds(kind):
        return [one["detail"] for one in site.gateway.ask("events", "--kind", kind)]

    assert kinds("started") and kinds("started")[0].startswith("version ")
    wait_until(lambda: kinds("circuitOpened"), 30, "the circuit being told")
    opened = kinds("circuitOpened")
    assert len(opened) == 1 and opened[0].startswith("reader: connectFailed, "), opened


def test_refusals_are_listed_by_kind_and_time(site):
    with Association(site.plain_port, "NOBODY", site.modality_aet, ((CT_IMAGE, (EXPLICIT,)),)):
        pass
    wait_until(lambda: site.gateway.ask("events", "--kind", "associationRejected"), 10, "the refusal being listed")
    one = site.gateway.ask("events", "--kind", "associationRejected", "--since", "1h")[0]
    assert one["detail"].endswith('nobody here is called "NOBODY"'), one
    assert "associationRejected" in site.gateway.run("events").stdout
    assert site.gateway.ask("events", "--kind", "nonsense") == []


@pytest.mark.parametrize("words", [["status"], ["serve"], ["certs"], ["check"], ["study", "retry", "S1"]], ids=" ".join)
def test_a_configuration_that_cannot_be_used_is_78(run, tmp_path, words):
    done = run(*words, "--config", tmp_path / "none.toml")
    assert done.returncode == 78
    assert "No such file or directory" in done.stderr + done.stdout
    (tmp_path / "bad.toml").write_text("[gateway]\nstate = 1\n")
    done = run(*words, "--config", tmp_path / "bad.toml")
    assert done.returncode == 78
    assert f"{tmp_path}/bad.toml:2: error: gateway.state = 1: " in done.stderr + done.stdout


def test_init_overwrites_nothing(run, tmp_path):
    (tmp_path / "mine").write_text("mine")
    done = run("init", tmp_path)
    assert done.returncode == 73 and "is not empty" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_a_second_daemon_on_the_same_state_is_refused(site):
    done = site.gateway.run("serve", check=False)
    assert done.returncode not in (0, 1)
    assert "another" in done.stderr.lower()
    assert site.gateway.status()["ready"]


def test_ten_faults_are_told_at_once_each_with_its_place(run, tmp_path):
    folder = tmp_path / "ten"
    run("init", folder)
    config = folder / "antipode.toml"
    faults = [  # what is written in whose place, and what is told: key, value, what is allowed
        ('port = 11112', 'port = 70000', "listener[1].port", "70000", "0 to 65535"),
        ('time_zone = "', 'time_zone = "Mars/', "gateway.time_zone", '"Mars/', "IANA"),
        ('free_floor = "512 MiB"', 'free_floor = 512', "spool.free_floor", "512", "MiB"),
        ('addresses = ["127.0.0.1", "::1"]', 'addresses = ["127.0.0.256"]', "source[1].addresses[1]",
         '"127.0.0.256"', "an IPv4 or IPv6 address"),
        ('quiet_period = "5s"', 'quiet_period = "5 weeks"', "source[1].quiet_period", '"5 weeks"', '"1s" to "1d"'),
        ('identity = "pseudonymous"', 'identity = "anonymous"', "destination[1].identity", '"anonymous"',
         '"identified", "pseudonymous"'),
        ('country = "AU"', 'country = "Australia"', "destination[1].country", '"Australia"', "ISO 3166-1"),
        ('called_ae_title = "PACS"', 'called_ae_title = "A PACS WITH A LONG NAME"', "destination[2].called_ae_title",
         '"A PACS WITH A LONG NAME"', "1 to 16"),
        ('method = "get"', 'method = "fetch"', "reports[1].method", '"fetch"', '"push", "get", "move"'),
        ('fallback = "hold"', 'fallback = "send"', "routing.fallback", '"send"', '"hold"'),
        ('to = ["reader"]', 'to = ["reader"]\nwindow = 1', "rule[1].window", None, None),
    ]
    text = config.read_text()
    for old, new, *_ in faults:
        assert old in text
        text = text.replace(old, new, 1)
    config.write_text(text)
    done = run("check", "--config", config, "--json")
    assert done.returncode == 78
    found = {f["key"]: f for f in json.loads(done.stdout) if f["level"] == "error"}
    lines = text.splitlines()
    for _, new, key, value, allowed in faults:
        one = found[key]
        assert one["file"] == str(config)
        assert new.splitlines()[-1] in lines[one["line"] - 1], key
        if value:
            assert one["value"].startswith(value)
            assert allowed in one["allowed"], one
    assert "Did you mean windows?" in found["rule[1].window"]["hint"]
    told = run("check", "--config", config)
    assert told.stdout.splitlines()[-1].startswith(f"{len(found)} errors, ")
    assert f"{config}:{found['listener[1].port']['line']}: error: listener[1].port = 70000" in told.stdout
    # The daemon says the same and does not start.
    served = run("serve", "--config", config)
    assert served.returncode == 78
    assert all(key in served.stderr for key in found)


def test_a_command_that_is_misspelt_is_told_which_one_was_meant(run):
    done = run("stauts", "--json")
    assert done.returncode == 64 and "Did you mean status?" in done.stderr
    assert run("nonsense-of-mine").returncode == 64
    assert run("help").returncode == 0 and run("--version").returncode == 0


def test_a_port_that_somebody_has_is_named_and_is_no_fault_of_the_program(make_site):
    site = make_site("taken")
    with socket.socket() as other:
        other.bind(("127.0.0.1", site.plain_port))
        other.listen()
        done = site.gateway.run("serve", check=False)
    assert done.returncode == 69 and f"port {site.plain_port}" in done.stderr


# Who may

def test_the_socket_is_its_owners_and_its_groups_alone(site):
    socket = next(site.gateway.folder.rglob("control.sock"))
    status = socket.stat()
    assert stat.S_IMODE(status.st_mode) == 0o660
    assert status.st_gid == os.getegid()
    for path in (site.gateway.folder / "state").rglob("*.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert stat.S_IMODE((site.gateway.folder / "state").stat().st_mode) == 0o700


def test_a_user_without_rights_is_told_so(site, binary):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    folder = site.gateway.folder
    names = [folder, *folder.parents[:-1]]
    before = {path: stat.S_IMODE(path.stat().st_mode) for path in [*names, site.gateway.config]}
    try:
        for path in names:
            path.chmod(before[path] | 0o055)
        site.gateway.config.chmod(0o644)
        nobody = {"user": 65534, "group": grp.getgrnam("nogroup").gr_gid, "extra_groups": []}
        done = subprocess.run(
            [str(binary), "status", "--config", str(site.gateway.config)], capture_output=True, text=True, timeout=60,
            **nobody)
    finally:
        for path, mode in before.items():
            path.chmod(mode)
    assert done.returncode == 77, done.stderr
    assert "may not open" in done.stderr
