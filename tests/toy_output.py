"""An output from outside: K values, learnt by their absolute error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from selfloop.tasks.output import ValueOutput

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Absolute(ValueOutput):
    """The median rather than the mean."""

    name: ClassVar[str] = "absolute"

    def errors(self, scores: Tensor, wanted: Tensor) -> Tensor:
        return (scores - wanted).abs()
