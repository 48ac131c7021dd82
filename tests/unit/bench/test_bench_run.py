from __future__ import annotations

import sys
from typing import Any

import pytest
import torch

from selfloop.bench import Plan, Point, Progress, combinations, run
from selfloop.bench.messages import Reply, Request
from selfloop.bench.process import Process
from selfloop.bench.worker import Worker
from selfloop.errors import AgreementError, SettingsError
from selfloop.nn.layers import CLASSES
from selfloop.results.bench import Allocator, Dtype

MODULE = sys.modules["selfloop.bench.run"]
WORKS = combinations(["gru"], ["training", "forward"], batch=[3], steps=[5], inputs=[7], hidden=[17])


class Here:
    """A measuring process without the process."""

    def __init__(self, allocator: Allocator, threads: int, dtype: Dtype, peers: tuple[str, ...]) -> None:
        self.allocator, self.threads, self.torch_threads = allocator, threads, 2
        self._worker = Worker(1, dtype, peers)

    def ask(self, request: Request) -> Reply:
        if request.work is None:
            return Reply(torch_peak=8.0 * self.threads, native_peak=10.0 * self.threads)
        reply = self._worker.answer(request)
        if reply.error:
            raise AgreementError(reply.error)
        return reply

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "Process", Here)
    monkeypatch.setattr(MODULE, "cores", lambda: 2)
    monkeypatch.setattr("selfloop.bench.worker.cores", lambda: 1)  # more threads than free cores wait for each other
    monkeypatch.setattr("selfloop.bench.peers.find_spec", lambda package: None)


class Listener(Progress):
    def __init__(self) -> None:
        self.said: list[str] = []
        self.points: list[Point] = []
        self.total = self.stops = 0

    def say(self, text: str) -> None:
        self.said.append(text)

    def begin(self, total: int) -> None:
        self.total = total

    def finished(self, point: Point) -> None:
        self.points.append(point)

    def stop(self) -> None:
        self.stops += 1


@pytest.mark.usefixtures("here")
def test_every_work_is_timed_with_every_number_of_threads_and_setting() -> None:
    told = Listener()
    found = run(Plan(WORKS, seconds=1e-9), progress=told)
    assert len(found.points) == len(told.points) == told.total == 2 * 2 * 2
    assert {(p.mode, p.threads, p.allocator) for p in found.points} == {
        (mode, threads, allocator)
        for mode in ("training", "forward")
        for threads in (1, 2)  # one, and what torch takes
        for allocator in ("default", "tuned")
    }
    assert told.stops == 1
    assert found.notes[:2] == ("jax is not installed: not timed.", "onnxruntime is not installed: not timed.")
    assert set(found.notes[:2]) <= set(told.said)


@pytest.mark.usefixtures("here")
def test_a_share_is_of_the_peak_with_as_many_threads() -> None:
    found = run(Plan(WORKS, threads=(1, 2), seconds=1e-9, allocators=("default",)))
    assert [peak.best for peak in found.peaks] == [10.0, 20.0]
    for point in found.points:
        best = 10e9 * point.threads
        assert point.share == pytest.approx(point.flops / (point.milliseconds / 1e3) / best, rel=1e-12)
        torch_share = point.flops / (point.ratios[0].milliseconds / 1e3) / best
        assert point.ratios[0].share == pytest.approx(torch_share, rel=1e-12)


@pytest.mark.usefixtures("here")
def test_one_step_at_a_time_is_timed_on_one_thread_beside_torchs_cell() -> None:
    works = combinations(["lstm"], ["step"], batch=[3], steps=[5], inputs=[7], hidden=[17])
    found = run(Plan(works, threads=(1, 2), seconds=1e-9, allocators=("default",)))
    (point,) = found.points
    assert (point.threads, point.backend) == (1, "native")
    assert [ratio.peer for ratio in point.ratios] == ["torch", "torch cell"]


class Wrong(torch.nn.GRU):
    """z and 1 - z exchanged, as in many a diagram."""

    def load_state_dict(self, state_dict: Any, strict: bool = True, assign: bool = False) -> Any:
        H = self.hidden_size
        turned = {name: torch.cat([w[:H], -w[H : 2 * H], w[2 * H :]]) for name, w in state_dict.items()}
        return super().load_state_dict(turned, strict, assign)


@pytest.mark.usefixtures("here")
def test_a_wrong_layer_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CLASSES, "GRU", Wrong)
    told = Listener()
    with pytest.raises(AgreementError, match=r"selfloop's GRU at B,T,I,H = 3,5,7,17 .* It was not timed."):
        run(Plan(WORKS, seconds=1e-9), progress=told)
    assert told.points == []
    assert told.stops == 1


@pytest.mark.usefixtures("here")
def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match="jax is not installed; expected it because peers= names it"):
        run(Plan(WORKS, peers=("jax",)))
    with pytest.raises(SettingsError, match=r"threads is 3; this process may use 2 cores. Give threads=2"):
        run(Plan(WORKS, threads=(1, 3)))


def test_a_real_process_checks_times_and_its_end_is_noticed(capfd: pytest.CaptureFixture[str]) -> None:
    with Process("tuned", 1, "float32", ()) as measuring:
        reply = measuring.ask(Request(WORKS[0], 1e-9))
        peak = measuring.ask(Request())
        measuring._process.kill()
        measuring._process.wait()
        with pytest.raises(RuntimeError, match="a measuring process ended with code -9"):
            measuring.ask(Request(WORKS[0], 1e-9))
    assert [side.name for side in reply.sides] == ["selfloop", "torch"]
    assert reply.sides[0].ratio == 1.0
    assert all(side.deviation <= 1 and side.milliseconds > 0 for side in reply.sides)
    assert peak.torch_peak > 0
    assert peak.native_peak > 0
    assert capfd.readouterr() == ("", "")
