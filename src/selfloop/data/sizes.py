"""Numbers so large or so small that their squares are no numbers any more."""

from __future__ import annotations

import numpy as np

from selfloop.data.draft import Draft
from selfloop.errors import DataError

LARGEST, SMALLEST = 1e100, 1e-100  # their squares, and sums of many of these, are well inside float64


def check_sizes(draft: Draft) -> None:
    """Raise unless every channel can be squared: means and deviations are made so.

    Raises:
        DataError: a value is too large, or all values of a channel are too small; says which unit would do.
    """
    sizes = np.abs(draft.values)
    for channel, largest in enumerate(sizes.max(0).tolist()):
        if largest > LARGEST or 0 < largest < SMALLEST:
            step = int(sizes[:, channel].argmax())
            what = "too large" if largest > 1 else "the largest of its column and too small"
            raise DataError(
                f"{draft.name}: the value of {draft.channels[channel]!r} in {draft.place(step)} is "
                f"{draft.values[step, channel]:.3g}, {what} to calculate with; expected sizes from {SMALLEST:g} to "
                f"{LARGEST:g}: choose another unit."
            )
