"""Growth: what a claim, an acknowledgement and a plan cost, how soon pages answer and the daemon starts, with a million studies
behind it and a hundred thousand waiting."""

import http.client
import json
import os
import statistics
import subprocess
import time
import urllib.parse

from trial.processes import wait_until

from ..history import History
from ..memory import MemoryWatch
from ..receivers import Antipode
from ..studies import cached_slices
from ..svg import bars
from ..table import Table, at_most
from .memory import DAEMON_MB, WORKER_MB

NAME, TITLE = "growth", "Growth"
IN_QUICK = True
#: Of `measure-journal`: the step, and what it is called.
STEPS = {
    "record": "the row of an instance", "complete": "a study is complete", "plan": "a plan of twenty instances",
    "claim": "a claim", "acknowledgeAndClaim": "an acknowledgement, and the next claim"}
FLOORED = ("plan", "claim", "acknowledgeAndClaim")


def missing():
    return None


class Pages:
    """One signed-in browser that keeps its connection."""

    def __init__(self, gateway):
        self.connection = http.client.HTTPConnection("127.0.0.1", gateway.console, timeout=60)
        self.origin = f"http://127.0.0.1:{gateway.console}"
        self.token = gateway.gateway.viewer_token.read_text().strip()
        body = urllib.parse.urlencode({"token": self.token, "signature": "Benchmark"})
        answer, _ = self._ask("POST", "/login", body, {
            "Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"})
        self.cookie = "; ".join(
            value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie")
        if answer.status not in (302, 303) or not self.cookie:
            raise RuntimeError(f"the console did not let us in: {answer.status}")

    def _ask(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer, answer.read()

    def time(self, path, count):
        """Milliseconds, of each of `count` requests."""
        headers = {"Authorization": f"Bearer {self.token}"} if path.startswith("/api/") else {"Cookie": self.cookie}
        found = []
        for _ in range(count):
            start = time.perf_counter()
            answer, _ = self._ask("GET", path, headers=headers)
            found.append((time.perf_counter() - start) * 1e3)
            if answer.status != 200:
                raise RuntimeError(f"{path} was answered with {answer.status}")
        return found


def _commands(gateway, words, count, bare):
    """Milliseconds of a command beyond those of one that asks nobody."""
    found = []
    for _ in range(count):
        start = time.perf_counter()
        gateway.gateway.run(*words)
        found.append((time.perf_counter() - start) * 1e3 - bare)
    return found


def _median_and_highest(values):
    return {"median_ms": round(statistics.median(values), 1), "highest_ms": round(max(values), 1), "count": len(values)}


def _latencies(context, gateway):
    count = context.size(5, 15)
    waiting = gateway.rows("SELECT id, studyUID FROM studies WHERE state = 'planned' ORDER BY id LIMIT 1 OFFSET 10")[0]
    passed = gateway.rows("SELECT id, studyUID FROM studies WHERE state = 'delivered' ORDER BY id LIMIT 1 OFFSET 10")[0]
    pages = Pages(gateway)
    paths = {
        "page: now": "/", "page: studies": "/studies", "page: studies that are delivered": "/studies?state=delivered",
        "page: studies that need a person": "/studies?person=yes", "page: search by UID": f"/studies?text={passed[1]}",
        "page: one study": f"/studies/S{waiting[0]}", "page: transfers": "/transfers", "page: reports": "/reports",
        "page: events": "/events", "API: status": "/api/v1/status", "API: studies": "/api/v1/studies",
        "metrics": "/metrics"}
    found = {}
    for name, path in paths.items():
        if path == "/metrics":
            headers = {"Authorization": f"Bearer {pages.token}"}
            values = []
            for _ in range(count):
                start = time.perf_counter()
                pages._ask("GET", path, headers=headers)
                values.append((time.perf_counter() - start) * 1e3)
        else:
            pages.time(path, 1)
            values = pages.time(path, count)
        found[name] = _median_and_highest(values)
    bares = []
    for _ in range(count):
        start = time.perf_counter()
        gateway.gateway.run("version", config=False)
        bares.append((time.perf_counter() - start) * 1e3)
    bare = statistics.median(bares)
    for name, words in {
            "command: status": ("status", "--json"), "command: studies": ("studies", "--json"),
            "command: search by UID": ("studies", "--text", passed[1], "--json"),
            "command: study": ("study", "show", f"S{passed[0]}", "--json"),
            "command: transfers": ("transfers", "--json")}.items():
        found[name] = _median_and_highest(_commands(gateway, words, count, bare))
    return found


def _start(gateway):
    """Seconds until it is ready, asked by the page for load balancers every 20 ms."""
    begin = time.monotonic()
    gateway.gateway.launch()

    def ready():
        gateway.gateway.daemon.require_running()
        connection = http.client.HTTPConnection("127.0.0.1", gateway.console, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    wait_until(ready, 300, "antipode being ready", pause=0.02)
    return time.monotonic() - begin


def _measure(context, folder, seconds):
    done = subprocess.run(
        [str(context.binary), "measure-journal", str(folder), "--seconds", str(seconds)],
        capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise RuntimeError(f"measure-journal: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def _compared(context, large, empty):
    """Both journals in turns, and what each step costs in one against the other: by the median, and by the processor."""
    turns = {"large": [], "empty": []}
    for turn in range(context.size(2, 5)):
        for name in (("empty", "large") if turn % 2 else ("large", "empty")):
            folder = large if name == "large" else empty / f"turn-{turn}"
            folder.mkdir(parents=True, exist_ok=True)
            turns[name].append(_measure(context, folder, context.size(1.5, 5)))
    result = {}
    for step in STEPS:
        row = {}
        for name, runs in turns.items():
            for key in ("median", "mean", "processor", "slowest1Percent"):
                row[f"{name}_{key}_us"] = round(statistics.median(run["measured"]["steps"][step][key] for run in runs), 1)
        row["ratio"] = round(row["large_median_us"] / row["empty_median_us"], 2)
        row["processor_ratio"] = round(row["large_processor_us"] / row["empty_processor_us"], 2)
        row["mean_ratio"] = round(row["large_mean_us"] / row["empty_mean_us"], 2)
        result[step] = row
    looks = {name: round(turns["large"][-1]["measured"]["looks"][name]["median"] / 1000, 2)
             for name in turns["large"][-1]["measured"]["looks"]}
    return result, looks


def run(context):
    passed, waiting, images = context.size((20_000, 2_000, 10), (1_000_000, 100_000, 10))
    result = {"passed": passed, "waiting": waiting, "waiting_instances": waiting * images, "images_passed": passed * 50}
    with context.place("growth") as (folder, stack):
        gateway = Antipode(
            context.binary, folder, context.authority, waits=True, gateway_keys='retention = "3650d"\nimage_history = "3650d"')
        stack.callback(gateway.stop)
        # Makes its state folder, vault and empty journal.
        gateway.start()
        gateway.stop()
        journal = gateway.state / "journal.sqlite"
        history = History(passed, waiting, waiting_images=images, recent=passed // 100, say=context.say)
        start = time.monotonic()
        result["journal"] = history.write(journal, gateway.state / "spool")
        os.sync()
        context.say(f"   a journal of {result['journal']['bytes'] / 1e9:.2f} GB was made in {time.monotonic() - start:.0f} s")
        result["start_s"] = round(_start(gateway), 2)
        # The start looks through every page of the journal, once, beside its other work.
        with MemoryWatch(gateway.pid) as watch:
            result["latencies_during_the_check"] = {"API: status": _median_and_highest(
                Pages(gateway).time("/api/v1/status", context.size(5, 20)))}
            wait_until(lambda: not _is_checking(gateway.pid), 300, "the check of the journal's pages", pause=0.5)
            result["latencies"] = _latencies(context, gateway)
            study = cached_slices(folder / "objects", 1, context.size(50, 200))
            context.renew([study])
            result["received_per_s"] = round(len(study.files) / context.sender.send(gateway, [study]))
        result["memory"] = watch.figures()
        gateway.gateway.kill()
        result["start_after_kill_s"] = round(_start(gateway), 2)
        gateway.stop()
        context.say(f"   ready after {result['start_s']} s, after a kill {result['start_after_kill_s']} s")
        result["steps"], result["looks_ms"] = _compared(context, gateway.state, folder / "empty")
    return result


def _is_checking(pid):
    """Whether the daemon reads much: more than a tenth of a core."""
    def spent():
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    before = spent()
    time.sleep(1)
    return spent() - before > os.sysconf("SC_CLK_TCK") / 10


def floors(figures):
    for step in FLOORED:
        row = figures["steps"][step]
        yield at_most(f"growth: {STEPS[step]}, to an empty journal", row["ratio"], 1.5)
        yield at_most(f"growth: {STEPS[step]}, by the processor", row["processor_ratio"], 1.5)
    for name, row in figures["latencies"].items():
        yield at_most(f"growth: {name}, ms", row["median_ms"], 50)
    yield at_most("growth: start, s", figures["start_s"], 5)
    yield at_most("growth: start after a kill, s", figures["start_after_kill_s"], 5)
    yield at_most("growth: daemon, resident, MB", figures["memory"]["daemon_resident_MB"], DAEMON_MB)
    yield at_most("growth: largest worker, private, MB", figures["memory"]["largest_worker_private_MB"], WORKER_MB)


def tables(figures):
    table = Table(
        f"{figures['passed']:,} studies and {figures['images_passed']:,} instances passed, {figures['waiting']:,} studies waiting",
        ["step", "empty, µs", "grown, µs", "ratio", "processor, empty, µs", "grown, µs", "ratio"])
    for step, row in figures["steps"].items():
        table.add(STEPS[step], row["empty_median_us"], row["large_median_us"], row["ratio"], row["empty_processor_us"],
                  row["large_processor_us"], row["processor_ratio"])
    yield table
    table = Table("answers, beside that journal", ["what", "median, ms", "highest, ms"])
    for name, row in figures["latencies"].items():
        table.add(name, row["median_ms"], row["highest_ms"])
    row = figures["latencies_during_the_check"]["API: status"]
    table.add("API: status, while the start checks every page", row["median_ms"], row["highest_ms"])
    yield table
    journal = figures["journal"]
    table = Table("the rest of it", ["what", ""])
    table.add("the journal", f"{journal['bytes'] / 1e9:.2f} GB")
    if "per_passed_study" in journal:
        table.add("for each study that passed, its report included", f"{journal['per_passed_study']} B")
        table.add(f"for each study that waits, {figures['waiting_instances'] // figures['waiting']} instances",
                  f"{journal['per_waiting_study']} B")
    table.add("ready after a stop, after a kill", f"{figures['start_s']} s, {figures['start_after_kill_s']} s")
    table.add("daemon, resident, at most", f"{figures['memory']['daemon_resident_MB']} MB")
    table.add("received meanwhile, one association", f"{figures['received_per_s']} instances/s")
    yield table


def plots(figures):
    return {"growth": bars(
        "A grown journal to an empty one", [
            ("by the clock", [(f"{STEPS[s]}", row["ratio"], None, None) for s, row in figures["steps"].items()]),
            ("by the processor", [(f"{STEPS[s]}", row["processor_ratio"], None, None) for s, row in figures["steps"].items()])],
        "times what it costs with an empty journal", floor=1.5, all_ours=True)}
