"""One daemon per state folder and per spool: the second says so and ends, and harms nothing."""

import shutil

import pytest
from faults import finished
from objects import bare, study
from trial.processes import Child, free_ports
from wire import CT_IMAGE


@pytest.fixture
def site(make_site):
    one = make_site("twice")
    one.start()
    return one


def second(site, folder, **changes):
    """Another daemon's end, its configuration that of the first but for its ports and `changes`."""
    folder.mkdir()
    text = site.gateway.config.read_text()
    for port in (site.plain_port, site.tls_port, site.console_port):
        text = text.replace(f"port = {port}\n", f"port = {free_ports(1)[0]}\n")
    text = text.replace('state = "state"', f'state = "{site.gateway.folder / "state"}"')
    for old, new in changes.items():
        text = text.replace(old, new)
    config = folder / "antipode.toml"
    config.write_text(text)
    child = Child("a second antipode", [site.gateway.binary, "serve", "--config", config], folder / "log").start()
    return child, child.process.wait(30)


def goes_on(site, images):
    with site.association() as association:
        for image in images:
            assert association.store(CT_IMAGE, image.SOPInstanceUID, bare(image)) == 0
        association.release()


def test_a_second_daemon_on_the_state_folder_is_refused(site, tmp_path):
    goes_on(site, study(2))
    before = finished(site.gateway.folder)
    child, code = second(site, tmp_path / "second")
    assert code not in (0, None)
    assert "another process owns the journal" in child.text()
    assert "Only one daemon may run on one state directory" in child.text()
    assert finished(site.gateway.folder) == before
    goes_on(site, study(1))


def test_a_second_daemon_with_a_journal_of_its_own_is_refused_at_the_spool(site, tmp_path):
    """It would take every file that the first has received for an orphan."""
    goes_on(site, study(3))
    spool = site.gateway.folder / "state" / "spool"
    before = finished(spool / "objects")
    assert before
    folder = tmp_path / "second"
    state = tmp_path / "state"
    state.mkdir()
    shutil.copy(site.gateway.folder / "state" / "journal.sqlite", state / "journal.sqlite")
    child, code = second(
        site, folder, **{str(site.gateway.folder / "state"): str(state), "[spool]": f'[spool]\ndirectory = "{spool}"'})
    assert code not in (0, None)
    assert "another daemon works on the spool" in child.text()
    assert finished(spool / "objects") == before
    assert not list((spool / "orphans").iterdir())
    goes_on(site, study(1))


def test_the_locks_of_a_killed_daemon_hold_nobody_up(site):
    goes_on(site, study(1))
    site.gateway.kill()
    state = site.gateway.folder / "state"
    assert (state / "journal.sqlite.lock").exists() and (state / "spool" / ".lock").exists()
    # While its workers are still on their way out, too.
    site.gateway.start(seconds=20)
    goes_on(site, study(1))
