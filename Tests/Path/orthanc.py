"""Debian's Orthanc as a reader or as a hospital's PACS."""

import json
import shutil
from pathlib import Path

import requests

from trial.processes import Child, free_ports, wait_until


class Orthanc:
    """REST on loopback only. TLS when `tls` is (certificate, key, trusted)."""

    def __init__(self, folder, aet, modalities, tls=None, port=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.aet = aet
        self.port, self.http = (port or free_ports(1)[0]), free_ports(1)[0]
        configuration = {
            "Name": aet, "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "index"), "StorageCompression": False, "Plugins": [],
            "HttpServerEnabled": True, "HttpPort": self.http, "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False, "SslEnabled": False,
            "DicomServerEnabled": True, "DicomAet": aet, "DicomPort": self.port, "DicomCheckCalledAet": True,
            "DicomAlwaysAllowEcho": True, "DicomAlwaysAllowStore": True, "DicomAlwaysAllowFind": True,
            "DicomAlwaysAllowGet": True, "DicomAlwaysAllowMove": True, "DicomCheckModalityHost": False,
            "UnknownSopClassAccepted": True, "OverwriteInstances": True, "StableAge": 1, "DicomThreadsCount": 4,
            "DicomModalities": {
                name: {"AET": name, "Host": "127.0.0.1", "Port": where, "UseDicomTls": tls is not None}
                for name, where in modalities.items()},
        }
        if tls:
            certificate, key, trusted = tls
            configuration |= {
                "DicomTlsEnabled": True, "DicomTlsCertificate": str(certificate), "DicomTlsPrivateKey": str(key),
                "DicomTlsTrustedCertificates": str(trusted), "DicomTlsRemoteCertificateRequired": True}
        self.configuration = self.folder / "orthanc.json"
        self.configuration.write_text(json.dumps(configuration, indent=1))
        self.child = None

    def start(self):
        program = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
        self.child = Child(f"Orthanc {self.aet}", [program, self.configuration], self.folder / "log").start()

        def answers():
            self.child.require_running()
            try:
                return requests.get(self.url("/system"), timeout=2).ok
            except requests.RequestException:
                return False

        wait_until(answers, 60, f"Orthanc {self.aet} answering")
        return self

    def stop(self):
        if self.child:
            self.child.stop()

    def url(self, path):
        return f"http://127.0.0.1:{self.http}{path}"

    def get(self, path):
        answer = requests.get(self.url(path), timeout=60)
        answer.raise_for_status()
        return answer

    def count(self):
        return self.get("/statistics").json()["CountInstances"]

    def files(self):
        """Each object's bytes."""
        return [self.get(f"/instances/{one}/file").content for one in self.get("/instances").json()]

    def take(self, content):
        """Puts an object in as if it had been written here."""
        answer = requests.post(self.url("/instances"), data=content, timeout=60)
        answer.raise_for_status()
        return answer.json()
