"""The training loop on problems whose every loss is scripted, against an optimiser written out by hand."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from selfloop.errors import StudyError
from selfloop.train import loop
from selfloop.train.loop import Schedule, train, train_exactly

FOREVER = [1.0 / n for n in range(1, 100)]


class Scripted:
    """Weights w, (3,), gradients g as told; validation losses as told, noting the weights that each is of."""

    def __init__(self, valid: Sequence[float], scale: float = 1.0, broken: tuple[int, float] | None = None) -> None:
        self.network = nn.Linear(3, 1, bias=False)
        nn.init.constant_(self.network.weight, 2.0)
        self.valid, self.scale, self.broken = iter(valid), scale, broken
        self.seen: list[Tensor] = []
        self.looks: list[Tensor] = []
        self.fits = iter(FOREVER)
        self.epochs = 0

    @property
    def weight(self) -> Tensor:
        return self.network.weight.detach().clone()

    def losses(self, rng: np.random.Generator) -> Iterator[Tensor]:
        self.epochs += 1
        for _ in range(2):
            loss = (self.network.weight * torch.from_numpy(rng.normal(size=3).astype(np.float32))).sum() * self.scale
            broken = self.broken is not None and self.broken[0] == self.epochs
            yield loss * self.broken[1] if self.broken and broken else loss

    def fitted(self) -> float:
        """Losses on the data as told; without any, each is lower than the one before."""
        self.looks.append(self.weight)
        return next(self.fits)

    def validate(self) -> float:
        self.seen.append(self.weight)
        return next(self.valid)


def test_the_best_weights_are_kept_and_training_stops_after_the_patience() -> None:
    problem = Scripted([5.0, 3.0, 4.0, 2.0, 2.0, 2.5, 9.0, 1.0])
    run = train(problem, Schedule(limit=50, patience=3, learning_rate=0.1), seed=0)
    assert run.curve.valid == (5.0, 3.0, 4.0, 2.0, 2.0, 2.5, 9.0)  # epochs 4, 5 and 6 were no better than 3
    assert run.curve.best_epoch == 3
    assert (run.valid, run.diverged, run.updates, problem.epochs) == (2.0, False, 12, 6)
    assert torch.equal(problem.weight, problem.seen[3])
    assert not any(torch.equal(problem.weight, problem.seen[k]) for k in (0, 1, 2, 4, 5, 6))
    assert len(run.curve.train) == len(run.curve.valid)
    assert run.curve.train[0] is None


def test_the_epochs_are_the_most() -> None:
    problem = Scripted(FOREVER)
    run = train(problem, Schedule(limit=4, patience=2, learning_rate=0.1), seed=0)
    assert (problem.epochs, len(run.curve.valid), run.curve.best_epoch) == (4, 5, 4)


def test_one_that_only_gets_worse_keeps_its_start() -> None:
    problem = Scripted([1.0, 2.0, 3.0, 4.0])
    start = problem.weight
    run = train(problem, Schedule(limit=9, patience=2, learning_rate=0.1), seed=0)
    assert (run.curve.best_epoch, run.valid, problem.epochs) == (0, 1.0, 2)
    assert torch.equal(problem.weight, start)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_training_loss_that_is_not_finite_ends_it_as_diverged(value: float) -> None:
    problem = Scripted(FOREVER, broken=(3, value))
    run = train(problem, Schedule(limit=9, patience=9, learning_rate=0.1), seed=0)
    assert run.diverged
    assert run.valid == math.inf
    assert run.curve.valid == (1.0, 1 / 2, 1 / 3, None)
    assert run.curve.train[3] is None
    assert None not in run.curve.train[1:3]
    assert problem.epochs == 3
    assert run.updates == 4
    assert torch.equal(problem.weight, problem.seen[2]), "the best weights before, all finite"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("epoch", [0, 2])
def test_a_validation_loss_that_is_not_finite_ends_it_as_diverged(value: float, epoch: int) -> None:
    problem = Scripted([*FOREVER[:epoch], value, 1e-9])
    run = train(problem, Schedule(limit=9, patience=9, learning_rate=0.1), seed=0)
    assert run.diverged
    assert run.curve.valid[-1] is None
    assert problem.epochs == epoch


def test_the_mean_training_loss_is_recorded() -> None:
    problem, rng = Scripted(FOREVER), np.random.default_rng(7)
    run = train(problem, Schedule(limit=1, patience=2, learning_rate=1e-12), seed=7)
    expected = np.mean([2.0 * rng.normal(size=3).astype(np.float32).sum() for _ in range(2)])
    assert run.curve.train[1] == pytest.approx(expected, rel=1e-5)


def by_hand(scale: float, epochs: int, rate: float, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """AdamW (Loshchilov & Hutter 2019, algorithm 2) with clipping, in float64; the running average after each epoch."""
    rng, w = np.random.default_rng(seed), np.full(3, 2.0)
    m, v, average, averages = np.zeros(3), np.zeros(3), w.copy(), []
    for t in range(1, 2 * epochs + 1):
        g = rng.normal(size=3).astype(np.float32).astype(np.float64) * scale
        g *= min(1.0, 1.0 / float(np.linalg.norm(g)))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w = w - rate * 1e-4 * w - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        keep = min(loop.AVERAGE, (1 + t) / (10 + t))
        average = keep * average + (1 - keep) * w
        if t % 2 == 0:
            averages.append(average.copy())
    return averages, w


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_updates_are_adamw_on_clipped_gradients_and_what_is_validated_is_the_average(scale: float) -> None:
    problem = Scripted(FOREVER, scale)
    train(problem, Schedule(limit=5, patience=5, learning_rate=0.1), seed=3)
    averages, last = by_hand(scale, 5, 0.1, 3)
    for seen, expected in zip(problem.seen[1:], averages, strict=True):
        np.testing.assert_allclose(seen.numpy()[0], expected, rtol=1e-5)
    assert not np.allclose(averages[-1], last, rtol=1e-3), "or the average would not be tested"


def test_exactly_so_many_epochs_and_the_average_at_the_end() -> None:
    problem = Scripted([])
    assert train_exactly(problem, 0.1, 4, seed=3)
    assert problem.epochs == 4
    np.testing.assert_allclose(problem.weight.numpy()[0], by_hand(1.0, 4, 0.1, 3)[0][-1], rtol=1e-5)
    untouched = Scripted([])
    assert not train_exactly(untouched, 0.1, 0, seed=3)
    assert torch.equal(untouched.weight, Scripted([]).weight)


def test_a_refit_keeps_the_best_of_its_last_half_by_the_loss_on_its_data() -> None:
    """An epoch may land on a bad moment, and nothing held out says so."""
    problem = Scripted([])
    problem.fits = iter([5.0, 3.0, 2.0, 9.0])  # at the start, and after epochs 3, 4 and 5 of 5
    assert train_exactly(problem, 0.1, 5, seed=3)
    assert problem.epochs == 5
    assert len(problem.looks) == 4
    averages, _ = by_hand(1.0, 5, 0.1, 3)
    np.testing.assert_allclose(problem.weight.numpy()[0], averages[3], rtol=1e-5)


def test_a_refit_that_is_no_better_than_its_start_is_its_start() -> None:
    problem = Scripted([])
    problem.fits = iter([1.0, 2.0, 1.0])
    assert not train_exactly(problem, 0.1, 3, seed=3)
    assert torch.equal(problem.weight, Scripted([]).weight)


def test_a_run_that_still_gets_better_at_its_limit_says_so() -> None:
    assert train(Scripted(FOREVER), Schedule(limit=5, patience=2, learning_rate=0.1), seed=0).capped
    patient = Scripted([9.0, 8.0, 8.5, 8.6, 8.7])
    assert not train(patient, Schedule(limit=9, patience=3, learning_rate=0.1), seed=0).capped
    lost = Scripted([9.0, math.inf])
    assert not train(lost, Schedule(limit=9, patience=3, learning_rate=0.1), seed=0).capped


def test_the_same_run_in_both_ways() -> None:
    """What validation saw after epoch 3 is what training for exactly 3 epochs gives."""
    searched, refitted = Scripted([9.0, 8.0, 7.0, 6.0, 7.0, 7.0]), Scripted([])
    run = train(searched, Schedule(limit=5, patience=2, learning_rate=0.1), seed=1)
    train_exactly(refitted, 0.1, run.curve.best_epoch, seed=1)
    assert torch.equal(searched.weight, refitted.weight)


def test_a_refit_that_diverges_says_so() -> None:
    with pytest.raises(StudyError) as caught:
        train_exactly(Scripted([], broken=(2, math.nan)), 0.1, 4, seed=0)
    assert str(caught.value) == (
        "training on all data diverged in epoch 2 of 4 at learning rate 0.1; smaller learning_rates= would do."
    )


def test_the_seed_orders_and_nothing_else_does() -> None:
    def end(seed: int) -> Tensor:
        torch.rand(seed + 5)  # the state of torch's own numbers must not matter
        problem = Scripted(FOREVER)
        train(problem, Schedule(limit=3, patience=3, learning_rate=0.1), seed)
        return problem.weight

    assert torch.equal(end(0), end(0))
    assert not torch.equal(end(0), end(1))
