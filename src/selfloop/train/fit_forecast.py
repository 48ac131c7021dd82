"""Each forecasting candidate on one fold: how it is built, trained, chosen on validation, and refitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from selfloop.data.sequences import Sequences
from selfloop.results.study import Setting
from selfloop.tasks.forecast import ridge
from selfloop.tasks.forecast.baselines import Naive, RidgeForecaster, fit_ridge, log_is_possible, refit_ridge
from selfloop.tasks.forecast.fitted import FittedTreatment
from selfloop.tasks.forecast.intervals import quantiles_of, scaled_errors
from selfloop.tasks.forecast.task import Block, Forecast, ForecastFold
from selfloop.tasks.forecast.treatment import treatments
from selfloop.train.budget import Option, Plan
from selfloop.train.encoder import RecurrentEncoder, WindowEncoder
from selfloop.train.forecasting import ForecastNetwork, ForecastProblem, NetworkForecaster
from selfloop.train.loop import Schedule, TrainingRun, train, train_exactly

Forecaster = Naive | RidgeForecaster | NetworkForecaster
FEED_FORWARD_SIZES = (16, 64)
MOST_WINDOWS = 3


@dataclass(frozen=True, eq=False)
class ForecastFitter:
    """Builds and trains candidates on one fold of a forecast. Looks at nothing after `fold.train`."""

    task: Forecast
    data: Sequences
    fold: ForecastFold
    plan: Plan

    @cached_property
    def known(self) -> Sequences:
        """The steps before the test block."""
        return self.data.until(self.fold.train)

    @cached_property
    def fitted(self) -> FittedTreatment:
        """The study's treatment, its scales measured on this fold's training part."""
        treatment = self.plan.treatment
        assert treatment is not None, "a forecast plan has a treatment"
        if treatment.log and not log_is_possible(self.known):  # positive on the first fold need not stay positive
            treatment = replace(treatment, log=False)
        return FittedTreatment.fit(treatment, self.known, self.fold.fit)

    @cached_property
    def skip(self) -> RidgeForecaster | None:
        """The ridge autoregression under the networks, where the plan wants one."""
        if not self.plan.skip:
            return None
        return fit_ridge(self.task, self.known, self.fold, [self.fitted.treatment])[0]

    def closed_form(self, candidate: str) -> tuple[Forecaster, dict[str, Setting]]:
        """A baseline without a training loop."""
        if candidate == "naive":
            return Naive(1, self.task.horizon), {}
        if candidate == "seasonal_naive":
            return Naive(self.task.season, self.task.horizon), {"season": self.task.season}
        choices = treatments(self.task.season, self.task.horizon, positive=log_is_possible(self.known))
        model, _ = fit_ridge(self.task, self.known, self.fold, choices)
        return model, _ridge_settings(model)

    def options(self, candidate: str) -> tuple[tuple[Option, ...], tuple[float, ...]]:
        """What to try first, and the learning rates to try on the best of it."""
        if candidate == "feed_forward":
            return self.plan.feed_forward_options(self._windows(), FEED_FORWARD_SIZES)
        return self.plan.recurrent_options(candidate), ()

    def train(self, candidate: str, option: Option, seed: int) -> tuple[NetworkForecaster, TrainingRun]:
        """Train a network with early stopping on the fold's validation part."""
        problem = self._problem(candidate, option, seed, self.known, self.fold, self.fitted, self.skip)
        run = train(problem, Schedule(self.plan.epochs, self.plan.patience, option.learning_rate), seed)
        return problem.model(), run

    def test(self, model: Forecaster) -> tuple[dict[str, float], dict[str, NDArray[np.float32]]]:
        """The one look at the test block: every metric; the forecasts; the intervals' half widths from validation."""
        fold, task = self.fold, self.task
        both = Block(fold.valid.first, fold.test.stop)  # read once: no forecast depends on what follows its origin
        forecasts, series, steps = model.forecast(self.data, both), both.series(), np.concatenate(both.steps())
        calibration, forecast = forecasts[steps < fold.valid.stop[series]], forecasts[steps >= fold.test.first[series]]
        quantiles = quantiles_of(scaled_errors(task, self.known, fold.train, fold.valid, calibration))
        arrays = {"test": forecast.astype(np.float32), "quantiles": quantiles.astype(np.float32)}
        return task.score(self.data, fold.train, fold.test, forecast), arrays

    def refit(self, candidate: str, option: Option, epochs: int, seed: int) -> NetworkForecaster:
        """Train on all of `data` for a given number of epochs."""
        fold = self.task.whole(self.data)
        whole = ForecastFitter(self.task, self.data, fold, self.plan)
        skip = refit_ridge(self.task, self.data, whole.skip) if whole.skip else None
        fitted = FittedTreatment.fit(whole.fitted.treatment, self.data, self.data.lengths)
        everything = ForecastFold(0, self.data.lengths, fold.valid, self.data.lengths, fold.test)
        problem = self._problem(candidate, option, seed, self.data, everything, fitted, skip)
        train_exactly(problem, option.learning_rate, epochs, seed)
        return problem.model()

    def refit_closed_form(self, candidate: str) -> Forecaster:
        """The baseline as validation at the end of the data chooses it, learnt from all of them."""
        model, _ = ForecastFitter(self.task, self.data, self.task.whole(self.data), self.plan).closed_form(candidate)
        return refit_ridge(self.task, self.data, model) if isinstance(model, RidgeForecaster) else model

    def network(self, candidate: str, option: Option) -> ForecastNetwork:
        """The untrained network."""
        features = self.fitted.treatment.features(self.data.values.shape[1])
        if option.window is not None:
            return ForecastNetwork(WindowEncoder(features, option.hidden_size, option.window), self.task.horizon)
        encoder = RecurrentEncoder(candidate, features, option.hidden_size, self.plan.layers, both=False)
        encoder.initialise(self.plan.truncation, self.plan.scheme)
        return ForecastNetwork(encoder, self.task.horizon)

    def _problem(
        self,
        candidate: str,
        option: Option,
        seed: int,
        data: Sequences,
        fold: ForecastFold,
        fitted: FittedTreatment,
        skip: RidgeForecaster | None,
    ) -> ForecastProblem:
        torch.manual_seed(seed)
        network = self.network(candidate, option)
        return ForecastProblem(self.task, data, fold, network, fitted, skip, self.plan.truncation)

    def _windows(self) -> tuple[int, ...]:
        """A few of the ridge's windows, the longest among them."""
        windows = ridge.windows(self.task.season, self.task.horizon, int(self.fold.fit.min()))
        places = np.linspace(0, len(windows) - 1, MOST_WINDOWS + 1).round().astype(int)[1:]
        return tuple(dict.fromkeys(windows[k] for k in places))


def _ridge_settings(model: RidgeForecaster) -> dict[str, Setting]:
    treatment = str(model.fitted.treatment)
    return {"window": model.model.window, "penalty": model.model.penalty, "treatment": treatment}
