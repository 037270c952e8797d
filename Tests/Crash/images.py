"""A file system in a file, whose power can be cut: what was not flushed at that moment is gone.

ext4's and XFS's SHUTDOWN ioctl with NOLOGFLUSH stops the file system at once, without writing its log or any dirty page,
as a loss of power does (fs/ext4/ioctl.c, fs/xfs/xfs_fsops.c). It does not stand for a drive that lies about FLUSH.
"""

import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

#: EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN, _IOR('X', 125, __u32), and NOLOGFLUSH.
SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2
MAKE = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"]}


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, words))}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def alone():
    """Gives this process a mount table of its own. Somebody else's new one (a container, a network namespace) would be a
    copy of ours, and would hold our images long after we let go of them. Before the first thread starts."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x00020000) == 0:  # CLONE_NEWNS
        run("mount", "--make-rprivate", "/")


def why_not(kind, folder):
    """Why no image of this kind can be mounted here, in words; None when one can."""
    if os.geteuid() != 0:
        return "mounting an image needs root"
    for tool in (MAKE[kind][0], "losetup", "mount", "umount"):
        if shutil.which(tool) is None:
            return f"there is no {tool}"
    try:
        image = Image(Path(folder), kind, "probe")
        try:
            image.mount()
        finally:
            image.discard()
    except OSError as error:
        return f"no {kind} image can be mounted: {error}"
    return None


def cut(images):
    """From here on every call on them fails, and what was not on disk never will be. One after the other, with nothing
    between; gives the seconds from the first to the last."""
    folders = []
    try:
        for one in images:
            if not one.is_mounted():
                raise OSError(f"{one.path} is not mounted")
            folders.append(os.open(one.path, os.O_RDONLY | os.O_DIRECTORY))
        moments = []
        for folder in folders:
            fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
            moments.append(time.monotonic())
        return moments[-1] - moments[0]
    finally:
        for folder in folders:
            os.close(folder)


class Image:
    """Sparse, so that it costs what is written. `name` is its own on this machine together with the folder's."""

    def __init__(self, folder, kind, name, megabytes=1024):
        self.kind = kind
        self.file = (folder / f"{name}.{kind}").resolve()
        self.path = (folder / f"{name}.mounted").resolve()
        self.path.mkdir()
        with open(self.file, "wb") as file:
            file.truncate(megabytes << 20)
        run(*MAKE[kind], self.file)

    def mount(self):
        self.require_unmounted()
        run("mount", "-o", "loop", self.file, self.path)
        return self

    def is_mounted(self):
        lines = Path("/proc/self/mounts").read_text().splitlines()
        return any(line.split()[1] == str(self.path) for line in lines)

    def require_unmounted(self):
        """An older mount of the same image would make everything look lost."""
        if self.is_mounted():
            raise OSError(f"{self.path} is mounted already")
        if loops := run("losetup", "-j", self.file).strip():
            raise OSError(f"the image is still in use: {loops}")

    def unmount(self, seconds=20):
        """Whoever had files open there must have ended; their last moments are waited for."""
        end = time.monotonic() + seconds
        while True:
            try:
                run("umount", self.path)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        while run("losetup", "-j", self.file).strip():
            if time.monotonic() > end:
                raise OSError(f"{self.file} stays attached to a loop device")
            time.sleep(0.02)

    def discard(self):
        if self.is_mounted():
            self.unmount()
        self.file.unlink(missing_ok=True)
        self.path.rmdir()
