"""Antipode itself: its state folder, its process and its command line."""

import json
import os
import subprocess
from pathlib import Path

from .processes import Child, wait_until


class CommandFailed(Exception):
    def __init__(self, arguments, code, output, errors):
        super().__init__(f"antipode {' '.join(arguments)} ended with code {code}: {errors.strip() or output.strip()}")
        self.code = code
        self.output = output
        self.errors = errors


class Gateway:
    """One state folder, made by `antipode init`, and the daemon that runs on it."""

    def __init__(self, binary, folder, end=()):
        """`end` stands before the daemon's command: a network namespace to run in."""
        self.binary = str(binary)
        self.end = list(end)
        self.folder = Path(folder)
        self.config = self.folder / "antipode.toml"
        self.daemon = None
        self.lives = 0

    def init(self):
        """`antipode init`: a configuration, keys, tokens and trial certificates in a folder that is new or empty."""
        self.run("init", self.folder, config=False)

    @property
    def vault_key(self):
        return self.folder / "vault.key"

    @property
    def viewer_token(self):
        return self.folder / "viewer.token"

    @property
    def operator_token(self):
        return self.folder / "operator.token"

    def certificate(self, name):
        """(certificate, private key, trusted authority) that `antipode init` made for `gateway` or `reader`."""
        certs = self.folder / "certs"
        return certs / f"{name}.pem", certs / f"{name}.key", certs / "ca.pem"

    # The command line

    def run(self, *arguments, check=True, timeout=60, config=True):
        words = [str(a) for a in arguments]
        if config:
            words += ["--config", str(self.config)]
        done = subprocess.run(
            [self.binary, *words], capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise CommandFailed(words, done.returncode, done.stdout, done.stderr)
        return done

    def ask(self, *arguments):
        """The --json of a command that looks."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def status(self):
        return self.ask("status")

    def studies(self):
        return self.ask("studies", "--limit", "1000")

    def study(self, key):
        return self.ask("study", "show", key)

    def reports(self):
        return self.ask("reports", "--limit", "1000")

    def transfers(self):
        return self.ask("transfers", "--limit", "1000")

    def report_text(self, key):
        """The restored report as text; it names the patient."""
        return self.ask("report", "show", key)["text"]

    # The daemon

    @property
    def log(self):
        return self.folder / "antipode.log"

    def launch(self, extra_env=None):
        """Starts the process, and does not wait until it is ready."""
        self.lives += 1
        self.daemon = Child(
            "antipode serve", [*self.end, self.binary, "serve", "--config", self.config], self.log, env=extra_env).start()
        return self

    def start(self, seconds=60, extra_env=None):
        self.launch(extra_env)
        self.wait_ready(seconds)
        return self

    def wait_ready(self, seconds=60):
        def ready():
            self.daemon.require_running()
            try:
                status = self.status()
            except (CommandFailed, ValueError, subprocess.TimeoutExpired):
                return None
            return status if status.get("running") and status.get("ready") else None

        return wait_until(ready, seconds, f"antipode being ready (log: {self.log})", pause=0.2)

    def stop(self):
        if self.daemon:
            self.daemon.stop()

    def kill(self):
        if self.daemon:
            self.daemon.kill()

    def alive(self):
        return self.daemon is not None and self.daemon.running

    def log_text(self):
        try:
            return self.log.read_text(errors="replace")
        except FileNotFoundError:
            return ""


def find_binary(root):
    """ANTIPODE_BIN, or a release build, or a debug build."""
    named = os.environ.get("ANTIPODE_BIN")
    if named:
        return Path(named)
    for kind in ("release", "debug"):
        path = Path(root) / ".build" / kind / "antipode"
        if path.exists():
            return path
    return None
