"""One site of a crash run: a gateway in a hurry, modalities, a reader, a PACS, and what must be true at the end."""

import io
import time

import bookkeeping
import checker
import modalities
import pydicom
from commitment import configure
from readers import PACS, READERS, is_report
from site_under_test import Site
from trial.processes import Child, NotReady, wait_until

#: Images on their way to the reader, beyond which no new study is begun.
MOST_ON_THE_WAY = 60


class KillSite(Site):
    lanes = 3

    def __init__(self, binary, folder, method, state=None, retention="60s", commits=False, spool=None):
        super().__init__(binary, folder, method=method)
        text = self.gateway.config.read_text()
        self.state = state or self.gateway.folder / "state"
        self.spool = spool or self.state / "spool"
        for old, new in (('quiet_period = "2s"', 'quiet_period = "1s"'),
                         ('[[rule]]\nname = "everything to the reader"',
                          '[[rule]]\nname = "acute"\nstudy_descriptions = ["*akut*"]\nimmediate = true\nto = ["reader"]\n\n'
                          '[[rule]]\nname = "everything to the reader"'),
                         ('[spool]\n', f'[spool]\ndirectory = "{self.spool}"\n'),
                         # Hundreds of kills are no sign that what was under way is to blame.
                         ('state = "state"',
                          f'state = "{self.state}"\nretention = "{retention}"\nmaximum_crashes = 1000')):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        self.gateway.config.write_text(text)
        if commits:
            configure(self, "reader", wait="1s", answer="4s")

    def begin(self, fault=None, environment=None):
        """A new life, without waiting for anything."""
        gateway = self.gateway
        gateway.lives += 1
        gateway.daemon = Child(
            "antipode serve", [gateway.binary, "serve", "--config", gateway.config], gateway.log,
            env={**(environment or {}), **({"ANTIPODE_FAULT": fault} if fault else {})}).start()
        return gateway.daemon


class Round:
    """Peers and load around one site, until `settle` and `judge`."""

    def __init__(self, binary, folder, seed, reader="recording", pacs="recording", state=None, retention="60s",
                 spool=None):
        kind = READERS[reader]
        self.site = KillSite(binary, folder, kind.method, state, retention, kind.commits, spool)
        self.offers = modalities.Offers()
        self.reader = kind(self.site, self.offers)
        self.pacs = PACS[pacs](self.site)
        self.modalities = [
            kind(self.site, self.offers, [seed, number], forgetful, self.may_begin)
            for number, (kind, forgetful) in enumerate((
                (modalities.ByHand, False), (modalities.ByHand, True), (modalities.ByStorescu, False),
                (modalities.ByPynetdicom, False)))]
        self.findings = checker.Findings()
        self.known = checker.Known(self.offers, self.reader)

    def may_begin(self):
        return len(self.offers.images) - len(self.reader.arrived()) < MOST_ON_THE_WAY

    def start(self):
        self.pacs.start()
        self.reader.start()
        for one in self.modalities:
            one.start()
        return self

    def stop(self):
        for one in self.modalities:
            one.stop()
        self.reader.stop()
        self.site.stop()
        self.pacs.stop()

    def settle(self, seconds=120):
        """The daemon runs undisturbed until everything that was promised has been kept, or time is up."""
        for one in self.modalities:
            one.stop()
        if not self.site.gateway.alive():
            self.site.begin()
        self.site.gateway.wait_ready()

        def modalities_done():
            return not any(one.is_alive() for one in self.modalities)

        def all_there():
            return modalities_done() and self.offers.answered_now() <= self.reader.arrived() and \
                self.reader.is_finished() and self.must_be_at_pacs() <= set(self.delivered())

        def all_written():
            transfers = self.site.gateway.transfers()
            last = {"reader": self.reader.last_state}
            return all(one["state"] == last.get(one["destination"], "acknowledged") for one in transfers)

        try:
            wait_until(modalities_done, seconds, "the modalities finishing", pause=0.5)
            self.send_again_what_is_missed()
            wait_until(all_there, seconds, "everything arriving", pause=0.5)
            # Commitments are asked for one by one, and Orthanc takes a second for each.
            wait_until(all_written, 300 if self.reader.commits else 20, "everything being written down", pause=0.5)
        except NotReady as error:
            self.findings.append(str(error))
        # Whatever is sent twice or should not be sent at all has its chance.
        time.sleep(2)

    def send_again_what_is_missed(self):
        """What a person does who is told that a file is lost: of an image that nobody was answered for, and that its sender did
        not offer again."""
        rows, = bookkeeping.read(
            self.site.state, "journal.sqlite", "SELECT sopInstanceUID FROM instances WHERE state = 'missing'")
        missed = {uid for uid, in rows} - self.offers.answered_now()
        if missed:
            modalities.ByHand(self.site, self.offers, 0).push([self.offers.images[uid] for uid in sorted(missed)])

    def must_be_at_pacs(self):
        self.reader.reports()
        return set(self.reader.taken)

    def delivered(self):
        found = {}
        for content in self.pacs.contents():
            one = pydicom.dcmread(io.BytesIO(content))
            found[str(one.SOPInstanceUID)] = one
        return found

    def look_into_spool(self):
        """Whether everything there is what somebody sent; while the daemon is down. Gives what was set aside."""
        return bookkeeping.contents(self.site.spool, self.known, self.findings)

    def judge(self):
        """Everything the checker knows; gives the figures."""
        findings = self.findings
        arrived = checker.images_at_reader(self.offers, self.reader.contents(), findings)
        repeats = 0
        if self.reader.receipts:
            repeats += checker.sent_once(self.reader.receipts(), findings, "image")
        delivered = self.delivered()
        if self.pacs.receipts:
            repeats += checker.sent_once(self.pacs.receipts(), findings, "report")
        checker.reports_at_pacs(
            self.offers, arrived, self.reader.reports(), delivered, self.must_be_at_pacs(), findings)
        for uid, status in self.offers.refused:
            findings.append(f"{uid} was answered {status:04X}")
        needs = self.site.gateway.status().get("needsPerson", 0)
        findings.must(not needs, f"{needs} need a person")
        # Once more up and down, so that what the last kill left has been put in order.
        self.site.stop()
        self.site.begin()
        self.site.gateway.wait_ready()
        self.site.stop()
        bookkeeping.check(self.site.state, self.site.spool, self.offers.answered_now(), findings)
        try:
            self.site.require_no_planted_words()
        except AssertionError as error:
            findings.append(str(error))
        return {
            "offered": len(self.offers.images), "answered": len(self.offers.answered_now()), "arrived": len(arrived),
            "reports": len(delivered), "repeats": repeats, **self.look_into_spool(), **self.known.asked,
        }
