"""An entry of the user's own: what a study knows of it, and how it gets to the processes that train it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from selfloop.results.study import Candidate

EntryKind = Literal["estimator", "module"]


class Packed:
    """Something of the user's, opened in another process only when it is needed there.

    What cannot be opened then fails its own entry, not the process; and lambdas and classes of a script or a notebook
    travel as well, which the standard library's pickle cannot take along.
    """

    def __init__(self, value: Any) -> None:
        self._value, self._bytes = value, b""

    def open(self) -> Any:
        """The thing itself."""
        import cloudpickle  # here: a task must load where no study runs

        if self._bytes:
            self._value, self._bytes = cloudpickle.loads(self._bytes), b""
        return self._value

    def __getstate__(self) -> bytes:
        """For another process."""
        import cloudpickle

        return self._bytes or bytes(cloudpickle.dumps(self._value))

    def __setstate__(self, state: bytes) -> None:
        """In it; not opened yet."""
        self._value, self._bytes = None, state


@dataclass(frozen=True, eq=False)
class Entry:
    """Something of the user's that takes part in a study.

    Attributes:
        name: unlike every other candidate's.
        kind: "estimator", with scikit-learn's `fit` and `predict`; or "module", a factory of torch modules.
        made: what gives a new one: an estimator to clone, a class or a factory.
        described: what makes it the same entry in a second run: its class and settings. Source is not seen.
        seeded: whether chance has a say in it that a seed can set: then it is run with every seed.
        reads: the form in which an estimator wants the data; None: the task's usual one.
        streams: whether it can answer after every new step from its state alone, as its author says.
    """

    name: str
    kind: EntryKind
    made: Packed
    described: str
    seeded: bool
    reads: str | None = None
    streams: bool = False

    @property
    def candidate(self) -> Candidate:
        """As the study lists it."""
        return Candidate(self.name, self.name, "entry", self.streams, saved=False)
