"""The console of a real daemon: what people see, what they may do, what programs read, and that no name stands anywhere."""

import re

import pytest
import requests
from browser import CHROMIUM, Chromium
from objects import PLANTED_WORDS, bare, ct, study
from trial.processes import Child, wait_until
from wire import CT_IMAGE, EXPLICIT

US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
PAGES = ["/", "/studies", "/studies?state=held", "/transfers", "/reports"]


class Browser:
    """A session as a browser has it: a cookie, our origin, and the form token of the page that was looked at."""

    def __init__(self, site, token_file):
        self.base = f"http://127.0.0.1:{site.console_port}"
        self.session = requests.Session()
        token = token_file.read_text().strip()
        answer = self.session.post(
            f"{self.base}/login", data={"token": token, "signature": "Path"}, headers=self.ours, timeout=10,
            allow_redirects=False)
        assert answer.status_code == 303, answer.text

    @property
    def ours(self):
        return {"Origin": self.base, "Referer": f"{self.base}/", "Sec-Fetch-Site": "same-origin"}

    def get(self, path, **headers):
        return self.session.get(self.base + path, headers=headers, timeout=10, allow_redirects=False)

    def csrf(self, page):
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        return found.group(1) if found else ""

    def act(self, key, action, headers=None, csrf=None, **fields):
        data = {"action": action, "csrf": self.csrf(f"/studies/{key}") if csrf is None else csrf, **fields}
        return self.session.post(
            f"{self.base}/studies/{key}/actions", data=data, headers=self.ours if headers is None else headers,
            timeout=10, allow_redirects=False)


def push(site, images, sop_class=CT_IMAGE):
    with site.association(((sop_class, (EXPLICIT,)),)) as association:
        for number, image in enumerate(images):
            assert association.store(sop_class, image.SOPInstanceUID, bare(image), message=number + 1) == 0
        association.release()
    return site.study_key(images[0].StudyInstanceUID)


def state(site, key):
    return site.gateway.study(key)["study"]["state"]


def held(site, key):
    """Whether a transfer of the study waits for a person; and then the list of what is held has it."""
    if not any(t["state"] == "held" for t in site.gateway.study(key)["transfers"]):
        return False
    assert key in [s["key"] for s in site.gateway.ask("studies", "--state", "held")]
    return True


@pytest.fixture(scope="module")
def site(make_site):
    """Studies in every state that a console shows: delivered, its report held, held itself, and waiting for a reader that
    is away."""
    one = make_site("console", method="push").start()
    pacs = Child("the PACS", [
        one.gateway.binary, "simulate", "pacs", "--port", one.pacs_port, "--ae", one.pacs_aet, "--folder",
        one.folder / "pacs"], one.folder / "pacs.log").start().wait_listening(one.pacs_port)
    certificate, key, trusted = one.peer_tls("reader")

    def reader(*more):
        return Child("the reader", [
            one.gateway.binary, "simulate", "reader", "--port", one.reader_port, "--ae", one.reader_aet, "--folder",
            one.folder / "reader", "--delay", "0.5", "--certificate", certificate, "--key", key, "--trusted", trusted,
            "--push-to", f"{one.gateway_aet}@127.0.0.1:{one.tls_port}", *more],
            one.folder / "reader.log").start().wait_listening(one.reader_port)

    def first_report(study_key, wanted):
        reports = one.gateway.study(study_key)["reports"]
        return reports and reports[0]["state"] == wanted

    one.start_reader = reader
    first = reader()
    one.delivered = push(one, study(3))
    wait_until(lambda: first_report(one.delivered, "delivered"), 40, "the report being delivered", pause=0.3)
    first.stop()
    second = reader("--partial")
    one.doubtful = push(one, study(2))
    wait_until(lambda: first_report(one.doubtful, "held"), 40, "the partial report being held", pause=0.3)
    ultrasound = ct()
    ultrasound.SOPClassUID, ultrasound.Modality = US_IMAGE, "US"
    one.held = push(one, [ultrasound], US_IMAGE)
    wait_until(lambda: held(one, one.held), 30, "the ultrasound being held", pause=0.3)
    second.stop()
    one.deferred = push(one, study(4))
    wait_until(
        lambda: one.gateway.study(one.deferred)["transfers"]
        and any(p["name"] == "reader" and p["circuit"] != "closed" for p in one.gateway.ask("peers")),
        30, "the dead reader being noticed", pause=0.3)
    yield one
    pacs.stop()


