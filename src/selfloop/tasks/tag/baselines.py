"""The tagging baselines that only count: the most frequent label, and that of each symbol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import DataError
from selfloop.tasks.model import Arrays, Baseline, ClosedForm, Fields, Signature, floats
from selfloop.tasks.places import Block
from selfloop.tasks.tag.folds import TagFold, whole
from selfloop.tasks.tag.labels import tags_of
from selfloop.tasks.tag.material import until
from selfloop.tasks.vocabulary import Vocabulary, read_vocabularies, vocabulary_fields

if TYPE_CHECKING:
    from selfloop.tasks.tag.task import Tag


@dataclass(frozen=True)
class Shares:
    """Says at every step how common each label was in training."""

    shares: Floats  # (classes,)
    parameters: int = 0
    operations: int = 0

    @classmethod
    def fit(cls, data: Sequences, steps: Ints) -> Shares:
        """Count the labels of flat steps."""
        return cls(_shares(tags_of(data)[steps], len(data.classes)))

    def predict(self, data: Sequences, where: Block) -> Floats:
        """(places, classes) probabilities."""
        return np.tile(self.shares, (len(where), 1))

    def step(self) -> Callable[[], object] | None:
        """Nothing is computed."""
        return None

    def fields(self) -> Fields:
        """None."""
        return {}

    def arrays(self) -> Arrays:
        """The shares."""
        return {"shares": self.shares}


@dataclass(frozen=True)
class SharesOfSymbols:
    """Says at every step how common each label of its symbol was in training.

    An unknown symbol is like those that were seen once.
    """

    vocabulary: Vocabulary  # of the first channel of symbols
    channels: int
    channel: int
    shares: Floats  # (rows, classes)
    operations: int = 0

    @classmethod
    def fit(cls, data: Sequences, steps: Ints) -> SharesOfSymbols:
        """Count the labels of each symbol, at flat steps."""
        tags, channel = tags_of(data), channel_of(data)
        steps = steps[tags[steps] >= 0]
        counts = np.zeros((len(data.symbols[channel]), len(data.classes)))
        np.add.at(counts, (data.values[steps, channel].astype(np.int64), tags[steps]), 1)
        seen = counts.sum(1)
        known, once = counts[seen > 0], counts[seen == 1].sum(0)
        rest = once if once.any() else counts.sum(0)
        shares = np.vstack([counts.sum(0), rest, known])
        names = tuple(data.symbols[channel][k] for k in np.flatnonzero(seen).tolist())
        return cls(Vocabulary(names), data.values.shape[1], channel, shares / shares.sum(1, keepdims=True))

    @property
    def parameters(self) -> int:
        """The shares of the labels of each symbol."""
        return self.shares.size

    def predict(self, data: Sequences, where: Block) -> Floats:
        """(places, classes) probabilities.

        Raises:
            DataError: the channel holds numbers.
        """
        if not data.symbols or not data.symbols[self.channel]:
            raise DataError(
                f"channel {data.channels[self.channel]!r} of {data.name} holds numbers; this model learnt from symbols "
                "there."
            )
        rows = self.vocabulary.look(data.symbols[self.channel], data.values[where.flat(data), self.channel])
        return np.asarray(self.shares[rows])

    def step(self) -> Callable[[], object] | None:
        """To look a row up is no arithmetic."""
        return None

    def fields(self) -> Fields:
        """The symbols."""
        return vocabulary_fields([self.vocabulary if k == self.channel else None for k in range(self.channels)])

    def arrays(self) -> Arrays:
        """The shares."""
        return {"shares": self.shares}


def channel_of(data: Sequences) -> int:
    """The first channel of symbols."""
    return next(k for k, names in enumerate(data.symbols) if names)


def _shares(tags: Ints, classes: int) -> Floats:
    counts = np.bincount(tags[tags >= 0], minlength=classes)
    return np.asarray(counts / counts.sum())


@dataclass(frozen=True)
class MostFrequent(ClosedForm):
    """Every step is like the training steps."""

    def fit(self, task: Tag, data: Sequences, fold: TagFold) -> Shares:
        """Count the training steps."""
        return Shares.fit(data, until(fold.fit).flat(data))

    def refit(self, task: Tag, data: Sequences) -> Shares:
        """Count all."""
        return Shares.fit(data, np.arange(len(data.values)))

    def read(self, task: Tag, fields: Fields, arrays: Arrays, signature: Signature) -> Shares:
        """The shares."""
        return Shares(floats(arrays, "shares", len(signature.classes)))


@dataclass(frozen=True)
class MostFrequentOfSymbol(ClosedForm):
    """Every step is like the training steps of its symbol."""

    def applies(self, task: Tag) -> bool:  # type: ignore[override]
        """Where there are symbols."""
        return task.symbolic

    def fit(self, task: Tag, data: Sequences, fold: TagFold) -> SharesOfSymbols:
        """Count the training steps."""
        return SharesOfSymbols.fit(data, until(fold.fit).flat(data))

    def refit(self, task: Tag, data: Sequences) -> SharesOfSymbols:
        """Count all."""
        return SharesOfSymbols.fit(data, whole(data, np.arange(len(data))).flat(data))

    def read(self, task: Tag, fields: Fields, arrays: Arrays, signature: Signature) -> SharesOfSymbols:
        """Symbols and shares."""
        held = read_vocabularies(fields, len(signature.channels))
        channel = next((k for k, known in enumerate(held) if known is not None), None)
        known = None if channel is None else held[channel]
        if channel is None or known is None:
            raise ValueError("no channel has symbols")
        shares = floats(arrays, "shares", known.rows, len(signature.classes))
        return SharesOfSymbols(known, len(held), channel, shares)


MOST_FREQUENT: Baseline = MostFrequent("most_frequent", "most frequent label", naive=True)
OF_SYMBOL: Baseline = MostFrequentOfSymbol("of_symbol", "most frequent label of the symbol")
