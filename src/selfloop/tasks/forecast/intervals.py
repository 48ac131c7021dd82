"""How far off forecasts were, in units of each series' naive error, and what that is in the user's."""

from __future__ import annotations

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.forecast.scores import Scored
from selfloop.tasks.places import Block


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
