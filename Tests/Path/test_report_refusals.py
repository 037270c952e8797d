"""A reader that does not give a report that it has: the others come, and it is asked for that one ever more seldom."""

import time

import pytest
from faults import in_a_hurry, send_study
from reporting import ABORT, ReportingReader
from sr import basic_report
from trial.processes import wait_until

# PS3.4 Tables C.4-2 and C.4-3, and PS3.7 C.5.
STATUSES = [0xA701, 0xA702, 0xA900, 0xB000, 0xC000, 0xFE00]


@pytest.mark.parametrize("method", ["get", "move"])
def test_a_report_that_is_refused_stops_no_other_and_is_asked_for_ever_more_seldom(make_site, method):
    site = in_a_hurry(make_site(f"refusing-{method}", method=method)).start()
    reader = ReportingReader(
        site.reader_port, site.reader_aet, *site.peer_tls("reader"),
        home=("127.0.0.1", site.tls_port, site.gateway_aet)).start()
    refused, given = {}, {}
    try:
        for status in [*STATUSES, *([ABORT] if method == "get" else [0xA801])]:
            images = send_study(site)
            key = site.study_key(images[0].StudyInstanceUID)
            pseudonym = wait_until(
                lambda: next(iter(site.gateway.study(key)["transfers"]), {}).get("pseudonymousStudyUID"), 30, "a plan")
            seen = wait_until(lambda: reader.of_study(pseudonym), 30, "the study at the reader")
            bad, good = basic_report(seen, "Held back."), basic_report(seen, "Inget avvikande.")
            refused[status] = bad.SOPInstanceUID
            given[status] = key
            # As named, the one that is refused is the first.
            reader.add(bad, status)
            reader.add(good)
        start = time.monotonic()
        for status, key in given.items():
            wait_until(
                lambda: [one for one in site.gateway.study(key)["reports"] if one.get("restoredAt")], 30,
                f"the report beside the one that is answered {status}", pause=0.3)
        time.sleep(max(0, 20 - (time.monotonic() - start)))
        for status, uid in refused.items():
            assert 2 <= reader.asked[uid] <= 8, f"{status} was asked for {reader.asked[uid]} times in 20 s"
            assert len(site.gateway.study(given[status])["reports"]) == 1
        # No word about the road: a study after all these is asked for as soon.
        images = send_study(site)
        key = site.study_key(images[0].StudyInstanceUID)
        pseudonym = wait_until(
            lambda: next(iter(site.gateway.study(key)["transfers"]), {}).get("pseudonymousStudyUID"), 30, "a plan")
        reader.add(basic_report(wait_until(lambda: reader.of_study(pseudonym), 30, "the study"), "Normalt."))
        wait_until(lambda: site.gateway.study(key)["reports"], 10, "the last report", pause=0.3)
        # What was refused is offered after all, and comes when its time is over.
        reader.statuses.clear()
        wait_until(lambda: len(site.gateway.study(given[0xA702])["reports"]) == 2, 60, "the report after all", pause=1)
    finally:
        reader.stop()
    site.stop()
    site.require_no_planted_words()
