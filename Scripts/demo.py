"""A study crosses, and its report comes home.

HELD=release or HELD=leave-out says what is done about images that are held because text may stand in their pixels;
without it they stay held, and the demonstration says why.

Starts Antipode with a reader and a hospital's PACS around it, pushes studies, waits for the reports, and tells step by
step what happened. STUDY=folder sends that folder instead; KEEP=1 leaves everything running, until
`make demo-stop`. The step that failed is named in the last line, and the exit code is then 1.

From the environment: DEMO_PATIENCE, seconds until what has not come home is a failure (240; more for a large study on a slow
machine), DEMO_SLICES, of the synthetic CT (300), and DEMO_STATE, the folder that is made and made anew (demo-state).
"""

import os
import shlex
import shutil
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Scripts"))

from trial import dicomfiles  # noqa: E402
from trial.processes import NotReady, wait_until  # noqa: E402
from trial.story import Story, pseudonymous_headers, restored_reports, seconds, when  # noqa: E402
from trial.trial import Trial, running  # noqa: E402

STATE = Path(os.environ.get("DEMO_STATE") or ROOT / "demo-state").absolute()
HELD = os.environ.get("HELD", "")
PATIENCE = float(os.environ.get("DEMO_PATIENCE") or "240")


class StepFailed(Exception):
    def __init__(self, step, reason):
        super().__init__(reason)
        self.step = step


def say(text=""):
    print(text, flush=True)


def images(count):
    return "1 image" if count == 1 else f"{count} images"


class Progress:
    """One line that is written over on a terminal, and a line for each change elsewhere."""

    def __init__(self):
        self.last = None
        self.terminal = sys.stdout.isatty()

    def show(self, text):
        if text == self.last:
            return
        self.last = text
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            print("\r\033[K" + text[:width], end="", flush=True)
        else:
            print(text, flush=True)

    def end(self):
        if self.terminal and self.last is not None:
            print(flush=True)
        self.last = None


def step(name):
    """A decorator: what goes wrong inside is told with the step's name."""

    def wrap(function):
        def run(*arguments):
            try:
                return function(*arguments)
            except StepFailed:
                raise
            except Exception as error:  # noqa: BLE001 - every fault belongs to its step
                raise StepFailed(name, str(error) or type(error).__name__) from error

        return run

    return wrap


@step("choosing studies")
def choose():
    """What is pushed: (title, list of files or None for the synthetic one)."""
    folder = os.environ.get("STUDY")
    if not folder:
        return [("real CT", dicomfiles.real_ct()), ("real MR", dicomfiles.real_mr()), ("synthetic CT", None)]
    found = dicomfiles.studies(folder)
    if not found:
        raise StepFailed("choosing studies", f"no DICOM objects in {folder}")
    titles = []
    for files in found.values():
        modalities = sorted({str(header.get("Modality", "?")) for _, header in files})
        titles.append(("your " + "/".join(modalities), [path for path, _ in files]))
    return titles


@step("making the state")
def make(binary):
    if STATE.exists():
        if running(STATE):
            raise StepFailed("making the state", "an earlier demonstration still runs; end it with: make demo-stop")
        if not (STATE / "antipode.toml").exists():
            raise StepFailed("making the state", f"{STATE} exists and is not a demonstration; move it away")
        shutil.rmtree(STATE)
    trial = Trial(binary, STATE)
    trial.make()
    return trial


@step("starting")
def start(trial):
    trial.start()


@step("pushing")
def push(trial, chosen):
    stories = []
    for title, files in chosen:
        before = time.monotonic()
        if files is None:
            # Its patient is made up. The stand-ins are not asked to name those of a user's files.
            words = trial.push(
                "--synthetic", "ct", "--slices", os.environ.get("DEMO_SLICES", "300"), "--show-identity")
            story = Story.of_words(title, words)
        else:
            trial.push("--folder", trial.stage(title, files))
            story = Story.of_files(title, files)
        say(f"   pushed       {title}: {images(story.images)} of {story.patient_name}, ID {story.patient_id}, "
            f"{time.monotonic() - before:.1f} s")
        stories.append(story)
    return stories


