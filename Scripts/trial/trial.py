"""The demonstration's cast: Antipode, a reader over TLS, a PACS, and a modality that pushes."""

import re
import subprocess
from pathlib import Path

from .gateway import Gateway
from .processes import Child, NotReady, free_ports


def running(folder):
    """What an earlier run left on this state folder: (process id, name), checked against the system's own list."""
    found = []
    try:
        lines = (Path(folder) / "running").read_text().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        pid, name = line.split(" ", 1)
        try:
            words = Path(f"/proc/{int(pid)}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append((int(pid), name))
    return found


class Trial:
    """Everything under one state folder; each process is ended by its own id."""

    gateway_aet, reader_aet, pacs_aet, modality_aet = "ANTIPODE", "READER", "PACS", "MODALITY"
    #: The ports that `antipode init` writes, by what they are for.
    usual_ports = {"plain": 11112, "tls": 2762, "console": 8080, "reader": 12762, "pacs": 11113}
    #: In a demonstration nobody wants to wait.
    hurry = {'quiet_period = "5s"': 'quiet_period = "2s"', 'first_poll = "5s"': 'first_poll = "1s"',
             'interval = "5s"': 'interval = "2s"'}

    def __init__(self, binary, folder):
        self.folder = Path(folder)
        self.gateway = Gateway(binary, self.folder)
        self.binary = str(binary)
        self.reader_folder, self.pacs_folder = self.folder / "reader", self.folder / "pacs"
        self.outbox = self.folder / "outbox"
        self.reader = self.pacs = None
        self.port = {}

    def make(self):
        """What `antipode init` makes, on free ports."""
        self.gateway.init()
        self.port = dict(zip(self.usual_ports, free_ports(len(self.usual_ports))))
        text = self.gateway.config.read_text()
        for use, usual in self.usual_ports.items():
            text, count = re.subn(rf"(?m)^port = {usual}$", f"port = {self.port[use]}", text)
            if count != 1:
                raise NotReady(f"antipode init wrote no port {usual} in {self.gateway.config}")
        for slow, quick in self.hurry.items():
            text = text.replace(slow, quick)
        self.gateway.config.write_text(text)
        for folder in (self.reader_folder, self.pacs_folder, self.outbox):
            folder.mkdir()
        self.gateway.run("check")

    def start(self):
        certificate, key, trusted = self.gateway.certificate("reader")
        self.pacs = Child("the PACS", [
            self.binary, "simulate", "pacs", "--port", self.port["pacs"], "--ae", self.pacs_aet,
            "--folder", self.pacs_folder], self.folder / "pacs.log").start()
        self.reader = Child("the reader", [
            self.binary, "simulate", "reader", "--port", self.port["reader"], "--ae", self.reader_aet,
            "--folder", self.reader_folder, "--certificate", certificate, "--key", key, "--trusted", trusted,
            "--delay", "2"], self.folder / "reader.log").start()
        self.pacs.wait_listening(self.port["pacs"])
        self.reader.wait_listening(self.port["reader"])
        self.gateway.start()
        self.gateway.run("echo", "reader")
        self.gateway.run("echo", "pacs")

    def where(self):
        port = self.port
        return (f"Antipode on port {port['plain']} (modalities) and {port['tls']} (readers, TLS), "
                f"reader on {port['reader']} (TLS), PACS on {port['pacs']}")

    def require_running(self):
        for child in (self.gateway.daemon, self.reader, self.pacs):
            child.require_running()

    # Studies

    def stage(self, title, files):
        """Links to the files in a folder of their own."""
        folder = self.outbox / title.replace(" ", "-").replace("/", "-")
        number = 1
        while folder.exists():
            number += 1
            folder = folder.with_name(f"{folder.name.split('.')[0]}.{number}")
        folder.mkdir()
        for number, path in enumerate(files):
            (folder / f"{number:05}.dcm").symlink_to(Path(path).resolve())
        return folder

    def push(self, *cargo):
        """Pushes `--folder FOLDER` or `--synthetic ct …`; gives what the modality said."""
        done = subprocess.run(
            [self.binary, "simulate", "modality", "--to", self.door, "--ae", self.modality_aet, *map(str, cargo)],
            capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise NotReady("a push failed: " + "; ".join((done.stderr + done.stdout).splitlines()[-3:]))
        return done.stdout

    @property
    def door(self):
        return f"{self.gateway_aet}@127.0.0.1:{self.port['plain']}"

    # The end

    def how_to_look(self):
        gateway = self.gateway
        return [
            f"pages     http://127.0.0.1:{self.port['console']}/",
            f"          the viewer's token is in {gateway.viewer_token}, the operator's in {gateway.operator_token}",
            f"commands  export ANTIPODE_CONFIG={gateway.config}",
            *(f"          {self.binary} {words}" for words in (
                "status", "studies", "study show S1", "explain S1", "report show R1", "peers")),
            f"push      {self.binary} simulate modality --to {self.door} --ae {self.modality_aet} --folder FOLDER",
            f"files     {self.reader_folder} is what the reader has, {self.pacs_folder} what the PACS has",
            f"logs      {gateway.log}, {self.folder / 'reader.log'}, {self.folder / 'pacs.log'}",
        ]

    def remember_running(self):
        children = (self.gateway.daemon, self.reader, self.pacs)
        (self.folder / "running").write_text("".join(f"{child.pid} {child.name}\n" for child in children))

    def last_words(self):
        found = []
        for child in (self.gateway.daemon, self.reader, self.pacs):
            if child and child.text():
                found.append((child.name, child.tail(8)))
        return found

    def stop(self):
        for child in (self.gateway.daemon, self.reader, self.pacs):
            if child:
                child.stop()
