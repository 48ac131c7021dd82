"""What every reader hands over: flat values that are not checked yet, and how to name a place in the source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.came import Came, ClassType
from selfloop.data.sequences import Floats, Ints
from selfloop.data.times import one_time_text
from selfloop.data.zones import Zone, to_wall
from selfloop.errors import DataError, nearest
from selfloop.words import count

MANY = 1000  # different symbols, from which on it is told where they are most of the rows, as remarks are


@dataclass(frozen=True, eq=False)
class Draft:
    """Sequences on their way in: laid out as in `Sequences`, but values may be missing and times wrong.

    Attributes:
        name: of the source.
        values: (steps, channels), owned by us; NaN or infinite where missing.
        offsets: (sequences + 1,).
        channels: a name for each column of `values`.
        ids: a name for each sequence.
        place: index of a step in `values` -> where it stands in the user's source, in words.
        time: (steps,) datetime64 or int64, or None.
        labels: (sequences,) texts, or None.
        outcomes: (sequences, K) numbers, NaN or infinite where missing, or None.
        outcome_names: names of their columns.
        zone: of the times.
        groups: (sequences,) texts, or None.
        tags: (steps,) index into `tag_names`, −1 for none; or None.
        tag_names: the different labels of steps.
        symbols: for each channel the names that its values are indices into, as in `Sequences`.
        time_name: the column of the times, for messages.
        notes: what the reader decided and did to the rows, for the line that tells how the data were read.
        named: whether the ids are the user's.
        class_type: what the labels were.
        came: how the user's frame holds ids and times.
    """

    name: str
    values: Floats
    offsets: Ints
    channels: tuple[str, ...]
    ids: tuple[str, ...]
    place: Callable[[int], str]
    time: NDArray[Any] | None = None
    labels: tuple[str, ...] | None = None
    zone: Zone | None = None
    groups: tuple[str, ...] | None = None
    tags: Ints | None = None
    tag_names: tuple[str, ...] = ()
    symbols: tuple[tuple[str, ...], ...] = ()
    time_name: str = "time"
    notes: tuple[str, ...] = ()
    named: bool = False
    class_type: ClassType = "text"
    came: Came | None = None
    outcomes: Floats | None = None
    outcome_names: tuple[str, ...] = ()

    def sequence_of(self, step: int) -> int:
        """The sequence that step `step` belongs to."""
        return int(np.searchsorted(self.offsets, step, side="right")) - 1

    def moment(self, step: int) -> str:
        """The time of a step as its own clock shows it, for messages."""
        assert self.time is not None, "a place in time is asked for where there are times"
        time = self.time[step : step + 1]
        if self.zone is not None and not self.zone.local:
            time = to_wall(time, self.zone.name)
        return one_time_text(time[0])

    def keep(self, mask: NDArray[np.bool_]) -> Draft:
        """The steps where `mask` (steps,) is true, of all sequences.

        Raises:
            DataError: a sequence has no step left.
        """
        counts = np.add.reduceat(mask.astype(np.int64), self.offsets[:-1])
        if (counts == 0).any():
            bare = self.ids[int(np.argmin(counts))]
            raise DataError(
                f"{self.name}: sequence {bare!r} has no step without a missing value; "
                "leave that sequence or its empty column out."
            )
        steps = np.flatnonzero(mask)
        place = self.place
        return replace(
            self,
            values=self.values[mask],
            offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            time=None if self.time is None else self.time[mask],
            tags=None if self.tags is None else self.tags[mask],
            place=lambda step: place(int(steps[step])),
        )


def channel_names(count: int) -> tuple[str, ...]:
    """Names for the channels of arrays and .ts files, which bring none."""
    return ("value",) if count == 1 else tuple(f"channel_{k}" for k in range(1, count + 1))


def label_text(value: object) -> str:
    """A label as text: 3 and 3.0 are the class "3", so that the reading does not depend on the file's type."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def sorted_classes(labels: Iterable[str]) -> tuple[str, ...]:
    """The different labels, by number where all are numbers, else by text."""
    different = set(labels)
    try:
        return tuple(sorted(different, key=lambda text: (float(text), text)))
    except ValueError:
        return tuple(sorted(different))


def said_of_symbols(names: Sequence[str], rows: int) -> str:
    """How many different symbols there are, and whether that is too many to be names of anything."""
    many = len(names) > MANY and 2 * len(names) > rows
    return count(len(names), "symbol") + (f" in {rows:,} steps: most are there once" if many else "")


def encode(labels: Iterable[str], classes: tuple[str, ...], name: str) -> Ints:
    """(sequences,) index into `classes` of each label.

    Raises:
        DataError: a label is none of the classes.
    """
    index = {text: k for k, text in enumerate(classes)}
    try:
        return np.array([index[text] for text in labels], dtype=np.int64)
    except KeyError as error:
        unknown = str(error.args[0])
        raise DataError(
            f"{name} has the class {unknown!r}; expected only those of the first data. {nearest(unknown, classes)}"
        ) from None
