"""The cost of one new step: that what is timed is a step."""

from itertools import count

import numpy as np
import pytest
import torch

from selfloop.study.step_time import step_microseconds, step_of
from train_samples import NETWORKS, made


@pytest.mark.parametrize(
    ("task", "candidate"),
    [
        *[(task, c) for task in ("forecast", "classify") for c in NETWORKS],
        *[("forecast", c) for c in ("naive", "seasonal_naive", "ridge_ar")],
        *[("classify", c) for c in ("majority", "summary")],
    ],
)
def test_every_candidate_has_a_step(task: str, candidate: str) -> None:
    settings = {"skip": True} if task == "forecast" and candidate in NETWORKS else {}
    step = step_of(made(task, candidate, **settings).model)
    with torch.no_grad():
        got = step()
    if candidate in ("naive", "seasonal_naive", "majority"):
        assert got is None
    elif candidate == "ridge_ar" or candidate == "summary":
        assert got.shape == (3,)
    elif task == "forecast":
        (outputs, _), linear = got
        assert outputs.shape == (1, 1, 3)
        assert linear.shape == (3,)
    else:
        assert got.shape[-1] == 3
    assert step_microseconds(step, count(step=1_000).__next__) == 1.0


def test_it_is_the_median_and_without_gradients() -> None:
    clock, calls = iter(np.cumsum([0, *[5_000, 100, 7_000, 200] * 30]).tolist()), []

    def step() -> None:
        calls.append(torch.is_grad_enabled())

    # Spans of 5 and 7 µs in turn; what lies between them does not count.
    assert step_microseconds(step, clock.__next__) == 6.0
    assert calls == [False] * 65
