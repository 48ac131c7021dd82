"""A ridge autoregression on series: chosen on validation, refitted on all data, alone or under a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.forecast import ridge
from selfloop.tasks.forecast.fitted import FittedTreatment, Seen, Shown
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.ridge import Ridge
from selfloop.tasks.forecast.saved import fitted_arrays, fitted_fields, ridge_arrays, ridge_fields
from selfloop.tasks.forecast.scores import Scored
from selfloop.tasks.forecast.treatment import Treatment
from selfloop.tasks.model import Arrays, Fields
from selfloop.tasks.places import Block

MOST_EXAMPLES = 50_000  # a linear model learns nothing from more of them, and its design matrix would not fit


@dataclass(frozen=True)
class RidgeForecaster:
    """A ridge autoregression in treated units, and the way there and back."""

    fitted: FittedTreatment
    model: Ridge

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.model.parameters

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        return self.model.operations

    def outputs(self, shown: Seen, channels: int, rows: Ints) -> Floats:
        """(rows, horizon) scaled answers at steps `rows`, indices into all series' steps one after the other."""
        (outputs,) = _outputs([self.model], shown, self.fitted.treatment.lagged(channels), rows)
        return outputs

    def predict(self, data: Sequences, where: Block) -> Floats:
        """(origins, horizon) forecasts at every origin of a block."""
        known = self.fitted.extended(data, where.first + 1)
        outputs = self.outputs(known.see(data), data.values.shape[1], where.flat(data))
        return known.answer(data, where, outputs)

    def step(self) -> Callable[[], object]:
        """One product with a window of the past."""
        return linear_step(self.model.weight, self.model.bias)

    def fields(self) -> Fields:
        """Treatment, window and penalty."""
        return {**fitted_fields(self.fitted), **ridge_fields(self.model)}

    def arrays(self) -> Arrays:
        """Scales and weights."""
        return {**fitted_arrays(self.fitted), **ridge_arrays(self.model)}


def linear_step(weight: Floats, bias: Floats) -> Callable[[], object]:
    """The arithmetic of a linear model, on zeros."""
    x = np.zeros(weight.shape[1])
    return lambda: weight @ x + bias


def fit_ridge(
    task: Scored, data: Sequences, fold: ForecastFold, choices: Iterable[Treatment], windows: tuple[int, ...] = ()
) -> tuple[RidgeForecaster, float]:
    """The ridge autoregression whose treatment, window and penalty do best on the fold's validation part.

    Args:
        task: horizon and season.
        data: all series; nothing after the validation part is looked at.
        fold: learnt on `fold.fit`, chosen on `fold.valid`.
        choices: treatments to try.
        windows: windows to try; by default those that the season, the horizon and the length suggest.

    Returns:
        The forecaster and its validation MASE.
    """
    known = data.until(fold.train)
    yardstick = task.yardstick(known, fold.fit, fold.valid)
    windows = windows or ridge.windows(task.season, task.horizon, int(fold.fit.min()))
    best: tuple[RidgeForecaster, float] | None = None
    for treatment in choices:
        fitted = FittedTreatment.fit(treatment, known, fold.fit)
        shown = fitted.show(known)
        examples = learnable(task, known, shown, fold.fit)
        back = fitted.inverse(known, fold.valid)
        valid, lagged = fold.valid.flat(known), treatment.lagged(known.values.shape[1])
        for window in windows:
            models = _learnt(shown, lagged, window, examples, ridge.PENALTIES)
            for model, outputs in zip(models, _outputs(models, shown, lagged, valid), strict=True):
                score = yardstick.mase(back.answer(outputs))
                if best is None or score < best[1]:
                    best = RidgeForecaster(fitted, model), score
    assert best is not None, "there is always a treatment and a window to try"
    return best


def refit_ridge(task: Scored, data: Sequences, chosen: RidgeForecaster) -> RidgeForecaster:
    """The same treatment, window and penalty, learnt from all of `data`."""
    fitted = FittedTreatment.fit(chosen.fitted.treatment, data, data.lengths)
    shown = fitted.show(data)
    examples = learnable(task, data, shown, data.lengths)
    lagged = fitted.treatment.lagged(data.values.shape[1])
    (model,) = _learnt(shown, lagged, chosen.model.window, examples, (chosen.model.penalty,))
    return RidgeForecaster(fitted, model)


def learnable(task: Scored, data: Sequences, shown: Shown, fit: Ints) -> Ints:
    """Rows of `data.values` whose future is known and defined; thinned evenly where there are many.

    Args:
        task: says how long a future is.
        data: all series.
        shown: what a model sees of them, and its targets.
        fit: (series,) before which step the future must lie.
    """
    rows = np.concatenate(
        [np.arange(start, start + n - task.horizon) for start, n in zip(data.offsets, fit, strict=False)]
    )
    known = np.asarray(np.isfinite(shown.targets).all(1))
    rows = rows[known[rows]]
    return np.asarray(rows[:: max(-(-len(rows) // MOST_EXAMPLES), 1)])


def log_is_possible(data: Sequences) -> bool:
    """Whether every target is positive."""
    return bool(np.all(data.values[:, data.target] > 0))


def _learnt(shown: Shown, lagged: list[int], window: int, rows: Ints, penalties: tuple[float, ...]) -> list[Ridge]:
    x = ridge.design(shown.inputs, shown.offsets, lagged, window, rows)
    return ridge.fit(x, shown.targets[rows], window, penalties)


def _outputs(models: Sequence[Ridge], shown: Seen, lagged: list[int], rows: Ints) -> list[Floats]:
    """(rows, horizon) of each of some models with one window: all steps' designs at once may not fit in memory."""
    window, features = models[0].window, models[0].weight.shape[1]
    outputs = [np.empty((len(rows), len(model.bias))) for model in models]
    for part in ridge.blocks(len(rows), features):
        x = ridge.design(shown.inputs, shown.offsets, lagged, window, rows[part])
        for model, out in zip(models, outputs, strict=True):
            out[part] = x @ model.weight.T + model.bias
    return outputs
