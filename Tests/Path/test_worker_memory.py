"""Workers at their memory limit, and workers that stand ready and are stopped or ended: what they held is told, and no
other association notices."""

import contextlib
import ctypes
import os
import platform
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faults import (
    in_a_hurry, kill, reading, rows, send, send_study, sending_workers, spool_file, states, worker_of, workers)
from objects import bare, ct
from sr import basic_report, push_report
from trial.processes import Child, wait_until
from wire import CT_IMAGE, Aborted, Closed, data_pdus, store_command

MIB = 1 << 20
#: Little more than the libraries take, so that a report of a moderate size is too much.
LIMIT = 416 * MIB
LIMIT_AS_WRITTEN = 'worker_memory = "416 MiB"'


def limited(site, more="", *changes):
    return in_a_hurry(site, ('drain = "5s"', f'drain = "5s"\n{LIMIT_AS_WRITTEN}\n{more}'), *changes)


@pytest.fixture(scope="module")
def site(make_site):
    # Nothing is sent on, so that workers are asked for by associations alone.
    one = limited(make_site("full"), "", ('quiet_period = "1s"', 'quiet_period = "10min"'))
    one.start()
    yield one
    one.stop()
    one.require_no_planted_words()


# A process that is filled. No object that a modality may send fills a receiving worker, which streams: so it is made to
# ask the system for memory from outside, as a debugger calls a function, until its own limit gives no more.

class Registers(ctypes.Structure):
    """user_regs_struct of x86-64 (sys/user.h)."""
    _fields_ = [(name, ctypes.c_ulonglong) for name in (
        "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs"
        " gs").split()]


POKE, CONTINUE, GET_REGISTERS, SET_REGISTERS, ATTACH, DETACH = 5, 7, 12, 13, 16, 17
ANY_CHILD = 0x40000000


def trace(request, pid, address=0, data=0):
    libc = ctypes.CDLL("libc.so.6", use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    if libc.ptrace(request, pid, address, data) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request}")


def stopped(pid):
    """The signal at which it stopped."""
    found, status = wait_until(lambda: (pair := os.waitpid(pid, ANY_CHILD | os.WNOHANG))[0] and pair, 10, "a stop", 0.0002)
    assert found == pid and os.WIFSTOPPED(status), status
    return os.WSTOPSIG(status)


def start_of_libc(pid):
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return int(next(line for line in lines if line.endswith("/libc.so.6")).split("-")[0], 16)


def fill(pid):
    """Calls malloc in it, for ever smaller pieces, until there is none of any size."""
    offset = ctypes.cast(ctypes.CDLL("libc.so.6").malloc, ctypes.c_void_p).value - start_of_libc("self")
    malloc = start_of_libc(pid) + offset
    # Its first thread, which sleeps while another works, is in no allocation of its own.
    wait_until(lambda: Path(f"/proc/{pid}/syscall").read_text() != "running\n", 10, "the worker's rest", 0.001)
    trace(ATTACH, pid)
    stopped(pid)
    before, now = Registers(), Registers()
    trace(GET_REGISTERS, pid, 0, ctypes.addressof(before))
    try:
        for size in [*(1 << n for n in range(30, 10, -1)), *range(1024, 0, -16)]:
            while True:
                call = Registers.from_buffer_copy(before)
                call.rip, call.rdi = malloc, size
                # No call of the system that was interrupted is to begin anew in the middle of this one.
                call.orig_rax = 2**64 - 1
                # Below what the function at rest has on its stack, with nowhere to return to: there it stops.
                call.rsp = (before.rsp - 1024 & ~15) - 8
                trace(POKE, pid, call.rsp, 0)
                trace(SET_REGISTERS, pid, 0, ctypes.addressof(call))
                trace(CONTINUE, pid)
                number = stopped(pid)
                trace(GET_REGISTERS, pid, 0, ctypes.addressof(now))
                assert (number, now.rip) == (signal.SIGSEGV, 0)
                if not now.rax:
                    break
    finally:
        trace(SET_REGISTERS, pid, 0, ctypes.addressof(before))
        trace(DETACH, pid)


