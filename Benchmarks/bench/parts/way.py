"""The whole way, sustained on one disk: received, de-identified, guarded, sent over TLS; others that do the same; and what
the machine itself can do."""

import json
import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from ..context import summary, until_count
from ..limits import machine_limits
from ..memory import all_seconds
from ..receivers import Antipode, Orthanc, StoreSCP
from ..sender import environment
from ..studies import cached_slices
from ..svg import bars
from ..table import Table, at_least, span

NAME, TITLE = "way", "The whole way"
IN_QUICK = True
SENDERS = 4
#: What dcmodify changes or takes out: a small part of what the profile asks for.
CHANGED = {"0010,0010": "T1", "0010,0020": "T2", "0008,0050": "T3", "0020,0010": "T4", "0010,0030": "", "0008,0080": "",
           "0008,0090": "", "0008,1030": "", "0008,103e": "", "0008,0020": "", "0008,0021": "", "0008,0023": "",
           "0008,0030": "", "0008,0031": "", "0008,0033": ""}


def missing():
    return None


class Own:
    """Antipode, with one more association than it has cores to fill."""

    name = Antipode.name

    def __init__(self, context, folder, far):
        self.receiver = Antipode(
            context.binary, folder, context.authority, reader=far, lanes=4, quiet=1, immediate="all")

    def start(self):
        self.receiver.start()
        return self

    def pushed(self, study):
        pass

    def seconds(self):
        return all_seconds(self.receiver.pid)

    def finish(self):
        open_ones, held = self.receiver.open_transfers()
        if held:
            raise RuntimeError(f"{held} instances are held")

    def stop(self):
        self.receiver.stop()


class OrthancOverREST:
    """Orthanc: each study is anonymised and sent on as soon as it is in, by its REST API. Nothing is deleted, by nobody: an ext4
    without a journal looks at the numbers of deleted files again and again for minutes (`recently_deleted`)."""

    name = "Orthanc, by REST"

    def __init__(self, context, folder, far):
        modality = {"AET": far.title, "Host": far.host, "Port": far.port, "UseDicomTls": True}
        self.receiver = Orthanc(folder, modalities={"far": modality}, tls=context.authority.issue("orthanc"))
        self.pool = ThreadPoolExecutor(SENDERS)
        self.work = []

    def start(self):
        self.receiver.start()
        return self

    def pushed(self, study):
        self.work.append(self.pool.submit(self._forward, study.study_uid))

    def _forward(self, uid):
        ask = self.receiver.ask
        query = json.dumps({"Level": "Study", "Query": {"StudyInstanceUID": uid}}).encode()
        (original,) = ask("/tools/find", query)
        made = ask(f"/studies/{original}/anonymize", json.dumps({"Synchronous": True}).encode())["ID"]
        ask("/modalities/far/store", json.dumps({"Resources": [made], "Synchronous": True, "Timeout": 600}).encode())

    def seconds(self):
        return all_seconds(self.receiver.child.pid)

    def finish(self):
        for one in self.work:
            one.result()
        self.work.clear()

    def stop(self):
        self.pool.shutdown()
        self.receiver.stop()


