"""Which features of the text single units go along with: correlations, and how large they get by chance.

The largest of many correlations is large even where nothing goes along with anything, and more so where neighbouring
steps are alike. So each is held to the largest |r| over all units and features that copies give in which the features
are moved along the steps by chance, in a circle: that keeps what is alike in neighbouring steps and breaks what is
between the two (the largest of all: Westfall & Young 1993, "Resampling-Based Multiple Testing"; moved instead of
shuffled copies: Harris 2021, "Nonsense correlations in neuroscience"). NumPy alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from selfloop.data.sequences import Floats
from selfloop.results.responses import Response, Responses

FEWEST_STEPS = 500  # in all
FEWEST = 20  # steps at which a feature that is or is not there must be there, and not be
COPIES = 99  # so that the fifth largest of their maxima is passed by 5 in 100
ALLOWED = 0.05  # how often chance may put anything at all into the list
MOST = 12  # units listed
TOGETHER = 256  # moved features in one product: a few dozen MB


def responses(
    values: Floats, features: Mapping[str, Floats], state: Literal["h", "c"], seed: int = 0
) -> Responses | None:
    """The units that go along with a feature more than chance explains, each with its strongest, strongest first.

    Args:
        values: (steps, H) of each unit.
        features: (steps,) by name, NaN where it is not known.
        state: what the values are.
        seed: of the moved copies.

    Returns:
        None where there are too few steps, or no feature that varies.
    """
    known = np.ones(len(values), dtype=bool)
    for each in features.values():
        known &= np.isfinite(each)
    known &= np.isfinite(values).all(axis=1)
    used = {name: each[known] for name, each in features.items() if varies(each[known])}
    if known.sum() < FEWEST_STEPS or not used:
        return None
    units, columns = standardised(values[known]), standardised(np.stack(list(used.values()), axis=1))
    r, limit = columns.T @ units, critical(units, columns, seed)
    names, strongest = list(used), np.abs(r).argmax(axis=0)
    order = sorted(range(r.shape[1]), key=lambda j: -abs(r[strongest[j], j]))
    found = [Response(j, names[strongest[j]], float(r[strongest[j], j])) for j in order]
    above = tuple(each for each in found if abs(each.r) > limit)[:MOST]
    return Responses(state, int(known.sum()), len(used), limit, above)


def varies(feature: Floats) -> bool:
    """Whether it is often enough one thing and another."""
    if len(feature) == 0:
        return False
    kinds, counts = np.unique(feature, return_counts=True)
    return len(kinds) > 1 and len(feature) - int(counts.max()) >= FEWEST


def standardised(columns: Floats) -> Floats:
    """(steps, n) with mean 0 and length 1 each, so that products are correlations; a constant one is all zeros."""
    centred = columns - columns.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    flat = length <= 1e-6 * np.sqrt(len(columns)) * (1e-6 + np.abs(columns).max(axis=0))
    return np.asarray(np.where(flat, 0.0, centred / np.where(flat, 1.0, length)).astype(np.float32))


def critical(units: Floats, features: Floats, seed: int) -> float:
    """The |r| that the largest of all units and features passes in 5 % of the copies.

    Args:
        units: (steps, H), standardised.
        features: (steps, F), standardised.
        seed: of the copies.
    """
    steps, rng = len(units), np.random.default_rng(seed)
    least = max(1, steps // 20)  # neighbours of where it was are nearly where it was
    moves = rng.integers(least, steps - least + 1, COPIES)
    twice, largest = np.concatenate([features, features]).T.copy(), []
    for some in np.array_split(moves, max(1, COPIES * features.shape[1] // TOGETHER)):
        moved = np.concatenate([twice[:, steps - move : 2 * steps - move] for move in some.tolist()])
        each = np.abs(moved @ units).reshape(len(some), -1).max(axis=1)
        largest += each.tolist()
    return float(sorted(largest)[-round(ALLOWED * (COPIES + 1))])
