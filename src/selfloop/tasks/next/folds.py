"""What is learnt from, chosen on and scored on: later parts of the same sequences, or other sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Ints, Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.places import Block
from selfloop.words import count

FOLDS = 5
CASES = 10  # sequences from which on they are the cases; fewer are cut in time
LONG = 200_000  # steps from which on one fold says enough, and more would take hours
TEST_SHARE, LAST = 0.4, 0.1  # of the steps that all folds test together, and that one alone does
LEAST = 10  # steps of a part
MOST_VALID = 50_000  # steps: more would cost time and change no choice
AT_ONCE = 1 << 24  # numbers that are answered at once: 128 MB


@dataclass(frozen=True)
class NextFold:
    """Learn from the first `fit` steps of each sequence; `valid` and `test` are steps after which the next is asked."""

    index: int
    fit: Ints  # (sequences,)
    valid: Block
    test: Block

    @property
    def known(self) -> Ints:
        """(sequences,) steps that are learnt from or chosen on: no later one is looked at before the test."""
        return np.maximum(self.fit, np.where(self.valid.stop > self.valid.first, self.valid.stop + 1, 0))


@dataclass(frozen=True)
class Cutter:
    """Makes folds.

    Attributes:
        validation: share of a training part that choices are made on.
        size: numbers in an answer: where they are many, fewer answers are validated on.
    """

    validation: float
    size: int

    @property
    def most_valid(self) -> int:
        """Steps."""
        return max(min(MOST_VALID, AT_ONCE // self.size), LEAST)

    def folds(self, data: Sequences, folds: int) -> tuple[NextFold, ...]:
        """Of the sequences, or of their time.

        Raises:
            SettingsError: there are too few, or they are too short.
        """
        if folds < 1:
            raise SettingsError(f"folds is {folds}; expected 1 or more.")
        return self._of_cases(data, folds) if are_cases(data) else self._in_time(data, folds)

    def given(self, data: Sequences, learnt: int) -> NextFold:
        """The fold that learns from the first `learnt` sequences and tests the others."""
        train = np.arange(len(data)) < learnt
        return self._fold(data, 0, train, np.where(train, data.lengths, 0))

    def whole(self, data: Sequences) -> NextFold:
        """The fold that learns from all there is."""
        return self.given(data, len(data))

    def _fold(self, data: Sequences, index: int, train: np.ndarray, known: Ints, block: Ints | None = None) -> NextFold:
        """Validation within the first `known` steps of the sequences `train`; the test is what follows, or the rest.

        Args:
            data: all sequences.
            index: of the fold; it decides which cases validate.
            train: (sequences,) whether each is learnt from.
            known: (sequences,) steps that may be known of it.
            block: (sequences,) steps that are tested behind them; None: all of the sequences that are not learnt from.
        """
        nothing = np.zeros(len(data), dtype=np.int64)
        if block is not None:
            test = Block(known - 1, known - 1 + block)
        else:
            test = Block(nothing, np.where(train, 0, np.maximum(data.lengths - 1, 0)))
        if block is None and int(train.sum()) >= CASES // 2:  # two folds of the fewest cases leave as many
            valid = np.isin(np.arange(len(data)), self._held_out(data, np.flatnonzero(train), index))
            asked = Block(nothing, np.where(valid, np.maximum(data.lengths - 1, 0), 0))
            return NextFold(index, np.where(train & ~valid, data.lengths, 0), asked, test)
        most = self.most_valid // max(int(train.sum()), 1)
        span = np.where(train, np.clip(np.round(self.validation * known), LEAST, max(most, LEAST)), 0).astype(np.int64)
        fit = np.maximum(known - span, 0)
        if int(fit[train].min()) < LEAST:
            shortest = data.ids[int(np.where(train, fit, known.max()).argmin())]
            raise SettingsError(
                f"sequence {shortest!r} leaves fewer than {LEAST} steps to learn from; expected "
                f"{2 * LEAST} or more before what is tested: more of it would do."
            )
        return NextFold(index, fit, Block(np.where(train, fit - 1, 0), np.where(train, known - 1, 0)), test)

    def _in_time(self, data: Sequences, folds: int) -> tuple[NextFold, ...]:
        needed = (folds + 2) * LEAST
        shortest = int(data.lengths.argmin())
        steps = int(data.lengths[shortest])
        if steps < needed:
            most = steps // LEAST - 2
            remedy = f"--folds {most} would do" if most >= 1 else "more of it would do"
            raise SettingsError(
                f"sequence {data.ids[shortest]!r} has {count(steps, 'step')}; {count(folds, 'fold')} of what comes "
                f"later need{'s' if folds == 1 else ''} {needed}: {remedy}."
            )
        share = TEST_SHARE / folds if folds > 1 else LAST
        block = np.maximum((share * data.lengths).astype(np.int64), LEAST)
        everyone = np.ones(len(data), dtype=bool)
        return tuple(self._fold(data, k, everyone, data.lengths - (folds - k) * block, block) for k in range(folds))

    def _of_cases(self, data: Sequences, folds: int) -> tuple[NextFold, ...]:
        units = _units(data)
        different = len(np.unique(units))
        if different < max(folds, 2) + 1:
            raise SettingsError(
                f"{data.columns.groups or 'group'} has {different} different values; {count(folds, 'fold')} would "
                f"leave nothing to learn from: expected {max(folds, 2) + 1} or more, or leave --groups out."
            )
        parts = _parts(units, folds if folds > 1 else round(1 / LAST), 0)
        tests = [np.isin(units, part) for part in parts[:folds]]
        return tuple(self._fold(data, k, ~test, np.where(test, 0, data.lengths)) for k, test in enumerate(tests))

    def _held_out(self, data: Sequences, train: Ints, index: int) -> Ints:
        """Training cases that choices are made on: a share of them, groups together, not more steps than it takes."""
        units = _units(data)[train]
        part = _parts(units, max(round(1 / self.validation), 2), index + 1)[0]
        found = train[np.isin(units, part)]
        enough = int(np.searchsorted(np.cumsum(data.lengths[found]), self.most_valid)) + 1
        return found[:enough]


def are_cases(data: Sequences) -> bool:
    """Whether sequences are many enough to be the cases; a few long ones are cut in time instead."""
    return len(data) >= CASES


def usual_folds(data: Sequences) -> int:
    """Five; one where the data are so long that it says enough."""
    return 1 if int(data.lengths.sum()) > LONG else FOLDS


def without_single(data: Sequences) -> tuple[Sequences, str]:
    """The sequences in which something follows; and a word on the others.

    Raises:
        DataError: there is none.
    """
    kept = np.flatnonzero(data.lengths > 1)
    if len(kept) == len(data):
        return data, ""
    if len(kept) == 0:
        raise DataError(
            f"every sequence of {data.name} has one step, which nothing follows; expected sequences of two steps or "
            "more. Say with --id which rows belong together."
        )
    return data.take(
        kept
    ), f"set aside, as nothing follows in them: {count(len(data) - len(kept), 'sequence')} of one step"


def _units(data: Sequences) -> np.ndarray:
    """(sequences,) what is kept on one side of a split: the group, or the sequence itself."""
    return np.arange(len(data)) if data.groups is None else np.unique(data.groups, return_inverse=True)[1]


def _parts(units: np.ndarray, parts: int, seed: int) -> list[np.ndarray]:
    different = np.unique(units)
    return np.array_split(np.random.default_rng(seed).permutation(different), min(parts, len(different)))
