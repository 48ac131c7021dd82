"""A forecaster on one series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from selfloop.data.sequences import Floats, Sequences
from selfloop.inside.explore.shown_steps import Part
from selfloop.inside.explore.subject import Subject
from selfloop.inside.explore.traced import Loss
from selfloop.results.array import Array
from selfloop.results.exploration import Head
from selfloop.tasks.forecast.baselines import RidgeForecaster
from selfloop.tasks.forecast.fitted import FittedTreatment, Inverse
from selfloop.tasks.forecast.task import Block
from selfloop.train.forecasting import ForecastNetwork


@dataclass(frozen=True, eq=False)
class ForecasterSubject(Subject):
    """A `ForecastNetwork` with one series and the way back to its units.

    Attributes:
        network: encoder and head.
        data: the series alone.
        fitted: its treatment and scale.
        skip: the linear model that the network was added to, or None.
    """

    network: ForecastNetwork
    data: Sequences
    fitted: FittedTreatment
    skip: RidgeForecaster | None

    @property
    def outputs(self) -> int:
        """The horizon."""
        return self.network.head.out_features

    def head(self, part: Part) -> Head | None:
        """The linear layer; scale, level and linear skip bring its scores into the user's units."""
        back, linear = self._back(part), self.network.head
        W, b = (Array.of(each.detach().numpy()) for each in (linear.weight, linear.bias))
        steps = range(1, self.outputs + 1)
        return Head(
            "values", "last", W, b, tuple(f"{k} step{'s' if k > 1 else ''} ahead" for k in steps),
            scale=(float(back.unit[0, 0]),) * self.outputs, transform="exp" if back.treatment.log else "identity",
            offset=Array.of(self._offset(part)),
        )  # fmt: skip

    @torch.no_grad()
    def answers(self, y: Tensor, part: Part) -> Array | None:
        """Forecasts in the user's units from every step, as the forecaster makes them."""
        scores = self.network.head(y).numpy().astype(np.float64)
        return Array.of(self._back(part).answer(scores + self._linear(part)))

    def targets(self, part: Part) -> Floats:
        """(T, K) what came; NaN where the series ends before."""
        values = np.concatenate([self.data.values[1:, 0], np.full(self.outputs, np.nan)])
        return np.lib.stride_tricks.sliding_window_view(values, self.outputs)[part.first : part.stop]

    def loss(self, part: Part) -> Loss | None:
        """Squared error at the last step whose whole horizon is known; without one, the first score itself."""
        wanted = self._wanted(part)
        known = np.flatnonzero(np.isfinite(wanted).all(1))
        if len(known) == 0:
            of = "the scaled forecast one step ahead, made at the last step shown"
            return Loss(of, "output", part.steps - 1, 0, lambda scores: scores[0])
        step = int(known[-1])
        target = torch.from_numpy(wanted[step].astype(np.float32))
        of = f"the squared error of the scaled forecast made at step {part.first + step + 1:,}"
        return Loss(of, "squared_error", step, 0, lambda scores: ((scores - target) ** 2).mean())

    def scores(self, y: Tensor, step: int) -> Tensor:
        """(K,) scaled answers after `step`."""
        return self.network.head(y[step])  # type: ignore[no-any-return]

    def _block(self, part: Part) -> Block:
        return Block(np.array([part.first]), np.array([part.stop]))

    def _back(self, part: Part) -> Inverse:
        return self.fitted.inverse(self.data, self._block(part))

    def _linear(self, part: Part) -> Floats:
        """(T, K) scaled answers of the linear skip; zeros without one."""
        if self.skip is None:
            return np.zeros((part.steps, self.outputs))
        rows, channels = np.arange(part.first, part.stop), self.data.values.shape[1]
        return RidgeForecaster(self.fitted, self.skip.model).outputs(self.fitted.see(self.data), channels, rows)

    def _offset(self, part: Part) -> Floats:
        back = self._back(part)
        return back.base + self._linear(part) * back.unit

    def _wanted(self, part: Part) -> Floats:
        """(T, K) the scores that would be right."""
        back, targets = self._back(part), self.targets(part)
        z = np.log(np.where(targets > 0, targets, np.nan)) if back.treatment.log else targets
        return np.asarray((z - self._offset(part)) / back.unit)
