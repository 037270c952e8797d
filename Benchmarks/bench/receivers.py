"""Who receives: Antipode, and others to compare it with. Each is ready when `start` returns."""

import json
import shutil
import urllib.request

from trial.configuration import Plan
from trial.gateway import Gateway
from trial.processes import Child, free_ports, wait_until


class StoreSCP:
    """DCMTK's storescp, as it is by default or with `+B`, which writes the data set as it comes and is its fastest way. It
    never calls fsync."""

    title = "STORESCP"

    def __init__(self, folder, fork=False, tls=None, preserving=True):
        self.name = "storescp" + (" +B" if preserving else "") + (" --fork" if fork else "")
        self.folder = folder / self.name.replace(" ", "").replace("+", "-")
        self.folder = self.folder.with_name(self.folder.name + ("-tls" if tls else ""))
        self.objects = self.folder / "objects"
        self.port = free_ports(1)[0]
        self.fork, self.tls, self.preserving = fork, tls, preserving
        self.child = None

    def start(self):
        self.objects.mkdir(parents=True)
        words = ["storescp", "-aet", self.title, *(["+B"] if self.preserving else []), "-od", self.objects]
        words += ["--fork"] if self.fork else []
        if self.tls:
            certificate, key, trusted = self.tls
            words += ["+tls", key, certificate, "+cf", trusted, "-rc"]
        self.child = Child(self.name, [*words, self.port], self.folder / "log").start()
        self.child.wait_listening(self.port)
        return self

    def count(self):
        return sum(1 for _ in self.objects.iterdir())

    def stop(self):
        if self.child:
            self.child.stop()


class Orthanc:
    """Debian's Orthanc with its defaults: SQLite index, no compression, no plug-ins."""

    name, title = "Orthanc", "ORTHANC"

    def __init__(self, folder):
        self.folder = folder / "orthanc"
        self.port, self.http = free_ports(2)
        self.child = None

    def start(self):
        self.folder.mkdir(parents=True)
        configuration = self.folder / "orthanc.json"
        configuration.write_text(json.dumps({
            "Name": self.title, "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "index"), "Plugins": [], "HttpPort": self.http,
            "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "DicomAet": self.title,
            "DicomPort": self.port, "DicomAlwaysAllowStore": True, "StableAge": 3600, "DicomThreadsCount": 8}))
        program = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
        self.child = Child(self.name, [program, configuration], self.folder / "log").start()
        self.child.wait_listening(self.port)

        def answers():
            self.child.require_running()
            try:
                return self.count() is not None
            except OSError:
                return False

        wait_until(answers, 60, "Orthanc answering")
        return self

    def count(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/statistics", timeout=30) as answer:
            return json.load(answer)["CountInstances"]

    def stop(self):
        if self.child:
            self.child.stop()


class Antipode:
    """The gateway with its usual settings. With `reader`, the port of a DICOM node over TLS, studies are forwarded."""

    name, title = "Antipode", "ANTIPODE"

    def __init__(self, binary, folder, authority, reader=None, lanes=4):
        self.folder = folder / ("antipode-forwarding" if reader else "antipode")
        self.gateway = Gateway(binary, self.folder)
        self.authority, self.reader, self.lanes = authority, reader, lanes
        self.port = None

    def start(self):
        self.gateway.init()
        self.port, tls, console, unused = free_ports(4)
        plan = Plan(
            self.port, tls, console, self.reader.port if self.reader else unused, unused,
            vault_key=self.gateway.vault_key, viewer_token=self.gateway.viewer_token,
            operator_token=self.gateway.operator_token, gateway_tls=self.authority.issue("gateway"),
            lanes=self.lanes,
            # Without a reader nothing else is to happen meanwhile: the study waits for more.
            quiet_period="2s" if self.reader else "3600s")
        text = plan.configuration()
        if self.reader:
            text = text.replace('called_ae_title = "READER"', f'called_ae_title = "{self.reader.title}"')
        self.gateway.config.write_text(text)
        self.gateway.start()
        return self

    @property
    def pid(self):
        return self.gateway.daemon.pid

    def count(self):
        return sum(study["instances"] for study in self.gateway.studies())

    def transfer(self, study_uid):
        """The transfer of a study to the reader, when it is done."""
        for study in self.gateway.studies():
            if study["studyUID"] == study_uid:
                for transfer in self.gateway.study(study["key"])["transfers"]:
                    if transfer["state"] == "held":
                        raise RuntimeError(f"a transfer is held: {transfer.get('failure')}")
                    if transfer.get("finishedAt"):
                        return transfer
        return None

    def stop(self):
        self.gateway.stop()
