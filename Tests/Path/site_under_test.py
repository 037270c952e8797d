"""One hospital with Antipode in its middle: state made by `antipode init`, configuration and certificates by us."""

import contextlib
import re
import shutil
import sqlite3
import subprocess

from objects import PLANTED_WORDS
from trial.authority import Authority
from trial.configuration import Plan
from trial.gateway import Gateway
from trial.processes import free_ports, wait_until
from wire import CT_IMAGE, EXPLICIT, IMPLICIT, Association


class Site:
    gateway_aet, reader_aet, pacs_aet, modality_aet = "ANTIPODE", "READER", "PACS", "MODALITY"
    #: Seconds within which a peer that says nothing is ended, by the limits below.
    patience = 20
    lanes = 4

    def __init__(self, binary, folder, method="push"):
        self.folder = folder
        self.gateway = Gateway(binary, folder / "antipode")
        (self.plain_port, self.tls_port, self.console_port, self.reader_port, self.pacs_port) = free_ports(5)
        self.own_authority = Authority(folder / "authority")
        self.gateway.init()
        plan = Plan(
            self.plain_port, self.tls_port, self.console_port, self.reader_port, self.pacs_port,
            vault_key=self.gateway.vault_key, viewer_token=self.gateway.viewer_token,
            operator_token=self.gateway.operator_token,
            gateway_tls=self.own_authority.issue("gateway"), method=method, lanes=self.lanes,
            limits={"negotiation": "5s", "idle": "10s", "dimse": "5s", "minimum_rate_window": "5s"})
        self.gateway.config.write_text(plan.configuration())

    # Certificates

    def peer_tls(self, name):
        return self.own_authority.issue(name)

    @property
    def trusted(self):
        return self.own_authority.certificate

    # The daemon

    def start(self):
        self.gateway.start()
        return self

    def stop(self):
        self.gateway.stop()

    def association(self, contexts=((CT_IMAGE, (EXPLICIT, IMPLICIT)),)):
        return Association(self.plain_port, self.gateway_aet, self.modality_aet, contexts)

    def storescu(self, files):
        done = subprocess.run(
            [shutil.which("storescu") or "storescu", "-aet", self.modality_aet, "-aec", self.gateway_aet, "-R",
             "127.0.0.1", str(self.plain_port), *map(str, files)], capture_output=True, text=True)
        assert done.returncode == 0, f"storescu: {done.stderr}"
        assert "Status" not in done.stderr and "Warning" not in done.stderr, done.stderr

    def spooled(self, data):
        """The spool's files that end with these bytes."""
        found = []
        for path in self.gateway.folder.rglob("objects/*/*.dcm"):
            # One that a worker had ready goes with its association.
            with contextlib.suppress(FileNotFoundError):
                if path.read_bytes().endswith(data):
                    found.append(path)
        return found

    def study_key(self, study_uid, required=True):
        def found():
            keys = [s["key"] for s in self.gateway.studies() if s["studyUID"] == str(study_uid)]
            return keys[-1] if keys else None

        return wait_until(found, 15, "the study being listed") if required else found()

    # What may not be anywhere

    def require_no_planted_words(self):
        """Nothing that names a patient stands in the log, in the journal or in a file's name."""
        words = [word.lower() for word in PLANTED_WORDS]

        def clean(text, where):
            for word in words:
                assert word not in text.lower(), f"a patient's data stand in {where}"

        clean(self.gateway.log_text(), "the log")
        for path in self.gateway.folder.rglob("*"):
            clean(path.name, "a file name")
            if path.is_file() and re.search(r"journal[^/]*$", path.name):
                clean(path.read_bytes().decode("latin-1"), f"the journal's file {path.name}")
            if path.is_file() and re.search(r"vault[^/]*(sqlite|db|wal)[^/]*$", path.name):
                clean(path.read_bytes().decode("latin-1"), f"the vault's file {path.name}, unsealed")

    def journal_is_sound(self):
        """SQLite's own check, while the daemon is down."""
        checked = 0
        for path in self.gateway.folder.rglob("journal*"):
            if path.is_file() and path.read_bytes().startswith(b"SQLite format 3"):
                with sqlite3.connect(path) as journal:
                    assert journal.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                checked += 1
        assert checked == 1
