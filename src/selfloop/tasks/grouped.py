"""Splits that keep the cases of a group, such as a person's, on one side, with every class to learn from."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Ints, Sequences
from selfloop.errors import SettingsError

FEWEST = 3  # groups that a class must be in: to learn from, to choose on, to be tested on
FEW_FOLDS = 5


def split(data: Sequences, labels: Ints, folds: int) -> list[tuple[Ints, Ints]]:
    """(train, test) cases of each fold.

    Args:
        data: with groups.
        labels: (sequences,) class numbers; all the same where there are no classes.
        folds: how many; with one, about a fifth of the cases is tested.

    Raises:
        SettingsError: there are too few groups, of one class or of all.
    """
    groups, word = np.array(data.groups), _word(data)
    different = len(np.unique(groups))
    if not data.classes and different < FEWEST:
        raise SettingsError(
            f"{word} has {different} different value{'s' if different != 1 else ''}; expected {FEWEST} or more, to "
            "learn from, to choose on and to test on: leave --groups out."
        )
    for k, name in enumerate(data.classes):
        found = len(np.unique(groups[labels == k]))
        if found < FEWEST:
            raise SettingsError(
                f"class {name!r} is there for {found} {word if found == 1 else 'different ' + word}; expected {FEWEST} "
                "or more, to learn from, to choose on and to test on: leave the class out, or leave --groups out."
            )
    if different < folds:
        raise SettingsError(
            f"{word} has {different} different values; {folds} folds need {folds}: --folds {different} would do."
        )
    parts = min(FEW_FOLDS, different) if folds == 1 else folds
    found_parts = _parts(labels, groups, parts, 0)[:folds]
    for k, (train, _) in enumerate(found_parts):
        if len(np.unique(labels[train])) < len(data.classes):
            raise _too_few(data, k)
    return found_parts


def hold_out(data: Sequences, labels: Ints, train: Ints, share: float, index: int) -> tuple[Ints, Ints]:
    """Training cases apart from those that choices are made on: (fit, valid).

    Args:
        data: with groups.
        labels: (train,) class numbers, as for `split`.
        train: cases.
        share: of them that choices are made on.
        index: of the fold; it decides which ones.

    Raises:
        SettingsError: there are too few groups.
    """
    groups = np.array(data.groups)[train]
    parts = max(min(round(1 / share), len(np.unique(groups))), 2)
    for fit, valid in _parts(labels, groups, parts, index):
        if len(np.unique(labels[fit])) >= len(data.classes):
            return train[fit], train[valid]
    raise _too_few(data, index)


def _parts(labels: Ints, groups: NDArray[Any], parts: int, seed: int) -> list[tuple[Ints, Ints]]:
    from sklearn.model_selection import StratifiedGroupKFold

    with warnings.catch_warnings():
        # It warns of a class with fewer cases than parts; what matters, that none is missing, is checked.
        warnings.filterwarnings("ignore", category=UserWarning, message="The least populated class")
        return list(StratifiedGroupKFold(parts, shuffle=True, random_state=seed).split(labels, labels, groups))


def _word(data: Sequences) -> str:
    return data.columns.groups or "group"


def _too_few(data: Sequences, fold: int) -> SettingsError:
    return SettingsError(
        f"with each {_word(data)} on one side, a class is missing from what fold {fold + 1} learns from; expected "
        "every class there: fewer --folds would do, or leave --groups out."
    )
