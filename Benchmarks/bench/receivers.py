"""Who receives: Antipode, and others to compare it with. Each is ready when `start` returns."""

import json
import os
import shutil
import sqlite3
import subprocess
import time
import urllib.request

import pydicom
from trial.configuration import Plan
from trial.gateway import Gateway
from trial.processes import Child, free_ports, wait_until


class StoreSCP:
    """DCMTK's storescp, as it is by default, with `+B`, which writes the data set as it comes and is its fastest way, or with
    `+B --ignore`, which stores nothing (and without `+B` would take each data set apart all the same). It never calls fsync."""

    title = "STORESCP"

    def __init__(self, folder, fork=False, tls=None, preserving=True, ignoring=False, end=(), host="127.0.0.1",
                 accept=()):
        """`end` is what stands before the command: the namespace that it runs in. `accept`: more words for storescp."""
        self.accept = list(accept) + (["--ignore"] if ignoring else [])
        self.end, self.host = list(end), host
        self.name = "storescp" + (" +B" if preserving else "") + (" --ignore" if ignoring else "") + (" --fork" if fork else "")
        self.folder = folder / self.name.replace(" ", "").replace("+", "-")
        self.folder = self.folder.with_name(self.folder.name + ("-tls" if tls else ""))
        self.objects = self.folder / "objects"
        self.port = free_ports(1)[0]
        self.fork, self.tls, self.preserving = fork, tls, preserving
        #: Whether what it has answered for can be counted.
        self.keeps = not ignoring
        self.child = None

    def start(self):
        self.objects.mkdir(parents=True)
        words = [*self.end, "storescp", "-aet", self.title, *(["+B"] if self.preserving else []), "-od", self.objects]
        words += [*self.accept, *(["--fork"] if self.fork else [])]
        if self.tls:
            certificate, key, trusted = self.tls
            words += ["+tls", key, certificate, "+cf", trusted, "-rc"]
        self.child = Child(self.name, [*words, self.port], self.folder / "log").start()
        if self.end:
            # Its sockets are not in this namespace's tables; a port that is asked a moment too early is asked again.
            time.sleep(1)
            self.child.require_running()
        else:
            self.child.wait_listening(self.port)
        return self

    def count(self):
        with os.scandir(self.objects) as entries:
            return sum(1 for _ in entries)

    def instances(self):
        """Different SOP Instance UIDs among the files."""
        found = set()
        for path in self.objects.iterdir():
            try:
                head = pydicom.dcmread(path, force=True, specific_tags=["SOPInstanceUID"], stop_before_pixels=True)
            except FileNotFoundError:  # half an object, removed by storescp when its association ended
                continue
            found.add(str(head.SOPInstanceUID))
        return len(found)

    def stop(self):
        if self.child:
            self.child.stop()


class StandInReader:
    """`antipode simulate reader`: takes every transfer syntax that Antipode may send, which storescp 3.6.7 does not."""

    name, title = "antipode simulate reader", "READER"
    keeps = True

    def __init__(self, binary, folder, tls, end=(), host="127.0.0.1"):
        self.binary, self.folder, self.tls, self.end, self.host = binary, folder / "stand-in", tls, list(end), host
        self.port = free_ports(1)[0]
        self.child = None

    def start(self):
        self.folder.mkdir(parents=True)
        certificate, key, trusted = self.tls
        self.child = Child(self.name, [
            *self.end, self.binary, "simulate", "reader", "--address", self.host, "--port", self.port, "--folder",
            self.folder / "objects",
            "--certificate", certificate, "--key", key, "--trusted", trusted, "--delay", "3600"],
            self.folder / "log").start()
        time.sleep(1)
        self.child.require_running()
        return self

    def stop(self):
        if self.child:
            self.child.stop()


