"""Forecasting: the next `horizon` steps of one or many series, from every step on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from selfloop.data.sequences import Floats, Sequences
from selfloop.results.study import Evidence, Metric, TaskWords, Trial
from selfloop.tasks.asked import Asked, Readout
from selfloop.tasks.design_matrix import DesignMatrix
from selfloop.tasks.forecast import design_matrix, evidence, explain, material, ridge, table
from selfloop.tasks.forecast.baselines import NAIVE, RIDGE, SEASONAL_NAIVE
from selfloop.tasks.forecast.design import alone, design
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.linear import log_is_possible
from selfloop.tasks.forecast.pipeline import ForecastPipeline
from selfloop.tasks.forecast.saved import ForecasterFields, read_fitted, read_ridge
from selfloop.tasks.forecast.scores import Scored
from selfloop.tasks.forecast.variants import PREFERENCE, Variant, variants
from selfloop.tasks.intervals import LEVELS
from selfloop.tasks.metrics import MAE, MASE, RMSE, SMAPE
from selfloop.tasks.model import FEED_FORWARD, Arrays, Baseline, Fields, Model, Predicts, Signature, floats, read_fields
from selfloop.tasks.output import Output, Values
from selfloop.tasks.stored import stored
from selfloop.tasks.task import Experiment, Predictions, Task

if TYPE_CHECKING:
    from selfloop.tasks.inside import Questions, View
    from selfloop.tasks.material import Material

TRUNCATION = (64, 168)  # steps a gradient travels back: four seasons within these
MOST_WINDOWS = 3


@dataclass(frozen=True)
class Forecast(Scored, Task):
    """The task: `horizon` steps ahead at once, `season` steps in a season (1: none)."""

    name: ClassVar[str] = "forecast"
    metrics: ClassVar[tuple[Metric, ...]] = (MASE, MAE, RMSE, SMAPE)
    baselines: ClassVar[tuple[Baseline, ...]] = (NAIVE, SEASONAL_NAIVE, RIDGE, FEED_FORWARD)
    settings: ClassVar[tuple[str, ...]] = ("horizon", "season")
    window_sizes: ClassVar[tuple[int, ...]] = (16, 64)
    estimator_forms: ClassVar[tuple[str, ...]] = design_matrix.FORMS
    folds_in_time = True

    @classmethod
    def suits(cls, data: Sequences) -> str | None:
        """Whatever has no labels."""
        answered = data.labels is not None or data.tags is not None or data.outcomes is not None
        return None if answered else "there are no labels"

    @classmethod
    def design(cls, data: Sequences, test: Sequences | None, asked: Asked) -> Experiment:
        """Season, horizon and expanding windows; see `Task.design`."""
        return design(cls, data, test, asked)

    @classmethod
    def alone(cls, data: Sequences, asked: Asked) -> Experiment:
        """Season and horizon; the whole series are learnt from."""
        return alone(cls, data, asked)

    @property
    def readout(self) -> Readout:
        """Every step is an origin."""
        return "step"

    @property
    def truncation(self) -> int:
        """Four seasons, within bounds."""
        return int(np.clip(4 * self.season, *TRUNCATION))

    def output(self, signature: Signature) -> Output:
        """A scaled value for each step of the horizon."""
        return Values(self.horizon)

    def material(self, data: Sequences, fold: ForecastFold, variant: str) -> Material:
        """The steps before the test block."""
        return material.fold_material(self, data, fold, Variant.of(variant), self.truncation)

    def final_material(self, data: Sequences, variant: str) -> Material:
        """All steps."""
        return material.final_material(self, data, Variant.of(variant), self.truncation)

    def training_part(self, data: Sequences, fold: ForecastFold) -> Sequences:
        """The steps before the validation part."""
        return data.until(fold.fit)

    def features(self, data: Sequences, variant: str) -> int:
        """Columns that the treatment makes of the channels."""
        return Variant.of(variant).treatment(self, data.target).features(data.values.shape[1])

    def windows(self, data: Sequences, fold: ForecastFold) -> tuple[int, ...]:
        """A few of the ridge's windows, the longest among them."""
        known = ridge.windows(self.season, self.horizon, int(fold.fit.min()))
        places = np.linspace(0, len(known) - 1, MOST_WINDOWS + 1).round().astype(int)[1:]
        return tuple(dict.fromkeys(known[k] for k in places))

    def designs(
        self, data: Sequences, fold: ForecastFold, variant: str, reads: str, window: int | None
    ) -> tuple[DesignMatrix, ...]:
        """Windows of the series as networks are shown them, or their histories; see `Task.designs`."""
        chosen = Variant.of(variant)
        possible = log_is_possible(data.until(fold.train))  # on the first fold does not say on all
        treatment = (chosen if possible else chosen.raw()).treatment(self, data.target)
        windows = (window,) if window else self.windows(data, fold)
        return design_matrix.designs(self, data, fold, treatment, reads, windows)

    def variants(self, data: Sequences, fold: ForecastFold) -> tuple[str, ...]:
        """Each treatment that makes sense, with and without a linear skip."""
        return variants(self, data.until(fold.train))

    def choosing_folds(self, data: Sequences, first: ForecastFold) -> list[ForecastFold]:
        """The first fold, and where there is room the one whose validation part ends where that one's begins."""
        if int(first.fit.min()) < self.least_training:
            return [first]
        return [first, self.fold(0, first.fit - 1, first.fit - 1)]

    def safety(self, variant: str) -> int:
        """The less it hangs on the level, the safer."""
        return PREFERENCE.index(Variant.of(variant).kind)

    def describe(self, variant: str) -> str:
        """Treatment and skip."""
        return Variant.of(variant).words

    def start(self, variant: str) -> str:
        """The linear model under it, or what its treatment adds answers to."""
        return "the ridge autoregression under it" if Variant.of(variant).skip else "the values that it knows already"

    def test(self, model: Predicts, data: Sequences, fold: ForecastFold) -> tuple[dict[str, float], Arrays]:
        """Every metric of the test block; its forecasts."""
        forecast = model.predict(data, fold.test)
        size = float(np.abs(data.until(fold.train).values[:, data.target]).max())
        return self.score(data, fold.train, fold.test, forecast), {"test": stored(forecast, size)}

    def phrase(self, data: Sequences) -> str:
        """One series, or several."""
        return "on this series" if len(data) == 1 else "on these series"

    def words(self, data: Sequences) -> TaskWords:
        """What is forecast."""
        target = data.channels[data.target]
        writes = "It writes forecasts, a row a step: unique_id, ds, selfloop."
        return TaskWords(f"Forecast of {target}", target, "forecasts.csv", writes)

    def evidence(
        self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], drawn: Sequence[str]
    ) -> Evidence:
        """Forecasts against truth, and what the intervals held."""
        return evidence.evidence(experiment, predictions, trials, drawn)

    def calibration(
        self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], name: str
    ) -> Floats | None:
        """(levels, horizon) scaled half widths from the errors on all test blocks."""
        return evidence.widths(experiment, predictions, trials, name, len(experiment.folds))

    def pipeline(self, fields: Fields, arrays: Arrays, signature: Signature) -> ForecastPipeline:
        """Treatment, scales and, where it has one, the linear skip."""
        said = read_fields(fields, ForecasterFields)
        skip = read_ridge(self, said, arrays, signature) if said.ridge_window else None
        return ForecastPipeline(read_fitted(self, said, arrays, signature), skip)

    def read_calibration(self, arrays: Arrays) -> Floats | None:
        """(levels, horizon) scaled half widths."""
        return floats(arrays, "half_widths", len(LEVELS), self.horizon) if "half_widths" in arrays else None

    def check(self, data: Sequences, signature: Signature) -> None:
        """The same step, and a season of the past."""
        table.check(self, data, signature.every)

    def table(self, model: Model, data: Sequences, signature: Signature, calibration: Floats | None) -> dict[str, Any]:
        """`unique_id`, `ds`, `selfloop` and the bounds of intervals, a row a step."""
        return table.table(self, model, data, calibration, signature.every)

    def measure(self, model: Model, data: Sequences, last: int | None) -> dict[str, float]:
        """Forecasts from every step whose truth lies in the last steps; scaled by the naive error of those before."""
        steps = np.maximum(data.lengths // 2, self.horizon) if last is None else np.full(len(data), last)
        return self.score_last(model, data, steps)

    def questions(self, model: Any, data: Sequences, most: int, seed: int) -> Questions:
        """Forecasts whose truth is known, spread over all steps."""
        return explain.questions(self, model, data, most)

    def view(self, model: Any, one: Sequences, signature: Signature) -> View:
        """A series with its scale and, with a skip, the linear model's answers."""
        return explain.view(self, model, one)

    def headline(self, one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
        """Where the series is, and where each network says it goes."""
        return explain.headline(one, stop, labels, said)
