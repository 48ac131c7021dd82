"""What stands around a forecasting network: a treatment with its scales, and where wanted a linear model under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.forecast.fitted import FittedTreatment, Seen
from selfloop.tasks.forecast.linear import RidgeForecaster, linear_step
from selfloop.tasks.forecast.ridge import Ridge
from selfloop.tasks.forecast.saved import fitted_arrays, fitted_fields, ridge_arrays, ridge_fields
from selfloop.tasks.model import Applied, Arrays, Fields, Symbols
from selfloop.tasks.places import Block


@dataclass(frozen=True)
class ForecastPipeline:
    """From series to inputs, from scores to forecasts.

    Attributes:
        fitted: the treatment, with the scale of each series.
        skip: a ridge autoregression that the network's scores are added to, or None.
    """

    fitted: FittedTreatment
    skip: Ridge | None
    symbols: tuple[Symbols, ...] = ()

    @property
    def parameters(self) -> int:
        """Of the linear skip."""
        return self.skip.parameters if self.skip else 0

    @property
    def operations(self) -> int:
        """Of the linear skip, for one new step."""
        return self.skip.operations if self.skip else 0

    def features(self, channels: int) -> int:
        """What the treatment makes of the channels."""
        return self.fitted.treatment.features(channels)

    def apply(self, data: Sequences, where: Block) -> Applied:
        """Each series with its own scale; one not met before is measured up to its first origin."""
        known = self.fitted.extended(data, where.first + 1)
        shown = known.see(data)

        def answers(scores: Floats) -> Floats:
            if self.skip:
                scores = scores + self.linear(known, shown, data, where.flat(data))
            return known.answer(data, where, scores)

        return Applied(shown.inputs, answers)

    def linear(self, fitted: FittedTreatment, shown: Seen, data: Sequences, rows: Ints) -> Floats:
        """(rows, horizon) what the linear skip says at steps `rows`, scaled.

        Args:
            fitted: with the scales of these series.
            shown: the series as they are seen.
            data: the series.
            rows: flat steps.
        """
        if self.skip is None:
            return np.zeros((len(rows), self.fitted.treatment.horizon))
        return RidgeForecaster(fitted, self.skip).outputs(shown, data.values.shape[1], rows)

    def step(self) -> Callable[[], object] | None:
        """The linear skip's product."""
        return linear_step(self.skip.weight, self.skip.bias) if self.skip else None

    def fields(self) -> Fields:
        """Treatment and, with a skip, its window and penalty."""
        return {**fitted_fields(self.fitted), **(ridge_fields(self.skip) if self.skip else {})}

    def arrays(self) -> Arrays:
        """Scales and, with a skip, its weights."""
        return {**fitted_arrays(self.fitted), **(ridge_arrays(self.skip) if self.skip else {})}
