"""The first page of the console in a browser, while the world changes: it follows by itself, stands still when it is told to,
says when it has lost the gateway, and finds it again."""

import time

import pytest
from browser import CHROMIUM, Chromium
from objects import bare, study
from trial.processes import wait_until
from wire import CT_IMAGE, EXPLICIT

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium (Scripts/prerequisites.sh installs it)")

#: Seconds between two fetches of the page (Sources/Console/Assets/Script.swift).
EVERY = 5
QUIET = "Allt är framme. Inget väntar."
LOST = "Ingen kontakt med porten. Uppgifterna nedan är gamla."
HEADLINE = "document.getElementById('headline').textContent"
LIVE = "document.getElementById('live').innerHTML"
UPDATED = "document.querySelector('#live > .note:last-child time').getAttribute('datetime')"
LOST_IS_SHOWN = "(e => e !== null && e.getClientRects().length > 0)(document.getElementById('lost'))"
#: On a page that was loaded again, what a script left in `window` is gone.
SAME_PAGE = "window.seenByTheTest === true"


@pytest.fixture(scope="module")
def site(make_site):
    """A gateway whose reader is away, so that what is sent to it keeps waiting."""
    return make_site("live").start()


@pytest.fixture
def browser(site, tmp_path):
    """Signed in as a viewer by the form, at the first page."""
    one = Chromium(tmp_path / "profile", language="sv")
    try:
        one.visit(f"http://127.0.0.1:{site.console_port}/")
        sign_in(one, site)
        one.value("window.seenByTheTest = true")
        yield one
        one.picture(tmp_path / "at-the-end.png")
    finally:
        one.close()


def sign_in(browser, site):
    browser.until("document.getElementById('token') !== null", 20)
    token = site.gateway.viewer_token.read_text().strip()
    # Sent a moment later: a page that goes at once may take its answer with it.
    browser.value(
        f"document.getElementById('token').value = '{token}';"
        "setTimeout(() => document.querySelector('main form').submit(), 0)")
    browser.until("location.pathname === '/' && document.getElementById('headline') !== null", 20)


def push(site):
    """A study that nobody takes; returns when it is on its way to the reader."""
    images = study(2)
    with site.association(((CT_IMAGE, (EXPLICIT,)),)) as association:
        for number, image in enumerate(images):
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image), message=number + 1) == 0
        association.release()
    key = site.study_key(images[0].StudyInstanceUID)
    wait_until(lambda: site.gateway.study(key)["transfers"], 30, "a transfer to the reader", pause=0.3)


def on_the_way(site):
    """What the headline has to say, by the command line's figures."""
    transfers = site.gateway.status()["transfers"]
    count = sum(transfers.get(state, 0) for state in ("waiting", "active", "deferred"))
    return f"{count} överföring{'' if count == 1 else 'ar'} på väg"


def test_a_study_that_comes_changes_the_page_and_leaves_the_focus_where_it_was(site, browser):
    assert browser.value("document.documentElement.lang") == "sv"
    before = browser.value(HEADLINE)
    browser.value("document.getElementById('number-deferred').focus()")
    push(site)
    expected = on_the_way(site)
    assert expected not in before
    browser.until(f"{HEADLINE}.includes({expected!r})", 3 * EVERY)
    # Who hears the page is told.
    assert browser.value("document.getElementById('spoken').textContent") == browser.value(HEADLINE)
    assert browser.value("document.activeElement.id") == "number-deferred"
    assert browser.value(SAME_PAGE) and browser.complaints == []


def test_a_page_that_is_paused_stands_still_until_it_goes_on(site, browser):
    pause = "document.getElementById('pause')"
    first = browser.value(UPDATED)
    browser.until(f"{UPDATED} !== {first!r}", 3 * EVERY)
    word = browser.value(f"{pause}.textContent")
    browser.value(f"{pause}.click()")
    assert browser.value(f"{pause}.getAttribute('aria-pressed')") == "true"
    assert (word, browser.value(f"{pause}.textContent")) == ("Pausa uppdatering", "Fortsätt uppdatera")
    shown, since = browser.value(LIVE), time.monotonic()
    push(site)
    expected = on_the_way(site)
    assert expected not in shown
    while time.monotonic() < since + 2.5 * EVERY:
        assert browser.value(LIVE) == shown, "a paused page changed"
        time.sleep(0.5)
    browser.value(f"{pause}.click()")
    # At once, not with the next turn of the clock.
    browser.until(f"{HEADLINE}.includes({expected!r})", EVERY - 1)
    assert browser.value(f"{pause}.getAttribute('aria-pressed')") == "false"
    assert browser.value(f"{pause}.textContent") == word
    assert browser.value(SAME_PAGE) and browser.complaints == []


def requires_lost(browser):
    browser.until(LOST_IS_SHOWN, 3 * EVERY)
    assert browser.value("document.getElementById('lost').innerText") == LOST
    assert browser.value("document.getElementById('live').classList.contains('old')")


def test_a_road_that_is_cut_is_said_and_forgotten_when_it_is_back(browser):
    assert not browser.value(LOST_IS_SHOWN)
    browser.offline(True)
    requires_lost(browser)
    browser.offline(False)
    before = browser.value(UPDATED)
    browser.until(f"!{LOST_IS_SHOWN} && {UPDATED} !== {before!r}", 3 * EVERY)
    assert not browser.value("document.getElementById('live').classList.contains('old')")
    assert browser.value(SAME_PAGE)


def test_a_gateway_that_is_stopped_is_said_and_one_that_is_started_asks_who_looks(site, browser):
    assert not browser.value(LOST_IS_SHOWN)
    shown = browser.value(HEADLINE)
    site.stop()
    requires_lost(browser)
    # What it knew last stays to be read.
    assert browser.value(HEADLINE) == shown and browser.value(SAME_PAGE)
    site.start()
    # Sessions are in memory: the page asks for the token again, by itself, and then goes on.
    browser.until("location.pathname === '/login'", 4 * EVERY)
    sign_in(browser, site)
    assert not browser.value(LOST_IS_SHOWN)
    before = browser.value(UPDATED)
    browser.until(f"{UPDATED} !== {before!r}", 3 * EVERY)
    assert not browser.value(LOST_IS_SHOWN)
