"""The cost of one new step: that what is timed is a step."""

from typing import Any

import numpy as np
import pytest
import torch

from selfloop.study.step_time import call_microseconds, step_microseconds
from train_samples import CLOSED_CLASSIFIERS, NETWORKS, made


@pytest.mark.parametrize(
    ("task", "candidate"),
    [
        *[(task, c) for task in ("forecast", "classify") for c in NETWORKS],
        *[("forecast", c) for c in ("naive", "seasonal_naive", "ridge_ar")],
        *[("classify", c) for c in CLOSED_CLASSIFIERS],
    ],
)
def test_every_candidate_has_a_step(task: str, candidate: str) -> None:
    settings = {"skip": True} if task == "forecast" and candidate in NETWORKS else {}
    model = made(task, candidate, **settings).model
    step: Any = model.step()
    if candidate in ("naive", "seasonal_naive", "majority"):
        assert step is None
    else:
        with torch.no_grad():
            got = step()
        if candidate in ("ridge_ar", "summary"):
            assert got.shape == (3,)
        elif candidate in CLOSED_CLASSIFIERS:  # made anew from a whole sequence
            assert got.shape == ((1, 60) if candidate == "nearest_neighbour" else (1, 3))
        else:
            outputs, beside = got
            if (task, candidate) == ("classify", "feed_forward"):  # reads its window anew: one answer, and no state
                assert outputs[0].shape == (1, 3)
            else:
                assert outputs.shape == (1, 1, 3)
            assert beside is None if task == "classify" else beside.shape == (3,)
    assert 0 <= step_microseconds(model) < 1e6


@pytest.mark.parametrize("task", ["forecast", "classify"])
@pytest.mark.parametrize("candidate", NETWORKS)
def test_a_step_is_one_step_with_a_state_or_one_window(task: str, candidate: str) -> None:
    model: Any = made(task, candidate).model
    step, read = model.step(), list[Any]()
    hook = model.network.encoder.register_forward_pre_hook(
        lambda _, given: read.append((given[0].shape[:2], given[1:]))
    )
    try:
        with torch.no_grad():
            step()
    finally:
        hook.remove()
    ((shape, (state, *_)),) = read
    anew = (task, candidate) == ("classify", "feed_forward")
    assert shape == ((5, 1) if anew else (1, 1))
    assert (state is None) == anew


def test_a_model_without_a_step_is_refused_rather_than_timed_as_free() -> None:
    class Unknown:
        parameters = operations = 12

    with pytest.raises(AttributeError, match="step"):
        step_microseconds(Unknown())  # type: ignore[arg-type]


def test_it_is_the_median_and_without_gradients() -> None:
    clock, calls = iter(np.cumsum([0, *[5_000, 100, 7_000, 200] * 30]).tolist()), []

    def step() -> None:
        calls.append(torch.is_grad_enabled())

    # Spans of 5 and 7 µs in turn; what lies between them does not count.
    assert call_microseconds(step, lambda: next(clock)) == 6.0
    assert calls == [False] * 65


def test_what_takes_long_is_not_timed_sixty_times() -> None:
    clock, calls = iter(np.cumsum([0, *[60_000_000, 1] * 9]).tolist()), []
    assert call_microseconds(lambda: calls.append(1), lambda: next(clock)) == 60_000
    assert len(calls) == 10  # five to warm up, and five
    slow = iter(np.cumsum([0, *[20_000_000, 1] * 20]).tolist())
    assert call_microseconds(lambda: None, lambda: next(slow)) == 20_000


def test_a_model_s_step_is_what_is_timed() -> None:
    calls = []

    class Counting:
        operations = 7

        def step(self) -> object:
            return lambda: calls.append(torch.is_grad_enabled())

    assert step_microseconds(Counting()) > 0  # type: ignore[arg-type]
    assert calls == [False] * 65


def test_an_entry_that_answers_no_single_step_has_no_time() -> None:
    """Of the user's own models alone: one whose work is counted must be timed, or fail aloud."""

    class Entered:
        operations: int | None = None

        def step(self) -> object:
            def fails() -> None:
                raise ValueError("expected 50 steps")

            return fails

    assert step_microseconds(Entered()) is None  # type: ignore[arg-type]
    counted = Entered()
    counted.operations = 7
    with pytest.raises(ValueError, match="expected 50 steps"):
        step_microseconds(counted)  # type: ignore[arg-type]
