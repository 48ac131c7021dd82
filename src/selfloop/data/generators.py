"""Generated sets with a known answer: what must be remembered, and for how long, is set by construction."""

from __future__ import annotations

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import SettingsError

SYMBOLS = 8
ADDED = 8  # fewest steps before the later of the numbers that are added
RECALL_CHANNELS = (*(f"symbol_{k}" for k in range(1, SYMBOLS + 1)), "marker")
ADDING_CHANNELS = ("number", "marker")
ORDER_CHANNELS = ("E", "B", "X", "Y", "a", "b", "c", "d")
ORDER_CLASSES = ("Q", "R", "S", "U")  # X then X, X then Y, Y then X, Y then Y


def recall(*, lag: int, cases: int, seed: int) -> Sequences:
    """Say which symbol the marker pointed at, exactly `lag` steps before the end.

    Every step shows one of 8 symbols (one-hot, channels 0 to 7); channel 8, the marker, is 1 at step T - 1 - lag and 0
    elsewhere. T varies. Each class has the same number of cases, to within one.

    Seven of the steps before the marked one, never the first, show the seven other symbols, at random places; all
    further symbols are independent of the answer. So each symbol's count over the sequence, the first and the last
    step, the length and the last `lag` steps say exactly nothing about the answer: 1/8 for whoever forgets.
    (Without those seven, the answer shows in the counts: the share of sequences where the most frequent symbol is the
    marked one is 0.19 at 64 steps, the mean of the largest of eight multinomial counts over 64.)

    Raises:
        SettingsError: lag or cases below 1.
    """
    _check(lag=lag, cases=cases)
    random = np.random.Generator(np.random.PCG64(seed))
    before = random.integers(SYMBOLS, SYMBOLS + max(SYMBOLS, lag // 2), size=cases, endpoint=True)
    offsets, labels = _offsets(before + 1 + lag), random.permutation(np.arange(cases) % SYMBOLS)
    marked = offsets[:-1] + before
    symbols = random.integers(SYMBOLS, size=offsets[-1])
    symbols[marked] = labels
    for start, count, label in zip(offsets[:-1], before, labels, strict=True):
        places = start + 1 + random.permutation(count - 1)[: SYMBOLS - 1]
        symbols[places] = np.delete(np.arange(SYMBOLS), label)
    values = np.zeros((offsets[-1], len(RECALL_CHANNELS)))
    values[np.arange(len(symbols)), symbols] = 1.0
    values[marked, SYMBOLS] = 1.0
    classes = RECALL_CHANNELS[:SYMBOLS]
    return _sequences(
        "recall", values, offsets, RECALL_CHANNELS, labels, classes, f"lag {lag}, {cases} cases, seed {seed}"
    )


def adding(*, lag: int, cases: int, seed: int) -> Sequences:
    """Say the sum of two marked numbers: Hochreiter & Schmidhuber 1997, section 5.4, the adding problem.

    Channel 0 is a number from 0 to 1 at every step, channel 1 is 1 at the two steps whose numbers count, else 0. The
    later of the two is exactly `lag` steps before the end, the other at any step before that. T varies. (Theirs
    are numbers from −1 to 1, marked somewhere in the first half; the sum is scaled.)

    The sum has a variance of 2/12, so that whoever always says its mean, 1, has a root mean squared error of
    sqrt(1/6) = 0.408. The last `lag` steps, the length and where the marks are say nothing about it; the sum of all
    numbers of a sequence says 2/T of its variance.

    Raises:
        SettingsError: lag or cases below 1.
    """
    _check(lag=lag, cases=cases)
    random = np.random.Generator(np.random.PCG64(seed))
    before = random.integers(ADDED, ADDED + max(ADDED, lag // 2), size=cases, endpoint=True)
    offsets = _offsets(before + 1 + lag)
    later = offsets[:-1] + before
    earlier = offsets[:-1] + random.integers(before)
    values = np.zeros((offsets[-1], len(ADDING_CHANNELS)))
    values[:, 0] = random.random(len(values))
    values[earlier, 1] = values[later, 1] = 1.0
    return Sequences(
        name="adding",
        values=values,
        offsets=offsets,
        channels=ADDING_CHANNELS,
        ids=tuple(str(k) for k in range(1, cases + 1)),
        outcomes=(values[earlier, 0] + values[later, 0])[:, None],
        outcome_names=("sum",),
        reading=f"generated: lag {lag}, {cases} cases, seed {seed}",
    )


def temporal_order(*, cases: int, seed: int) -> Sequences:
    """Say in which order X and Y came, among noise: Hochreiter & Schmidhuber 1997, section 5.6, task 6a.

    Sequences of 100 to 110 steps start with E and end with B; at one step of 10 to 20 and one of 50 to 60 (the first
    step is 0) stands X or Y; all others are a, b, c or d at random; one-hot. The class is Q for X X, R for X Y, S for
    Y X and U for Y Y, each with the same number of cases, to within one.

    Raises:
        SettingsError: cases below 1.
    """
    _check(cases=cases)
    random = np.random.Generator(np.random.PCG64(seed))
    offsets = _offsets(random.integers(100, 110, size=cases, endpoint=True))
    labels = random.permutation(np.arange(cases) % len(ORDER_CLASSES))
    start, x = offsets[:-1], ORDER_CHANNELS.index("X")
    symbols = random.integers(ORDER_CHANNELS.index("a"), len(ORDER_CHANNELS), size=offsets[-1])
    symbols[start] = ORDER_CHANNELS.index("E")
    symbols[offsets[1:] - 1] = ORDER_CHANNELS.index("B")
    symbols[start + random.integers(10, 20, size=cases, endpoint=True)] = x + labels // 2
    symbols[start + random.integers(50, 60, size=cases, endpoint=True)] = x + labels % 2
    values = np.zeros((offsets[-1], len(ORDER_CHANNELS)))
    values[np.arange(len(symbols)), symbols] = 1.0
    said = f"{cases} cases, seed {seed}"
    return _sequences("temporal-order", values, offsets, ORDER_CHANNELS, labels, ORDER_CLASSES, said)


def _check(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise SettingsError(f"{name} is {count}; expected 1 or more.")


def _offsets(lengths: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _sequences(
    name: str,
    values: Floats,
    offsets: Ints,
    channels: tuple[str, ...],
    labels: Ints,
    classes: tuple[str, ...],
    said: str,
) -> Sequences:
    return Sequences(
        name=name,
        values=values,
        offsets=offsets,
        channels=channels,
        ids=tuple(str(k) for k in range(1, len(offsets))),
        labels=labels.astype(np.int64),
        classes=classes,
        reading=f"generated: {said}",
    )
