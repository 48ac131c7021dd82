"""The one network: a front for symbols, an encoder, a readout, a linear head. What its scores mean is the output's."""

from __future__ import annotations

from torch import Tensor, nn

from selfloop.tasks.asked import Readout
from selfloop.tasks.output import Output
from selfloop.tasks.task import Task
from selfloop.train.budget import Option
from selfloop.train.encoder import RecurrentEncoder, State
from selfloop.train.front import Front
from selfloop.train.windows import CentredWindowEncoder, LastWindowEncoder, WindowEncoder

Encoder = RecurrentEncoder | WindowEncoder | LastWindowEncoder


class Network(nn.Module):
    """Scores of every step, or of every sequence.

    Attributes:
        front: what symbols become before they are read; None where all inputs are numbers.
        encoder: inputs to features.
        left_out: in training, a share of the vectors' numbers and of what the head reads (Zaremba et al. 2014).
        readout: what a score is made of: each step's features, those when all is read, or their mean over the steps.
        head: features to scores.
    """

    def __init__(
        self, encoder: Encoder, readout: Readout, output: Output, front: Front | None = None, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.front, self.encoder, self.readout = front, encoder, readout
        # One that leaves nothing out would still draw for every number.
        self.left_out = nn.Dropout(dropout) if dropout else nn.Identity()
        self.head = nn.Linear(encoder.output_size, output.size)
        if output.zero_start:
            nn.init.zeros_(self.head.weight)
            nn.init.zeros_(self.head.bias)

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step, an answer after it included; to look a vector up costs none."""
        return self.encoder.operations + self.head.weight.numel()

    @property
    def looks_ahead(self) -> bool:
        """Whether an answer at a step is made of later ones, too."""
        return self.readout == "step" and self.encoder.both

    @property
    def inputs(self) -> int:
        """I: columns that it is fed."""
        return self.encoder.input_size if self.front is None else self.front.columns

    def forward(
        self,
        x: Tensor,  # (T, B, I)
        state: State | None = None,
        lengths: Tensor | None = None,  # (B,) valid steps; None: all
    ) -> tuple[Tensor, State]:
        """Scores, (T, B, K) of every step or (B, K) of every sequence, and the state after the last step."""
        return self.scores(self.fed(x), state, lengths)

    def fed(self, x: Tensor) -> Tensor:
        """(..., fed) what the encoder is fed of (..., I) inputs: the same, but for symbols, which become vectors."""
        return x if self.front is None else self.left_out(self.front(x))

    def scores(self, fed: Tensor, state: State | None, lengths: Tensor | None) -> tuple[Tensor, State]:
        """As `forward`, of (T, B, fed) that the encoder is fed."""
        features, after = self.encoder(fed, state, lengths)
        return self.head(self.left_out(self.read(features, after, lengths))), after

    def read(self, features: Tensor, after: State, lengths: Tensor | None) -> Tensor:
        """What the head reads: (T, B, D), or (B, D)."""
        if self.readout == "step":
            return features
        if self.readout == "last":
            assert not isinstance(self.encoder, WindowEncoder), "its answers are asked for at every step"
            return self.encoder.last(after)
        return features.sum(0) / (len(features) if lengths is None else lengths[:, None])


def readout_of(task: Task, window: int | None) -> Readout:
    """What an answer is made of; a window that is read at a sequence's end has nothing to be pooled."""
    return "last" if window is not None and task.readout != "step" else task.readout


def build_encoder(task: Task, kind: str, option: Option, layers: int, inputs: int) -> Encoder:
    """The encoder of a task's network, its weights as torch starts them.

    Args:
        task: says what is read of it, and how.
        kind: name of a cell, or of a network that sees a window.
        option: its hidden size, and its window.
        layers: recurrent layers on top of each other.
        inputs: numbers that it is fed at each step.
    """
    if option.window is None:
        return RecurrentEncoder(kind, inputs, option.hidden_size, layers, task.direction == "both")
    if task.readout != "step":
        return LastWindowEncoder(inputs, option.hidden_size, option.window)
    windowed = CentredWindowEncoder if task.direction == "both" else WindowEncoder
    return windowed(inputs, option.hidden_size, option.window)
