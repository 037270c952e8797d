"""What the disk itself can do in this minute: the figure that every durable receiver rests on."""

import os
import time

OBJECT = 512 * 1024


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _synchronise(folder):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Disk:
    """Times of write + fsync of half a megabyte, and of the whole order of durability without any DICOM."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.fsyncs = []
        self.orders = []

    def sample(self, count=40):
        content = os.urandom(OBJECT)
        target = self.folder / "objects"
        target.mkdir(exist_ok=True)
        log = os.open(self.folder / "log", os.O_CREAT | os.O_RDWR)
        os.ftruncate(log, 4 << 20)
        os.fsync(log)
        try:
            for number in range(count):
                part, name = self.folder / f"{number}.part", target / str(len(self.fsyncs))
                start = time.perf_counter()
                file = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                os.write(file, content)
                os.fsync(file)
                self.fsyncs.append(time.perf_counter() - start)
                os.close(file)
                os.rename(part, name)
                _synchronise(target)
                os.pwrite(log, content[:16384], number * 16384)
                os.fdatasync(log)
                self.orders.append(time.perf_counter() - start)
        finally:
            os.close(log)

    def figures(self):
        def both(values):
            return {
                "p50_ms": round(percentile(values, 0.50) * 1e3, 2), "p99_ms": round(percentile(values, 0.99) * 1e3, 2)}

        return {
            "samples": len(self.fsyncs), "write_fsync_512KiB": both(self.fsyncs),
            "write_fsync_rename_folder_log": both(self.orders)}