@step("waiting for the reports")
def wait(trial, stories):
    """Until each study's report is delivered or a person is needed."""
    progress = Progress()
    end = time.monotonic() + PATIENCE
    try:
        while True:
            trial.require_running()
            for story in stories:
                story.update(trial.gateway)
                decide(trial, story)
            progress.show("   " + "   ".join(f"{s.title}: {s.stage}" for s in stories))
            if all(story.done for story in stories):
                return
            if time.monotonic() > end:
                waiting = ", ".join(f"{s.title} ({s.stage})" for s in stories if not s.done)
                raise NotReady(
                    f"after {PATIENCE:g} s these were not done: {waiting}; DEMO_PATIENCE=seconds waits longer")
            time.sleep(0.5)
    finally:
        progress.end()


def decide(trial, story):
    """Does about held instances what the user chose, once per study."""
    if HELD and story.detail and story.waits and story.detail["study"]["heldInstances"] and not story.decision:
        why = story.held.get("detail", "")
        trial.gateway.run("study", HELD, story.detail["study"]["key"], "--yes")
        story.decision = f"{'released' if HELD == 'release' else 'left out'}: {why}"
        story.update(trial.gateway)


def tell_held(trial, story):
    """What waits for a person, which files, and what a person would type. Not a fault: it is what the gateway is for."""
    study = story.detail["study"]
    say(f"   held         {story.held.get('code')}: {story.held.get('detail')}")
    say(f"                {story.held.get('hint', '')}")
    if not study["heldInstances"]:
        return
    for one in trial.gateway.ask("study", "instances", study["key"], "--held")[:5]:
        say(f"                {one['key']}  {one['kind']}  {one['file']}")
    again = f"make demo STUDY={shlex.quote(os.environ['STUDY'])}" if os.environ.get("STUDY") else "make demo"
    say(f"                here: {again} HELD=release says that they name nobody, {again} HELD=leave-out sends the rest")


def tell(trial, story):
    """The story of one study. Raises StepFailed for what is not as it should be."""
    detail = story.detail
    study = detail["study"]
    say()
    say(f"{story.title}, study {study['key']}")
    say(f"   received     {when(study['firstInstanceAt'])}  {images(study['instances'])} from {study['source']}, "
        f"all within {seconds(study['firstInstanceAt'], study['lastInstanceAt'])}")
    if study["instances"] != story.images:
        raise StepFailed("receive", f"{story.images} images were pushed and {study['instances']} are recorded")
    if story.decision:
        say(f"   decided      {story.decision}")
    if story.held:
        tell_held(trial, story)
    transfer = story.to_reader
    if story.nothing_sent:
        say("   sent         nothing of it left the hospital")
        return
    say(f"   planned      {when(transfer['createdAt'])}  rule {transfer.get('rule') or '-'} chose "
        f"{transfer['destination']}, profile {transfer['profile']}")
    say(f"   sent         {when(transfer.get('finishedAt'))}  {transfer['acknowledged']} of "
        f"{transfer['instances']} acknowledged, in {seconds(transfer.get('startedAt'), transfer.get('finishedAt'))}")
    tell_reader(trial, story, transfer)
    report = story.report
    if not report or report["state"] != "delivered":
        say("   report       none so far")
        return
    say(f"   fetched      {when(report['receivedAt'])}  report {report['key']}, {report['completion']} "
        f"{report['verification']} {report.get('preliminary', '')}".rstrip())
    tell_restored(trial, story, report)


def tell_reader(trial, story, transfer):
    headers = pseudonymous_headers(trial.reader_folder, transfer["pseudonymousStudyUID"])
    if len(headers) < transfer["acknowledged"]:
        raise StepFailed("forward", f"the reader holds {len(headers)} of {transfer['acknowledged']} images")
    first = headers[0]
    say(f"   reader saw   name {first.PatientName}, ID {first.PatientID}, birth date "
        f"'{first.get('PatientBirthDate', '')}', accession {first.get('AccessionNumber', '')}")
    say(f"                study {first.StudyInstanceUID}")
    for secret in story.identity():
        for header in headers:
            if secret in str(header.PatientName) or secret == str(header.PatientID):
                raise StepFailed("pseudonymise", "the reader got the patient's own name or number")


