"""Split-conformal intervals: how far off a model was on data it had not learnt from, step by step."""

from __future__ import annotations

import math

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.forecast.scores import Scored
from selfloop.tasks.places import Block

LEVELS = (0.8, 0.95)


def scaled_errors(task: Scored, data: Sequences, stops: Ints, block: Block, forecast: Floats) -> Floats:
    """(origins, horizon) absolute errors, in units of each series' naive error.

    Args:
        task: horizon and season.
        data: with the truth.
        stops: (series,) ends of the training parts.
        block: where forecasts were made.
        forecast: (origins, horizon).
    """
    scale = task.naive_error(data, stops)[block.series()][:, None]
    return np.abs(forecast - task.truth(data, block)) / scale


def half_widths(errors: Floats) -> Floats:
    """(levels, horizon) half widths of intervals from (origins, horizon) scaled errors, in the same unit.

    Of n absolute residuals it is their ceil((n + 1) level)-th smallest (Vovk et al. 2005; Lei et al. 2018); where n is
    too small for that, their largest. Forecast errors of neighbouring origins are alike, so coverage is measured on
    the test part, not taken for granted.
    """
    ordered = np.sort(errors, axis=0)
    return ordered[[min(math.ceil((len(errors) + 1) * level), len(errors)) - 1 for level in LEVELS]]


def in_units(task: Scored, data: Sequences, stops: Ints, block: Block, scaled: Floats) -> Floats:
    """(levels, origins, horizon) half widths in the user's units.

    Args:
        task: horizon and season.
        data: whose naive errors are the unit.
        stops: (series,) ends of the parts that those are measured on.
        block: where forecasts are made.
        scaled: (levels, horizon), as `half_widths` gives them.
    """
    scale = task.naive_error(data, stops)[block.series()]
    return scaled[:, None, :] * scale[None, :, None]
