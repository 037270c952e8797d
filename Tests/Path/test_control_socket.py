"""The control socket when others take its places and say nothing."""

import socket
import time

import pytest


@pytest.fixture(scope="module")
def site(make_site):
    return make_site("control").start()


@pytest.mark.parametrize("count", [16, 40])
def test_silent_clients_shut_nobody_out(site, count):
    path = str(site.gateway.folder / "state" / "control.sock")
    silent = []
    try:
        for _ in range(count):
            one = socket.socket(socket.AF_UNIX)
            one.settimeout(5)
            one.connect(path)
            silent.append(one)
        begun = time.monotonic()
        assert site.gateway.status()["ready"]
        assert time.monotonic() - begun < 4
        # And those who stay silent are sent away, some of them with the word that there is no room.
        for one in silent:
            one.settimeout(10)
            while one.recv(4096):
                pass
    finally:
        for one in silent:
            one.close()
