"""The bounded part of `make crash-test`, and that its checker sees what it is there to see."""

import os
import random
import subprocess
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "Tests" / "Crash"))

import bookkeeping  # noqa: E402
import checker  # noqa: E402
import points  # noqa: E402
from crash import run_round  # noqa: E402
from site_to_kill import Round  # noqa: E402

KILLS = 16


@pytest.fixture
def has_fault_points(binary):
    if not points.are_in(binary):
        pytest.skip("this build has no fault points: name a debug build in ANTIPODE_BIN")


def test_a_daemon_killed_at_its_fault_points_loses_nothing(binary, has_fault_points, tmp_path):
    seed = int(os.environ.get("ANTIPODE_TEST_SEED") or random.randrange(1 << 32))
    print(f"ANTIPODE_TEST_SEED={seed}")
    figures, at, findings = run_round(binary, tmp_path, seed, ("recording", "recording"), KILLS, 40)
    assert not findings, "\n".join(findings)
    assert figures["kills"] >= KILLS // 2 and len(at) >= KILLS // 4
    assert figures["answered"] > 20 and figures["reports"] > 3


@pytest.fixture(scope="module")
def undisturbed(binary, tmp_path_factory):
    """A round that nobody killed, judged and stopped."""
    one = Round(binary, tmp_path_factory.mktemp("undisturbed"), 1)
    try:
        one.start()
        one.site.begin()
        one.site.gateway.wait_ready()
        while len(one.offers.finished_now()) < 4:
            one.modalities[0].join(0.1)
        one.settle()
        figures = one.judge()
    finally:
        one.stop()
    assert not one.findings, "\n".join(one.findings)
    assert figures["repeats"] == 0 and figures["orphans"] == 0 and figures["arrived"] >= 8
    return one


def judged(one, contents=None, delivered=None):
    findings = checker.Findings()
    arrived = checker.images_at_reader(one.offers, one.reader.contents() if contents is None else contents, findings)
    checker.reports_at_pacs(one.offers, arrived, one.reader.reports(),
                            one.delivered() if delivered is None else delivered, one.must_be_at_pacs(), findings)
    return findings


def test_the_checker_sees_a_lost_image(undisturbed):
    assert any(words.startswith("LOST") for words in judged(undisturbed, undisturbed.reader.contents()[1:]))


def test_the_checker_sees_a_lost_report(undisturbed):
    delivered = undisturbed.delivered()
    delivered.popitem()
    assert any(words.startswith("LOST: report") for words in judged(undisturbed, delivered=delivered))


def test_the_checker_sees_what_nobody_sent_and_what_is_not_as_it_was(undisturbed):
    contents = undisturbed.reader.contents()
    changed = contents[0][:-2] + bytes([contents[0][-2] ^ 1, contents[0][-1]])
    assert any("which nobody offered" in words for words in judged(undisturbed, [changed, *contents[1:]]))
    image = next(iter(undisturbed.offers.images.values()))
    kept, image.KVP = image.KVP, "81"
    try:
        assert any("KVP is not what was sent" in words for words in judged(undisturbed))
    finally:
        image.KVP = kept


def test_the_checker_sees_an_image_that_was_sent_again(undisturbed):
    findings = checker.Findings()
    receipts = undisturbed.reader.receipts()
    assert checker.sent_once(receipts, findings, "image") == 0
    assert checker.sent_once([*receipts, receipts[0]], findings, "image") == 1
    assert any(words.startswith("DOUBLE") for words in findings)


def test_the_checker_sees_a_file_that_is_gone_or_changed(undisturbed):
    site, findings = undisturbed.site, checker.Findings()
    answered = undisturbed.offers.answered_now()
    assert bookkeeping.check(site.state, site.spool, answered, findings) >= 8 and not findings
    first, second = sorted((site.spool / "objects").rglob("*.dcm"))[:2]
    content = first.read_bytes()
    first.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    second.rename(second.with_suffix(".gone"))
    bookkeeping.check(site.state, site.spool, answered | {"1.2.3"}, findings)
    for words in ("its file is not what was received", "has a row and no file", "1.2.3 was answered Success and has no"):
        assert any(words in one for one in findings), words


# The points themselves

def test_each_fault_point_stands_at_one_place():
    places = points.places()
    assert len(places) > 50
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_a_release_build_has_no_fault_points(tmp_path):
    """The points and a caller in another module, compiled as SwiftPM does for a release; the same for a debug build, so that the
    search is known to find them."""
    caller = tmp_path / "Caller.swift"
    caller.write_text("""
        import DICOMVocabulary
        package func passes(_ one: Bool) async throws {
            FaultPoint.pass("caller.was-here")
            await other()
            FaultPoint.pass(one ? "caller.was-here" : "caller.was-here-too")
            try FaultPoint.passOrThrow("caller.was-here")
        }
        private func other() async {}
        """)
    sources = [ROOT / "Sources" / "DICOMVocabulary" / name for name in ("FaultPoint.swift", "Failure.swift")]
    common = ["-package-name", "antipode", "-parse-as-library", "-emit-object", "-whole-module-optimization"]
    found = {}
    for kind, flags in (("release", ["-O"]), ("debug", ["-Onone", "-D", "DEBUG"])):
        folder = tmp_path / kind
        folder.mkdir()
        subprocess.run(
            ["swiftc", *common, *flags, "-swift-version", "6", "-enable-upcoming-feature", "InternalImportsByDefault",
             "-module-name", "DICOMVocabulary", "-emit-module", "-emit-module-path",
             folder / "DICOMVocabulary.swiftmodule", "-o", folder / "vocabulary.o", *sources], check=True)
        subprocess.run(
            ["swiftc", *common, *flags, "-swift-version", "6", "-I", folder, "-module-name", "Caller", "-o",
             folder / "caller.o", caller], check=True)
        content = (folder / "vocabulary.o").read_bytes() + (folder / "caller.o").read_bytes()
        found[kind] = (b"ANTIPODE_FAULT" in content, b"caller.was-here" in content)
    assert found == {"release": (False, False), "debug": (True, True)}


def test_the_release_binary_holds_no_name_of_a_fault_point():
    done = subprocess.run([ROOT / "Scripts" / "check-release"], capture_output=True, text=True)
    if done.returncode == 77:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
