"""What a trained candidate is to everybody who did not train it, and what a baseline must know how to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Sequences
from selfloop.results.study import Candidate, Setting

if TYPE_CHECKING:
    from selfloop.tasks.task import Task

Arrays = dict[str, NDArray[Any]]
Fields = dict[str, Any]
"""What a part of a model says of itself in the JSON of a model file."""
Size = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
"""A count in a model file: one or more, and not beyond reason."""
T = TypeVar("T")


@dataclass(frozen=True)
class Signature:
    """The data that a model reads.

    Attributes:
        channels: names of the columns.
        target: which of them is forecast.
        classes: names of the classes, empty for none.
        outcomes: names of the numbers that belong to each sequence, empty for none.
        every: the step between two times, None where it is not known.
    """

    channels: tuple[str, ...]
    target: int = 0
    classes: tuple[str, ...] = ()
    every: str | None = None
    outcomes: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Sequences) -> Signature:
        """As these data have it."""
        return cls(data.channels, data.target, data.classes, data.every, data.outcome_names)


class Predicts(Protocol):
    """Whatever can be scored."""

    def predict(self, data: Sequences, where: Any) -> Floats:
        """The task's answers at `where`: its cases, or its forecast origins."""
        ...


class Measured(Predicts, Protocol):
    """A trained candidate as a study sees it: what it answers, and what it costs where that is known."""

    @property
    def parameters(self) -> int | None:
        """Weights and biases; None: not known."""
        ...

    @property
    def operations(self) -> int | None:
        """Multiply-adds for one new step: the cost measure, the same on every machine. None: not known."""
        ...

    def step(self) -> Callable[[], object] | None:
        """The arithmetic of one new step, on zeros: what is timed. None where there is none."""
        ...


class Model(Measured, Protocol):
    """A trained candidate that a file can hold."""

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        ...

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        ...

    def fields(self) -> Fields:
        """What a model file says of it, JSON as it stands."""
        ...

    def arrays(self) -> Arrays:
        """Its numbers, by name, as a model file holds them."""
        ...


@dataclass(frozen=True, eq=False)
class Applied:
    """A pipeline on data.

    Attributes:
        inputs: (steps, I) what the network is fed, all sequences one after the other.
        answers: from the network's linked scores, (places, K), to the task's answers there.
    """

    inputs: Floats
    answers: Callable[[Floats], Floats]


@dataclass(frozen=True)
class Symbols:
    """Columns of a network's inputs that hold rows of one table of vectors, which the network learns.

    Row 0 means that nothing is there, and is a vector of zeros; row 1 is any symbol that training did not know; the
    known ones follow. The vectors of several columns are added up: those of a word's parts.

    Attributes:
        first: the first of the columns.
        stop: the one behind the last.
        rows: of the table.
        width: numbers in a vector.
    """

    first: int
    stop: int
    rows: int
    width: int


def numbers_of(columns: int, symbols: tuple[Symbols, ...]) -> list[int]:
    """Which of a network's input columns hold numbers."""
    return [k for k in range(columns) if not any(each.first <= k < each.stop for each in symbols)]


def fed(columns: int, symbols: tuple[Symbols, ...]) -> int:
    """Numbers that an encoder is fed at each step: the columns of numbers, and a vector for each table."""
    return len(numbers_of(columns, symbols)) + sum(each.width for each in symbols)


class Pipeline(Protocol):
    """What stands around a network: from data to what it is fed, from its scores to answers."""

    @property
    def symbols(self) -> tuple[Symbols, ...]:
        """The inputs that are looked up in a table, in the order of their columns; empty: all are numbers."""
        ...

    @property
    def parameters(self) -> int:
        """Of what is added to the network's scores."""
        ...

    @property
    def operations(self) -> int:
        """Multiply-adds of the same, for one new step."""
        ...

    def features(self, channels: int) -> int:
        """Columns of what the network is fed, made of so many channels."""
        ...

    def apply(self, data: Sequences, where: Any) -> Applied:
        """On data, to answer at `where`. Sequences that it has not met are measured up to there."""
        ...

    def step(self) -> Callable[[], object] | None:
        """The arithmetic that it adds to one new step, on zeros: what is timed. None for none."""
        ...

    def fields(self) -> Fields:
        """What a model file says of it."""
        ...

    def arrays(self) -> Arrays:
        """Its numbers, as a model file holds them."""
        ...


@dataclass(frozen=True)
class Baseline:
    """A row of a task's table: something that has to be beaten.

    Attributes:
        name: as in results.csv.
        label: as people write it.
        naive: whether it is what nobody should do worse than.
    """

    name: str
    label: str
    naive: bool = False

    trained: ClassVar[bool] = True  # by the training loop, as the networks are, with seeds; else in closed form
    streams: ClassVar[bool] = True  # whether it can answer after every new step, from its state alone

    @property
    def candidate(self) -> Candidate:
        """As the study lists it."""
        return Candidate(self.name, self.label, "baseline", self.streams)

    def applies(self, task: Task) -> bool:
        """Whether it makes sense for this task as it is set."""
        return True

    def looks_ahead(self, task: Task) -> bool:
        """Whether it answers at a step from later ones, too, and so does not stream."""
        return False


@dataclass(frozen=True)
class WindowNetwork(Baseline):
    """The traditional network without a self loop, trained as the recurrent ones are; it sees a window.

    It ends at the step that is answered; where recurrent networks read each step in both directions, it lies around it.
    """

    def looks_ahead(self, task: Task) -> bool:
        """Where its window lies around a step."""
        return task.readout == "step" and task.direction == "both"


@dataclass(frozen=True)
class ClosedForm(Baseline, ABC):
    """A baseline without a training loop."""

    trained: ClassVar[bool] = False

    @abstractmethod
    def fit(self, task: Any, data: Sequences, fold: Any) -> Model:
        """Learn on the fold's training part; choose on its validation part. The test part is not looked at."""

    @abstractmethod
    def refit(self, task: Any, data: Sequences) -> Model:
        """As validation at the end of the data chooses it, learnt from all of them."""

    def again(self, task: Any, data: Sequences, chosen: Any) -> Model:
        """The settings of a model, learnt from all of `data`: what one fit takes, apart from the search for them."""
        return self.refit(task, data)

    @abstractmethod
    def read(self, task: Any, fields: Fields, arrays: Arrays, signature: Signature) -> Model:
        """From a model file.

        Args:
            task: that it answers.
            fields: its description.
            arrays: its numbers, by name.
            signature: of the data that it learnt from.

        Raises:
            ValueError, KeyError: the numbers do not fit the description.
        """

    def settings(self, model: Any) -> dict[str, Setting]:
        """What validation chose, as recorded with a trial."""
        return {}


FEED_FORWARD = WindowNetwork("feed_forward", "feed-forward network")


def floats(arrays: Mapping[str, NDArray[Any]], name: str, *shape: int) -> Floats:
    """An array that must be there, in float64, of that shape, finite.

    Raises:
        KeyError, ValueError: it is not.
    """
    array = arrays[name]
    if array.shape != shape or array.dtype != np.float64 or not np.isfinite(array).all():
        raise ValueError(f"{name} is {array.dtype} {array.shape}; expected finite float64 {shape}")
    return array


def read_fields(fields: Fields, kind: type[T]) -> T:
    """What a part of a model's description says, with the types that it must have.

    Raises:
        ValueError: it has others.
    """
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
