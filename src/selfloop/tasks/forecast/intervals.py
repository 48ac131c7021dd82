"""Split-conformal intervals: how far off a model was on data it had not learnt from, step by step."""

from __future__ import annotations

import math

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.forecast.task import Block, Forecast

LEVELS = (0.8, 0.95)


def scaled_errors(task: Forecast, data: Sequences, stops: Ints, block: Block, forecast: Floats) -> Floats:
    """(origins, horizon) absolute errors, in units of each series' naive error."""
    scale = task.naive_error(data, stops)[block.series()][:, None]
    return np.abs(forecast - task.truth(data, block)) / scale


def quantiles_of(errors: Floats) -> Floats:
    """(levels, horizon) half widths from (origins, horizon) scaled errors.

    The quantile of n absolute residuals is their ceil((n + 1) level)-th smallest (Vovk et al. 2005; Lei et al. 2018);
    where n is too small for that, their largest. Forecast errors of neighbouring origins are alike, so coverage is
    measured on the test part, not taken for granted.
    """
    ordered = np.sort(errors, axis=0)
    return ordered[[min(math.ceil((len(errors) + 1) * level), len(errors)) - 1 for level in LEVELS]]


def half_widths(task: Forecast, data: Sequences, stops: Ints, block: Block, quantiles: Floats) -> Floats:
    """(levels, origins, horizon) half widths in the user's units."""
    scale = task.naive_error(data, stops)[block.series()]
    return quantiles[:, None, :] * scale[None, :, None]
