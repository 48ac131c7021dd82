"""A trained network with what stands around it: what a study compares and a file keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from selfloop.data.sequences import Floats, Sequences
from selfloop.tasks.model import Arrays, Fields, Pipeline
from selfloop.tasks.output import Output
from selfloop.train.encoder import State
from selfloop.train.network import Network
from selfloop.train.read import Batches, linked, read_cases, read_pieces, read_steps


@dataclass(frozen=True)
class NetworkModel:
    """A network that answers.

    Attributes:
        pipeline: data to inputs, scores to answers.
        network: inputs to scores.
        output: what scores say.
    """

    pipeline: Pipeline
    network: Network
    output: Output

    @property
    def parameters(self) -> int:
        """Weights and biases, the pipeline's included."""
        return sum(p.numel() for p in self.network.parameters()) + self.pipeline.parameters

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step, the pipeline's included."""
        return self.network.operations + self.pipeline.operations

    def predict(self, data: Sequences, where: Any) -> Floats:
        """The task's answers at `where`: each sequence is read once, from its start, with the state carried over."""
        applied = self.pipeline.apply(data, where)
        if self.network.looks_ahead:
            scores = read_pieces(self.network, applied.inputs, data.offsets, where)
        elif self.network.readout == "step":
            inputs = torch.from_numpy(applied.inputs.astype(np.float32))
            scores = read_steps(self.network, inputs, data.offsets, where)
        else:
            scores = read_cases(self.network, Batches(applied.inputs, data.offsets), where).numpy()
        return applied.answers(linked(self.output, scores))

    def walk(self) -> Callable[[Floats], Floats]:
        """For a network that answers at every step: takes (T, I) inputs that follow those before, gives (K,) what its
        scores say after the last. The state is kept in between.
        """
        state: State | None = None

        @torch.no_grad()
        def read(inputs: Floats) -> Floats:
            nonlocal state
            scores, state = self.network(torch.from_numpy(inputs.astype(np.float32))[:, None], state)
            return np.asarray(linked(self.output, scores[-1].numpy())[0])

        return read

    @torch.no_grad()
    def step(self) -> Callable[[], object]:
        """The arithmetic of one new step, on zeros; reading and scaling the data are left out.

        For a network that reads in both directions it is one step of each.
        """
        network, beside = self.network, self.pipeline.step() or (lambda: None)
        reach = network.encoder.reach
        x = torch.zeros(reach or 1, 1, network.inputs)
        if reach is not None:
            return lambda: (network(x), beside())
        _, state = network.encoder(network.fed(x))
        return lambda: (network.head(network.encoder(network.fed(x), state)[0]), beside())

    def fields(self) -> Fields:
        """The pipeline's."""
        return self.pipeline.fields()

    def arrays(self) -> Arrays:
        """The pipeline's, and the network's weights."""
        weights = {f"network.{name}": tensor.numpy() for name, tensor in self.network.state_dict().items()}
        return {**self.pipeline.arrays(), **weights}


@dataclass(frozen=True)
class Start:
    """A network whose scores are all zero: no weights are needed to say what it answers."""

    pipeline: Pipeline
    output: Output

    def predict(self, data: Sequences, where: Any) -> Floats:
        """As `NetworkModel.predict`."""
        zeros = np.zeros((len(where), self.output.size))
        return self.pipeline.apply(data, where).answers(linked(self.output, zeros))
