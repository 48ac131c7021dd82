"""The measuring processes, seen from the one that asks."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from types import TracebackType

import msgspec

from selfloop.bench.allocator import environment
from selfloop.bench.messages import Hello, Reply, Request
from selfloop.errors import AgreementError
from selfloop.results.bench import Allocator, Dtype


class Process:
    """A process with its own allocator setting and number of threads."""

    def __init__(self, allocator: Allocator, threads: int, dtype: Dtype, peers: tuple[str, ...]) -> None:
        self.allocator, self.threads = allocator, threads
        # -P: a file of the user's called torch.py must not take torch's place.
        command = [sys.executable, "-P", "-m", "selfloop.bench.worker", str(threads), dtype, *peers]
        variables = environment(allocator, os.environ)
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables)
        self.torch_threads = msgspec.json.decode(self._line(), type=Hello).torch_threads

    def ask(self, request: Request) -> Reply:
        """Send a request and wait for its reply.

        Raises:
            AgreementError: the sides do not agree.
            RuntimeError: the process died.
        """
        assert self._process.stdin is not None, "it was opened as a pipe"
        with suppress(BrokenPipeError):  # it has died; the missing reply says so
            self._process.stdin.write(msgspec.json.encode(request) + b"\n")
            self._process.stdin.flush()
        reply = msgspec.json.decode(self._line(), type=Reply)
        if reply.error:
            raise AgreementError(reply.error)
        return reply

    def _line(self) -> bytes:
        assert self._process.stdout is not None, "it was opened as a pipe"
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a measuring process ended with code {self._process.wait()}")
        return line

    def __enter__(self) -> Process:
        """It runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """End it, whatever happened."""
        self._process.kill()  # it holds nothing that is worth keeping
        self._process.communicate()
