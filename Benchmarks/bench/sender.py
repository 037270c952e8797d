"""storescu, the same for every receiver: files from the page cache, and TCP_NODELAY=1 unless Nagle's algorithm is to be on."""

import itertools
import os
import re
import subprocess

# No dot for each PDU: receivers choose PDUs of different sizes, and printing would be counted against the smaller ones. Into a
# file, and not at once: on stderr each line is four writes, and whoever reads them is woken by each, on the cores that are
# measured (a tenth of what an image costs). The clock of the log is its own.
LOGGING = """\
log4cplus.rootLogger = WARN, file
log4cplus.logger.dcmtk.apps.storescu = INFO
log4cplus.logger.dcmtk.apps.storescu.progress = OFF
log4cplus.appender.file = log4cplus::FileAppender
log4cplus.appender.file.File = {log}
log4cplus.appender.file.ImmediateFlush = false
log4cplus.appender.file.layout = log4cplus::PatternLayout
log4cplus.appender.file.layout.ConversionPattern = %D{{%s %Q}} %p: %m%n
"""


STAMPED = re.compile(r"(\d+) (\d+\.\d+) \w+: (.*)")


def environment(nodelay=True):
    """DCMTK leaves Nagle's algorithm on unless TCP_NODELAY stands in the environment."""
    kept = {name: value for name, value in os.environ.items() if name != "TCP_NODELAY"}
    return {**kept, "TCP_NODELAY": "1"} if nodelay else kept


class SendingFailed(Exception):
    pass


class _Lane:
    """One storescu: when its association was accepted, and when it asked for the release, by the clock of time.time()."""

    def __init__(self, folder, words, files, nodelay):
        self.folder, self.words, self.files, self.nodelay = folder, words, files, nodelay
        self.begin = self.end = None
        self.stored = 0
        self.last = ""
        self.log, self.errors = folder / "log", folder / "stderr"
        self.process = None
        folder.mkdir(parents=True)
        (folder / "log.cfg").write_text(LOGGING.format(log=self.log))
        self.errors.touch()

    def start(self):
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                ["storescu", "-lc", self.folder / "log.cfg", *self.words], stdout=subprocess.DEVNULL, stderr=errors,
                stdin=subprocess.DEVNULL, env=environment(self.nodelay))

    def _read(self):
        if not self.log.exists():
            self.last += " no log"
            return
        for line in self.log.read_text(errors="replace").splitlines():
            match = STAMPED.match(line)
            if not match:
                # A condition of several lines.
                self.last += f" {line.strip()}"
            elif "Association Accepted" in match[3]:
                self.begin = int(match[1]) + float(match[2]) / 1000
            elif "Releasing Association" in match[3]:
                self.end = int(match[1]) + float(match[2]) / 1000
            elif "Received Store Response (Success" in match[3]:
                self.stored += 1
            else:
                self.last = match[3]

    def finish(self, patience=600):
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.last = f"no end after {patience} s"
            self.stop()
        self._read()
        if self.process.returncode != 0 or self.stored != self.files or self.begin is None or self.end is None:
            told = self.errors.read_text(errors="replace")[-500:].strip()
            raise SendingFailed(
                f"storescu: {self.stored} of {self.files} stored, ended with {self.process.returncode}; {self.last} {told}")

    def stop(self):
        """Whatever it does."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Sender:
    def __init__(self, folder):
        self.folder = folder / "senders"
        self.numbers = itertools.count(1)

    def start(self, receiver, studies, nodelay=True, propose=()):
        """One association per study, all at once. `propose`: more words for storescu, such as a transfer syntax."""
        # All that they need is there before the first begins.
        lanes = [
            _Lane(self.folder / str(next(self.numbers)),
                  ["-R", *propose, "-aet", "MODALITY", "-aec", receiver.title, "127.0.0.1", str(receiver.port),
                   *map(str, study.files)], len(study.files), nodelay)
            for study in studies]
        try:
            for lane in lanes:
                lane.start()
        except BaseException:
            for lane in lanes:
                lane.stop()
            raise
        return lanes

    def send(self, receiver, studies, nodelay=True, propose=()):
        """As `start`; gives the seconds from the first acceptance to the last release."""
        lanes = self.start(receiver, studies, nodelay, propose)
        try:
            for lane in lanes:
                lane.finish()
        finally:
            for lane in lanes:
                lane.stop()
        return max(lane.end for lane in lanes) - min(lane.begin for lane in lanes)
