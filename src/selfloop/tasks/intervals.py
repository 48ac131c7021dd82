"""Split-conformal intervals: how far off a model was on data it had not learnt from."""

from __future__ import annotations

import math

import numpy as np

from selfloop.data.sequences import Floats

LEVELS = (0.8, 0.95)


def half_widths(errors: Floats) -> Floats:
    """(levels, K) half widths of intervals from (answers, K) absolute errors, in the same unit.

    Of n absolute residuals it is their ceil((n + 1) level)-th smallest (Vovk et al. 2005; Lei et al. 2018); where n is
    too small for that, their largest. Errors of neighbouring forecasts are alike, so coverage is measured on the test
    part, not taken for granted.
    """
    ordered = np.sort(errors, axis=0)
    return ordered[[min(math.ceil((len(errors) + 1) * level), len(errors)) - 1 for level in LEVELS]]
