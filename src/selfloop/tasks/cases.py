"""What all tasks share that ask for one answer a sequence: parts of the cases, scaled channels, sequences read whole.

A task of this kind says what is answered, how answers are scored, and which baselines there are.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.asked import Asked, Direction, Pool, Readout
from selfloop.tasks.inside import Questions, View
from selfloop.tasks.material import Material
from selfloop.tasks.model import Applied, Arrays, Fields, Model, Predicts, Signature, Symbols, floats
from selfloop.tasks.numbers import check_numbers
from selfloop.tasks.scaler import Scaler
from selfloop.tasks.task import Experiment, Task

MANY_FOLDS, FEW_FOLDS = 10, 5
MANY_CASES = 100  # test cases a fold that ten folds must leave
LONGEST_WINDOW = 1024


@dataclass(frozen=True)
class CaseFold:
    """Learn from the cases `fit`, choose on `valid`, be scored once on `test`."""

    index: int
    fit: Ints
    valid: Ints
    test: Ints


@dataclass(frozen=True)
class CasePipeline:
    """Scaled channels in, the network's answers out as they are."""

    scaler: Scaler
    parameters: int = 0
    operations: int = 0
    symbols: tuple[Symbols, ...] = ()

    def features(self, channels: int) -> int:
        """The channels."""
        return channels

    def apply(self, data: Sequences, where: Ints) -> Applied:
        """All sequences, each channel scaled."""
        return Applied(self.scaler.scale(data.values), lambda answers: answers)

    def step(self) -> Callable[[], object] | None:
        """Nothing is added."""
        return None

    def fields(self) -> Fields:
        """None: the scaling is numbers alone."""
        return {}

    def arrays(self) -> Arrays:
        """Mean and deviation of each channel."""
        return scaler_arrays(self.scaler)


def _other_groups(data: Sequences, test: Sequences) -> tuple[str, ...]:
    """The groups of a test part, none of which may be in what is learnt from.

    Raises:
        DataError: one is.
    """
    groups = test.groups or ("",) * len(test)
    both = sorted(set(groups) & set(data.groups or ()))
    if both:
        word = data.columns.groups or "group"
        raise DataError(
            f"{word} {both[0]!r} is in {data.name} and in {test.name}; expected each {word} on one side of the split: "
            "take it out of one of them, or leave --groups out."
        )
    return groups


def scaler_arrays(scaler: Scaler) -> Arrays:
    """As a model file holds them."""
    return {"scaler.mean": scaler.mean, "scaler.deviation": scaler.deviation}


def read_scaler(arrays: Arrays, features: int) -> Scaler:
    """The inverse.

    Raises:
        KeyError, ValueError: the numbers are not there, or are of another number of features.
    """
    return Scaler(floats(arrays, "scaler.mean", features), floats(arrays, "scaler.deviation", features))


