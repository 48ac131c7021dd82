"""`Sequences`: the one type for a user's sequences, whatever they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from selfloop.data.came import Came, ClassType
from selfloop.data.zones import Zone
from selfloop.words import listed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Unit = Literal["character", "word"]
"""What one symbol of a text is."""


@dataclass(frozen=True)
class Columns:
    """Which column of a table plays which part; None where no column does."""

    id: str | None = None
    time: str | None = None
    target: str | None = None
    label: str | None = None  # with the class of each sequence
    inputs: tuple[str, ...] = ()  # past covariates of a forecast; the channels of a classification
    time_format: str | None = None  # of the time's text, as strptime reads it; None: ISO, or no text
    timezone: str | None = None  # where times without a zone are at home, and where all times are shown
    groups: str | None = None  # cases of one group, such as a person, stay on one side of every split
    label_of: Literal["sequence", "step"] = "sequence"  # what has a label of its own
    symbols: tuple[str, ...] = ()  # the channels that hold symbols, not numbers
    unit: Unit | None = None  # what one symbol of a text is; None for what is no text
    outcomes: tuple[str, ...] = ()  # with the numbers of each sequence; the label among them if it is one


@dataclass(frozen=True, eq=False)
class Sequences:
    """Sequences of unequal length, held flat: sequence k is `values[offsets[k]:offsets[k + 1]]`.

    Attributes:
        name: of the file or the built-in set.
        values: (steps over all sequences, channels), finite.
        offsets: (sequences + 1,), increasing, from 0 to the number of steps.
        channels: names of the columns of `values`.
        ids: a name for each sequence.
        labels: (sequences,) index into `classes`, or None where there is nothing to classify.
        classes: names of the classes, sorted; empty without labels and tags. In data read like others, the classes of
            tags that are new follow.
        tags: (steps,) index into `classes` of each step's own label, −1 where it has none; or None. Data have labels
            or tags, never both.
        outcomes: (sequences, K) numbers, finite, that belong to each sequence as a whole, or None.
        outcome_names: names of their columns.
        symbols: for each channel, the names of its symbols, which its values are indices into; an empty tuple for a
            channel of numbers. Empty altogether where every channel holds numbers. Sorted as they were first read; in
            data read like others (`load_like`) those that are new follow the known ones, and a name, not an index,
            says which symbol is meant.
        time: (steps,) datetime64 or int64, increasing within a sequence, or None: steps are counted from 0.
        every: the step between two times as Polars writes it ("1mo", "1h", "1i"), or None.
        columns: which column of the user's table became what, to read another table the same way.
        reading: how the columns were understood, one line for the user.
        zone: where the times are at home; None where nothing says so.
        groups: (sequences,) the group of each, or None.
        named: whether the user gave the ids; made-up ones (a place in a list, the target's name) tell sequences apart
            within these data and say nothing about any other.
        class_type: what the labels were before they became texts.
        came: how the user's frame holds ids and times; None for what is no table.
    """

    name: str
    values: Floats
    offsets: Ints
    channels: tuple[str, ...]
    ids: tuple[str, ...]
    labels: Ints | None = None
    classes: tuple[str, ...] = ()
    tags: Ints | None = None
    outcomes: Floats | None = None
    outcome_names: tuple[str, ...] = ()
    symbols: tuple[tuple[str, ...], ...] = ()
    time: NDArray[Any] | None = None
    every: str | None = None
    columns: Columns = Columns()
    reading: str = ""
    zone: Zone | None = None
    groups: tuple[str, ...] | None = None
    named: bool = True
    class_type: ClassType = "text"
    came: Came | None = None

    def __repr__(self) -> str:
        """What they are, in one line."""
        shortest, longest = (int(self.lengths.min()), int(self.lengths.max())) if len(self) else (0, 0)
        steps = f"{shortest:,}" if shortest == longest else f"{shortest:,} to {longest:,}"
        channels = ", ".join(self.channels[:6]) + (", ..." if len(self.channels) > 6 else "")
        counts = [f"{len(names):,}" for names in self.symbols if names]
        symbols = f", {listed(counts)} symbol{'' if counts == ['1'] else 's'}" if counts else ""
        answers = "classes" if self.tags is None else "tags"
        classes = f", {len(self.classes)} {answers}" if self.classes else ""
        return f"Sequences({self.name}: {len(self):,} of {steps} steps, channels {channels}{symbols}{classes})"

    def __len__(self) -> int:
        """Number of sequences."""
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """(sequences,) steps of each."""
        return np.diff(self.offsets)

    def __getitem__(self, k: int) -> Floats:
        """(steps, channels) of sequence `k`, a view."""
        return self.values[self.offsets[k] : self.offsets[k + 1]]

    def __iter__(self) -> Iterator[Floats]:
        """The sequences' values, one after the other."""
        return (self[k] for k in range(len(self)))

    def take(self, which: Sequence[int] | Ints) -> Sequences:
        """The sequences `which`, in that order, copied."""
        rows = [np.arange(self.offsets[k], self.offsets[k + 1]) for k in which]
        flat = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
        lengths = self.lengths[np.asarray(which, dtype=np.int64)]
        return replace(
            self,
            values=self.values[flat],
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            ids=tuple(self.ids[k] for k in which),
            labels=None if self.labels is None else self.labels[np.asarray(which, dtype=np.int64)],
            tags=None if self.tags is None else self.tags[flat],
            outcomes=None if self.outcomes is None else self.outcomes[np.asarray(which, dtype=np.int64)],
            time=None if self.time is None else self.time[flat],
            groups=None if self.groups is None else tuple(self.groups[k] for k in which),
            came=None if self.came is None else self.came.take(which),
        )

    def until(self, stops: Ints) -> Sequences:
        """The first `stops`, (sequences,), steps of each, copied: what comes later is out of reach, not just unused."""
        pairs = zip(self.offsets, stops, strict=False)
        rows = np.concatenate([np.arange(start, start + stop) for start, stop in pairs])
        return replace(
            self,
            values=self.values[rows],
            offsets=np.concatenate([[0], np.cumsum(stops)]).astype(np.int64),
            tags=None if self.tags is None else self.tags[rows],
            time=None if self.time is None else self.time[rows],
        )

    def strangers(self) -> Sequences:
        """The same to a model that learnt from other data: made-up ids are none that it could know."""
        return self if self.named else replace(self, ids=tuple(f"\0{k}" for k in range(len(self))))

    @property
    def target(self) -> int:
        """The channel that is to be forecast: the column that was named or found; of plain arrays the first one."""
        named = self.columns.target
        return 0 if named is None else self.channels.index(named)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over values, offsets, names, answers, symbols, times, zone and groups: equal for equal data."""
        digest = hashlib.sha256()
        digest.update(np.ascontiguousarray(self.values).tobytes())
        digest.update(self.offsets.astype(np.int64).tobytes())
        digest.update("\0".join((*self.channels, "", *self.classes, "", *self.ids, "", str(self.every))).encode())
        if self.time is not None:
            digest.update(np.ascontiguousarray(self.time).tobytes())
        if self.labels is not None:
            digest.update(self.labels.astype(np.int64).tobytes())
        if self.tags is not None:
            digest.update(b"tags" + self.tags.astype(np.int64).tobytes())
        if self.outcomes is not None:
            digest.update("\0".join(self.outcome_names).encode() + np.ascontiguousarray(self.outcomes).tobytes())
        if self.symbols:
            digest.update(repr(self.symbols).encode())
        if self.zone is not None:
            digest.update(repr(self.zone).encode())
        if self.groups is not None:
            digest.update("\0".join(self.groups).encode())
        return digest.hexdigest()