@pytest.fixture(scope="module")
def viewer(site):
    return Browser(site, site.gateway.viewer_token)


@pytest.fixture(scope="module")
def operator(site):
    return Browser(site, site.gateway.operator_token)


# Looking


@pytest.mark.parametrize("language", ["sv", "en"])
def test_pages_show_every_study_and_name_nobody(site, viewer, language):
    keys = [site.delivered, site.doubtful, site.held, site.deferred]
    for page in PAGES + [f"/studies/{key}" for key in keys]:
        answer = viewer.get(page, **{"Accept-Language": language})
        assert answer.status_code == 200, page
        assert f'lang="{language}"' in answer.text
        for word in PLANTED_WORDS:
            assert word.lower() not in answer.text.lower(), f"a patient's data stand on {page}"
    listed = viewer.get("/studies").text
    assert all(f"/studies/{key}" in listed for key in keys)


def test_values_of_the_api_name_nobody(site, viewer):
    for path in ("status", "peers", "studies", f"studies/{site.delivered}", "transfers", "reports"):
        answer = viewer.get(f"/api/v1/{path}")
        assert answer.status_code == 200 and answer.json() is not None
        assert not any(word.lower() in answer.text.lower() for word in PLANTED_WORDS)


def test_without_a_token_nothing_is_shown(site):
    base = f"http://127.0.0.1:{site.console_port}"
    for page in PAGES + [f"/studies/{site.held}", "/api/v1/studies", "/metrics"]:
        answer = requests.get(base + page, timeout=10, allow_redirects=False)
        assert answer.status_code in (303, 401), page
        assert site.held not in answer.text
    assert requests.get(f"{base}/healthz", timeout=10).text == "alive\n"
    assert requests.get(f"{base}/readyz", timeout=10).text == "ready\n"
    wrong = requests.post(
        f"{base}/login", data={"token": "x" * 48}, headers={"Origin": base}, timeout=10, allow_redirects=False)
    assert wrong.status_code == 401 and "set-cookie" not in wrong.headers


def test_an_accession_number_finds_its_study_and_stands_in_no_address(site, viewer):
    answer = viewer.session.post(
        f"{viewer.base}/studies", data={"text": "ZACC7719", "csrf": viewer.csrf("/studies")}, headers=viewer.ours,
        timeout=10)
    assert answer.status_code == 200
    assert f"/studies/{site.delivered}" in answer.text
    assert "ZACC7719" not in answer.url and "zacc7719" not in answer.text.lower()


# In a browser

#: The widths of a phone held upright, a tablet and a desk.
WIDTHS = [390, 820, 1280]
#: A word of the head of each page.
SEEN = {"sv": "Undersökningar", "en": "Studies"}
OVERFLOWS = """[...document.querySelectorAll('body *')].filter(e => {
    const box = e.getBoundingClientRect();
    let scrolls = false;
    for (let p = e.parentElement; p; p = p.parentElement)
        scrolls = scrolls || ['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX);
    return !scrolls && box.width > 0 && box.right > innerWidth + 1;
}).map(e => e.tagName + '.' + e.className).slice(0, 5)"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium (Scripts/prerequisites.sh installs it)")
@pytest.mark.parametrize("language", ["sv", "en"])
def test_pages_are_whole_in_a_browser(site, operator, language, tmp_path):
    """In headless Chromium: nothing is refused by the page's own policy, nothing fails to load, nothing sticks out."""
    cookies = [{"name": one.name, "value": one.value, "url": operator.base} for one in operator.session.cookies]
    keys = [site.delivered, site.doubtful, site.held, site.deferred]
    pages = PAGES + [f"/studies/{key}" for key in keys]
    browser = Chromium(tmp_path / "profile", cookies, language)
    try:
        for page in pages:
            for width in WIDTHS:
                browser.resize(width, 900)
                browser.visit(operator.base + page)
                name = f"{language}-{width}{page.replace('/', '-').replace('?', '-')}.png"
                browser.picture(tmp_path / name)
                assert browser.complaints == [], f"{page} at {width}: {browser.complaints}"
                assert browser.value("document.documentElement.lang") == language
                assert browser.value("document.documentElement.scrollWidth - innerWidth") <= 0, (
                    f"{page} sticks out at {width}: {browser.value(OVERFLOWS)} (see {tmp_path / name})")
                text = browser.value("document.body.innerText")
                assert SEEN[language] in text, text[:200]
                assert browser.value("document.styleSheets.length") > 0
                height = browser.value("document.querySelector('main').getBoundingClientRect().height")
                assert height > 100, f"{page} is empty"
                for word in PLANTED_WORDS:
                    assert word.lower() not in text.lower()
        assert browser.value("location.pathname") == f"/studies/{site.deferred}"
    finally:
        browser.close()


