#!/usr/bin/env python3
"""Load with faults for as long as is asked, and a watch over what the daemon uses: memory, open files and threads of the
office and of its workers must stay level.

    make soak MINUTES=60
    .venv/bin/python Tests/Soak/soak.py --minutes 10 --figures figures.csv

Modalities push studies of several sizes all the time; a reader over TLS, behind a road that delays, resets and goes silent
by turns, takes them, refuses some, and reports on every few of them; the reports go home to a PACS. Workers are killed;
connections say nothing, drip and talk nonsense. In the end the faults stop, and a line is laid through each figure: its
rise over the run, after the first fifth, must be small.

What became of everything is judged by what modalities were answered and what reader and PACS got, not by what the gateway
says: images are known again by their pixels. The gateway is asked only about what neither has: a person must be told of it.
"""

import argparse
import collections
import csv
import hashlib
import io
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "Tests" / name) for name in ("Path", "Crash")] + [str(ROOT / "Scripts")]
os.environ["TCP_NODELAY"] = "1"

import numpy  # noqa: E402
import pydicom  # noqa: E402
from chaos import ChaosProxy  # noqa: E402
from faults import in_a_hurry, rows, workers  # noqa: E402
from objects import PLANTED_NAME, bare, ct  # noqa: E402
from peers import RecordingPeer, ReportPusher  # noqa: E402
from reader import CountingReader  # noqa: E402
from site_under_test import Site  # noqa: E402
from sr import basic_report  # noqa: E402
from trial.gateway import find_binary  # noqa: E402
from trial.processes import NotReady, free_ports, wait_until  # noqa: E402
from wire import CT_IMAGE, EXPLICIT, Association, associate_request  # noqa: E402

#: What the line through a figure may rise over the whole run: of the office's memory, MB; files; threads.
ALLOWED = {"office MB": 24, "office files": 12, "office threads": 8, "worker MB": 24, "worker files": 6,
           "worker threads": 3}

#: Images on their way to the reader, beyond which no study is begun: a slow machine is not to end with a backlog.
MOST_ON_THE_WAY = 400

#: The part of the studies that the reader reports on.
REPORTED = 0.05


def status(pid):
    """(MB resident, open files, threads) of a process; zeros when it has ended."""
    try:
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
        return int(fields["VmRSS"].split()[0]) / 1024, len(os.listdir(f"/proc/{pid}/fd")), int(fields["Threads"])
    except (OSError, KeyError):
        return 0, 0, 0


def fingerprint(data_set):
    """By which an image is known again under its pseudonym: the pixels are random, and no profile changes them."""
    return hashlib.sha256(data_set.PixelData).digest()[:12]


class Ledger:
    """What was offered, answered, received and refused, by fingerprint. Safe from any thread."""

    def __init__(self):
        self.lock = threading.Lock()
        self.offered, self.answered = {}, {}
        self.arrived, self.refused = collections.Counter(), set()
        #: Studies that the reader is to report on: fingerprints that still miss, and the images that came.
        self.wanted, self.images = {}, collections.defaultdict(list)
        self.study_of = {}
        self.whole = []

    def offer(self, images, reported):
        with self.lock:
            for one in images:
                self.offered[fingerprint(one)] = str(one.SOPInstanceUID)
            if reported:
                prints = {fingerprint(one) for one in images}
                self.wanted[str(images[0].StudyInstanceUID)] = prints
                self.study_of.update(dict.fromkeys(prints, str(images[0].StudyInstanceUID)))

    def answer(self, image):
        with self.lock:
            self.answered[fingerprint(image)] = str(image.SOPInstanceUID)

    def arrive(self, data_set):
        print_ = fingerprint(data_set)
        with self.lock:
            self.arrived[print_] += 1
            missing = self.wanted.get(study := self.study_of.get(print_))
            if missing and print_ in missing:
                missing.discard(print_)
                del data_set.PixelData
                self.images[study].append(data_set)
                if not missing:
                    self.whole.append(self.images.pop(study))

    def refuse(self, data_set):
        with self.lock:
            print_ = fingerprint(data_set)
            self.refused.add(print_)
            # Of what is not all there nobody reports.
            if study := self.study_of.get(print_):
                self.wanted.pop(study, None)
                self.images.pop(study, None)

    @property
    def on_the_way(self):
        with self.lock:
            return len(self.answered.keys() - self.arrived.keys() - self.refused)

    def next_whole(self):
        with self.lock:
            return self.whole.pop(0) if self.whole else None


