"""What is held for a person: that every surface says so and why, and what a person can do about it."""

import json
import subprocess
from datetime import datetime, timedelta

import pydicom
import pytest
from objects import bare, ct, study
from pydicom.uid import ExplicitVRLittleEndian
from sr import basic_report, push_report
from trial.processes import Child, wait_until
from wire import CT_IMAGE, EXPLICIT

US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"


@pytest.fixture(scope="module")
def site(make_site):
    """A running gateway with a reader that takes images and pushes no reports."""
    one = make_site("held", method="push").start()
    certificate, key, trusted = one.peer_tls("reader")
    reader = Child("the reader", [
        one.gateway.binary, "simulate", "reader", "--port", one.reader_port, "--ae", one.reader_aet, "--folder",
        one.folder / "reader", "--certificate", certificate, "--key", key, "--trusted", trusted],
        one.folder / "reader.log").start().wait_listening(one.reader_port)
    yield one
    reader.stop()


def push_mixed(site, images=2):
    """A CT study with an ultrasound image in it, which is held while the others go."""
    objects = study(images + 1)
    objects[-1].SOPClassUID, objects[-1].Modality = US_IMAGE, "US"
    with site.association(((CT_IMAGE, (EXPLICIT,)), (US_IMAGE, (EXPLICIT,)))) as association:
        for number, one in enumerate(objects):
            assert association.store(one.SOPClassUID, one.SOPInstanceUID, bare(one), message=number + 1) == 0
        association.release()
    key = site.study_key(objects[0].StudyInstanceUID)
    wait_until(
        lambda: [t for t in site.gateway.study(key)["transfers"] if t["acknowledged"] == images and t["held"] == 1],
        40, "the rest of the study being sent")
    return key, objects[-1]


def test_a_study_with_held_instances_says_so_everywhere_and_is_found(site):
    key, image = push_mixed(site)
    listed = {s["key"]: s for s in site.gateway.ask("studies", "--needs-person")}
    assert listed[key]["heldInstances"] == 1 and listed[key]["state"] == "planned"
    assert listed[key]["attention"]["code"] == "pixelsMayIdentify"
    assert f"antipode study leave-out {key}" in listed[key]["attention"]["hint"]
    text = site.gateway.run("studies").stdout
    assert "planned, 1 held" in text and "1 of 3 instances to reader: ultrasound" in text
    status = site.gateway.status()
    assert key in [one["key"] for one in status["attention"]]
    assert f"  {key}  pixelsMayIdentify" in site.gateway.run("status").stdout
    shown = site.gateway.run("study", "show", key).stdout
    assert "NEEDS A PERSON  pixelsMayIdentify" in shown

    held = site.gateway.ask("study", "instances", key, "--held")
    assert [one["sopInstanceUID"] for one in held] == [str(image.SOPInstanceUID)]
    assert held[0]["kind"] == "Ultrasound Image" and held[0]["destination"] == "reader"
    dumped = subprocess.run(["dcmdump", "+P", "0008,0018", held[0]["file"]], capture_output=True, text=True)
    assert str(image.SOPInstanceUID) in dumped.stdout, "the named file is the object as it was received"
    assert len(site.gateway.ask("study", "instances", key)) == 3
    site.require_no_planted_words()


def test_a_release_of_pixels_and_leaving_out_both_ask_first(site):
    key, _ = push_mixed(site)
    for action in ("release", "leave-out"):
        done = site.gateway.run("study", action, key, check=False)
        assert done.returncode == 64 and "--yes" in done.stderr, action
    assert site.gateway.study(key)["study"]["heldInstances"] == 1, "nothing was done"
    assert site.gateway.ask("peers")[0].get("lastFailure") is None, "a hold of ours is no failure of the reader"
    # What was held is no exam that left.
    before = site.gateway.ask("disclosures", "--study", key)[0]
    assert before.get("releasedBy") is None and before["acknowledged"] == 2
    assert site.gateway.run("study", "release", key, "--yes").returncode == 0
    wait_until(lambda: site.gateway.study(key)["study"]["state"] == "delivered", 40, "the rest being sent")
    assert site.gateway.ask("disclosures", "--study", key)[0]["releasedBy"]
    # A hold by a person says nothing of pixels, and its release asks nothing.
    other, _ = push_mixed(site)
    site.gateway.run("study", "leave-out", other, "--yes")
    assert site.gateway.run("study", "leave-out", other, check=False).returncode == 77


