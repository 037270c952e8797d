"""An acute study beside a backlog: pushed slice by slice, 30 a second, and timed to its last acknowledgement."""

import subprocess
import threading
import time

from trial.processes import wait_until

from .sender import environment

SLICES, RATE = 300, 30


def push_acute(binary, gateway, study, end=()):
    """`antipode simulate modality` at its rate. Gives when it was given each answer, by this process's clock, which reads its
    lines as they come."""
    process = subprocess.Popen(
        [*map(str, end), str(binary), "simulate", "modality", "--to", f"{gateway.title}@127.0.0.1:{gateway.port}", "--folder",
         str(study.folder), "--rate", str(RATE), "--associations", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(), text=True)
    answers, other = [], []
    for line in process.stdout:
        if " status 0000 " in line:
            answers.append(time.time())
        else:
            other.append(line)
    if process.wait() != 0 or len(answers) != len(study.files):
        raise RuntimeError(f"{len(answers)} of {len(study.files)} were stored: {''.join(other[-5:])}")
    return answers


def acute(context, gateway, reader, backlog, study, end=()):
    """The backlog waits, for its reader is not there; the reader comes, the backlog drains, the acute study is pushed."""
    sender = threading.Semaphore(4)
    failures = []

    def send(one):
        with sender:
            done = subprocess.run(
                [*map(str, end), "storescu", "-R", "-aet", "MODALITY", "-aec", gateway.title, "127.0.0.1",
                 str(gateway.port), *map(str, one.files)], env=environment(), capture_output=True, text=True)
            if done.returncode != 0:
                failures.append(done.stderr[-500:])

    threads = [threading.Thread(target=send, args=(one,)) for one in backlog]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    wanted = sum(len(one.files) for one in backlog)
    wait_until(lambda: gateway.open_transfers()[0] == wanted, 120, "the backlog being planned")
    reader.start()
    wait_until(lambda: len(gateway.acknowledged()) > 2 * gateway.lanes, 120, "the backlog draining", pause=0.05)
    answers = push_acute(context.binary, gateway, study, end)
    left = gateway.open_transfers(beside=study.study_uid)[0]
    wait_until(lambda: len(gateway.acknowledged(study.study_uid)) == len(study.files), 600,
               "the acute study being acknowledged", pause=0.02)
    acknowledged = gateway.acknowledged(study.study_uid)
    wait_until(lambda: gateway.open_transfers()[0] == 0, 1800, "the backlog being sent", pause=0.5)
    if gateway.open_transfers()[1]:
        raise RuntimeError("instances are held")
    begin = answers[0]
    return {
        "seconds_after_last_answer": round(acknowledged[-1] - answers[-1], 3),
        "push_seconds": round(answers[-1] - begin, 2), "backlog_instances": wanted,
        "backlog_left_after_push": int(left), "sent_while_it_arrives": gateway.sends_at_once,
        "answered": [round(t - begin, 2) for t in answers[::5]],
        "acknowledged": [round(t - begin, 2) for t in acknowledged[::5]]}


def after_pauses(context, gateway, studies, pauses):
    """Small acute studies to lanes that rest with their associations open: seconds from the last answer to the last
    acknowledgement, one for each pause."""
    seconds = []
    for study, pause in zip(studies, pauses):
        time.sleep(pause)
        answers = push_acute(context.binary, gateway, study)
        wait_until(lambda: len(gateway.acknowledged(study.study_uid)) == len(study.files), 60,
                   "a small acute study being acknowledged", pause=0.02)
        seconds.append(gateway.acknowledged(study.study_uid)[-1] - answers[-1])
    return seconds
