"""`selfloop.nn.GRU`: torch's, and the variant that resets before the recurrent product."""

from __future__ import annotations

from typing import Any

import torch

from selfloop.errors import SettingsError
from selfloop.kinds import NATIVE
from selfloop.kinds.gru import GRU_RESET_BEFORE
from selfloop.nn.base import MODES, Recurrent

CHO = NATIVE.index(GRU_RESET_BEFORE)


class GRU(Recurrent, torch.nn.GRU):
    """The gated recurrent unit: `torch.nn.GRU`, with `lengths=` in calls and two more settings.

    With `reset_after=True`, the default, it is torch's function. With `reset_after=False` the reset gate acts on h₋₁
    before the recurrent product, n = tanh(W x + b + U (r ⊙ h₋₁) + b'), as in Cho et al. 2014; inputs, shapes, dropout
    and errors stay torch's.

    Both variants have the same `state_dict`, which does not say which one it was trained with: set `reset_after` as it
    was in training.

    Args:
        *args: as for `torch.nn.GRU`.
        reset_after: keyword only; where the reset gate acts.
        recompute: keyword only; keep no gates, and compute them again on the way back: the same gradients to the bit in
            less memory, for about a third more time.
        **kwargs: as for `torch.nn.GRU`.

    Raises:
        SettingsError: `reset_after` or `recompute` is neither True nor False.
        ValueError, TypeError: as `torch.nn.GRU` raises them.
    """

    reset_after: bool = True  # on the class: a torch.nn.GRU's pickled state has no such entry

    def __init__(self, *args: Any, reset_after: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not isinstance(reset_after, bool):
            raise SettingsError(
                f"reset_after is {reset_after!r}; expected True (PyTorch's GRU) or False (Cho et al. 2014). "
                "Leave it out for PyTorch's."
            )
        self.reset_after = reset_after

    def extra_repr(self) -> str:
        """torch's, and the variant where it is not torch's."""
        return super().extra_repr() + ("" if self.reset_after else ", reset_after=False")

    @property
    def _cell(self) -> int:
        return MODES[self.mode] if self.reset_after else CHO  # no super(): Dynamo does not read it in a property

    @property
    def _torch_has_it(self) -> bool:
        return self.reset_after

    def _rounded_to(self, x: torch.dtype, state: torch.dtype | None, half: torch.dtype) -> torch.dtype:
        return x if state is None else state  # h = (1 − z) ⊙ n + z ⊙ h₋₁ is as wide as its start