class Orthanc:
    """Debian's Orthanc with its defaults: SQLite index, no compression, no plug-ins."""

    name, title = "Orthanc", "ORTHANC"
    keeps = True

    def __init__(self, folder, end=(), modalities=None, tls=None):
        """`tls`: certificate, key and trusted authority for associations that it opens to modalities with UseDicomTls."""
        self.folder = folder / "orthanc"
        self.end, self.modalities, self.tls = list(end), modalities or {}, tls
        self.port, self.http = free_ports(2)
        self.child = None

    def start(self):
        self.folder.mkdir(parents=True)
        configuration = self.folder / "orthanc.json"
        configuration.write_text(json.dumps({
            "Name": self.title, "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "index"), "Plugins": [], "HttpPort": self.http,
            "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "DicomAet": self.title,
            "DicomPort": self.port, "DicomAlwaysAllowStore": True, "StableAge": 3600, "DicomThreadsCount": 8,
            "DicomModalities": self.modalities, **self._tls()}))
        program = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
        self.child = Child(self.name, [*self.end, program, configuration], self.folder / "log").start()
        if self.end:
            return self
        self.child.wait_listening(self.port)

        def answers():
            self.child.require_running()
            try:
                return self.count() is not None
            except OSError:
                return False

        wait_until(answers, 60, "Orthanc answering")
        return self

    def _tls(self):
        if not self.tls:
            return {}
        certificate, key, trusted = map(str, self.tls)
        return {
            "DicomTlsEnabled": False, "DicomTlsCertificate": certificate, "DicomTlsPrivateKey": key,
            "DicomTlsTrustedCertificates": trusted}

    def ask(self, path, body=None, kind="application/json", method=None, timeout=900):
        """Its REST API: the answer as JSON, or None where it is empty."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}{path}", data=body, headers={"Content-Type": kind}, method=method)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def count(self):
        return self.ask("/statistics", timeout=30)["CountInstances"]

    def stop(self):
        if self.child:
            self.child.stop()


class Antipode:
    """The gateway with its usual settings. With `reader`, the port of a DICOM node over TLS, studies are forwarded."""

    name, title = "Antipode", "ANTIPODE"
    keeps = True

    def __init__(self, binary, folder, authority, reader=None, lanes=4, quiet=2, end=(), compression=None, immediate=None,
                 env=None, gateway_keys="", destination_keys="", warm_lanes=0, waits=False):
        """`end`: the namespace to run in. `immediate`: "acute" for STAT alone, "all" for everything; that and `warm_lanes`
        where the program has those keys. `gateway_keys` and `destination_keys` are lines for those tables. `waits` receives
        and has no reader."""
        self.folder = folder / ("antipode-forwarding" if reader else "antipode")
        self.gateway = Gateway(binary, self.folder, end=end)
        self.authority, self.reader, self.lanes = authority, reader, lanes
        self.quiet, self.compression, self.immediate, self.env = quiet, compression, immediate, env
        self.gateway_keys, self.destination_keys, self.waits = gateway_keys, destination_keys, waits
        self.warm_lanes = warm_lanes
        self.port = self.console = None

    def start(self, seconds=60):
        if not self.gateway.config.exists():
            self.gateway.init()
            self.configure()
        self.gateway.start(seconds, extra_env=self.env)
        return self

    def configure(self):
        self.port, tls, self.console, unused = free_ports(4)
        plan = Plan(
            self.port, tls, self.console, self.reader.port if self.reader else unused, unused,
            vault_key=self.gateway.vault_key, viewer_token=self.gateway.viewer_token,
            operator_token=self.gateway.operator_token, gateway_tls=self.authority.issue("gateway"),
            lanes=self.lanes,
            # Without a reader nothing else is to happen meanwhile: the study waits for more.
            quiet_period=f"{self.quiet}s" if self.reader or self.waits else "3600s")
        text = plan.configuration()
        if self.reader:
            text = text.replace('called_ae_title = "READER"', f'called_ae_title = "{self.reader.title}"')
            text = text.replace(
                f'host = "127.0.0.1"\nport = {self.reader.port}', f'host = "{self.reader.host}"\nport = {self.reader.port}')
        keys = self.destination_keys
        if self.compression:
            keys += f'\ncompression = "{self.compression}"'
        text = text.replace(f"lanes = {self.lanes}\n", f"lanes = {self.lanes}\n{keys}\n", 1)
        # Twenty and a hundred associations of one source are measured too.
        text = text.replace("unknown_sop_classes = true", "unknown_sop_classes = true\nmaximum_associations = 160", 1)
        text = text.replace("[intake]\n", "[intake]\nmaximum_associations = 160\n", 1)
        text = text.replace("[gateway]\n", f"[gateway]\n{self.gateway_keys}\n", 1)
        rule = '[[rule]]\nname = "everything to the reader"\n'
        lanes = f"lanes = {self.lanes}\n"
        if self.warm_lanes and self._knows("warm_lanes", text.replace(lanes, f"{lanes}warm_lanes = 1\n", 1)):
            text = text.replace(lanes, f"{lanes}warm_lanes = {self.warm_lanes}\n", 1)
        if self.immediate:
            at_once = text.replace(rule, f"{rule}immediate = true\n")
            self.sends_at_once = self._knows("immediate", at_once)
            if self.sends_at_once and self.immediate == "all":
                text = at_once
            elif self.sends_at_once:
                acute = '[[rule]]\nname = "acute"\npriorities = ["STAT"]\nimmediate = true\nto = ["reader"]\n\n'
                text = text.replace(rule, acute + rule)
        self.gateway.config.write_text(text)

    def _knows(self, key, text):
        """Whether the program takes a configuration with that key."""
        trial = self.folder / "trial.toml"
        trial.write_text(text)
        done = subprocess.run(
            [self.gateway.binary, "check", "--config", str(trial)], capture_output=True, text=True, timeout=60)
        trial.unlink()
        return key not in done.stdout + done.stderr

    sends_at_once = False

    @property
    def pid(self):
        return self.gateway.daemon.pid

    @property
    def state(self):
        return self.folder / "state"

    def count(self):
        return self.rows("SELECT total(instanceCount) FROM studies")[0][0]

    def rows(self, sql, values=()):
        """Of the journal, read beside the daemon."""
        journal = sqlite3.connect(f"file:{self.state / 'journal.sqlite'}?mode=ro", uri=True, timeout=10)
        try:
            return journal.execute(sql, values).fetchall()
        finally:
            journal.close()

    def open_transfers(self, beside=""):
        """Instances that are still to be acknowledged, and those that wait for a person; but for one study's."""
        return self.rows(
            "SELECT total(waiting + claimed), total(held) FROM transfers WHERE studyID NOT IN"
            " (SELECT id FROM studies WHERE studyUID = ?)", (beside,))[0]

    def transfer(self, study_uid):
        """When the transfer of a study to the reader began and ended, in seconds since 1970; None until then."""
        rows = self.rows(
            "SELECT transfers.state, startedAt, transfers.finishedAt, failure FROM transfers JOIN studies"
            " ON studies.id = studyID WHERE studyUID = ? AND reportID IS NULL", (study_uid,))
        for state, started, finished, failure in rows:
            if state == "held":
                raise RuntimeError(f"a transfer is held: {failure}")
            if finished is not None:
                return {"startedAt": started, "finishedAt": finished}
        return None

    def acknowledged(self, study_uid=None):
        """When each instance was acknowledged, in seconds since 1970, in order."""
        if study_uid is None:
            sql, values = "SELECT acknowledgedAt FROM transfer_instances WHERE acknowledgedAt IS NOT NULL", ()
        else:
            sql, values = (
                "SELECT acknowledgedAt FROM transfer_instances WHERE acknowledgedAt IS NOT NULL AND transferID IN"
                " (SELECT transfers.id FROM transfers JOIN studies ON studies.id = studyID WHERE studyUID = ?)", (study_uid,))
        return sorted(row[0] for row in self.rows(sql, values))

    def stop(self):
        self.gateway.stop()
