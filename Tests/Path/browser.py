"""Headless Chromium, spoken to over its debugging pipe (--remote-debugging-pipe): JSON that ends in a zero byte."""

import base64
import json
import os
import select
import shutil
import subprocess
import time

from trial.processes import wait_until

CHROMIUM = shutil.which("chromium")
BETWEEN_TWO_PAGES = "Inspected target navigated or closed"


class Refused(AssertionError):
    """Chromium's answer to a command was an error."""


class Chromium:
    """One page of a browser of its own. `complaints` are errors and warnings of its console and failed loads."""

    def __init__(self, folder, cookies=(), language="en", width=1280, height=900):
        to_browser, commands = os.pipe()
        answers, from_browser = os.pipe()
        #: A shell puts the pipe where Chromium expects it: it reads descriptor 3 and writes 4.
        shell = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", shell, "bash", CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
             "--remote-debugging-pipe", f"--user-data-dir={folder}", "--no-first-run", "--hide-scrollbars", "about:blank"],
            pass_fds=(to_browser, from_browser), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.commands, self.answers = commands, answers
        self.buffer, self.number, self.session, self.events = b"", 0, None, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        for cookie in cookies:
            self.ask("Network.setCookie", **cookie)
        self.resize(width, height)

    def resize(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def ask(self, method, seconds=30, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        answer = self._next(lambda one: one.get("id") == self.number, seconds, method)
        if "error" in answer:
            raise Refused(f"{method}: {answer['error']}")
        return answer["result"]

    def _next(self, wanted, seconds, what):
        end = time.monotonic() + seconds
        while True:
            while b"\0" in self.buffer:
                line, self.buffer = self.buffer.split(b"\0", 1)
                message = json.loads(line)
                if "method" in message:
                    self.events.append(message)
                if wanted(message):
                    return message
            ready, _, _ = select.select([self.answers], [], [], max(0, end - time.monotonic()))
            assert ready, f"Chromium did not answer {what} within {seconds} s"
            part = os.read(self.answers, 1 << 20)
            assert part, "Chromium ended"
            self.buffer += part

    def visit(self, url):
        self.events.clear()
        answer = self.ask("Page.navigate", url=url)
        assert "errorText" not in answer, f"{url}: {answer['errorText']}"
        self._next(lambda one: one.get("method") == "Page.loadEventFired", 30, url)

    def value(self, expression):
        """A JavaScript expression's value on the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, expression, seconds):
        """Waits until a JavaScript expression is true, also of the page that comes next."""
        def holds():
            try:
                answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
            except Refused as refused:
                # While one page goes and the next comes, there is nothing to ask: Chromium ends a question half-way.
                if BETWEEN_TWO_PAGES in str(refused):
                    return False
                raise
            return answer["result"].get("value") is True

        wait_until(holds, seconds, f"on the page, {expression}")

    def offline(self, cut):
        """Cuts the page off from every network, or gives it back."""
        self.ask(
            "Network.emulateNetworkConditions", offline=cut, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    @property
    def complaints(self):
        # What is under way is heard with the answer.
        self.value("1")
        found = []
        for event in self.events:
            parameters = event["params"]
            if event["method"] == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                found.append(parameters["entry"]["text"])
            elif event["method"] == "Runtime.exceptionThrown":
                found.append(parameters["exceptionDetails"]["text"])
            elif event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
                found.append(str(parameters["args"]))
            elif event["method"] == "Network.loadingFailed" and not parameters.get("canceled"):
                found.append(parameters["errorText"])
        return found

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]))

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
