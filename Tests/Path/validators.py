"""David Clunie's validators, and what they newly say."""

import re
import subprocess
from collections import Counter


def _errors(text):
    """Error lines without the values that differ from file to file."""
    lines = [line for line in text.splitlines() if line.startswith("Error")]
    return Counter(re.sub(r"<[^>]*>|\d+(\.\d+)+|/\S+", "…", line) for line in lines)


def dciodvfy(path):
    done = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, text=True, errors="replace")
    return _errors(done.stderr + done.stdout)


def dcentvfy(paths):
    done = subprocess.run(
        ["dcentvfy", *map(str, paths)], capture_output=True, text=True, errors="replace")
    return _errors(done.stderr + done.stdout)


def new_errors(before, after):
    """Errors of `after` that `before` has not, or has fewer of."""
    return after - before
