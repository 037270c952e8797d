"""Fixtures: the built program, sites with peers around it, other people's DICOM software."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "Scripts")]

from site_under_test import Site  # noqa: E402
from trial.gateway import find_binary  # noqa: E402


def pytest_addoption(parser):
    parser.addoption(
        "--fault", action="store_true", help="what is marked `fault`, wherever it stands, and all of test_fault*")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--fault"):
        return
    wanted = [one for one in items if one.get_closest_marker("fault") or one.path.name.startswith("test_fault")]
    config.hook.pytest_deselected(items=[one for one in items if one not in wanted])
    items[:] = wanted


def pytest_configure(config):
    # Every peer of these tests answers as soon as it can, as a modality does.
    os.environ["TCP_NODELAY"] = "1"


@pytest.fixture(scope="session")
def binary():
    path = find_binary(ROOT)
    if path is None:
        built = subprocess.run(
            ["swift", "build", "--show-bin-path"], cwd=ROOT, capture_output=True, text=True, check=True)
        path = Path(built.stdout.strip()) / "antipode"
    if not path.exists():
        pytest.fail(f"there is no built antipode at {path}: run `swift build` or name one in ANTIPODE_BIN")
    return path.resolve()


@pytest.fixture(scope="session")
def make_site(binary, tmp_path_factory):
    """make_site(name, …) → a Site that is stopped when the session ends."""
    sites = []

    def make(name, **options):
        site = Site(binary, tmp_path_factory.mktemp(name), **options)
        sites.append(site)
        return site

    yield make
    for site in sites:
        site.stop()
