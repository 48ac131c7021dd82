"""An output from outside: K values, learnt by their absolute error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from selfloop.tasks.output import Output, Wanted

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Absolute(Output):
    """The median rather than the mean."""

    name: ClassVar[str] = "absolute"
    wanted: ClassVar[Wanted] = "values"
    zero_start: ClassVar[bool] = True

    def losses(self, scores: Tensor, wanted: Tensor) -> Tensor:
        return (scores - wanted).abs().mean(dim=-1)

    def link(self, scores: Tensor) -> Tensor:
        return scores
