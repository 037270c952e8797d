"""What systemd sees of the daemon: states on a socket, a watchdog, a reload, a stop that drains."""

import os
import shutil
import signal
import socket
import subprocess
import threading

import pytest
from objects import bare, study
from conftest import ROOT
from reader import CountingReader
from trial.gateway import CommandFailed
from trial.processes import wait_until
from wire import CT_IMAGE


class NotifySocket:
    """sd_notify(3) from the other end."""

    def __init__(self, path):
        self.path = path
        self.messages = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                self.messages.append(self.socket.recv(4096).decode())
            except OSError:
                return

    def lines(self):
        return [line for message in list(self.messages) for line in message.splitlines()]

    def wait(self, line, seconds=20, count=1):
        wait_until(lambda: self.lines().count(line) >= count, seconds, f"{line} on the notify socket")


@pytest.fixture
def site(make_site):
    return make_site("service")


@pytest.fixture
def notify(site):
    one = NotifySocket(site.folder / "notify")
    site.gateway.start(extra_env={"NOTIFY_SOCKET": str(one.path), "WATCHDOG_USEC": "1000000"})
    yield one
    site.stop()
    one.socket.close()


@pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="there is no systemd-analyze: Scripts/prerequisites.sh installs it on Debian")
def test_systemd_understands_the_unit_and_finds_it_confined(binary, tmp_path):
    unit = tmp_path / "antipode.service"
    unit.write_text((ROOT / "systemd" / "antipode.service").read_text().replace("/usr/bin/antipode", str(binary)))
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
    assert "antipode.service" not in verified.stderr, verified.stderr
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", unit], capture_output=True,
        text=True)
    assert judged.returncode == 0, judged.stdout[-300:]


def test_systemd_hears_ready_the_watchdog_reloads_and_the_stop(site, notify):
    notify.wait("READY=1")
    notify.wait("WATCHDOG=1", count=3)
    assert notify.lines().index("READY=1") <= notify.lines().index("WATCHDOG=1")

    os.kill(site.gateway.daemon.pid, signal.SIGHUP)
    notify.wait("RELOADING=1")
    notify.wait("READY=1", count=2)
    assert any(m.startswith("RELOADING=1\nMONOTONIC_USEC=") for m in notify.messages)

    good = site.gateway.config.read_text()
    site.gateway.config.write_text(good.replace(f"port = {site.plain_port}", "port = 70000"))
    os.kill(site.gateway.daemon.pid, signal.SIGHUP)
    wait_until(lambda: "the old one goes on" in site.gateway.log_text(), 10, "the fault being told in the log")
    wait_until(lambda: "listener[1].port = 70000" in site.gateway.log_text(), 15, "the fault in the log", pause=0.1)
    site.gateway.config.write_text(good)
    assert site.gateway.status()["ready"]

    os.kill(site.gateway.daemon.pid, signal.SIGTERM)
    notify.wait("STOPPING=1")
    assert site.gateway.daemon.process.wait(20) == 0
    assert not list(site.gateway.folder.rglob("control.sock"))


def test_a_reload_that_cannot_be_put_in_force_ends_and_leaves_the_old_one(site, notify):
    notify.wait("READY=1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        old = site.gateway.config.read_text()
        site.gateway.config.write_text(old.replace(f"port = {site.plain_port}", f"port = {taken.getsockname()[1]}"))
        os.kill(site.gateway.daemon.pid, signal.SIGHUP)
        notify.wait("RELOADING=1")
        notify.wait("READY=1", count=2)
        notify.wait("STATUS=the old configuration goes on")
    with site.association() as association:
        assert association.outcome == "accepted"
        association.release()
    site.gateway.config.write_text(old)


def test_a_reload_moves_no_folder_and_drops_no_association(site, notify):
    notify.wait("READY=1")
    images = study(2)
    with site.association() as association:
        assert association.store(CT_IMAGE, images[0].SOPInstanceUID, bare(images[0])) == 0
        old = site.gateway.config.read_text()
        site.gateway.config.write_text(
            old.replace('free_floor = "64 MiB"', 'free_floor = "64 MiB"\ndirectory = "elsewhere"'))
        os.kill(site.gateway.daemon.pid, signal.SIGHUP)
        notify.wait("READY=1", count=2)
        assert association.store(CT_IMAGE, images[1].SOPInstanceUID, bare(images[1]), message=2) == 0
        association.release()
    wait_until(lambda: "that needs a restart" in site.gateway.log_text(), 15, "the warning in the log", pause=0.1)
    assert not (site.gateway.folder / "elsewhere").exists()
    certificate, key, trusted = site.peer_tls("reader")
    reader = CountingReader(site.reader_port, site.reader_aet, certificate, key, trusted).start()
    try:
        wait_until(lambda: reader.count == 2, 30, "both images reaching the reader")
    finally:
        reader.stop()
    site.gateway.config.write_text(old)


def test_a_stop_finishes_what_runs_and_the_next_start_sends_the_rest_once(site, notify):
    certificate, key, trusted = site.peer_tls("reader")
    reader = CountingReader(site.reader_port, site.reader_aet, certificate, key, trusted, delay=0.3).start()
    try:
        images = study(24)
        with site.association() as association:
            for number, image in enumerate(images):
                assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image), message=number + 1) == 0
            association.release()
        wait_until(lambda: reader.count >= 4, 30, "some images reaching the reader")
        os.kill(site.gateway.daemon.pid, signal.SIGTERM)
        assert site.gateway.daemon.process.wait(20) == 0
        before = reader.count
        assert 4 <= before < 24
        site.gateway.start()
        wait_until(lambda: len(reader.distinct) == 24, 40, "the rest reaching the reader")
        assert reader.count == 24, "an image that was acknowledged was sent again"
    finally:
        reader.stop()


def test_a_log_that_cannot_be_written_ends_nothing(make_site):
    site = make_site("no-log")
    with open("/dev/full", "w") as full:
        daemon = subprocess.Popen(
            [site.gateway.binary, "serve", "--config", site.gateway.config], stdout=full, stderr=full)
    try:
        def ready():
            assert daemon.poll() is None, f"the daemon ended with {daemon.returncode}"
            try:
                return site.gateway.status().get("ready")
            except CommandFailed:
                return None

        wait_until(ready, 30, "the daemon being ready", pause=0.2)
        with site.association() as association:
            one = study(1)[0]
            assert association.store(CT_IMAGE, one.SOPInstanceUID, bare(one)) == 0
            association.release()
        assert ready()
    finally:
        daemon.terminate()
        assert daemon.wait(30) == 0
