"""A report that is on its way from its reader when the daemon is told to stop."""

import threading

from faults import in_a_hurry, send_study
from reporting import ReportingReader
from sr import basic_report
from trial.processes import wait_until


def test_a_report_that_is_on_its_way_at_a_stop_is_taken_and_is_fetched_once(make_site):
    site = in_a_hurry(make_site("stopped-in-a-get", method="get")).start()
    reader = ReportingReader(
        site.reader_port, site.reader_aet, *site.peer_tls("reader"),
        home=("127.0.0.1", site.tls_port, site.gateway_aet)).start()
    try:
        reader.gives.clear()
        images = send_study(site)
        key = site.study_key(images[0].StudyInstanceUID)
        pseudonym = wait_until(
            lambda: next(iter(site.gateway.study(key)["transfers"]), {}).get("pseudonymousStudyUID"), 30, "a plan")
        report = basic_report(wait_until(lambda: reader.of_study(pseudonym), 30, "the study"), "Inget avvikande.")
        reader.add(report)
        wait_until(lambda: reader.asked[report.SOPInstanceUID], 30, "the question for the report")

        stop = threading.Thread(target=site.stop)
        stop.start()
        wait_until(lambda: "Stopping: running instances" in site.gateway.log_text(), 10, "the stop")
        assert site.gateway.alive(), "the daemon did not wait for the report that it had asked for"
        reader.gives.set()
        stop.join(30)
        assert not stop.is_alive() and not site.gateway.alive()

        # It has its row; which study it is of, the next start finds.
        assert len(site.gateway.reports()) == 1
        site.journal_is_sound()
        site.start()
        wait_until(
            lambda: [one for one in site.gateway.study(key)["reports"] if one.get("restoredAt")], 30, "the way home")
        assert reader.asked[report.SOPInstanceUID] == 1
    finally:
        reader.gives.set()
        reader.stop()
    site.stop()
    site.require_no_planted_words()
