"""Networks without a self loop: two layers on a window of the last steps."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from selfloop.train.encoder import State


class WindowEncoder(nn.Module):
    """The same two layers at every step, on the steps up to it; zeros before the first one."""

    both: ClassVar[bool] = False  # whether it reads later steps, too

    def __init__(self, input_size: int, hidden_size: int, window: int) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.window = input_size, hidden_size, window
        self.output_size = hidden_size
        self.first = nn.Conv1d(input_size, hidden_size, window)
        self.second = nn.Linear(hidden_size, hidden_size)

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        return self.hidden_size * (self.input_size * self.window + self.hidden_size)

    @property
    def reach(self) -> int | None:
        """Steps before the end that have to be read for its last answer; None: all, since it carries a state."""
        return None

    def forward(
        self,
        x: Tensor,  # (T, B, I)
        state: State | None = None,  # the window's past, (window − 1, B, I)
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, State]:
        """Features (T, B, H) at every step, and the window's past after them."""
        past = x.new_zeros(self.window - 1, *x.shape[1:]) if state is None else state[0][0]
        seen = torch.cat([past, x])
        hidden = functional.relu(self.first(seen.permute(1, 2, 0))).permute(2, 0, 1)
        return functional.relu(self.second(hidden)), [(seen[len(seen) - self.window + 1 :],)]


class CentredWindowEncoder(WindowEncoder):
    """The same at every step of a whole sequence, on the steps around it; zeros beyond both ends.

    An even window sees one step more ahead than behind.
    """

    both: ClassVar[bool] = True

    def forward(
        self,
        x: Tensor,  # (T, B, I), padded at the end
        state: State | None = None,
        lengths: Tensor | None = None,  # (B,) valid steps; None: all
    ) -> tuple[Tensor, State]:
        """Features (T, B, H) at every step; there is nothing to carry on."""
        if lengths is not None:
            x = x * (torch.arange(len(x))[:, None] < lengths)[..., None]
        seen = functional.pad(x.permute(1, 2, 0), ((self.window - 1) // 2, self.window // 2))
        hidden = functional.relu(self.first(seen)).permute(2, 0, 1)
        return functional.relu(self.second(hidden)), []


class LastWindowEncoder(nn.Module):
    """Two layers on the last `window` steps of a whole sequence, beside each step whether it is real."""

    both: ClassVar[bool] = False

    def __init__(self, input_size: int, hidden_size: int, window: int) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.window = input_size, hidden_size, window
        self.output_size = hidden_size
        self.first = nn.Linear(window * (input_size + 1), hidden_size)
        self.second = nn.Linear(hidden_size, hidden_size)

    @property
    def operations(self) -> int:
        """Multiply-adds for one answer: a window has to be read anew for each."""
        return self.first.weight.numel() + self.second.weight.numel()

    @property
    def reach(self) -> int | None:
        """Steps before the end that have to be read."""
        return self.window

    def forward(
        self,
        x: Tensor,  # (T, B, I), padded at the end
        state: State | None = None,
        lengths: Tensor | None = None,  # (B,) valid steps; None: all
    ) -> tuple[Tensor, State]:
        """Features (1, B, H) of each sequence's end, twice: as outputs and as what is left when all is read."""
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x))
        steps = lengths - self.window + torch.arange(self.window)[:, None]
        real = steps >= 0
        seen = x[steps.clamp(min=0), torch.arange(x.shape[1])] * real[..., None]
        window = torch.cat([seen, real[..., None].to(x.dtype)], dim=-1)
        hidden = functional.relu(self.first(window.transpose(0, 1).flatten(1)))
        features = functional.relu(self.second(hidden))[None]
        return features, [(features,)]

    def last(self, after: State) -> Tensor:
        """(B, H) of each sequence's end."""
        return after[-1][0][0]
