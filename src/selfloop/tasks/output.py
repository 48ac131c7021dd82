"""What a network's scores mean: the loss that it learns them from, and the link that makes answers of them.

Written with the methods of tensors alone, so that a task can say what its output is where torch is not installed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from torch import Tensor

Wanted = Literal["values", "class"]


@dataclass(frozen=True)
class Output(ABC):
    """K scores for each answer.

    Attributes:
        size: K.
        name: as pages and files know it.
        wanted: what one answer is compared with: K values, or the number of a class.
        zero_start: whether the untrained network should answer zero: where that means "no change".
    """

    size: int

    name: ClassVar[str]
    wanted: ClassVar[Wanted]
    zero_start: ClassVar[bool] = False

    @abstractmethod
    def losses(
        self,
        scores: Tensor,  # (N, K)
        wanted: Tensor,  # (N, K) values, or (N,) classes
    ) -> Tensor:
        """(N,) the loss of each answer."""

    @abstractmethod
    def link(
        self,
        scores: Tensor,  # (..., K)
    ) -> Tensor:
        """(..., K) what is said: values, or a probability for each class."""

    def loss(self, scores: Tensor, wanted: Tensor) -> Tensor:
        """Scalar mean of `losses`."""
        return self.losses(scores, wanted).mean()

    def known_loss(
        self,
        scores: Tensor,  # (T, B, K)
        wanted: Tensor,  # (T, B, K) values or (T, B) classes, zero where it is not known
        known: Tensor,  # as `wanted`: one or zero
        count: Tensor,  # scalar: how many are known
    ) -> Tensor:
        """Scalar loss over what is known of answers that are asked for at every step.

        Args:
            scores: of the network.
            wanted: the true answers.
            known: which of them there are.
            count: how many that is.
        """
        return (self.losses(scores.flatten(0, 1), wanted.flatten(0, 1)) * known.flatten(0, 1)).sum() / count


@dataclass(frozen=True)
class ValueOutput(Output):
    """K numbers, each with an error of its own; what they are scaled by is the task's."""

    wanted: ClassVar[Wanted] = "values"
    zero_start: ClassVar[bool] = True

    @abstractmethod
    def errors(
        self,
        scores: Tensor,  # (..., K)
        wanted: Tensor,  # (..., K)
    ) -> Tensor:
        """(..., K) what each number costs."""

    def losses(self, scores: Tensor, wanted: Tensor) -> Tensor:
        """(N,) mean error of each answer."""
        return self.errors(scores, wanted).mean(dim=-1)

    def loss(self, scores: Tensor, wanted: Tensor) -> Tensor:
        """Scalar mean error."""
        return self.errors(scores, wanted).mean()

    def known_loss(self, scores: Tensor, wanted: Tensor, known: Tensor, count: Tensor) -> Tensor:
        """Scalar mean error over what is known: an answer may be known in part."""
        return (self.errors(scores, wanted) * known).sum() / count

    def link(self, scores: Tensor) -> Tensor:
        """The scores themselves."""
        return scores


@dataclass(frozen=True)
class Values(ValueOutput):
    """K numbers, learnt by squared error."""

    name: ClassVar[str] = "values"

    def errors(self, scores: Tensor, wanted: Tensor) -> Tensor:
        """(..., K) squared errors."""
        error = scores - wanted
        return error * error


@dataclass(frozen=True)
class Classes(Output):
    """A probability for each of K classes, learnt by cross-entropy."""

    name: ClassVar[str] = "classes"
    wanted: ClassVar[Wanted] = "class"

    def losses(self, scores: Tensor, wanted: Tensor) -> Tensor:
        """(N,) cross-entropy of each answer."""
        return -scores.log_softmax(-1).gather(-1, wanted[:, None])[:, 0]

    def link(self, scores: Tensor) -> Tensor:
        """Probabilities."""
        return scores.softmax(-1)


@dataclass(frozen=True)
class OnOff(Output):
    """A probability that each of K channels is on, learnt by cross-entropy summed over them."""

    name: ClassVar[str] = "on_off"
    wanted: ClassVar[Wanted] = "values"

    def losses(self, scores: Tensor, wanted: Tensor) -> Tensor:
        """(N,) negative log-likelihood of each answer's channels together."""
        return self._errors(scores, wanted).sum(-1)

    def known_loss(self, scores: Tensor, wanted: Tensor, known: Tensor, count: Tensor) -> Tensor:
        """Scalar: summed over channels, mean over answers; of one that is known in part, as if all were like that."""
        return (self._errors(scores, wanted) * known).sum() / count * self.size

    def link(self, scores: Tensor) -> Tensor:
        """Probabilities."""
        return scores.sigmoid()

    def _errors(self, scores: Tensor, wanted: Tensor) -> Tensor:
        """(..., K) cross-entropies: −log σ(s) where the channel is on, −log σ(−s) where it is off, without overflow."""
        return scores.clamp(min=0) - scores * wanted + (-scores.abs()).exp().log1p()
