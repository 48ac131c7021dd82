"""Epochs, patience, parameters and sizes that all candidates share, recomputed from their stated rules."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from selfloop.data import load
from selfloop.study.budget import Planned, make_budget
from selfloop.study.settings import Settings
from selfloop.tasks.cases import CaseFold
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.places import Block
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option
from selfloop.train.fitter import Fitter
from study_samples import BUDGET, Diary, Table, classify_experiment

GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def weights(name: str, hidden: int, inputs: int, outputs: int, layers: int = 1, directions: int = 1) -> int:
    """Weights and biases, layer by layer: two matrices and two biases a gate, then the head."""
    total = 0
    for layer in range(layers):
        seen = inputs if layer == 0 else hidden * directions
        total += directions * GATES[name] * (hidden * seen + hidden * hidden + 2 * hidden)
    return total + outputs * hidden * directions + outputs


def forecast(steps: list[int], fit: list[int], horizon: int = 5, season: int = 1, channels: int = 1) -> Experiment:
    """Two folds, of which the second learns from the first `fit` steps of each series."""
    data = load(
        [np.abs(np.random.default_rng(k).normal(size=(n, channels))) + 0.1 for k, n in enumerate(steps)],
        axes="steps,channels",
    )
    task, ends = Forecast(horizon, season), np.array(fit)
    train = ends + 3 * horizon
    late = ForecastFold(1, ends, Block(ends - 1, train - horizon), train, Block(train - 1, train + horizon - 1))
    early = task.fold(0, np.full(len(steps), 60), np.full(len(steps), 66))
    return Experiment(task, data, (early, late))


def classification(fits: list[int], direction: Any = "one", sequences: int = 8) -> Experiment:
    """Folds that learn from so many cases; of the data only labels and lengths count."""
    experiment = classify_experiment(["a", "b", "c", "d"] * (sequences // 4), [[0, 1]], direction)
    folds = [CaseFold(k, np.arange(n) % sequences, np.array([0]), np.array([1])) for k, n in enumerate(fits)]
    return replace(experiment, folds=tuple(folds))


def planned(experiment: Experiment, **settings: Any) -> tuple[Planned, list[Budget]]:
    """The budget where "changes" without a skip validates best, and what was tried."""

    def answer(budget: Budget, candidate: str, fold: int, block: int) -> float:
        return 1.0 if budget.variant == "changes/raw/plain" else 2.0

    pool = Table(answer)
    found = make_budget(experiment, Settings(**settings), pool, Diary())  # type: ignore[arg-type]
    return found, [budget for budget, _, fold, block in pool.asked if fold == block == 0]


@pytest.mark.parametrize(
    ("cases", "epochs", "patience"),
    [
        (1, 200, 30),  # one update an epoch: 400 would do; at most 200. A sixth of it is 33: at most 30
        (64, 200, 30),  # 2 updates
        (65, 133, 22),  # 3
        (320, 40, 6),  # 10
        (420, 28, 5),  # 14: a sixth is 4, at least 5
        (5000, 15, 5),  # 157 updates: 2 would do; at least 15
    ],
)
def test_epochs_of_a_classification(cases: int, epochs: int, patience: int) -> None:
    experiment = classification([1000, cases])
    found, tried = planned(experiment)
    budget = found.budget  # of the last fold
    assert (budget.epochs, budget.patience, budget.variant) == (epochs, patience, "")
    assert budget.most_epochs == 4 * epochs  # patience ends a training, not a cap
    assert tried == []
    assert experiment.task.truncation is None


@pytest.mark.parametrize(
    ("fit", "epochs", "patience"),
    [
        # Rows of 128 steps or more, a multiple of 64; sixteen of them where there are enough. An update is 64 steps.
        (1000, 300, 30),  # 2 updates: 750 epochs would do; at most 300. A sixth of them is 50: at most 30
        (5000, 300, 30),  # 313 a row, so 320: 5 updates
        (10_000, 150, 25),  # 625, so 640: 10 updates
        (20_000, 75, 12),  # 1250, so 1280: 20 updates
        (29_000, 51, 8),  # 1813, so 1856: 29 updates
        (60_000, 25, 5),  # 3750, so 3776: 59 updates; a sixth is 4: at least 5
        (100_000, 20, 5),  # 6250, so 6272: 98 updates: 15 would do; at least 20
    ],
)
def test_epochs_of_a_forecast(fit: int, epochs: int, patience: int) -> None:
    budget = planned(forecast([fit + 40], [fit]), candidates=("rnn",))[0].budget
    assert (budget.epochs, budget.patience) == (epochs, patience)


def test_epochs_count_the_rows_of_all_series() -> None:
    """Forty series: a row each, at most 32 side by side, so a pass takes two batches, each as long as its longest."""
    steps = [*range(400, 432), *range(700, 708)]
    fits = [n - 60 for n in steps]
    # Shorter ones first. Rows are as long as the mean (391, so 448 steps): all of the first batch are one row each;
    # the long ones are two, 448 and the rest, and the rests are the shortest rows of all.
    length = -(-sum(fits) // 40)
    length += -length % 64
    rows = sorted(part for n in fits for part in ([n] if n <= length else [length, n - length]))
    assert len(rows) == 48
    updates = -(-rows[31] // 64) + -(-rows[47] // 64)
    budget = planned(forecast(steps, fits), candidates=("rnn",))[0].budget
    assert budget.epochs == max(20, min(300, 1500 // updates))
    assert 20 < budget.epochs < 300


@pytest.mark.parametrize(("season", "steps"), [(1, 64), (12, 64), (17, 68), (24, 96), (42, 168), (52, 168)])
def test_a_gradient_travels_back_four_seasons_within_bounds(season: int, steps: int) -> None:
    experiment = forecast([800], [600], season=season)
    assert experiment.task.truncation == steps
    fitter = Fitter(experiment.task, experiment.data, experiment.folds[1], replace(BUDGET, variant="level/raw/plain"))
    problem = fitter.problem("rnn", Option(0.01, 2), 0, fitter.material)
    assert problem.truncation == steps  # type: ignore[union-attr]
    assert fitter.material.memory == steps  # for which its first weights are drawn


def test_what_the_user_sets_is_taken() -> None:
    given = {"layers": 2, "init": "torch", "learning_rates": (0.1, 0.2), "window": 9}
    experiment = classification([320])
    budget = planned(experiment, epochs=31, patience=4, **given)[0].budget
    assert (budget.epochs, budget.patience, budget.layers, budget.scheme) == (31, 4, 2, "torch")
    assert (budget.learning_rates, budget.window) == ((0.1, 0.2), 9)
    assert planned(experiment, epochs=31)[0].budget.patience == 5  # a sixth
    assert planned(experiment, epochs=120)[0].budget.patience == 20
    assert planned(experiment, patience=2)[0].budget.epochs == 40


@pytest.mark.parametrize(
    ("sequences", "budget"), [([300, 200], 4_000), ([9_000, 3_500], 12_500), ([39_000, 20_000], 40_000)]
)
def test_about_a_parameter_a_step_of_the_data(sequences: list[int], budget: int) -> None:
    found, _ = planned(forecast(sequences, [150, 150]), candidates=("lstm",))
    (hidden,) = found.sizes.hidden.values()
    near = [abs(weights("lstm", hidden + step, 1, 5) - budget) for step in (-1, 0, 1)]
    assert near[1] == min(near)


def closest(names: tuple[str, ...], budget: int, *shape: int) -> tuple[float, dict[str, int]]:
    """Of all sizes within a tenth of the budget, those with the smallest gap; of equals, the closest to it."""
    fitting = [[h for h in range(1, 200) if 0.9 * budget <= weights(name, h, *shape) <= 1.1 * budget] for name in names]
    ranked = []
    for sizes in itertools.product(*fitting):
        counts = [weights(name, h, *shape) for name, h in zip(names, sizes, strict=True)]
        gap, off = max(counts) / min(counts) - 1, sum(abs(c - budget) for c in counts)
        ranked.append((gap, off, dict(zip(names, sizes, strict=True))))
    gap, _, best = min(ranked, key=lambda entry: entry[:2])
    return gap, best


@pytest.mark.parametrize(("direction", "directions", "layers"), [("one", 1, 1), ("both", 2, 1), ("both", 2, 2)])
def test_sizes_of_a_classification_count_every_class_and_direction(
    direction: str, directions: int, layers: int
) -> None:
    experiment = classification([40], direction)
    found, _ = planned(experiment, params=1500, layers=layers)
    gap, hidden = closest(("rnn", "lstm", "gru"), 1500, 2, 4, layers, directions)  # two channels, four classes
    assert found.budget.hidden == found.sizes.hidden == hidden
    counts = {name: weights(name, h, 2, 4, layers, directions) for name, h in hidden.items()}
    assert found.sizes.parameters == counts
    assert found.choices == (
        f"sizes: RNN {hidden['rnn']} units ({counts['rnn']:,} parameters), LSTM {hidden['lstm']} units "
        f"({counts['lstm']:,} parameters), GRU {hidden['gru']} units ({counts['gru']:,} parameters); "
        f"largest gap {100 * gap:.1f} %",
    )
    fitter = Fitter(experiment.task, experiment.data, experiment.folds[0], found.budget)
    for name, h in hidden.items():  # what is built has as many
        assert (
            sum(p.numel() for p in fitter.network(name, Option(0.01, h), fitter.material).parameters()) == counts[name]
        )


@pytest.mark.parametrize("season", [1, 6])
def test_sizes_of_a_forecast_count_every_step_of_the_horizon_and_every_column_shown(season: int) -> None:
    experiment = forecast([500], [300], horizon=9, season=season, channels=3)
    found, tried = planned(experiment, params=2000, candidates=("lstm", "gru"))
    # Three channels, each as its change and, with a season, its seasonal change; and the season's sine and cosine.
    inputs = {1: 3, 6: 3 * 2 + 2}[season]
    _, hidden = closest(("lstm", "gru"), 2000, inputs, 9)
    assert found.budget.hidden == hidden
    assert found.sizes.parameters == {name: weights(name, h, inputs, 9) for name, h in hidden.items()}
    assert found.choices[0].startswith("networks are shown changes, raw, without a linear skip: validation MASE 1 ")
    assert found.choices[1].startswith("sizes: LSTM ")
    fitter = Fitter(experiment.task, experiment.data, experiment.folds[0], found.budget)
    for name, h in hidden.items():
        built = fitter.network(name, Option(0.01, h), fitter.material)
        assert sum(p.numel() for p in built.parameters()) == found.sizes.parameters[name]
    # An option shown in other columns has sizes of its own, under the same budget.
    columns = {"changes": 1 + (season > 1), "level": 1, "both": 2 + (season > 1), "seasonal changes": 1}
    for budget in tried:
        kind = budget.variant.split("/")[0]
        seen = 3 * columns[kind] + (2 if season > 1 else 0)
        assert budget.hidden == closest(("lstm", "gru"), 2000, seen, 9)[1]


def test_the_epochs_of_the_choice_are_a_third_of_the_budgets() -> None:
    given = {"layers": 2, "init": "torch", "learning_rates": (0.1, 0.2), "window": 9}
    found, tried = planned(forecast([500], [300]), candidates=("rnn",), epochs=50, patience=9, **given)
    assert {(budget.epochs, budget.patience) for budget in tried} == {(17, 5)}
    assert {(budget.layers, budget.scheme, budget.learning_rates) for budget in tried} == {(2, "torch", (0.1, 0.2))}
    assert (found.budget.epochs, found.budget.patience) == (50, 9)  # the rest is kept
    assert found.budget.most_epochs == 50  # what the user says is the most
    assert (found.budget.layers, found.budget.scheme, found.budget.window) == (2, "torch", 9)
    assert (found.budget.learning_rates, found.budget.variant) == ((0.1, 0.2), "changes/raw/plain")