# Metrics

SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$')


def test_metrics_are_prometheus_text_and_name_nobody(site, viewer):
    token = site.gateway.viewer_token.read_text().strip()
    answer = requests.get(f"{viewer.base}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer.text.endswith("\n")
    kinds, values, family = {}, {}, None
    for line in answer.text.splitlines():
        if line.startswith("# "):
            word, name, rest = line[2:].split(" ", 2)
            if word == "TYPE":
                assert name not in kinds, f"{name} has two types"
                assert rest in ("counter", "gauge")
                kinds[name], family = rest, name
            continue
        name, labels, value = SAMPLE.match(line).groups()
        assert name == family, f"{name} does not stand below its TYPE"
        assert (name, labels) not in values, f"{line} stands twice"
        values[name, labels] = float(value)
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in kinds.items())
    assert values["antipode_needs_person", None] >= 2
    assert values["antipode_destination_up", 'destination="reader"'] in (0, 1)
    assert values["antipode_oldest_waiting_seconds", 'destination="reader"'] > 0
    assert values["antipode_instances_acknowledged_total", 'destination="reader"'] >= 5
    assert not any(word.lower() in answer.text.lower() for word in PLANTED_WORDS)
    assert "2.25." not in answer.text and "1.2.826" not in answer.text


# Acting


def test_a_viewer_may_not_act(site, viewer):
    assert viewer.csrf(f"/studies/{site.held}") in ("", viewer.csrf("/studies"))
    assert viewer.act(site.held, "release", csrf=viewer.csrf("/studies")).status_code == 403
    assert held(site, site.held)


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Referer": "https://evil.example/studies"},
    {"Sec-Fetch-Site": "cross-site"},
    {},
    {"Origin": "http://127.0.0.1:1"},
], ids=str)
def test_a_forged_origin_is_refused(site, operator, headers):
    answer = operator.act(site.held, "release", headers=headers)
    assert answer.status_code == 403
    assert held(site, site.held)


def test_a_form_without_its_token_is_refused(site, operator, viewer):
    for csrf in ("", "x" * 43, viewer.csrf("/studies")):
        assert operator.act(site.held, "release", csrf=csrf).status_code == 403
    assert held(site, site.held)


def test_a_reason_that_looks_like_a_personal_number_is_refused(site, operator):
    assert operator.act(site.deferred, "hold", reason="fel på 19340229-9876").status_code == 422


def test_an_operator_holds_releases_retries_and_sends(site, operator):
    assert operator.act(site.deferred, "hold", reason="wrong side marked").status_code == 303
    page = operator.get(f"/studies/{site.deferred}?done=hold", **{"Accept-Language": "en"}).text
    assert "wrong side marked" in page and "Path (operator)" in page
    assert state(site, site.deferred) == "held"
    assert operator.act(site.deferred, "release").status_code == 303
    assert state(site, site.deferred) != "held"
    assert operator.act(site.held, "release").status_code == 303
    assert operator.act(site.deferred, "send", destination="nowhere").status_code in (400, 422)

    reader = site.start_reader()
    try:
        # 403 where nothing of it was deferred or refused: then the road waits, and finds the reader by itself.
        assert operator.act(site.deferred, "retry").status_code in (303, 403)
        for key in (site.deferred, site.held):
            wait_until(lambda key=key: state(site, key) == "delivered", 40, f"{key} being delivered", pause=0.3)
        before = len(site.gateway.study(site.delivered)["transfers"])
        assert operator.act(site.delivered, "send", destination="reader").status_code == 303
        assert len(site.gateway.study(site.delivered)["transfers"]) == before + 1
    finally:
        reader.stop()
    events = site.gateway.study(site.deferred)["events"]
    assert {"Path (operator)"} <= {event["actor"] for event in events}
    site.require_no_planted_words()
