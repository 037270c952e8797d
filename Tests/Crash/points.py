"""The fault points of the program, read from its sources."""

import os
import re
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "Sources"
CALL = re.compile(r"FaultPoint\.pass(?:OrThrow)?\(([^)]*?)\)", re.S)
NAME = re.compile(r'"([a-z-]+(?:\.[a-z-]+)+)"')


def places(sources=SOURCES):
    """Each name with the files it stands in."""
    found = {}
    for path in sorted(Path(sources).rglob("*.swift")):
        for call in CALL.findall(path.read_text()):
            for name in NAME.findall(call):
                found.setdefault(name, []).append(path.name)
    return found


def names():
    return sorted(places())


#: What is passed once in a life, or only in the first, or only at a polite stop: the pass to order is the first.
ONCE = ("recover.", "journal.in-", "vault.in-", "stop.", "journal.before-checkpoint", "journal.after-checkpoint")
#: Only where reports are asked for, and only where they are fetched with C-GET.
ASKED = ("poll.", "worker.poll.")
#: Seconds after the last image: passed late, and seldom.
LATE = (*ASKED, "commit.", "worker.commit.")


def reachable(method, commits):
    """The points that a round can pass with this way of fetching reports, and a reader that is asked to commit or not; but
    those of a first start."""
    chosen = [name for name in names() if ".in-migration" not in name and (commits or not name.startswith(("commit.", "worker.commit.")))]
    if method == "push":
        chosen = [name for name in chosen if not name.startswith(ASKED)]
    if method == "move":
        # What C-MOVE brings comes through a listener.
        chosen = [name for name in chosen if name not in ("worker.poll.after-verdict", "poll.after-receive-before-row")]
    return chosen


def order(name, moments, action="kill"):
    """`ANTIPODE_FAULT` for something at one of the first passes."""
    passes = 1 if name.startswith((*ONCE, *LATE)) else moments.choice((1, 1, 1, 2, 3, 5, 8))
    return f"{name}:{passes}={action}"


def are_in(binary):
    return b"ANTIPODE_FAULT" in Path(binary).read_bytes()


def binary(root):
    """ANTIPODE_BIN or the debug build; one without fault points is of no use."""
    path = Path(os.environ.get("ANTIPODE_BIN") or Path(root) / ".build" / "debug" / "antipode")
    if not path.exists():
        sys.exit(f"there is no {path}: run `swift build`")
    if not are_in(path):
        sys.exit(f"{path} has no fault points: it is no debug build")
    return path.resolve()
