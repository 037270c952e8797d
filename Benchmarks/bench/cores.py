"""Which cores a thread, and whatever it starts from then on, may run on."""

import os
from contextlib import contextmanager


def allowed():
    return sorted(os.sched_getaffinity(0))


@contextmanager
def only(cores):
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
