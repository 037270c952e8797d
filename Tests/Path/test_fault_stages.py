"""A stage that stands still does not look healthy: neither to systemd nor to /readyz."""

import threading
import time

import pytest
import requests
from faults import in_a_hurry, is_ready
from objects import bare, ct
from test_service import NotifySocket
from trial.processes import wait_until
from wire import CT_IMAGE


@pytest.mark.fault
def test_a_journal_that_stands_still_is_told_to_systemd_and_to_whoever_asks(make_site):
    site = in_a_hurry(make_site("stuck"))
    notify = NotifySocket(site.folder / "notify")
    # The thread that commits stops for ever at the twentieth commit.
    site.gateway.start(extra_env={
        "ANTIPODE_FAULT": "journal.before-commit:20=hang", "NOTIFY_SOCKET": str(notify.path),
        "WATCHDOG_USEC": "2000000"})
    assert is_ready(site)
    notify.wait("WATCHDOG=1", count=2)

    def push():
        while True:
            try:
                with site.association() as one:
                    image = ct()
                    one.store(CT_IMAGE, image.SOPInstanceUID, bare(image))
            except OSError:
                return

    threading.Thread(target=push, daemon=True).start()
    wait_until(lambda: not is_ready(site), 240, "the gateway saying that it is not ready", pause=1)
    fed = notify.lines().count("WATCHDOG=1")
    time.sleep(6)
    assert notify.lines().count("WATCHDOG=1") == fed, "the watchdog is fed although the journal stands still"
    assert "stages=journal" in site.gateway.log_text()
    # The process still answers: it is not down, it does not move.
    assert requests.get(f"http://127.0.0.1:{site.console_port}/healthz", timeout=10).ok
    site.gateway.kill()
    site.gateway.start()
    assert is_ready(site)
    site.stop()
