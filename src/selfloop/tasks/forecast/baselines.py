"""The forecasting baselines that need no network: naive, seasonal naive, ridge autoregression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from selfloop.data.sequences import Floats, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.linear import RidgeForecaster, fit_ridge, log_is_possible, refit_ridge
from selfloop.tasks.forecast.saved import ForecasterFields, read_fitted, read_ridge
from selfloop.tasks.forecast.treatment import treatments
from selfloop.tasks.model import Arrays, ClosedForm, Fields, Signature, read_fields
from selfloop.tasks.places import Block

if TYPE_CHECKING:
    from selfloop.tasks.forecast.task import Forecast
    from selfloop.tasks.task import Task


@dataclass(frozen=True)
class Naive:
    """The last known value (`season` 1), or the last known value of the same season."""

    season: int
    horizon: int
    parameters: int = 0
    operations: int = 0

    def predict(self, data: Sequences, where: Block) -> Floats:
        """(origins, horizon) forecasts at every origin of a block."""
        ahead = np.arange(1, self.horizon + 1)
        back = ahead - self.season * -(-ahead // self.season)
        starts = np.repeat(data.offsets[:-1], where.stop - where.first)[:, None]
        return np.asarray(data.values[np.maximum(where.flat(data)[:, None] + back, starts), data.target])

    def step(self) -> Callable[[], object] | None:
        """Nothing is computed."""
        return None

    def fields(self) -> Fields:
        """Its season is the task's."""
        return {}

    def arrays(self) -> Arrays:
        """None."""
        return {}


@dataclass(frozen=True)
class NaiveForecast(ClosedForm):
    """Tomorrow is like now."""

    def fit(self, task: Forecast, data: Sequences, fold: ForecastFold) -> Naive:
        """Nothing is learnt."""
        return self.refit(task, data)

    def refit(self, task: Forecast, data: Sequences) -> Naive:
        """The same."""
        return Naive(self._season(task), task.horizon)

    def read(self, task: Forecast, fields: Fields, arrays: Arrays, signature: Signature) -> Naive:
        """The same."""
        return Naive(self._season(task), task.horizon)

    def _season(self, task: Forecast) -> int:
        return 1


@dataclass(frozen=True)
class SeasonalNaive(NaiveForecast):
    """The next season is like the last one."""

    def applies(self, task: Task) -> bool:
        """Only where there is a season."""
        return getattr(task, "season", 1) > 1

    def settings(self, model: Naive) -> dict[str, Setting]:
        """The season."""
        return {"season": model.season}

    def _season(self, task: Forecast) -> int:
        return task.season


@dataclass(frozen=True)
class RidgeAutoregression(ClosedForm):
    """A linear model on a window of the past, its treatment, window and penalty chosen on validation."""

    def fit(self, task: Forecast, data: Sequences, fold: ForecastFold) -> RidgeForecaster:
        """On the steps before the test block."""
        known = data.until(fold.train)
        choices = treatments(task.season, task.horizon, data.target, positive=log_is_possible(known))
        return fit_ridge(task, known, fold, choices)[0]

    def refit(self, task: Forecast, data: Sequences) -> RidgeForecaster:
        """As validation at the end of the data chooses it, learnt from all of them."""
        return self.again(task, data, self.fit(task, data, task.whole(data)))

    def again(self, task: Forecast, data: Sequences, chosen: RidgeForecaster) -> RidgeForecaster:
        """One treatment, one window, one penalty."""
        return refit_ridge(task, data, chosen)

    def read(self, task: Forecast, fields: Fields, arrays: Arrays, signature: Signature) -> RidgeForecaster:
        """Scales and weights."""
        said = read_fields(fields, ForecasterFields)
        fitted = read_fitted(task, said, arrays, signature)
        return RidgeForecaster(fitted, read_ridge(task, said, arrays, signature))

    def settings(self, model: RidgeForecaster) -> dict[str, Setting]:
        """What validation chose."""
        treatment = str(model.fitted.treatment)
        return {"window": model.model.window, "penalty": model.model.penalty, "treatment": treatment}


NAIVE = NaiveForecast("naive", "naive forecast", naive=True)
SEASONAL_NAIVE = SeasonalNaive("seasonal_naive", "seasonal naive forecast", naive=True)
RIDGE = RidgeAutoregression("ridge_ar", "ridge autoregression")
