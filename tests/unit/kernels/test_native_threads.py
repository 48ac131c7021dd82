"""Whose threads compute: many callers at once, an interpreter that goes on, a forked child, a thread's own rounding."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from native_cases import Case, buffers, forward
from native_fresh import fresh
from native_reference import GATES, LSTM

LARGE = Case(LSTM, "float32", 100, 64, 64, 256, (100,) * 64, "dense")


def smallest() -> float:
    """A denormal number, unless this thread lets them count as zero."""
    return float(np.float32(1e-38) * np.float32(0.01))


def test_the_thread_keeps_its_own_rounding() -> None:
    before = smallest()
    forward(buffers(Case(LSTM, "float32", 7, 5, 6, 19, (7,) * 5, "dense")))
    assert smallest() == before > 0


def test_many_python_threads_at_once() -> None:
    cases = [
        Case(cell, dtype, 7, 5, 6, 19, (7,) * 5, "dense", seed=seed, threads=2)
        for cell in range(len(GATES))
        for dtype in ("float32", "float64")
        for seed in range(4)
    ]
    expected = [forward(buffers(case)).y.memory for case in cases]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(5):
            found = list(pool.map(lambda case: forward(buffers(case)).y.memory, cases))
            assert all(map(np.array_equal, found, expected))


def test_callers_with_threads_of_their_own() -> None:
    """Each call is large enough to be split; teams of different sizes meet."""
    case = Case(LSTM, "float32", 8, 64, 16, 64, (8,) * 64, "dense")
    expected = forward(buffers(case)).y.memory
    with ThreadPoolExecutor(4) as pool:
        done = pool.map(lambda k: forward(buffers(replace(case, threads=1 + k % 4))).y.memory, range(24))
        assert all(np.array_equal(found, expected) for found in done)


def test_the_interpreter_goes_on_meanwhile() -> None:
    """No thread is made to give way: the other one runs during a call only where native code lets it."""
    given, inside, done, seen = buffers(LARGE), False, False, False

    def watch() -> None:
        nonlocal seen
        while not done:
            seen = seen or inside
            time.sleep(0)  # give way

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1000.0)
    watcher = threading.Thread(target=watch)
    try:
        watcher.start()
        for _ in range(500):  # the other one need not wake in time for the first call
            inside = True
            forward(given)
            inside = False
            if seen:
                break
    finally:
        done = True
        sys.setswitchinterval(usual)
        watcher.join()
    assert seen


CHILD = """
import os, numpy as np
from native_cases import Case, buffers, forward
given = buffers(Case(2, "float32", 8, 64, 16, 64, (8,) * 64, "dense", threads=2))
expected = forward(given).y.memory
child = os.fork()
if child == 0:
    os._exit(0 if np.array_equal(forward(given).y.memory, expected) else 1)
assert os.waitpid(child, 0)[1] == 0
"""


def test_a_forked_child_computes_alone() -> None:
    fresh(CHILD)
