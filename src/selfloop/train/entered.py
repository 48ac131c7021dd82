"""Modules of the user's own in the place of our networks: trained by the same loop, on the same batches.

Nothing is assumed of a module but that it maps (T, B, I) to (T, B, O). What it answers must depend on its own sequence
alone and, where each step is answered, on nothing that comes after it: both are tried out, before and after training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from selfloop.data.sequences import Floats, Sequences
from selfloop.errors import EntryError
from selfloop.tasks.asked import Readout
from selfloop.tasks.entry import Entry
from selfloop.tasks.material import Material
from selfloop.tasks.model import fed
from selfloop.tasks.output import Output
from selfloop.tasks.task import Task
from selfloop.train.encoder import State
from selfloop.train.front import Front, front_of
from selfloop.train.model import NetworkModel
from selfloop.train.network import Network

TRIED = 1024  # steps of the sequences that a module is tried out on, at most
CLOSE = 1e-4  # times the largest answer: two answers that differ by less are the same


class ModuleEncoder(nn.Module):
    """A user's module, read in stretches where a state would be carried, and sequence by sequence else.

    Attributes:
        module: of the user's.
        stretch: steps that are answered at once where every step of a long series is; as many before them warm it up.
            None: sequences are read whole.
        once: whether it may answer once a sequence.
        ahead: whether an answer depends on later steps; then shorter sequences are read without their padding.
    """

    def __init__(
        self, module: nn.Module, input_size: int, output_size: int, stretch: int | None, *, once: bool = False
    ) -> None:
        super().__init__()
        self.once = once
        self.module, self.input_size, self.output_size, self.stretch = module, input_size, output_size, stretch
        self.ahead = True

    @property
    def reach(self) -> int | None:
        """Steps before the end that have to be read for its last answer; None: all."""
        return None

    def forward(
        self,
        x: Tensor,  # (T, B, I)
        state: State | None = None,  # the last inputs, (stretch, B, I)
        lengths: Tensor | None = None,  # (B,) valid steps; None: all
    ) -> tuple[Tensor, State]:
        """Scores (T, B, O), or (B, O) of a module that answers once; and the inputs that warm up the next stretch."""
        self.module.train(torch.is_grad_enabled())  # what answers is not learning: dropout, batch statistics
        if self.stretch is not None:
            return self._in_stretches(x, None if state is None else state[0][0], self.stretch)
        scores = self._whole(x, lengths)
        if scores.dim() == 2:
            return scores, [(scores[None],)]
        if lengths is None:
            return scores, [(scores[-1][None],)]
        inside = torch.arange(len(scores))[:, None] < lengths
        last = scores[lengths - 1, torch.arange(len(lengths))]
        return scores * inside[..., None], [(last[None],)]

    def last(self, after: State) -> Tensor:
        """(B, O) of each sequence's last step."""
        return after[-1][0][0]

    def scores(self, x: Tensor) -> Tensor:
        """What the module says, looked at.

        Raises:
            EntryError: it is not of the shape that is asked for.
        """
        found = self.module(x)
        if isinstance(found, tuple | list) and found:
            found = found[0]
        whole = (*x.shape[:2], self.output_size)
        shapes = [whole, whole[1:]] if self.once else [whole]
        if not isinstance(found, Tensor):
            raise EntryError(f"its module gives something of type {type(found).__name__}; expected a tensor {whole}.")
        if tuple(found.shape) not in shapes:
            raise EntryError(
                f"its module gives a tensor {tuple(found.shape)} for an input {tuple(x.shape)}; expected {whole}: "
                "steps, sequences, scores."
            )
        return found.float()

    def _in_stretches(self, x: Tensor, past: Tensor | None, stretch: int) -> tuple[Tensor, State]:
        seen = x if past is None else torch.cat([past, x])
        first = len(seen) - len(x)
        scores = []
        for start in range(first, len(seen), stretch):
            begin = max(start - stretch, 0)
            scores.append(self.scores(seen[begin : start + stretch])[start - begin :])
        return torch.cat(scores), [(seen[max(len(seen) - stretch, 0) :],)]

    def _whole(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """Padding behind a sequence's end must not change what is said of it."""
        if lengths is None or not self.ahead or bool((lengths == len(x)).all()):
            return self.scores(x)
        found: Tensor | None = None
        for length in lengths.unique().tolist():
            which = torch.nonzero(lengths == length)[:, 0]
            part = self.scores(x[:length, which])
            if part.dim() == 3:
                part = torch.cat([part, part.new_zeros(len(x) - length, *part.shape[1:])])
            if found is None:
                found = part.new_zeros(*part.shape[:-2], len(lengths), part.shape[-1])
            found = found.index_copy(part.dim() - 2, which, part)
        assert found is not None, "a batch has a sequence"
        return found


class EnteredNetwork(Network):
    """The user's module as the network of a task: its scores are the head's, the readout pools them.

    Attributes:
        tried: steps of the sequences that it is tried out on.
        causal: whether an answer may depend on nothing after its step.
    """

    encoder: Any

    def __init__(
        self, encoder: ModuleEncoder, front: Front | None, readout: Readout, tried: int, *, causal: bool
    ) -> None:
        nn.Module.__init__(self)
        self.front, self.left_out = front, nn.Identity()
        self.encoder, self.readout, self.tried, self.causal = encoder, readout, tried, causal
        self.head = _Scores(encoder.output_size)

    @property
    def looks_ahead(self) -> bool:
        """Whether answers at steps are read from whole sequences: nothing is carried from one part to the next."""
        return self.readout == "step" and self.encoder.stretch is None

    @torch.no_grad()
    def try_out(self) -> None:
        """Answer made-up sequences, and the same with other neighbours and another future.

        Raises:
            EntryError: an answer is left to chance, depends on other sequences, or on what comes after its step where
                nothing after it is known.
        """
        encoder = self.encoder
        encoder.module.eval()
        x = torch.randn(self.tried, 3, encoder.input_size, generator=torch.Generator().manual_seed(0))
        said = encoder.scores(x)
        if not bool(said.isfinite().all()):
            raise EntryError(
                "its module gives numbers that are not finite for inputs of size one; expected finite ones."
            )
        if not _same(said, encoder.scores(x)):
            raise EntryError("its module answers the same input differently when evaluated; expected dropout off then.")
        for one in (0, -1):  # the first and the last: a network that takes sequences for steps goes one way at least
            others = x.clone()
            others[:, one] = 3 * others[:, one].flip(0) + 1
            rest = slice(1, None) if one == 0 else slice(None, -1)
            if not _same(said[..., rest, :], encoder.scores(others)[..., rest, :]):
                raise EntryError(
                    "its module mixes sequences: the answer to one changes with another's inputs; expected (steps, "
                    "sequences, inputs), batch_first=False."
                )
        half, later = len(x) // 2, x.clone()
        later[half:] = 3 * later[half:].flip(1) + 1
        encoder.ahead = said.dim() == 2 or not _same(said[:half], encoder.scores(later)[:half])
        if encoder.ahead and self.causal:
            raise EntryError(
                "its module looks ahead: what it answers at a step changes with inputs after it, which are not known "
                "yet; expected a causal one, such as a Transformer with a causal mask."
            )

    def read(self, features: Tensor, after: State, lengths: Tensor | None) -> Tensor:
        """What was pooled already stays as it is."""
        return features if features.dim() == 2 else super().read(features, after, lengths)


class _Scores(nn.Linear):
    """A head without weights: what it is given are the scores."""

    def __init__(self, size: int) -> None:
        nn.Module.__init__(self)
        self.in_features = self.out_features = size

    def forward(self, input: Tensor) -> Tensor:
        return input


@dataclass(frozen=True)
class EnteredModel:
    """A trained module of the user's own.

    Attributes:
        trained: with its pipeline and output.
        steps: that it reads for one new answer.
    """

    trained: NetworkModel
    steps: int
    operations: int | None = None

    @property
    def parameters(self) -> int:
        """Weights and biases, the pipeline's included."""
        return self.trained.parameters

    def predict(self, data: Sequences, where: Any) -> Floats:
        """The task's answers at `where`."""
        return self.trained.predict(data, where)

    def step(self) -> Callable[[], object]:
        """One new answer, of all the steps that it is read from: what it carries is not known."""
        network, beside = self.trained.network, self.trained.pipeline.step() or (lambda: None)
        x = torch.zeros(self.steps, 1, network.inputs)
        return lambda: (network(x), beside())


def entered_network(entry: Entry, task: Task, material: Material, output: Output) -> EnteredNetwork:
    """A new module, untrained, tried out.

    Args:
        entry: of the user's.
        task: says what is read of it, and how.
        material: what it learns from.
        output: what its scores mean.

    Raises:
        EntryError: it is no module, or does not do what is asked of it.
    """
    columns, symbols = material.inputs.shape[1], material.pipeline.symbols
    inputs = fed(columns, symbols)
    module = entry.made.open()(inputs, output.size)
    if not isinstance(module, nn.Module):
        raise EntryError(f"its factory gives something of type {type(module).__name__}; expected a torch.nn.Module.")
    step = task.readout == "step"
    encoder = ModuleEncoder(module, inputs, output.size, task.truncation, once=not step)
    tried = 2 * task.truncation if task.truncation else min(max(material.memory, 2), TRIED)
    front, causal = front_of(columns, symbols), step and task.direction == "one"
    network = EnteredNetwork(encoder, front, task.readout, tried, causal=causal)
    network.try_out()
    return network


def _same(a: Tensor, b: Tensor) -> bool:
    return bool(((a - b).abs() <= CLOSE * a.abs().max().clamp(min=1e-6)).all())