def test_an_exam_of_which_all_is_held_did_not_leave(site):
    image = ct()
    image.SOPClassUID, image.Modality = US_IMAGE, "US"
    with site.association(((US_IMAGE, (EXPLICIT,)),)) as association:
        assert association.store(US_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    key = site.study_key(image.StudyInstanceUID)
    wait_until(lambda: site.gateway.study(key)["study"]["heldInstances"] == 1, 40, "the image being held")
    assert site.gateway.ask("disclosures", "--study", key, "--all") == []
    looks = site.gateway.ask("vault", "accesses", "--subject", key)
    assert [one for one in looks if one["action"] == "send"] == [], "nothing was sent"
    # All of it left out: nothing is sent, and everybody can see why.
    done = json.loads(site.gateway.run("study", "leave-out", key, "--yes", "--json").stdout)
    assert done["study"]["state"] == "cancelled"
    assert [t["state"] for t in done["transfers"]] == ["cancelled"]
    assert "1 instance left out by" in done["transfers"][0]["failure"]["detail"]
    assert [e["detail"] for e in done["events"] if e["kind"] == "cancelled"][-1] == "nothing of it was sent"
    assert all(a["acknowledged"] or a.get("failure") for a in done["attempts"])


def test_what_is_held_is_left_out_and_the_rest_counts_as_all(site):
    key, _ = push_mixed(site)
    done = json.loads(site.gateway.run("study", "leave-out", key, "--yes", "--json").stdout)
    assert done["study"]["state"] == "delivered" and done["study"].get("attention") is None
    event = [e for e in done["events"] if e["kind"] == "leftOut"][0]
    assert event["detail"] == "1 of 3 instances to reader: pixelsMayIdentify" and event["actor"] != "antipode"
    assert key not in [s["key"] for s in site.gateway.ask("studies", "--needs-person")]


def test_a_study_that_no_rule_sends_is_not_released_in_silence(make_site):
    one = make_site("unruled", method="push")
    text = one.gateway.config.read_text()
    one.gateway.config.write_text(text.replace("[[rule]]", '[[rule]]\nmodalities = ["PT"]', 1))
    one.start()
    image = ct()
    with one.association() as association:
        assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    key = one.study_key(image.StudyInstanceUID)
    wait_until(lambda: one.gateway.study(key)["study"]["state"] == "held", 30, "the study being held")
    events = len(one.gateway.study(key)["events"])
    done = one.gateway.run("study", "release", key, check=False)
    assert done.returncode == 77
    assert f"no rule chose a reader for {key}: use antipode study send {key} DESTINATION (reader)" in done.stderr
    assert len(one.gateway.study(key)["events"]) == events, "nothing was done"
    assert one.gateway.run("study", "send", key, "reader").returncode == 0
    assert one.gateway.study(key)["study"]["state"] == "planned"


def test_what_a_rule_holds_is_explained_while_the_daemon_is_down_and_released_to_where_the_rule_says(make_site):
    one = make_site("rule-holds", method="push")
    text = one.gateway.config.read_text()
    one.gateway.config.write_text(text.replace("[[rule]]", '[[rule]]\nhold = "ask the neuroradiologist"', 1))
    one.start()
    image = ct()
    with one.association() as association:
        assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    key = one.study_key(image.StudyInstanceUID)
    wait_until(lambda: one.gateway.study(key)["study"]["state"] == "held", 30, "the study being held")
    explanation = one.gateway.ask("explain", key)
    assert explanation["hold"] == "ask the neuroradiologist" and explanation["onRelease"] == ["reader"]
    assert "released now, it goes to reader" in one.gateway.run("explain", key).stdout
    one.stop()
    known = one.gateway.ask("explain", key)
    # To the millisecond, on either side of which the same instant may be rounded.
    decided = [datetime.fromisoformat(one["decidedAt"]) for one in (known, explanation)]
    assert abs(decided[0] - decided[1]) < timedelta(milliseconds=2) and known["lines"] == explanation["lines"]
    assert "holds it: ask the neuroradiologist" in one.gateway.run("study", "show", key).stdout
    one.start()
    one.gateway.run("study", "release", key)
    wait_until(lambda: one.gateway.study(key)["transfers"], 30, "the study being planned")
    assert one.gateway.ask("explain", key)["destinations"] == ["reader"]
    one.stop()


# Reports that match nothing


def doubtful_report(site, key, **changes):
    """A report on a study as the reader has it, but under a study number that the reader made up."""
    pseudonym = site.gateway.study(key)["transfers"][0]["pseudonymousStudyUID"]
    files = sorted((site.folder / "reader" / pseudonym).rglob("*.dcm"))
    report = basic_report([pydicom.dcmread(path) for path in files], "Normal findings.")
    report.file_meta = None
    report.StudyInstanceUID = pydicom.uid.generate_uid()
    for evidence in report.CurrentRequestedProcedureEvidenceSequence:
        evidence.StudyInstanceUID = report.StudyInstanceUID
    report.file_meta = pydicom.dataset.FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for name, value in changes.items():
        setattr(report, name, value)
    push_report(site, report)

    def held():
        found = [r for r in site.gateway.reports() if r["sopInstanceUID"] == str(report.SOPInstanceUID)]
        return found[0]["key"] if found and found[0]["state"] == "held" else None

    return wait_until(held, 30, "the report being held")


@pytest.fixture(scope="module")
def sent(site):
    images = study(2)
    with site.association() as association:
        for number, one in enumerate(images):
            assert association.store(CT_IMAGE, one.SOPInstanceUID, bare(one), message=number + 1) == 0
        association.release()
    key = site.study_key(images[0].StudyInstanceUID)
    wait_until(lambda: site.gateway.study(key)["study"]["state"] == "delivered", 40, "the study being sent")
    return key


def test_a_report_under_a_made_up_study_is_bound_by_a_person_when_two_keys_agree(site, sent):
    report = doubtful_report(site, sent)
    shown = site.gateway.ask("report", "show", report)
    assert shown["report"]["hold"]["code"] == "reportUnmatched" and "Normal findings" in shown["text"]
    assert report in [one["key"] for one in site.gateway.status()["attention"]]
    refused = site.gateway.run("report", "release", report, check=False)
    assert refused.returncode == 77 and "--study" in refused.stderr
    assert site.gateway.run("report", "release", report, "--study", sent).returncode == 0

    def restored():
        return site.gateway.ask("report", "show", report)["report"]["state"] in ("restored", "delivered")

    wait_until(restored, 30, "the report being restored")
    shown = site.gateway.ask("report", "show", report)
    assert shown["report"]["study"] == sent
    assert [e["detail"] for e in shown["events"] if e["kind"] == "reportBound"][0].endswith("two keys agree")
    site.require_no_planted_words()


def test_too_few_keys_need_an_override_and_another_patients_report_is_never_delivered(site, sent):
    report = doubtful_report(site, sent, AccessionNumber="")
    refused = site.gateway.run("report", "release", report, "--study", sent, check=False)
    assert refused.returncode == 77 and "two keys" in refused.stderr and "--override" in refused.stderr
    assert site.gateway.ask("report", "show", report)["report"]["state"] == "held"
    done = site.gateway.run(
        "report", "release", report, "--study", sent, "--override", "--reason", "reader telephoned")
    assert "against its keys: reader telephoned" in done.stdout

    other = doubtful_report(site, sent, PatientID="APZZZZZZZZZZZ")
    site.gateway.run("report", "release", other, "--study", sent, "--override", "--reason", "a wrong guess")
    wait_until(
        lambda: site.gateway.ask("report", "show", other)["report"]["state"] == "held", 30, "the report being held again")
    assert site.gateway.ask("report", "show", other)["report"]["hold"]["code"] in ("reportContradicts", "tokenDamaged")
    assert site.gateway.run("report", "discard", other, "--reason", "reader sends it anew").returncode == 0
    assert site.gateway.ask("report", "show", other)["report"]["state"] == "discarded"
    assert other not in [one["key"] for one in site.gateway.status()["attention"]]
    assert site.gateway.run("report", "retry", other, check=False).returncode == 77
