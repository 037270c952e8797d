"""storescu, the same for every receiver: files from the page cache, TCP_NODELAY=1."""

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


class SendingFailed(Exception):
    pass


class _Lane:
    """One storescu: when its association was accepted, and when it asked for the release."""

    def __init__(self, arguments, files):
        self.files = files
        self.begin = self.end = None
        self.stored = 0
        self.last = ""
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            env={**os.environ, "TCP_NODELAY": "1"}, text=True, errors="replace")
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        for line in self.process.stderr:
            if "Association Accepted" in line:
                self.begin = time.perf_counter()
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

    def send(self, receiver, studies):
        """One association per study, all at once. Seconds from the first acceptance to the last release."""
        lanes = [
            _Lane(
                ["storescu", "-lc", self.logging, "-R", "-aet", "MODALITY", "-aec", receiver.title, "127.0.0.1",
                 str(receiver.port), *map(str, study.files)], len(study.files))
            for study in studies]
        for lane in lanes:
            lane.finish()
        return max(lane.end for lane in lanes) - min(lane.begin for lane in lanes)
