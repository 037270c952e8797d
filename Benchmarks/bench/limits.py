"""What the machine can do without any DICOM, in MB/s."""

import hashlib
import os
import re
import subprocess
import time


def _rate(size, work, seconds=0.5):
    work()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        work()
        count += 1
    return size * count / (time.perf_counter() - start) / 1e6


def memcpy():
    source, target = bytes(64 << 20), bytearray(64 << 20)
    view = memoryview(target)

    def copy():
        view[:] = source

    return _rate(64 << 20, copy)


def sha256():
    data = bytes(1 << 20)
    return _rate(1 << 20, lambda: hashlib.sha256(data).digest())


def aes_gcm():
    done = subprocess.run(
        ["openssl", "speed", "-seconds", "1", "-bytes", "16384", "-mr", "-evp", "aes-256-gcm"],
        capture_output=True, text=True, timeout=60)
    found = re.search(r"^\+F:\d+:[^:]+:([\d.]+)", done.stdout, re.MULTILINE)
    return float(found.group(1)) / 1e6 if found else None


def disk(folder, size=256 << 20):
    """Written in one go, and flushed once."""
    block = os.urandom(1 << 20)
    path = folder / "throughput"
    start = time.perf_counter()
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(size >> 20):
        os.write(descriptor, block)
    os.fsync(descriptor)
    seconds = time.perf_counter() - start
    os.close(descriptor)
    path.unlink()
    return size / seconds / 1e6


def durable(folder, count=40):
    """Half a megabyte at a time, each flushed."""
    block = os.urandom(1 << 19)
    start = time.perf_counter()
    for number in range(count):
        descriptor = os.open(folder / f"durable-{number}", os.O_CREAT | os.O_WRONLY, 0o600)
        os.write(descriptor, block)
        os.fsync(descriptor)
        os.close(descriptor)
    return count * len(block) / (time.perf_counter() - start) / 1e6


def machine_limits(folder):
    found = {
        "memcpy": memcpy(), "SHA-256": sha256(), "AES-256-GCM": aes_gcm(), "the disk, one flush": disk(folder),
        "the disk, a flush for each half megabyte": durable(folder)}
    return {name: round(rate, 1) for name, rate in found.items() if rate}