@dataclass(frozen=True)
class CaseTask(Task):
    """One answer a sequence.

    Attributes:
        direction: how a network reads ("both": also backwards).
        pool: what its answer is made of.
        validation: share of a training part that inner validation takes.
    """

    direction: Direction = "both"
    pool: Pool = "mean"
    validation: float = 0.2

    settings: ClassVar[tuple[str, ...]] = ("direction", "pool")

    @classmethod
    @abstractmethod
    def opening(cls, data: Sequences) -> CaseTask:
        """The task as it is by default for these data.

        Raises:
            SettingsError, DataError: they have no answers to learn.
        """

    @abstractmethod
    def wanted(self, data: Sequences) -> NDArray[Any]:
        """(sequences,) classes, or (sequences, K) values, as a network's scores should be."""

    @abstractmethod
    def split(self, data: Sequences, folds: int) -> list[tuple[Ints, Ints]]:
        """(train, test) cases of each fold, the same for every seed."""

    @abstractmethod
    def hold_out(self, data: Sequences, train: Ints, index: int) -> tuple[Ints, Ints]:
        """Training cases apart from those that choices are made on: (fit, valid)."""

    @abstractmethod
    def judged(self, model: Predicts, data: Sequences, cases: Ints) -> tuple[dict[str, float], Floats]:
        """Every metric of a model's answers to some cases, and the answers."""

    folds_are: ClassVar[str] = ""  # "stratified ": how the folds were made, with a space behind it

    @classmethod
    def design(cls, data: Sequences, test: Sequences | None, asked: Asked) -> Experiment:
        """Direction, pool and folds of the cases; see `Task.design`."""
        data, test = cls.answered(data), None if test is None else cls.answered(test)
        task = cls._set(data, asked)
        one = "one direction" if task.direction == "one" else "both directions"
        read = f"networks read in {one}, pool {task.pool}"
        if test is None:
            folds = task.folds(data, asked.folds or task.default_folds(data))
            text = f"{len(folds)} {cls.folds_are}folds of about {len(folds[0].test)} of {len(data)} sequences"
            if len(folds) == 1:
                text = f"one {cls.folds_are}part of {len(folds[0].test)} of {len(data)} sequences"
            if data.groups is not None:
                text += f", no {data.columns.groups or 'group'} on both sides"
        else:
            train = np.arange(len(data))
            data = task.concatenated(data, test)
            folds = (task.fold(data, 0, train, np.arange(len(train), len(data))),)
            text = f"the given split: {len(train)} sequences to learn from, {len(folds[0].test)} to test"
        ratio = float(np.mean([len(fold.test) / (len(fold.fit) + len(fold.valid)) for fold in folds]))
        return Experiment(task, data, folds, (read,), text, ratio)

    @classmethod
    def alone(cls, data: Sequences, asked: Asked) -> Experiment:
        """Direction and pool; nothing is left to test, so no class is too small for that."""
        task = cls._set(data, asked)
        return Experiment(task, data, (task.whole(data),))

    @classmethod
    def _set(cls, data: Sequences, asked: Asked) -> CaseTask:
        """The task with what was asked; refuses what belongs to a forecast, and symbols."""
        if asked.horizon or asked.season:
            raise SettingsError("horizon and season belong to a forecast; leave them out, or add --task forecast.")
        if asked.short:
            raise SettingsError("short belongs to a forecast; leave it out, or add --task forecast.")
        check_numbers(data, cls.name)
        usual = cls.opening(data)
        direction, pool = asked.direction or usual.direction, asked.pool or usual.pool
        return replace(usual, direction=direction, pool=pool, validation=asked.validation)

    def default_folds(self, data: Sequences) -> int:
        """Ten where they leave test parts of a hundred cases or more, else five."""
        return MANY_FOLDS if len(data) >= MANY_FOLDS * MANY_CASES else FEW_FOLDS

    def folds(self, data: Sequences, folds: int) -> tuple[CaseFold, ...]:
        """Parts of the cases, the same for every seed; with one fold, a fifth of the cases is tested."""
        return tuple(self.fold(data, k, *pair) for k, pair in enumerate(self.split(data, folds)))

    def fold(self, data: Sequences, index: int, train: Ints, test: Ints) -> CaseFold:
        """The fold that tests some cases and learns from others; inner validation is a part of those.

        Args:
            data: of all cases.
            index: of the fold; it decides which part validates.
            train: cases to learn from.
            test: cases to test.
        """
        fit, valid = self.hold_out(data, train, index)
        return CaseFold(index, np.sort(fit), np.sort(valid), np.asarray(test))

    def whole(self, data: Sequences) -> CaseFold:
        """The fold that learns from all there is: nothing is left to test."""
        return self.fold(data, 0, np.arange(len(data)), np.zeros(0, dtype=np.int64))

    def concatenated(self, data: Sequences, test: Sequences) -> Sequences:
        """The sequences of both, `test` last."""
        return replace(
            data,
            values=np.concatenate([data.values, test.values]),
            offsets=np.concatenate([data.offsets, data.offsets[-1] + test.offsets[1:]]),
            ids=data.ids + test.ids,
            labels=None if data.labels is None or test.labels is None else np.concatenate([data.labels, test.labels]),
            outcomes=None
            if data.outcomes is None or test.outcomes is None
            else np.concatenate([data.outcomes, test.outcomes]),
            time=None,
            every=None,
            groups=None if data.groups is None else data.groups + _other_groups(data, test),
            came=None,
        )

    @property
    def readout(self) -> Readout:
        """As it was asked."""
        return self.pool

    def material(self, data: Sequences, fold: CaseFold, variant: str) -> Material:
        """Channels scaled by the training cases."""
        scaler = Scaler.fit(data.take(fold.fit).values)
        return Material(
            CasePipeline(scaler),
            scaler.scale(data.values),
            data.offsets,
            self.wanted(data),
            fold.fit,
            fold.valid,
            None,
            int(data.lengths[fold.fit].max()),
        )

    def final_material(self, data: Sequences, variant: str) -> Material:
        """All cases."""
        everything = np.arange(len(data))
        return self.material(data, CaseFold(0, everything, everything, everything[:0]), variant)

    def training_part(self, data: Sequences, fold: CaseFold) -> Sequences:
        """The cases that are fitted."""
        return data.take(fold.fit)

    def features(self, data: Sequences, variant: str) -> int:
        """The channels."""
        return len(data.channels)

    def windows(self, data: Sequences, fold: CaseFold) -> tuple[int, ...]:
        """All of the longest training sequence, half and a quarter of it."""
        longest = min(int(data.lengths[fold.fit].max()), LONGEST_WINDOW)
        return tuple(dict.fromkeys(max(longest // part, 1) for part in (1, 2, 4)))

    def test(self, model: Predicts, data: Sequences, fold: CaseFold) -> tuple[dict[str, float], Arrays]:
        """Every metric of the test cases, and the answers."""
        scores, found = self.judged(model, data, fold.test)
        return scores, {"test": found.astype(np.float32)}

    def measure(self, model: Model, data: Sequences, last: int | None) -> dict[str, float]:
        """Of all sequences."""
        if last is not None:
            raise SettingsError("last counts steps of a forecast; expected none for whole sequences: leave --last out.")
        return self.judged(model, data, np.arange(len(data)))[0]

    def phrase(self, data: Sequences) -> str:
        """Cases of one kind."""
        return "on these data"

    def pipeline(self, fields: Fields, arrays: Arrays, signature: Signature) -> CasePipeline:
        """The scaling."""
        return CasePipeline(read_scaler(arrays, len(signature.channels)))

    def view(self, model: Any, one: Sequences, signature: Signature) -> View:
        """One sequence, scaled; classes are the answers."""
        inputs = model.pipeline.scaler.scale(one.values)
        truth = None if one.labels is None else int(one.labels[0])
        return View(inputs, signature.channels, signature.classes, truth=truth)

    def questions(self, model: Any, data: Sequences, most: int, seed: int) -> Questions:
        """Sequences read to their ends; without the true answers, against the model's own."""
        drawn = np.sort(np.random.default_rng(seed).permutation(len(data))[:most])
        some = data.take(drawn)
        inputs, firsts, stops = model.pipeline.scaler.scale(some.values), some.offsets[:-1], some.offsets[1:]
        wanted, truth, of, baseline = self.asked_of(model, some)
        return Questions(inputs, firsts, stops, wanted, truth, of, "sequence", baseline)

    @abstractmethod
    def asked_of(self, model: Any, some: Sequences) -> tuple[NDArray[Any], NDArray[Any] | None, str, str]:
        """What is wanted of some sequences, the truth if it is known, the loss in words, and the baseline."""
