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
    """Times of write + fsync of half a megabyte, and of the whole order of durability without any DICOM; and whether the disk has
    got over what was deleted on it."""

    #: Microseconds: what a new file costs at most on a disk at rest. Some 20 were measured, and 300 to 700 after deletions.
    calm = 60
    #: Seconds between two looks.
    pause = 15
    #: Seconds that are waited in all, for the parts of a whole run.
    patience_of_a_run = 900

    def __init__(self, folder, patience=patience_of_a_run):
        """`patience`: so many seconds are waited, in all, for a disk at rest."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.fsyncs = []
        self.orders = []
        self.patience = patience
        self.looks = 0

    def rest(self, say, sleep=time.sleep):
        """Waits until a new file is cheap, and gives its microseconds. For minutes an ext4 without a journal looks at the numbers of
        deleted files before it takes another (`recently_deleted`): whoever stores images as files would pay for what ran before."""
        told = False
        # A deletion counts as recent for one minute once it is written to the disk, and for six until then.
        os.sync()
        while (found := self._new_file()) > self.calm:
            if self.patience <= 0:
                say(f"   a new file takes {found:.0f} µs: measured all the same")
                break
            if not told:
                say(f"   a new file takes {found:.0f} µs, as after deletions: waiting for the disk to rest")
            told = True
            self.patience -= self.pause
            sleep(self.pause)
        return round(found)

    def _new_file(self, folders=12, files=50):
        """Microseconds, of the dearest of some new folders, which may lie beside other deleted files each."""
        return max(self._new_files(files) for _ in range(folders))

    def _new_files(self, files):
        self.looks += 1
        folder = self.folder / "new" / str(self.looks)
        folder.mkdir(parents=True)
        times = []
        for number in range(files):
            start = time.perf_counter()
            os.close(os.open(folder / str(number), os.O_CREAT | os.O_WRONLY, 0o600))
            times.append(time.perf_counter() - start)
        # A moment in which something else ran says nothing of the disk.
        return percentile(times, 0.5) * 1e6

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
