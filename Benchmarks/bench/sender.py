"""storescu, the same for every receiver: files from the page cache, and TCP_NODELAY=1 unless Nagle's algorithm is to be on."""

import os
import subprocess
import threading
import time

# The lines that begin and end the transfer, and not a dot for each PDU: receivers choose PDUs of different sizes, and
# printing would be counted against the smaller ones.
LOGGING = """\
log4cplus.rootLogger = WARN, console
log4cplus.logger.dcmtk.apps.storescu = INFO
log4cplus.logger.dcmtk.apps.storescu.progress = OFF
log4cplus.appender.console = log4cplus::ConsoleAppender
log4cplus.appender.console.logToStdErr = true
log4cplus.appender.console.ImmediateFlush = true
log4cplus.appender.console.layout = log4cplus::PatternLayout
log4cplus.appender.console.layout.ConversionPattern = %P: %m%n
"""


def environment(nodelay=True):
    """DCMTK leaves Nagle's algorithm on unless TCP_NODELAY stands in the environment."""
    kept = {name: value for name, value in os.environ.items() if name != "TCP_NODELAY"}
    return {**kept, "TCP_NODELAY": "1"} if nodelay else kept


class SendingFailed(Exception):
    pass


class _Lane:
    """One storescu: when its association was accepted, and when it asked for the release."""

    def __init__(self, arguments, files, nodelay):
        self.files = files
        self.begin = self.end = self.begin_at = None
        self.stored = 0
        self.last = ""
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            env=environment(nodelay), text=True, errors="replace")
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        for line in self.process.stderr:
            if "Association Accepted" in line:
                self.begin, self.begin_at = time.perf_counter(), time.time()
            elif "Releasing Association" in line:
                self.end = time.perf_counter()
            elif "Received Store Response (Success)" in line:
                self.stored += 1
            else:
                self.last = line.strip()

    def finish(self, patience=600):
        self.process.wait(patience)
        self.thread.join(10)
        if self.process.returncode != 0 or self.stored != self.files or self.begin is None or self.end is None:
            raise SendingFailed(f"storescu: {self.stored} of {self.files} stored; {self.last}")


class Sender:
    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.logging = folder / "storescu-log.cfg"
        self.logging.write_text(LOGGING)

    def start(self, receiver, studies, nodelay=True, propose=()):
        """One association per study, all at once. `propose`: more words for storescu, such as a transfer syntax."""
        return [
            _Lane(
                ["storescu", "-lc", self.logging, "-R", *propose, "-aet", "MODALITY", "-aec", receiver.title, "127.0.0.1",
                 str(receiver.port), *map(str, study.files)], len(study.files), nodelay)
            for study in studies]

    def send(self, receiver, studies, nodelay=True, propose=()):
        """As `start`; gives the seconds from the first acceptance to the last release."""
        lanes = self.start(receiver, studies, nodelay, propose)
        for lane in lanes:
            lane.finish()
        return max(lane.end for lane in lanes) - min(lane.begin for lane in lanes)
