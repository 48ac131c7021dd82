"""Work in one process a core, one thread each; or here and now, where one worker is asked for."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import torch
from threadpoolctl import threadpool_limits

from selfloop.engine.additions import Additions
from selfloop.engine.script import GUARD
from selfloop.errors import StudyError

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

_subject: Any = None  # what the functions of this worker process are given first


class Workers(Generic[S]):
    """Runs functions of one subject and hands results over as they come."""

    def __init__(self, subject: S, executor: Executor | None, count: int) -> None:
        self.count = count
        self.seconds = 0.0  # of processor time, over all that was run
        self._subject, self._executor = subject, executor
        self._running: dict[Future[Any], Callable[[Any], None]] = {}
        self._waiting: deque[tuple[Callable[[Any], None], Callable[[], Any]]] = deque()

    def submit(
        self,
        then: Callable[[R], None],
        function: Callable[Concatenate[S, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Run `function(subject, *args, **kwargs)`; its result goes to `then` during `drain`.

        Args:
            then: takes the result, in this process.
            function: of a module, so that another process finds it.
            args: its arguments after the subject; they are pickled.
            kwargs: the same by name.
        """
        if self._executor is None:
            self._waiting.append((then, partial(function, self._subject, *args, **kwargs)))
        else:
            self._running[self._executor.submit(_call, function, args, kwargs)] = then

    def drain(self) -> None:
        """Wait until nothing is running, what `then` submitted in the meantime included."""
        while self._waiting:
            then, work = self._waiting.popleft()
            self._take(then, _timed(work))
        while self._running:
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                then = self._running.pop(future)
                try:
                    found = future.result()
                except BrokenProcessPool as error:
                    raise _ended() from error
                self._take(then, found)

    def _take(self, then: Callable[[Any], None], done: tuple[Any, float]) -> None:
        result, seconds = done
        self.seconds += seconds
        then(result)


@contextmanager
def workers(subject: S, count: int) -> Iterator[Workers[S]]:
    """Workers on a subject; none outlives the block, or this process.

    Args:
        subject: what they work on, sent to each once.
        count: processes; 1 works in this one.
    """
    if count == 1:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with threadpool_limits(1):
                yield Workers(subject, None, 1)
        finally:
            torch.set_num_threads(threads)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy the locks of torch's threads as they are
    lifeline, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(count, context, initializer=_start, initargs=(subject, Additions.here(), lifeline))
    try:
        yield Workers(subject, pool, count)
    except BaseException:
        held.close()  # running trials are given up, not waited for
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        held.close()
        lifeline.close()


def _ended() -> StudyError:
    """Of a process that was killed, often for want of memory, or never came as far as its work."""
    return StudyError(
        "a worker process was ended, or could not begin, before its work was done; what is finished is kept: go on "
        "with fewer --workers, which need less memory. One needs no process of its own; others begin by importing the "
        f"script that starts them, whose calls belong under `{GUARD}`."
    )


def _start(subject: object, additions: Additions, lifeline: Connection) -> None:
    global _subject  # set once, by the pool's initializer
    _subject = subject
    additions.restore()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the study's to handle
    torch.set_num_threads(1)
    threadpool_limits(1)  # NumPy's and SciPy's own pools, for as long as this process lives
    threading.Thread(target=_leave_with, args=(lifeline,), daemon=True).start()


def _leave_with(lifeline: Connection) -> None:
    """Leave when the other end closes: the study has stopped, or was killed and could tell nobody."""
    with suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(1)


def _call(function: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[R, float]:
    return _timed(partial(function, _subject, *args, **kwargs))


def _timed(work: Callable[[], R]) -> tuple[R, float]:
    """What some work comes to, and the processor time that it took."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start
