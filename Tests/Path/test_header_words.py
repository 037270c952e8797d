"""Names where no name belongs: in code strings of the header, and in what an operator writes."""

import pytest
from objects import PLANTED_WORDS, bare, ct
from test_console import Browser
from trial.gateway import CommandFailed
from wire import CT_IMAGE, EXPLICIT

PLANTED = {
    "Modality": "ZEBRASSON", "BodyPartExamined": "QVINTUS", "ImageType": ["ORIGINAL", "ZEBRASSON"],
    "Manufacturer": "Zebrasson AB", "StationName": "ZEBRASSON1", "StudyDescription": "Zebrasson, arm",
    "SeriesDescription": "Qvintus arm", "ProtocolName": "Zebrasson 1", "RequestedProcedurePriority": "QVINTUS",
}


def test_names_in_a_header_and_in_a_reason_come_to_no_page_log_metric_or_journal(make_site):
    site = make_site("words").start()
    image = ct()
    for keyword, value in PLANTED.items():
        setattr(image, keyword, value)
    with site.association(((CT_IMAGE, (EXPLICIT,)),)) as association:
        assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()
    key = site.study_key(image.StudyInstanceUID)
    shown = site.gateway.study(key)["study"]
    assert shown["modalities"] == ["?"] and shown["bodyParts"] == ["?"]
    browser = Browser(site, site.gateway.operator_token)
    for reason in ("Zebrasson Qvintus wrong arm", "hakan's wrong arm", "born 1934-02-28", "see zacc 7719"):
        with pytest.raises(CommandFailed) as refused:
            site.gateway.run("study", "hold", key, "--reason", reason)
        assert refused.value.code == 65
        answer = browser.act(key, "hold", reason=reason)
        assert answer.status_code == 422
        for text in (refused.value.errors, answer.text):
            assert not any(word.lower() in text.lower() for word in PLANTED_WORDS)
    site.gateway.run("study", "hold", key, "--reason", "wrong arm")
    for page in ("/", "/studies", f"/studies/{key}", "/events", "/metrics"):
        text = browser.get(page).text.lower()
        assert not any(word.lower() in text for word in PLANTED_WORDS), page
    site.gateway.stop()
    site.require_no_planted_words()
