"""What was measured on. No names of hosts or people."""

import os
import platform
import subprocess
from pathlib import Path


def _first(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except OSError:
        return ""
    lines = (done.stdout + done.stderr).splitlines()
    return lines[0].strip() if lines else ""


def _field(path, name):
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.split(":", 1)[1].strip()
    return ""


def describe(folder, binary):
    mount = _first(["findmnt", "-n", "-o", "FSTYPE,OPTIONS", "--target", str(folder)])
    return {
        "cores": os.cpu_count(), "processor": _field("/proc/cpuinfo", "model name"),
        "memory_GiB": round(int(_field("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20)),
        "kernel": platform.release(), "file_system": " ".join(mount.split()),
        "dcmtk": _first(["storescp", "--version"]).strip("$ ").replace("dcmtk: ", ""),
        "orthanc": _first(["Orthanc", "--version"]), "antipode": _first([str(binary), "version"]),
    }


def load():
    return round(os.getloadavg()[0], 2)
