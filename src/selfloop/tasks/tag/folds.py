"""Which steps are learnt from, chosen on and tested: whole sequences, or later parts of a few long ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Ints, Sequences
from selfloop.errors import SettingsError
from selfloop.tasks.places import Block
from selfloop.words import count

FEW = 10  # sequences: of fewer the later parts are tested, and no sequence as a whole
MANY_FOLDS, FEW_FOLDS = 10, 5
MANY = 100  # sequences a test part that ten folds must leave
TESTED = 0.5  # of each of a few long sequences, by all folds together
LEAST = 4  # steps that each part of a long sequence must have


@dataclass(frozen=True, eq=False)
class TagFold:
    """Learn from the first `fit` steps of each sequence, choose at `valid`, be scored once at `test`."""

    index: int
    fit: Ints  # (sequences,); 0: nothing is learnt from it
    valid: Block
    test: Block


def whole(data: Sequences, cases: NDArray[Any]) -> Block:
    """All steps of some sequences."""
    stop = np.zeros(len(data), dtype=np.int64)
    stop[cases] = data.lengths[cases]
    return Block(np.zeros_like(stop), stop)


def default_folds(data: Sequences, in_time: bool) -> int:
    """Ten where they leave test parts of a hundred sequences or more, else five."""
    usual = FEW_FOLDS if in_time or len(data) < MANY_FOLDS * MANY else MANY_FOLDS
    return usual if data.groups is None else max(min(usual, len(set(data.groups))), 2)


def later_parts(data: Sequences, folds: int, share: float) -> tuple[TagFold, ...]:
    """Expanding windows: each fold tests the block that follows what it learns from and chooses on.

    Args:
        data: a few long sequences.
        folds: how many.
        share: of what comes before a test block that choices are made on.

    Raises:
        SettingsError: a sequence is too short.
    """
    _check_count(folds)
    block = (data.lengths * TESTED / folds).astype(np.int64)
    short = int(block.argmin())
    if block[short] < LEAST:
        need = int(np.ceil(LEAST * folds / TESTED))
        raise SettingsError(
            f"sequence {data.ids[short]!r} has {count(int(data.lengths[short]), 'step')}; of {len(data)} sequences the "
            f"later parts are tested, and {folds} folds need {need} steps of each: fewer --folds, longer sequences, or "
            f"{FEW} or more of them would do."
        )
    edges = [data.lengths - (folds - k) * block for k in range(folds + 1)]
    return tuple(
        TagFold(k, *end_held_out(edges[k], share), Block(edges[k], edges[k + 1]))
        for k in range(folds)
    )  # fmt: skip


def end_held_out(known: Ints, share: float) -> tuple[Ints, Block]:
    """Of so many steps of each sequence, those that are learnt from, and the last ones, that choices are made on."""
    fit = known - np.minimum(np.maximum((share * known).round().astype(np.int64), 1), known)
    return fit, Block(fit, known)


def other_sequences(data: Sequences, folds: int, share: float) -> tuple[TagFold, ...]:
    """Parts of the sequences, the same for every seed; those of one group are in one part.

    Args:
        data: many sequences.
        folds: how many; with one, about a fifth of the sequences is tested.
        share: of what is not tested that choices are made on.

    Raises:
        SettingsError: there are too few.
    """
    _check_count(folds)
    parts = max(folds, FEW_FOLDS if folds == 1 else 2)
    part = _parts(data, np.arange(len(data)), parts, 0)
    return tuple(split(data, k, np.flatnonzero(part != k), np.flatnonzero(part == k), share) for k in range(folds))


def split(data: Sequences, index: int, train: NDArray[Any], test: NDArray[Any], share: float) -> TagFold:
    """The fold that tests some sequences and learns from others, a share of which it chooses on.

    Of a few sequences to learn from the ends are chosen on.

    Args:
        data: all of them.
        index: of the fold; it decides which sequences validate.
        train: those to learn from.
        test: those to test.
        share: of `train` that choices are made on.
    """
    if len(train) < FEW and data.groups is None:
        fit, valid = end_held_out(whole(data, train).stop, share)
        return TagFold(index, fit, valid, whole(data, test))
    held = _parts(data, train, max(round(1 / share), 2), index) == 0
    return TagFold(index, whole(data, train[~held]).stop, whole(data, train[held]), whole(data, test))


def _parts(data: Sequences, cases: NDArray[Any], parts: int, seed: int) -> Ints:
    """(cases,) the part of each: drawn, of about as many steps each, groups together."""
    names = np.arange(len(cases)) if data.groups is None else np.array(data.groups)[cases]
    units, of = np.unique(names, return_inverse=True)
    if len(units) < parts:
        word = "sequences" if data.groups is None else f"different values of {data.columns.groups or 'group'}"
        raise SettingsError(
            f"there are {len(units)} {word}; expected {parts} or more, one for each part: fewer --folds would do."
        )
    steps, order = np.bincount(of, data.lengths[cases]), np.random.default_rng(seed).permutation(len(units))
    part, filled = np.zeros(len(units), dtype=np.int64), np.zeros(parts)
    for unit in order:
        part[unit] = filled.argmin()
        filled[part[unit]] += steps[unit]
    return part[of]


def check_known(data: Sequences, tags: Ints, folds: tuple[TagFold, ...]) -> None:
    """Raise unless every part of every fold has a step with a label.

    Raises:
        SettingsError: one has not.
    """
    for fold in folds:
        parts = {
            "learn from": Block(np.zeros_like(fold.fit), fold.fit),
            "choose on": fold.valid,
            "be tested on": fold.test,
        }
        for what, block in parts.items():
            if not (tags[block.flat(data)] >= 0).any():
                raise SettingsError(
                    f"fold {fold.index + 1} has no step with a label to {what}; expected one or more in each part: "
                    "fewer --folds, or labels at more steps, would do."
                )


def _check_count(folds: int) -> None:
    if folds < 1:
        raise SettingsError(f"folds is {folds}; expected 1 or more.")
