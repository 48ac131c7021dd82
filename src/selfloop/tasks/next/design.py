"""From sequences and what the user asked to a question: symbols or frames, how many, and the folds, in sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from selfloop.data.sequences import Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.asked import Asked
from selfloop.tasks.next.folds import Cutter, NextFold, are_cases, usual_folds, without_single
from selfloop.tasks.next.material import MOST_SYMBOLS, learnt, looks_at_time
from selfloop.tasks.next.pipeline import check_on_off
from selfloop.tasks.task import Experiment
from selfloop.words import count, percent

if TYPE_CHECKING:
    from selfloop.tasks.next.task import Next

Kind = Literal["symbols", "frames"]
MOST_UNKNOWN = 0.5  # of the steps: where more of them are unknown, what comes next is not a matter of symbols
NAMED = 3  # of the symbols that a message lists


def design(kind: type[Next], data: Sequences, test: Sequences | None, asked: Asked) -> Experiment:
    """The experiment.

    Args:
        kind: the task's class.
        data: to learn from; without `test`, to test on as well.
        test: sequences to test, each read from its start.
        asked: what the user said.

    Raises:
        SettingsError: it cannot be asked so, or there are too few sequences, or too short ones.
        DataError: nothing can be learnt from these data.
    """
    _check_asked(asked)
    data, aside = without_single(data)
    learnt_from = len(data)
    if test is not None:
        rest, more = without_single(test)
        data, aside = joined(data, rest), aside or more
    data, task, said = _question(kind, data, learnt_from, asked)
    cutter = Cutter(task.validation, task.size)
    if test is not None:
        folds: tuple[NextFold, ...] = (cutter.given(data, learnt_from),)
        tested = count(len(data) - learnt_from, "sequence")
        text = f"the given split: {count(learnt_from, 'sequence')} to learn from, {tested} to test"
    else:
        folds = cutter.folds(data, asked.folds or usual_folds(data))
        text = _text(data, folds)
        if len(folds) == 1 and asked.folds is None:
            said.append(f"one fold: {int(data.lengths.sum()):,} steps are many; --folds changes it")
    ratio = float(np.mean([len(fold.test) / (fold.fit.sum() + len(fold.valid)) for fold in folds]))
    return Experiment(task, data, folds, (*said, *([aside] if aside else [])), text, ratio)


def channel_of_symbols(data: Sequences) -> int | None:
    """The channel whose symbols are asked for: the one that was named, or the first with any; None: there is none."""
    if not any(data.symbols):
        return None
    named = data.columns.target
    if named is not None and data.symbols[data.channels.index(named)]:
        return data.channels.index(named)
    return next(k for k, names in enumerate(data.symbols) if names)


def are_frames(data: Sequences) -> bool:
    """Whether all channels, more than one, are on or off."""
    several = data.values.shape[1] > 1 and not any(data.symbols)
    return several and bool(((data.values == 0) | (data.values == 1)).all())


def _question(kind: type[Next], data: Sequences, learnt_from: int, asked: Asked) -> tuple[Sequences, Next, list[str]]:
    """The data with their target named, the task, and what is said of both."""
    target = channel_of_symbols(data)
    if target is None:
        if data.values.shape[1] < 2:
            raise DataError(
                f"{data.name} has one channel of numbers and no symbols; expected symbols, such as letters, words or "
                "kinds of events, or several channels that are on or off. To forecast numbers, add --task forecast."
            )
        check_on_off(data)
        if all(column.min() == column.max() for column in data.values.T):
            raise DataError(
                f"no channel of {data.name} ever changes; expected channels that are on at some steps, off at others."
            )
        task = kind("frames", data.values.shape[1], asked.validation)
        return data, task, [f"what comes next: the frame of all {task.size} channels, each on or off"]
    name = data.channels[target]
    data = replace(data, columns=replace(data.columns, target=name))
    part = data.take(np.arange(learnt_from))
    known = learnt(data.symbols[target], part.values[:, target], MOST_SYMBOLS)
    _check_symbols(data, target, known.names)
    said = [f"what comes next: {name}, one of {len(known.names):,}{_left_out(part, target, known.names)}"]
    if looks_at_time(data):
        said.append("networks are told the time since the last step: times are not evenly spaced")
    return data, kind("symbols", len(known.names) + 1, asked.validation), said


def _check_symbols(data: Sequences, target: int, known: tuple[str, ...]) -> None:
    name, values = data.channels[target], data.values[:, target].astype(np.int64)
    different = np.unique(values)
    if len(different) == 1:
        only = data.symbols[target][int(different[0])]
        raise DataError(
            f"{name} of {data.name} is {only!r} at every step; expected two symbols or more: there is nothing to guess."
        )
    unknown = 1 - float(np.isin(values, _numbers(data, target, known)).mean())
    if unknown > MOST_UNKNOWN:
        raise DataError(
            f"{name} of {data.name} has {len(different):,} different symbols in {len(values):,} steps, and "
            f"{percent(unknown)} of the steps would be unknown; expected symbols that come again, such as letters, "
            "words or kinds of events. Name another column with --target."
        )


def _left_out(data: Sequences, target: int, known: tuple[str, ...]) -> str:
    """What is said of symbols that are not known."""
    values = data.values[:, target].astype(np.int64)
    rare = len(np.unique(values)) - len(known)
    if rare <= 0:
        return ""
    share = 1 - float(np.isin(values, _numbers(data, target, known)).mean())
    return f"; the {rare:,} rarest others count as one, unknown ({percent(share)} of the steps)"


def _numbers(data: Sequences, target: int, known: tuple[str, ...]) -> np.ndarray:
    names = set(known)
    return np.array([k for k, name in enumerate(data.symbols[target]) if name in names], dtype=np.int64)


def _check_asked(asked: Asked) -> None:
    if asked.horizon or asked.season or asked.short:
        raise SettingsError("horizon, season and short belong to a forecast; leave them out, or add --task forecast.")
    if asked.direction == "both" or asked.pool:
        raise SettingsError(
            "direction both and pool belong to a classification: who says what comes next cannot read it before."
        )


def joined(data: Sequences, test: Sequences) -> Sequences:
    """The sequences of both, `test` last, symbols known by their names.

    Raises:
        DataError: the channels are not of the same kind.
    """
    first = data.symbols or ((),) * data.values.shape[1]
    second = test.symbols or ((),) * test.values.shape[1]
    values, symbols = test.values.copy(), list(first)
    for k, (ours, theirs) in enumerate(zip(first, second, strict=True)):
        if bool(ours) != bool(theirs):
            raise DataError(
                f"channel {data.channels[k]!r} holds {'symbols' if ours else 'numbers'} in {data.name} and "
                f"{'symbols' if theirs else 'numbers'} in {test.name}; expected the same in both."
            )
        place = {name: n for n, name in enumerate(ours)}
        new = [name for name in theirs if name not in place]
        place |= {name: n for n, name in enumerate(new, start=len(ours))}
        symbols[k] = (*ours, *new)
        if theirs:
            values[:, k] = np.array([place[name] for name in theirs])[test.values[:, k].astype(np.int64)]
    timed = data.time is not None and test.time is not None
    return replace(
        data,
        values=np.concatenate([data.values, values]),
        offsets=np.concatenate([data.offsets, data.offsets[-1] + test.offsets[1:]]),
        ids=data.ids + test.ids,
        symbols=tuple(symbols) if any(symbols) else (),
        time=np.concatenate([data.time, test.time]) if timed else None,
        labels=None,
        classes=(),
        tags=None,
        outcomes=None,
        outcome_names=(),
        groups=None,
        came=None,
    )


def _text(data: Sequences, folds: tuple[NextFold, ...]) -> str:
    if are_cases(data):
        tested = int((folds[0].test.stop > folds[0].test.first).sum())
        if len(folds) == 1:
            return f"one part of {tested} of {len(data)} sequences"
        return f"{len(folds)} folds of about {tested} of {len(data)} sequences"
    steps = len(folds[0].test)
    if len(folds) == 1:
        return f"the last {steps:,} steps are tested"
    return f"{len(folds)} expanding windows, each tested on the {steps:,} steps that follow"
