"""How a study keeps what was predicted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats

SINGLE = (1e-30, 1e30)  # sizes of numbers whose predictions float32 holds, with room for those that are far off


def stored(predicted: Floats, *sizes: float) -> NDArray[np.floating[Any]]:
    """Predictions as a study keeps them: float32, unless the data are too large or too small for all of its digits.

    Args:
        predicted: values; one that is beyond float32 is kept as its largest number.
        sizes: of the largest value that they were made from; of several kinds of numbers, one each.
    """
    if any(size != 0 and not SINGLE[0] <= size <= SINGLE[1] for size in sizes):
        return predicted
    largest = float(np.finfo(np.float32).max)
    return np.clip(predicted, -largest, largest).astype(np.float32)