def may_trace():
    with subprocess.Popen(["sleep", "60"]) as one:
        try:
            trace(ATTACH, one.pid)
            stopped(one.pid)
            trace(DETACH, one.pid)
            return True
        except OSError:
            return False
        finally:
            one.kill()


needs_tracing = pytest.mark.skipif(
    platform.machine() != "x86_64" or not may_trace(),
    reason="a process is filled from outside only on x86-64, and where it may be traced (kernel.yama.ptrace_scope)")


def address_space(pid):
    return int(re.search(r"VmSize:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) << 10


def fill_to_the_limit(pid):
    assert address_space(pid) < LIMIT - 64 * MIB
    fill(pid)
    # Its own limit, and not the machine's, was what it met.
    assert LIMIT - MIB < address_space(pid) <= LIMIT


# Receiving workers

def messages(one):
    """A C-STORE of it, piece by piece."""
    return [*data_pdus(1, store_command(CT_IMAGE, one.SOPInstanceUID), command=True),
            *data_pdus(1, bare(one), command=False)]


def begin(association, one):
    """Sends the half of it, and gives the rest."""
    whole = messages(one)
    for part in whole[:len(whole) // 2]:
        association.socket.sendall(part)
    return whole[len(whole) // 2:]


def writes(pid):
    """Whether it has an object in the making: a file with the name of those that are not yet whole."""
    with contextlib.suppress(OSError):
        return any(os.readlink(one).endswith(".part") and one.stat().st_size > 100_000
                   for one in Path(f"/proc/{pid}/fd").iterdir())


def finish(association, parts):
    """The status of the object, or None where the association ended."""
    try:
        for part in parts:
            association.socket.sendall(part)
        return association.response()
    except (Aborted, Closed, OSError):
        return None


def stored(site, one):
    """How many rows it has; that of one that was answered Success has its file."""
    found = rows(site, "SELECT 1 FROM instances WHERE sopInstanceUID = ?", str(one.SOPInstanceUID))
    if found:
        assert spool_file(site, one.SOPInstanceUID).read_bytes().endswith(bare(one))
    return len(found)


@needs_tracing
@pytest.mark.parametrize("moment", ["between objects", "inside an object"])
def test_a_receiving_worker_without_memory_takes_only_its_own_association_along(site, moment):
    pid, inside = site.gateway.daemon.pid, moment == "inside an object"
    before, lost, beside, after = (ct(rows=1024, columns=1024) for _ in range(4))
    with site.association() as struck, site.association() as other:
        assert send(site, [before], struck) == [0]
        victim = worker_of(site, struck)
        neighbour = worker_of(site, other)
        others_rest = begin(other, beside)
        rest = begin(struck, lost) if inside else messages(lost)
        wait_until(lambda: writes(neighbour) and (writes(victim) or not inside), 10, "the objects being written", 0.01)
        fill_to_the_limit(victim)
        assert finish(struck, rest) is None
        wait_until(lambda: victim not in workers(site), 10, "the worker's end", 0.02)
        # The neighbour goes on in the middle of its object, on the same association and with the same worker.
        start = time.monotonic()
        assert finish(other, others_rest) == 0
        assert send(site, [after], other) == [0]
        assert time.monotonic() - start < 5
        assert worker_of(site, other) == neighbour
        other.release()
    assert site.gateway.daemon.pid == pid and site.gateway.alive() and site.gateway.status()["ready"]
    assert [stored(site, one) for one in (before, beside, after, lost)] == [1, 1, 1, 0]
    # What was not answered its sender sends again.
    assert send(site, [lost]) == [0]
    assert stored(site, lost) == 1

    def told():
        return [one["detail"] for one in site.gateway.ask("events", "--kind", "associationEnded")
                if "workerDied: the receiving worker was ended by signal" in one["detail"]]

    held = f"with object {lost.SOPInstanceUID} on its way"
    death = wait_until(lambda: [one for one in told() if (held in one) == inside], 10, "the death told")[0]
    assert "of modality after 1 stored" in death
    if inside:
        # What the worker itself had to say stands beside it in the log.
        assert re.search(r"failed to allocate \d+ bytes of memory|bad_alloc", site.gateway.log_text())


# Workers that stand ready

def standing(site, number=4):
    """All workers that wait for a job: two for associations, and two for what else there is to do."""
    def found():
        running = workers(site)
        return running if len(running) >= number and all(waits(pid) for pid in running) else None

    return wait_until(found, 20, "the workers standing ready", 0.05)


def waits(pid):
    """Whether its thread of that name reads from the office."""
    try:
        return any((task / "comm").read_text() == "antipode-worker\n" and "unix_stream" in (task / "wchan").read_text()
                   for task in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return False


def stop(pid):
    kill(pid, signal.SIGSTOP)


@pytest.fixture
def ending(site):
    """ending(pids): those that the office has not ended by itself are ended when the test is over, so that no other has to do
    with them."""
    given = []
    yield given.extend
    for pid in set(given) & set(workers(site)):
        kill(pid)
    wait_until(lambda: not set(given) & set(workers(site)), 10, "the end of the struck workers")


def at_once(count, body):
    with ThreadPoolExecutor(count) as several:
        return [one.result() for one in [several.submit(body) for _ in range(count)]]


@pytest.mark.parametrize("strike", [stop, kill])
def test_no_association_notices_that_the_workers_that_stood_ready_stand_still_or_ended(site, ending, strike):
    struck = standing(site)
    ending(struck)
    for pid in struck:
        strike(pid)

    def timed():
        start = time.monotonic()
        return send(site, [ct()]), time.monotonic() - start

    # As many as stood ready at once, so that each of those that wait for associations is given one.
    results = at_once(len(struck), timed)
    assert [statuses for statuses, _ in results] == [[0]] * len(struck)
    # One that stands still is given up after three seconds, and no connection is given to two of them in a row.
    assert max(seconds for _, seconds in results) < 8, results
    wait_until(lambda: len(set(struck) & set(workers(site))) <= len(struck) - 2, 10, "the end of those that were asked")
    wait_until(lambda: sum(waits(pid) for pid in set(workers(site)) - set(struck)) >= 2, 20, "others in their place")
    assert site.gateway.alive() and site.gateway.status()["ready"]


@needs_tracing
def test_workers_that_stood_ready_without_memory_cost_at_most_the_association_that_each_was_given(site, ending):
    struck = standing(site)
    ending(struck)
    for pid in struck:
        fill_to_the_limit(pid)

    def until_taken():
        """How often one had to try."""
        one = ct()
        for tries in range(1, len(struck) + 2):
            with site.association() as association:
                if association.outcome == "accepted":
                    assert send(site, [one], association) == [0]
                    association.release()
                    assert stored(site, one) == 1
                    return tries
        raise AssertionError(f"none of {tries} tries was taken")

    tries = at_once(len(struck), until_taken)
    assert sum(tries) <= 2 * len(struck), tries
    wait_until(lambda: len(set(struck) & set(workers(site))) <= len(struck) - 2, 10, "the end of those that were asked")
    assert site.gateway.alive() and site.gateway.status()["ready"]


# Reports

@contextlib.contextmanager
def archive(site):
    one = Child("the PACS", [
        site.gateway.binary, "simulate", "pacs", "--port", site.pacs_port, "--ae", site.pacs_aet, "--folder",
        site.folder / "pacs"], site.folder / "pacs.log").start().wait_listening(site.pacs_port)
    try:
        yield one
    finally:
        one.stop()


def at_the_reader(site, reader):
    """A new study's image, as the reader has it."""
    image = send_study(site, 1)[0]
    key = site.study_key(image.StudyInstanceUID)
    wait_until(lambda: states(site, key)[0] == "acknowledged", 90, "the study at the reader")
    return reader.of_study(site.gateway.study(key)["transfers"][0]["pseudonymousStudyUID"])


def push(site, images, bulk=0):
    """A report, with so many bytes of a private element; gives its key."""
    known = {one["key"] for one in site.gateway.reports()}
    one = basic_report(images, "no finding")
    if bulk:
        one.add_new(0x00110010, "LO", "PATHTEST")
        one.add_new(0x00111010, "OB", b"\1" * bulk)
    push_report(site, one)
    return wait_until(lambda: {one["key"] for one in site.gateway.reports()} - known, 10, "the report listed").pop()


def report(site, key):
    return next(one for one in site.gateway.reports() if one["key"] == key)


def goes_home(site, key, seconds=40):
    wait_until(lambda: report(site, key)["state"] == "delivered", seconds, "the report at home")


@pytest.mark.fault
@pytest.mark.parametrize("step, size", [
    ("reading", 100 * MIB),
    ("writing", 68 * MIB),
])
def test_a_report_that_fills_workers_to_their_memory_limit_waits_for_a_person_and_others_go_home(make_site, step, size):
    """The larger one ends each worker that reads it. The smaller one can be read, and then there is no memory for what is
    written: DCMTK says so, and the worker lives."""
    site = limited(make_site(f"report-{step}"), "maximum_deaths = 3")
    site.start()
    try:
        with reading(site) as reader, archive(site):
            images = at_the_reader(site, reader)
            heavy = push(site, images, size)
            goes_home(site, push(site, images), 60)
            assert report(site, heavy)["state"] != "delivered"
            # Five seconds, and then ten, are between the tries; a debug build takes half a minute over each.
            wait_until(lambda: report(site, heavy)["state"] == "held", 120, "a person being asked", 0.5)
            hold = report(site, heavy)["hold"]
            assert hold["code"] == "setAside" and hold["detail"].startswith("3 workers died of it: "), hold
            assert site.gateway.status()["needsPerson"] >= 1
            goes_home(site, push(site, images), 60)
            assert site.gateway.alive() and site.gateway.status()["ready"]
            # Nothing of it is lost: with more memory it goes home.
            site.stop()
            text = site.gateway.config.read_text()
            site.gateway.config.write_text(text.replace(LIMIT_AS_WRITTEN, 'worker_memory = "2 GiB"'))
            site.start()
            site.gateway.run("report", "retry", heavy)
            goes_home(site, heavy, 90)
    finally:
        site.stop()


@contextlib.contextmanager
def standing_still(site):
    """All that stood ready do not, and at least so many as one association and one job need are ended for it."""
    struck = set(standing(site))
    for pid in struck:
        stop(pid)
    try:
        yield
        wait_until(lambda: len(struck & set(workers(site))) <= len(struck) - 2, 40, "the end of those that were asked")
    finally:
        for pid in struck & set(workers(site)):
            kill(pid)


@pytest.mark.fault
def test_a_study_is_sent_though_the_workers_that_stood_ready_stand_still(make_site):
    site = limited(make_site("still"))
    site.start()
    try:
        with reading(site) as reader:
            with standing_still(site):
                assert at_the_reader(site, reader)
        assert site.gateway.alive() and site.gateway.status()["ready"]
    finally:
        site.stop()


@pytest.mark.fault
def test_a_report_is_not_held_because_a_worker_stood_still_before_it_was_asked(make_site):
    site = limited(make_site("still-report"), 'worker_answer = "3s"\nmaximum_deaths = 1')
    site.start()
    try:
        with reading(site) as reader, archive(site):
            images = at_the_reader(site, reader)
            # The lane's worker comes back: it would be asked before those that stood longer.
            wait_until(lambda: not sending_workers(site, site.reader_port), 20, "the lane's end")
            with standing_still(site):
                key = push(site, images)
                wait_until(lambda: report(site, key)["state"] in ("delivered", "held"), 60, "the report coming to rest")
                assert report(site, key)["state"] == "delivered", report(site, key)["hold"]
    finally:
        site.stop()
