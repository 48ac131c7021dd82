"""What came back to a call: computed when it is first asked for, and again after another backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from torch import Tensor

from selfloop.errors import TraceError
from selfloop.kernels.record import Gradients

F = TypeVar("F")


class BackwardPass(Generic[F]):
    """A recorded call's backward pass.

    Args:
        came: what backward brought to the call's outputs.
        label: the call in words.
        find: runs it.
    """

    def __init__(self, came: Gradients, label: str, find: Callable[[], F]) -> None:
        self._came, self._label, self._find = came, label, find
        self._found: tuple[tuple[Tensor | None, ...], F] | None = None

    def get(self) -> F:
        """The same object, until another backward comes.

        Raises:
            TraceError: no backward has reached the call.
            ShapeError: the call's input was written to.
        """
        came = self._came
        if not came.came:
            raise TraceError(
                f"{self._label} has no gradients: no backward has reached it; expected loss.backward() on what came of "
                "it: call outside torch.no_grad(), and ask after backward."
            )
        began = (came.dy, came.dhn, came.dcn)
        if self._found is None or any(now is not then for now, then in zip(began, self._found[0], strict=True)):
            self._found = began, self._find()
        return self._found[1]