class SoakReader(CountingReader):
    """Keeps no bytes, for they would fill this process."""

    def __init__(self, ledger, chance, *arguments):
        super().__init__(*arguments)
        self.ledger, self.chance = ledger, chance

    def _store(self, event):
        one = pydicom.dcmread(io.BytesIO(event.encoded_dataset(include_meta=True)))
        if self.chance.random() < 0.01:
            self.ledger.refuse(one)
            return 0xA900
        self.ledger.arrive(one)
        return 0x0000


class SoakPACS(RecordingPeer):
    """Keeps what of a report tells whose it is."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.came = collections.Counter()
        self.wrong = []

    def _store(self, event):
        one = event.dataset
        with self.lock:
            self.came[str(one.SOPInstanceUID)] += 1
            if str(one.PatientName) != PLANTED_NAME or one.PatientID != "19340229-9876":
                self.wrong.append(str(one.SOPInstanceUID))
        return 0x0000


class Soak:
    def __init__(self, site, seconds, seed):
        self.site, self.seconds = site, seconds
        self.random = random.Random(seed)
        self.stop = threading.Event()
        self.counts = collections.Counter()
        self.ledger = Ledger()
        #: SOP Instance UIDs of reports that were handed in, and of those that were answered Success.
        self.written, self.reports = set(), set()

    # Load

    def study(self, chance):
        rows, columns = chance.choice((64, 256)), 256
        first, made = None, []
        for number in range(1, chance.choice((1, 3, 8, 20)) + 1):
            made.append(ct(
                study=first and first.StudyInstanceUID, series=first and first.SeriesInstanceUID, number=number,
                pixels=numpy.random.default_rng(chance.getrandbits(64)).integers(
                    0, 4095, rows * columns, dtype="<u2").tobytes(), rows=rows, columns=columns))
            first = first or made[0]
        return made

    def push(self, number):
        chance = random.Random(self.random.random())
        while not self.stop.is_set():
            if self.ledger.on_the_way > MOST_ON_THE_WAY:
                time.sleep(0.5)
                continue
            images = self.study(chance)
            self.ledger.offer(images, reported=chance.random() < REPORTED)
            try:
                with Association(self.site.plain_port, self.site.gateway_aet, self.site.modality_aet,
                                 [(CT_IMAGE, [EXPLICIT])]) as one:
                    if one.outcome != "accepted":
                        self.counts[f"association {one.outcome}"] += 1
                        time.sleep(1)
                        continue
                    for image in images:
                        answer = one.store(CT_IMAGE, image.SOPInstanceUID, bare(image))
                        self.counts[f"C-STORE {answer if isinstance(answer, str) else f'{answer:04X}'}"] += 1
                        if answer == 0:
                            self.ledger.answer(image)
                        elif isinstance(answer, str):
                            break
                    one.release()
            except OSError:
                self.counts["connection failed"] += 1
            time.sleep(chance.uniform(0.2, 1.5))

    def report(self):
        """The reader's desk: one report after the other about what has come as a whole, each until it is taken."""
        pusher = ReportPusher(self.site, self.site.peer_tls("reader"))
        while not self.stop.is_set() or self.ledger.whole:
            images = self.ledger.next_whole()
            if images is None:
                time.sleep(0.2)
                continue
            report = basic_report(images, "nothing to see")
            self.written.add(str(report.SOPInstanceUID))
            while not pusher.push(report):
                self.counts["report not taken at once"] += 1
                time.sleep(0.5)
            self.reports.add(str(report.SOPInstanceUID))

    # Faults

    def trouble(self):
        faults = [self.bad_road, self.dead_road, self.slow_road, self.dying_worker, self.silent_crowd, self.nonsense,
                  self.half_object, self.reload]
        while not self.stop.wait(self.random.uniform(1, 5)):
            fault = self.random.choice(faults)
            self.counts[fault.__name__.replace("_", " ")] += 1
            try:
                fault()
            except OSError:
                pass
        self.heal()

    def heal(self):
        road = self.site.road
        road.blackhole = road.refuse = False
        road.delay = road.cut_after = road.half_close = 0

    def bad_road(self):
        self.site.road.cut_after = self.random.randint(50_000, 500_000)
        self.stop.wait(4)
        self.heal()

    def dead_road(self):
        self.site.road.blackhole = True
        self.stop.wait(6)
        self.heal()
        self.site.road.cut()

    def slow_road(self):
        self.site.road.delay = 0.05
        self.stop.wait(5)
        self.heal()

    def dying_worker(self):
        alive = workers(self.site)
        if alive:
            os.kill(self.random.choice(alive), signal.SIGKILL)

    def silent_crowd(self):
        request = associate_request(self.site.gateway_aet, self.site.modality_aet, [(CT_IMAGE, [EXPLICIT])])
        crowd = []
        for number in range(100):
            one = socket.create_connection(("127.0.0.1", self.site.plain_port), timeout=5)
            one.sendall(request[:number % 40])
            crowd.append(one)
        self.stop.wait(2)
        for one in crowd:
            one.close()

    def nonsense(self):
        for port in (self.site.plain_port, self.site.tls_port):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
                one.sendall(self.random.randbytes(500))

    def half_object(self):
        one = self.site.association()
        one.socket.sendall(b"\x04\x00\x00\x00\x10\x06\x00\x00\x10\x02\x01\x00" + b"x" * 1000)
        one.close()

    def reload(self):
        os.kill(self.site.gateway.daemon.pid, signal.SIGHUP)

    # The watch

    def figures(self):
        office = status(self.site.gateway.daemon.pid)
        crew = [status(pid) for pid in workers(self.site)]
        worst = [max((one[n] for one in crew), default=0) for n in range(3)]
        return dict(zip(ALLOWED, (*office, *worst)), workers=len(crew))

    def run(self, seen):
        """Appends each look at the figures."""
        threads = [threading.Thread(target=self.push, args=(n,), daemon=True) for n in range(3)]
        threads += [threading.Thread(target=one, daemon=True) for one in (self.trouble, self.report)]
        for one in threads:
            one.start()
        start = time.monotonic()
        while time.monotonic() - start < self.seconds:
            time.sleep(2)
            self.site.gateway.daemon.require_running()
            seen.append({"seconds": time.monotonic() - start, **self.figures()})
            if len(seen) % 150 == 0:
                now = ", ".join(f"{name} {value:.0f}" for name, value in seen[-1].items())
                print(f"  {len(self.ledger.answered)} answered; {now}", flush=True)
        self.stop.set()
        for one in threads:
            one.join(60)