class Script:
    """storescp, then dcmodify and storescu for each study: what a site writes for itself. No guard, UIDs as they were."""

    name = "storescp, dcmodify, storescu"

    def __init__(self, context, folder, far):
        self.far, self.folder = far, folder
        self.receiver = StoreSCP(
            folder / "script", fork=True, preserving=False, accept=("--sort-on-study-uid", "study"))
        self.receiver.name = self.name
        self.tls = context.authority.issue("script")
        self.pool = ThreadPoolExecutor(SENDERS)
        self.work = []
        self.spent = 0.0
        self.lock = threading.Lock()

    def start(self):
        self.receiver.start()
        return self

    def pushed(self, study):
        self.work.append(self.pool.submit(self._forward, study.study_uid))

    def _forward(self, uid):
        folder = self.receiver.objects / f"study_{uid}"
        files = sorted(map(str, folder.iterdir()))
        changes = [word for tag, value in CHANGED.items() for word in ("-ma" if value else "-ea", f"({tag})={value}"
                                                                       if value else f"({tag})")]
        certificate, key, trusted = self.tls
        for words in (
                ["dcmodify", "-nb", "-imt", *changes, *files],
                ["storescu", "+tls", key, certificate, "+cf", trusted, "-R", "-aet", "SCRIPT", "-aec", self.far.title,
                 "127.0.0.1", str(self.far.port), *files]):
            process = subprocess.Popen(
                list(map(str, words)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(), text=True)
            errors = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            with self.lock:
                self.spent += usage.ru_utime + usage.ru_stime
            if process.returncode != 0:
                raise RuntimeError(f"{words[0]} failed: {errors[-500:]}")

    def seconds(self):
        return all_seconds(self.receiver.child.pid) + self.spent

    def finish(self):
        for one in self.work:
            one.result()
        self.work.clear()

    def stop(self):
        self.pool.shutdown()
        self.receiver.stop()


def _sustained(context, one, far, studies):
    """Four senders with one association for each study, without a pause; the clock runs from the first acceptance to the last
    object at the reader."""
    context.renew(studies)
    os.sync()
    before, spent = far.count(), one.seconds()
    begins, queue, lock, failures = [], list(studies), threading.Lock(), []

    def push():
        while True:
            with lock:
                if not queue:
                    return
                study = queue.pop(0)
            try:
                (lane,) = context.sender.start(one.receiver, [study])
                lane.finish()
                begins.append(lane.begin)
                one.pushed(study)
            except Exception as error:  # told below, by the thread that waits
                failures.append(error)
                return

    senders = [threading.Thread(target=push) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()

    def look():
        if failures:
            raise failures[0]

    wanted = before + sum(len(study.files) for study in studies)
    end = until_count(far, wanted, 120, look)
    for sender in senders:
        sender.join()
    one.finish()
    spent = one.seconds() - spent
    seconds = end - min(begins)
    gigabytes = sum(study.bytes for study in studies) / 1e9
    return {"instances_per_s": (wanted - before) / seconds, "MB_per_s": 1000 * gigabytes / seconds,
            "core_seconds_per_GB": spent / gigabytes, "seconds": seconds}


def compared(context, ones, far, studies, turns):
    """What each made of the same studies, in turns, each in another order."""
    runs = {one.name: [] for one in ones}
    for one in ones:
        _sustained(context, one, far, studies[:1])
    for turn in range(turns):
        context.disk.sample(20)
        for one in ones[turn % len(ones):] + ones[:turn % len(ones)]:
            runs[one.name].append(_sustained(context, one, far, studies))
            last = runs[one.name][-1]
            context.say(f"   {one.name}: {last['instances_per_s']:.0f}/s, {last['MB_per_s']:.0f} MB/s, "
                        f"{last['core_seconds_per_GB']:.1f} core-seconds for each GB")
    ours = runs[Own.name]
    who = {}
    for name, values in runs.items():
        who[name] = {
            key: summary([value[key] for value in values], 1)
            for key in ("instances_per_s", "MB_per_s", "core_seconds_per_GB")}
        who[name]["antipode_to_this"] = summary(
            [a["instances_per_s"] / b["instances_per_s"] for a, b in zip(ours, values)], 2)
        who[name]["core_seconds_this_to_antipode"] = summary(
            [b["core_seconds_per_GB"] / a["core_seconds_per_GB"] for a, b in zip(ours, values)], 2)
    return who


def run(context):
    result = {}
    with context.place("way") as (folder, stack):
        far = context.start(stack, StoreSCP(folder, fork=True, tls=context.authority.issue("reader")))
        studies = [cached_slices(folder / "objects", 1 + n, context.size(50, 150)) for n in range(context.size(6, 12))]
        ones = [context.start(stack, kind(context, folder, far)) for kind in (Own, OrthancOverREST, Script)]
        result["who"] = compared(context, ones, far, studies, context.size(1, 5))
        result["instances"] = sum(len(study.files) for study in studies)
        result["sent_while_it_arrives"] = ones[0].receiver.sends_at_once
        result["limits"] = machine_limits(folder)
    return result


def floors(figures):
    return [at_least("the whole way, to Orthanc",
                     figures["who"][OrthancOverREST.name]["antipode_to_this"]["median"], 3)]


def table_of(who, title):
    table = Table(title, ["who", "instances/s", "MB/s", "core-seconds/GB", "Antipode : this", "core-seconds, this : Antipode"])
    for name, row in who.items():
        table.add(name, span(row["instances_per_s"]), span(row["MB_per_s"]), span(row["core_seconds_per_GB"], 1),
                  span(row["antipode_to_this"], 2), span(row["core_seconds_this_to_antipode"], 2))
    return table


def tables(figures):
    yield table_of(
        figures["who"], f"the whole way, {figures['instances']} CT slices from {SENDERS} senders, sustained")
    table = Table("the machine, one core or one disk", ["what", "MB/s", "core-seconds/GB"])
    for name, rate in figures["limits"].items():
        table.add(name, f"{rate:.0f}", f"{1000 / rate:.2f}")
    yield table


def plots(figures):
    def rows(key):
        return [(name, row[key]["median"], row[key]["min"], row[key]["max"]) for name, row in figures["who"].items()]

    return {"way": bars(
        "The whole way: receive, de-identify, send over TLS", [
            ("instances a second", rows("instances_per_s")), ("megabytes a second", rows("MB_per_s"))],
        "median, lowest and highest"),
        "way-cost": bars("The whole way: processor time", [("", rows("core_seconds_per_GB"))],
                         "core-seconds for each gigabyte, of all processes of the gateway; less is better")}