def tell_restored(trial, story, report):
    found = restored_reports(trial.pacs_folder, story.study_uid)
    if not found:
        raise StepFailed("deliver", "the PACS did not get the report")
    header = found[0]
    name, number = str(header.PatientName), str(header.PatientID)
    say(f"   restored     {when(report.get('restoredAt'))}  name {name}, ID {number}, accession "
        f"{header.get('AccessionNumber', '')}")
    if name != story.patient_name or number != story.patient_id:
        raise StepFailed("restore", f"the report is about {name} {number}, not {story.patient_name} {story.patient_id}")
    say(f"   delivered    {when(report.get('deliveredAt'))}  to the PACS")
    text = trial.gateway.report_text(report["key"])
    for line in str(text).splitlines():
        if line.strip():
            say(f"                | {line.rstrip()}")


def table(stories):
    rows = [("STUDY", "IMAGES", "RECEIVED IN", "COMPLETE AFTER", "SENT IN", "REPORT BACK AFTER", "IN ALL")]
    for story in stories:
        study, transfer, report = story.detail["study"], story.to_reader or {}, story.report or {}
        rows.append((
            story.title, str(study["instances"]), seconds(study["firstInstanceAt"], study["lastInstanceAt"]),
            seconds(study["lastInstanceAt"], study.get("completedAt")),
            seconds(transfer.get("startedAt"), transfer.get("finishedAt")) if transfer.get("acknowledged") else "-",
            seconds(transfer.get("finishedAt"), report.get("receivedAt")),
            seconds(study["firstInstanceAt"], report.get("deliveredAt"))))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    say()
    for row in rows:
        say("   " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def keep(trial):
    trial.remember_running()
    say()
    say("Everything is left running. To look at it:")
    for line in trial.how_to_look():
        say(f"   {line}")
    say("End it with: make demo-stop")


def stop_kept():
    """`make demo-stop`: ends what KEEP=1 left running."""
    children = running(STATE)
    for pid, name in children:
        os.kill(pid, signal.SIGTERM)
        say(f"ending {name} ({pid})")
    wait_until(lambda: not running(STATE), 30, "the end of what was left running")
    if not children:
        say("nothing is running")
    return 0


def main():
    if sys.argv[1:] == ["--stop"]:
        return stop_kept()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    binary = Path(os.environ["ANTIPODE_BIN"]).resolve()
    trial = None
    kept = False
    try:
        if HELD not in ("", "release", "leave-out"):
            raise StepFailed("choosing studies", f"HELD is release or leave-out, not '{HELD}'")
        chosen = choose()
        trial = make(binary)
        say(f"1  State        {STATE.name}: configuration, trial certificates, keys")
        start(trial)
        say(f"2  Running      {trial.where()}")
        say("3  Studies")
        stories = push(trial, chosen)
        say("4  Waiting for the reports")
        wait(trial, stories)
        say("5  What happened")
        for story in stories:
            tell(trial, story)
        table(stories)
        say()
        waiting = [story for story in stories if story.held]
        if not os.environ.get("STUDY"):
            # What a user brings may be held by right; our own studies have to cross, and their reports to come home.
            for story in stories:
                if story.held:
                    raise StepFailed("plan", f"{story.title} is held: {story.held.get('code')}")
                if (story.report or {}).get("state") != "delivered":
                    raise StepFailed("deliver", f"the report on {story.title} did not come home")
        if waiting:
            say(f"The demonstration succeeded; {len(waiting)} of {len(stories)} "
                f"{'study waits' if len(waiting) == 1 else 'studies wait'} for a person, as told above.")
        else:
            say("The demonstration succeeded.")
        if os.environ.get("KEEP") == "1":
            keep(trial)
            kept = True
        return 0
    except StepFailed as failure:
        say()
        if trial:
            for name, tail in trial.last_words():
                say(f"--- {name}\n{tail}")
        say(f"The demonstration failed in the step '{failure.step}': {failure}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if trial and not kept:
            trial.stop()


if __name__ == "__main__":
    sys.exit(main())
