"""What can be looked into: the losses of a trained network on data, and one sequence as it reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints


@dataclass(frozen=True, eq=False)
class Questions:
    """What a trained network is asked on data, and from which step to which it reads for it.

    Attributes:
        inputs: (steps, I) as fed.
        firsts: (n,) the flat step at which the sequence of each begins.
        stops: (n,) the flat step before which each is asked.
        wanted: (n,) classes or (n, K) values, as the network's scores should be.
        truth: what was asked for, the same for models that can be compared; None where nobody knows it.
        of: what the loss is, in words.
        each: what one is, in words: "sequence", "forecast".
        baseline: what answers without the network, in words.
        at: (n,) the flat step whose answer each is about; None: the last one that is read.
    """

    inputs: Floats
    firsts: Ints
    stops: Ints
    wanted: NDArray[Any]
    truth: NDArray[Any] | None
    of: str
    each: str
    baseline: str
    at: Ints | None = None


class Frame(Protocol):
    """How a network's scores at steps of one sequence become values in the user's units.

    All arrays are (T', K), of steps first to stop − 1.
    """

    @property
    def scale(self) -> tuple[float, ...]:
        """K factors of the scores."""
        ...

    @property
    def transform(self) -> Literal["identity", "exp"]:
        """Undoes a logarithm, or nothing, after `offset` was added to the scaled scores."""
        ...

    @property
    def stands_on(self) -> str:
        """What `offset` is, in words that follow "on": "the last value"."""
        ...

    def offset(self, first: int, stop: int) -> Floats:
        """What is added to the scaled scores without the network."""
        ...

    def answers(self, scores: Floats, first: int, stop: int) -> Floats:
        """Values from scores, as the model makes them."""
        ...

    def truth(self, first: int, stop: int) -> Floats:
        """The values that came; NaN where they are not known."""
        ...

    def wanted(self, first: int, stop: int) -> Floats:
        """The scores that would be right; NaN where they are not known."""
        ...


@dataclass(frozen=True, eq=False)
class View:
    """One sequence as one network reads it.

    Attributes:
        inputs: (T, I) as fed.
        input_names: I names.
        labels: K names of what is answered: classes, or values.
        frame: of values; None for classes.
        truth: the number of the true class; None for values, and where nobody knows it.
        truths: (T,) the same where each step has its own; −1 where nobody knows it.
        loss_of: of values: what the loss is of, "the scaled forecast".
        first_of: names the first of the values: "the scaled forecast one step ahead".
        asked: what an answer is of: the sequence as if it "end"ed there, the "step", or what comes "after" it.
    """

    inputs: Floats
    input_names: tuple[str, ...]
    labels: tuple[str, ...]
    frame: Frame | None = None
    truth: int | None = None
    truths: Ints | None = None
    loss_of: str = ""
    first_of: str = ""
    asked: Literal["end", "step", "after"] = "end"