def rise(seen, name):
    """How much the line through a figure rises over the run, the first fifth left out: caches fill, pools grow. Through the
    medians of thirty looks, for a crowd of connections that comes and goes is no trend."""
    settled = seen[len(seen) // 5:]
    parts = [settled[n:n + 30] for n in range(0, len(settled), 30)]
    times = numpy.array([numpy.median([one["seconds"] for one in part]) for part in parts])
    values = numpy.array([numpy.median([one[name] for one in part]) for part in parts])
    slope = numpy.polyfit(times, values, 1)[0]
    return slope * (times[-1] - times[0])


def told(site):
    """SOP Instance UIDs of instances and of reports that a person is told of, and of instances that still wait."""
    return tuple({uid for uid, in rows(site, query)} for query in (
        """SELECT sopInstanceUID FROM instances JOIN transfer_instances AS passage ON instanceID = instances.id
           WHERE passage.state = 'held'""",
        "SELECT sopInstanceUID FROM reports WHERE state = 'held'",
        """SELECT sopInstanceUID FROM instances JOIN studies ON studies.id = studyID
           WHERE instances.state = 'stored' AND finishedAt IS NULL"""))


def judge(ledger, written, reports, pacs, held, held_reports, waiting=frozenset()):
    """What is wrong, in words, from what the peers were answered and what they hold; `reports` of those that the reader has
    `written` were answered Success."""
    faults = []
    nowhere = {uid for print_, uid in ledger.answered.items()
               if not ledger.arrived[print_] and print_ not in ledger.refused}
    if late := (nowhere - held) & waiting:
        faults.append(f"{len(late)} instances still wait")
    if lost := nowhere - held - waiting:
        faults.append(f"LOST: {len(lost)} instances were answered Success, and neither has the reader seen them nor is a "
                      "person told")
    if strange := set(ledger.arrived) - set(ledger.offered):
        faults.append(f"{len(strange)} images at the reader that nobody offered")
    unheard = {uid for print_, uid in ledger.answered.items()
               if print_ in ledger.refused and not ledger.arrived[print_]} - held
    if unheard:
        faults.append(f"{len(unheard)} instances were refused by the reader, and no person is told")
    if missing := reports - set(pacs.came) - held_reports:
        faults.append(f"LOST: {len(missing)} reports were answered Success, and are neither at the PACS nor is a person told")
    if set(pacs.came) - written:
        faults.append("the PACS has reports that the reader did not write")
    if pacs.wrong:
        faults.append(f"{len(pacs.wrong)} reports at the PACS do not name their patient")
    print(f"  {len(ledger.answered):7} instances answered Success, {len(ledger.arrived)} different ones at the reader, "
          f"{sum(ledger.arrived.values()) - len(ledger.arrived)} came again, {len(ledger.refused)} refused by it, "
          f"{len(nowhere & held)} set aside for a person")
    print(f"  {len(reports):7} reports answered Success, {len(pacs.came)} different ones at the PACS, "
          f"{len(reports & held_reports)} held for a person")
    return faults


def rising(seen):
    """Figures that are not level, in words."""
    faults = []
    for name, allowed in ALLOWED.items():
        values = [one[name] for one in seen]
        grown = rise(seen, name)
        verdict = "level" if grown <= allowed else "RISES"
        print(f"  {name:15} from {values[len(values) // 5]:7.1f} to {values[-1]:7.1f}, most {max(values):7.1f}, "
              f"trend {grown:+6.1f} (at most {allowed}): {verdict}")
        if grown > allowed:
            faults.append(f"{name} rises by {grown:.1f}")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--figures", type=Path, help="every figure, as a CSV file")
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.minutes:g} minutes", flush=True)
    with tempfile.TemporaryDirectory(prefix="antipode-soak-") as folder:
        site = Site(find_binary(ROOT).resolve(), Path(folder))
        site.far_port, = free_ports(1)
        # What was delivered is swept soon, so that the spool is level too.
        in_a_hurry(site, ('drain = "5s"', 'drain = "5s"\nretention = "30s"')).start()
        site.road = ChaosProxy(site.reader_port, ("127.0.0.1", site.far_port)).start()
        faults = []
        soak = Soak(site, given.minutes * 60, given.seed)
        pacs = SoakPACS(site.pacs_aet, site.pacs_port).start()
        reader = SoakReader(soak.ledger, random.Random(given.seed), site.far_port, site.reader_aet,
                            *site.peer_tls("reader")).start()
        seen = []
        try:
            soak.run(seen)
            wait_until(lambda: all_ended(site), 120, "everything having its end", pause=1)
        except NotReady as fault:
            faults.append(str(fault))
        finally:
            reader.stop()
            pacs.stop()
        faults += judge(soak.ledger, soak.written, soak.reports, pacs, *told(site))
        site.road.stop()
        site.stop()
        for name, count in sorted(soak.counts.items()):
            print(f"  {count:7} {name}")
        if given.figures and seen:
            with given.figures.open("w", newline="") as file:
                table = csv.DictWriter(file, list(seen[0]))
                table.writeheader()
                table.writerows(seen)
        if len(seen) > 20:
            faults += rising(seen)
        for fault in faults:
            print(f"FAULT: {fault}")
        if not faults:
            print("All level, nothing without an end.")
        if faults:
            print(site.gateway.log_text()[-4000:])
        return 1 if faults else 0


def all_ended(site):
    """Nothing is received, planned, restored or sent any more."""
    (studies,), = rows(site, "SELECT count(*) FROM studies WHERE state IN ('receiving', 'complete')")
    (reports,), = rows(site, "SELECT count(*) FROM reports WHERE state IN ('received', 'matched')")
    (open_,), = rows(site, "SELECT count(*) FROM transfers WHERE state IN ('waiting', 'active', 'deferred')")
    return not studies and not open_ and not reports


if __name__ == "__main__":
    sys.exit(main())
