"""What all parts share: where they work, how they send, and numbers of repetitions that never come again."""

import os
import shutil
import statistics
import time
from contextlib import ExitStack, contextmanager

from trial.authority import Authority
from trial.processes import wait_until

from .disk import Disk
from .sender import Sender


def summary(values, digits=1):
    """Median, lowest and highest."""
    return {
        "median": round(statistics.median(values), digits), "min": round(min(values), digits),
        "max": round(max(values), digits), "repetitions": len(values)}


class Context:
    #: Bytes that the next part may need; the whole way takes 35 GB.
    room = 45e9

    def __init__(self, binary, folder, quick, say):
        self.binary, self.folder, self.quick, self.say = binary, folder, quick, say
        # A quick run has no time to wait.
        self.disk = Disk(folder / "disk", 0 if quick else Disk.patience_of_a_run)
        self.authority = Authority(folder / "authority")
        self.sender = Sender(folder)
        self.run = self.places = 0

    def size(self, quick, full):
        return quick if self.quick else full

    def renew(self, studies):
        """UIDs that nobody has seen."""
        self.run += 1
        for study in studies:
            study.renew(self.run)

    @contextmanager
    def place(self, name):
        """A folder, and a stack of what has to be stopped before it is left. It stays until the end of the run while there is
        room: what one part deletes the next one pays for, on an ext4 without a journal for minutes (`recently_deleted`)."""
        self.places += 1
        folder = self.folder / f"{self.places}-{name}"
        folder.mkdir(parents=True)
        try:
            with ExitStack() as stack:
                yield folder, stack
        finally:
            if shutil.disk_usage(self.folder).free < self.room:
                shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def start(stack, receiver):
        stack.callback(receiver.stop)
        return receiver.start()

    def once(self, receiver, studies, nodelay=True):
        """Instances a second. Whatever an earlier turn left to be written is written before the clock starts, and nothing
        is deleted: ext4 avoids the numbers of files that were deleted just now, which costs the next receiver."""
        self.renew(studies)
        os.sync()
        before = receiver.count()
        seconds = self.sender.send(receiver, studies, nodelay)
        expected = sum(len(study.files) for study in studies)
        if receiver.keeps:
            wait_until(lambda: receiver.count() - before == expected, 30, f"{receiver.name} holding {expected} objects")
        return expected / seconds


def until_count(receiver, wanted, patience, progress=None):
    """Waits for so many objects at a receiver; gives the moment on the clock of time.time(), 20 ms exactly. Ends with an
    error when nothing came for `patience` seconds."""
    begin = since = time.monotonic()
    first = last = receiver.count()
    while True:
        count, now = receiver.count(), time.monotonic()
        if count >= wanted:
            return time.time()
        if count != last:
            last, since = count, now
        if progress:
            progress()
        if now - since > patience:
            raise RuntimeError(f"{receiver.name} has {count} of {wanted} objects, and no more came for {patience} s")
        # Counting thousands of files costs what is to be measured: seldom, as long as the end is far away.
        left = (wanted - count) * (now - begin) / (count - first) if count > first else 0
        time.sleep(min(0.5, max(0.02, left / 4)))
