"""From labels of steps and what the user asked to an experiment: direction, folds, and what was inferred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from selfloop.data.sequences import Sequences
from selfloop.errors import SettingsError
from selfloop.tasks.asked import Asked
from selfloop.tasks.places import LONGEST
from selfloop.tasks.tag import folds
from selfloop.tasks.tag.folds import TagFold
from selfloop.tasks.tag.labels import joined, learnable
from selfloop.tasks.task import Experiment
from selfloop.words import count, percent

if TYPE_CHECKING:
    from selfloop.tasks.tag.task import Tag


def design(kind: type[Tag], data: Sequences, test: Sequences | None, asked: Asked) -> Experiment:
    """The experiment.

    Args:
        kind: the task's class.
        data: to learn from; without `test`, to test on as well.
        test: the user's own test part: other sequences.
        asked: what the user said.

    Raises:
        SettingsError: tagging cannot be asked so, or there is too little of the data.
        DataError: they have no labels of steps.
    """
    for what in ("horizon", "season", "short"):
        if getattr(asked, what):
            raise SettingsError(f"{what} belongs to a forecast; leave it out, or add --task forecast.")
    if asked.pool:
        raise SettingsError("pool belongs to a classification of whole sequences: a label of a step is its own.")
    tags, found = learnable(data), tuple[TagFold, ...]()
    few = len(data) < folds.FEW and data.groups is None
    task = kind(asked.direction or "both", few, any(data.symbols), asked.validation)
    said = [_read(task)]
    if (tags < 0).any():
        said.append(f"labels: {percent(float((tags >= 0).mean()))} of the steps have one; the others are not scored")
    if test is not None:
        learnt = np.arange(len(data))
        data, strange = joined(data, test)
        said += strange
        found = (folds.split(data, 0, learnt, np.arange(len(learnt), len(data)), task.validation),)
        text = f"the given split: {count(len(learnt), 'sequence')} to learn from, {len(test)} to test"
    else:
        found, text = _folds(task, data, asked.folds or folds.default_folds(data, few))
    folds.check_known(data, data.tags if data.tags is not None else tags, found)
    if task.truncation is None and int(data.lengths.max()) > LONGEST:
        said.append(_cut(task))
    ratio = float(np.mean([len(fold.test) / (int(fold.fit.sum()) + len(fold.valid)) for fold in found]))
    return Experiment(task, data, found, tuple(said), text, ratio, task.measures(data))


def _folds(task: Tag, data: Sequences, wanted: int) -> tuple[tuple[TagFold, ...], str]:
    """The folds, and what they are in words."""
    if task.folds_in_time:
        found = folds.later_parts(data, wanted, task.validation)
        each = f"each tested on {len(found[0].test):,} steps"
        return found, f"{count(len(found), 'expanding window')}, {each}"
    found = folds.other_sequences(data, wanted, task.validation)
    tested = int((found[0].test.stop > 0).sum())
    text = f"{len(found)} folds of about {tested} of {len(data)} sequences"
    if len(found) == 1:
        text = f"one part of {tested} of {len(data)} sequences"
    return found, text if data.groups is None else f"{text}, no {data.columns.groups or 'group'} on both sides"


def _read(task: Tag) -> str:
    if task.direction == "one":
        return "networks read in one direction: a label is said as its step comes"
    return "networks read in both directions; --direction one says a label as its step comes"


def _cut(task: Tag) -> str:
    """Long sequences are not held in memory as a whole."""
    where = "to learn from" if task.direction == "one" else "to learn from and to be tagged"
    return f"sequences of more than {LONGEST} steps are cut into alike pieces of that many or fewer, {where}"
