"""`selfloop.nn.GRU`: torch's, and the variant that resets before the recurrent product."""

from __future__ import annotations

from typing import Any, Literal, cast

import torch
from torch import Tensor
from torch.nn.functional import dropout
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from selfloop.cells import ChoGRU, Layers, run_layers
from selfloop.errors import SettingsError


class GRU(torch.nn.GRU):
    """The gated recurrent unit: `torch.nn.GRU` with one more setting.

    With `reset_after=True`, the default, everything is torch's, the forward pass too. With `reset_after=False` the
    reset gate acts on h₋₁ before the recurrent product, n = tanh(W x + b + U (r ⊙ h₋₁) + b'), as in Cho et al. 2014;
    inputs, shapes, dropout and errors stay torch's, and `selfloop.cells` runs the forward pass.

    Both variants have the same `state_dict`, which does not say which one it was trained with: set `reset_after` as it
    was in training.

    Args:
        *args: as for `torch.nn.GRU`.
        reset_after: keyword only; where the reset gate acts.
        **kwargs: as for `torch.nn.GRU`.

    Raises:
        SettingsError: `reset_after` is neither True nor False.
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

    @property
    def backend(self) -> Literal["torch", "cells"]:
        """What runs the forward pass: "torch", its own, or "cells", the equations in plain torch."""
        return "torch" if self.reset_after else "cells"

    def extra_repr(self) -> str:
        """torch's, and the variant where it is not torch's."""
        return super().extra_repr() + ("" if self.reset_after else ", reset_after=False")

    def forward(self, input: Any, hx: Tensor | None = None) -> Any:
        """Read sequences, as `torch.nn.GRU` does.

        Args:
            input: (T, B, I), with `batch_first` (B, T, I), unbatched (T, I), or a PackedSequence.
            hx: the states to start from, (L*D, B, H), unbatched (L*D, H); zeros if left out.

        Returns:
            The outputs, (..., D*H) in the layout of the input, and the last states in the layout of `hx`.

        Raises:
            ValueError, RuntimeError: as `torch.nn.GRU` raises them.
        """
        if self.reset_after:
            return super().forward(input, hx)
        if _doubtful(input, hx):
            super().forward(input, hx)  # torch refuses in its own words; what it does not refuse, we read
        self._update_flat_weights()
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        return self._batched(input, hx) if input.dim() == 3 else self._unbatched(input, hx)

    def _packed(self, packed: PackedSequence, hx: Tensor | None) -> tuple[PackedSequence, Tensor]:
        """Sequences of unequal length, longest first in the packed data; `hx` is in the user's order."""
        h0 = self._zeros(packed.data, int(packed.batch_sizes[0])) if hx is None else hx
        h0 = self.permute_hidden(h0, packed.sorted_indices)
        self.check_forward_args(packed.data, h0, packed.batch_sizes)
        x, lengths = pad_packed_sequence(PackedSequence(packed.data, packed.batch_sizes))
        ran = self._run(x, h0, lengths)
        data = pack_padded_sequence(ran.outputs, lengths).data
        outputs = PackedSequence(data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        return outputs, cast(Tensor, self.permute_hidden(ran.last["h"], packed.unsorted_indices))

    def _batched(self, x: Tensor, hx: Tensor | None) -> tuple[Tensor, Tensor]:
        """(T, B, I), or (B, T, I) with `batch_first`."""
        h0 = self._zeros(x, x.shape[0] if self.batch_first else x.shape[1]) if hx is None else hx
        self.check_forward_args(x, h0, None)
        ran = self._run(x.transpose(0, 1) if self.batch_first else x, h0, None)
        return ran.outputs.transpose(0, 1) if self.batch_first else ran.outputs, ran.last["h"]

    def _unbatched(self, x: Tensor, hx: Tensor | None) -> tuple[Tensor, Tensor]:
        """(T, I), whatever `batch_first` says; the states are (L*D, H)."""
        batch = 0 if self.batch_first else 1
        outputs, last = self._batched(x.unsqueeze(batch), None if hx is None else hx.unsqueeze(1))
        return outputs.squeeze(batch), last.squeeze(1)

    def _run(self, x: Tensor, h0: Tensor, lengths: Tensor | None) -> Layers:
        """All layers and directions, with dropout between the layers in training."""
        # getattr and not state_dict(): that one detaches, and replaced weights (functional_call) must count.
        weights = {name: getattr(self, name) for name in self._flat_weights_names}
        return run_layers(
            ChoGRU,
            weights,
            x,
            h0=h0,
            lengths=lengths,
            between=lambda y: dropout(y, self.dropout, self.training),
        )

    def _zeros(self, x: Tensor, batch: int) -> Tensor:
        """(L*D, B, H): what the states are when none are given."""
        return x.new_zeros(self.num_layers * (2 if self.bidirectional else 1), batch, self.hidden_size)


def _doubtful(x: Any, hx: Any) -> bool:
    """Whether torch may refuse this for a reason that its callable checks do not cover."""
    if isinstance(x, PackedSequence):
        return hx is not None and not (isinstance(hx, Tensor) and hx.dtype == x.data.dtype)
    if not isinstance(x, Tensor) or x.dim() not in (2, 3) or 0 in x.shape:
        return True
    return hx is not None and not (isinstance(hx, Tensor) and hx.dim() == x.dim() and hx.dtype == x.dtype)
