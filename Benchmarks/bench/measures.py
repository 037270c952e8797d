"""The three measures: receiving, the whole way, and memory."""

import os
import statistics
import time
from datetime import datetime

from trial.processes import wait_until

from .machine import load
from .memory import MemoryWatch, workers_seconds
from .receivers import Antipode, StoreSCP


def summary(values, digits=1):
    """Median, lowest and highest."""
    return {
        "median": round(statistics.median(values), digits), "min": round(min(values), digits),
        "max": round(max(values), digits), "repetitions": len(values)}


class Bench:
    """What all measures share: the sender, the disk, and numbers of repetitions that never come again."""

    def __init__(self, sender, disk, say):
        self.sender, self.disk, self.say = sender, disk, say
        self.run = 0

    def _renew(self, studies):
        self.run += 1
        for study in studies:
            study.renew(self.run)

    def once(self, receiver, studies):
        """Instances a second. Whatever an earlier turn left to be written is written before the clock starts, and nothing
        is deleted: ext4 avoids the numbers of files that were deleted just now, which costs the next receiver."""
        self._renew(studies)
        os.sync()
        before = receiver.count()
        seconds = self.sender.send(receiver, studies)
        expected = sum(len(study.files) for study in studies)
        wait_until(lambda: receiver.count() - before == expected, 30, f"{receiver.name} holding {expected} objects")
        return expected / seconds

    def receiving(self, receivers, studies, repetitions):
        """All receivers in turn, in another order each time, and the disk between them."""
        rates = {receiver.name: [] for receiver in receivers}
        for receiver in receivers:
            # Not counted: a first association pays for what the next ones find in place.
            self.once(receiver, [studies[0]])
        loads = []
        for turn in range(repetitions):
            start = turn % len(receivers)
            self.disk.sample(20)
            loads.append(load())
            for receiver in receivers[start:] + receivers[:start]:
                rates[receiver.name].append(self.once(receiver, studies))
            self.say("   " + "   ".join(f"{name} {values[-1]:.0f}/s" for name, values in rates.items()))
        megabytes = sum(study.bytes for study in studies) / sum(len(study.files) for study in studies) / 1e6
        antipode = rates[Antipode.name]
        result = {"instances": sum(len(s.files) for s in studies), "associations": len(studies), "receivers": {}}
        for name, values in rates.items():
            result["receivers"][name] = {
                "instances_per_s": summary(values), "MB_per_s": round(statistics.median(values) * megabytes, 1),
                # Of the same turn, so that a slow minute slows both.
                "antipode_to_this": summary([a / b for a, b in zip(antipode, values)], 2)}
        result["load_before_turns"] = loads
        return result

    def whole_way(self, antipode, study, repetitions):
        """Receive, de-identify, guard, and forward over TLS; the sending workers' own processor time beside it."""
        received, forwarded, cost = [], [], []
        for _ in range(repetitions):
            self._renew([study])
            os.sync()
            received.append(len(study.files) / self.sender.send(antipode, [study]))
            before = workers_seconds(antipode.pid)
            transfer = wait_until(
                lambda: antipode.transfer(study.study_uid), 300, "the study being forwarded", pause=0.2)
            seconds = _instant(transfer["finishedAt"]) - _instant(transfer["startedAt"])
            forwarded.append(len(study.files) / seconds)
            # The receiving worker rests now; what the workers spend is the lanes'.
            spent = workers_seconds(antipode.pid) - before
            cost.append(len(study.files) / spent if spent > 0 else 0)
            self.say(f"   received {received[-1]:.0f}/s   forwarded {forwarded[-1]:.0f}/s   "
                     f"{cost[-1]:.0f} for each second of processor time in the workers")
        return {
            "instances": len(study.files), "lanes": antipode.lanes, "received_per_s": summary(received),
            "forwarded_per_s": summary(forwarded), "forwarded_per_processor_second_of_workers": summary(cost)}

    def memory(self, antipode, study, repetitions=1):
        """One object of a gigabyte, received and forwarded, while memory is watched."""
        worst, seconds = None, []
        size = study.bytes
        for _ in range(repetitions):
            self._renew([study])
            os.sync()
            with MemoryWatch(antipode.pid) as watch:
                start = time.perf_counter()
                receive = self.sender.send(antipode, [study])
                transfer = wait_until(
                    lambda: antipode.transfer(study.study_uid), 300, "the object being forwarded", pause=0.2)
                forward = _instant(transfer["finishedAt"]) - _instant(transfer["startedAt"])
                seconds.append((receive, forward, time.perf_counter() - start))
            figures = watch.figures()
            if worst is None or figures["largest_worker_private_MB"] > worst["largest_worker_private_MB"]:
                worst = figures
        receive, forward, _ = min(seconds)
        return {
            **worst, "object_MB": round(size / 1e6), "frames": study.frames,
            "received_MB_per_s": round(size / 1e6 / receive), "forwarded_MB_per_s": round(size / 1e6 / forward)}


def _instant(text):
    return datetime.fromisoformat(text).timestamp()


def reader(folder, authority):
    """The far end of the whole way: storescp over mutual TLS, a process for each lane."""
    return StoreSCP(folder, fork=True, tls=authority.issue("reader"))
