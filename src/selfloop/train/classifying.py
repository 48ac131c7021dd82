"""Classifying networks: encoder, pool over the valid steps, head; how they are trained and used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.classify.baselines import Scaler
from selfloop.tasks.classify.task import Classify, ClassifyFold, Pool, labels_of
from selfloop.train.encoder import RecurrentEncoder

BATCH = 32
SORTED = 8  # batches whose sequences are sorted by length together, so that little is padded


class SequenceClassifier(nn.Module):
    """A recurrent encoder, its features pooled over the valid steps, and a linear head: class scores."""

    def __init__(self, encoder: RecurrentEncoder, pool: Pool, classes: int) -> None:
        super().__init__()
        self.encoder, self.pool = encoder, pool
        self.head = nn.Linear(encoder.output_size, classes)

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step, an answer after it included."""
        return self.encoder.operations + self.head.weight.numel()

    @property
    def reach(self) -> int | None:
        """Steps before the end that it looks at; None: all."""
        return None

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, classes) scores of (T, B, I) sequences, of which `lengths`, (B,), steps each are valid."""
        features, after = self.encoder(x, None, lengths)
        pooled = self.encoder.last(after) if self.pool == "last" else features.sum(0) / lengths[:, None]
        return self.head(pooled)  # type: ignore[no-any-return]


class WindowClassifier(nn.Module):
    """The traditional network without a self loop: two layers on the last `window` steps of a sequence."""

    def __init__(self, input_size: int, hidden_size: int, window: int, classes: int) -> None:
        super().__init__()
        self.window = window
        self.first = nn.Linear(window * (input_size + 1), hidden_size)
        self.second = nn.Linear(hidden_size, hidden_size)
        self.head = nn.Linear(hidden_size, classes)

    @property
    def operations(self) -> int:
        """Multiply-adds for one answer: a window has to be read anew for each."""
        return sum(layer.weight.numel() for layer in (self.first, self.second, self.head))

    @property
    def reach(self) -> int | None:
        """Steps before the end that it looks at."""
        return self.window

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, classes) scores. Sequences stand at the end of the window; a column says which steps are real."""
        steps = lengths - self.window + torch.arange(self.window)[:, None]
        real = steps >= 0
        seen = x[steps.clamp(min=0), torch.arange(x.shape[1])] * real[..., None]
        window = torch.cat([seen, real[..., None].to(x.dtype)], dim=-1)
        hidden = functional.relu(self.first(window.transpose(0, 1).flatten(1)))
        return self.head(functional.relu(self.second(hidden)))  # type: ignore[no-any-return]


Classifier = SequenceClassifier | WindowClassifier


@dataclass(frozen=True)
class NetworkClassifier:
    """A trained network with the scaling of its inputs."""

    scaler: Scaler
    network: Classifier

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum(p.numel() for p in self.network.parameters())

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        return self.network.operations

    def probabilities(self, data: Sequences, cases: Ints) -> Floats:
        """(cases, classes)."""
        flat = Flat.of(data, self.scaler)
        return torch.softmax(_scores(self.network, flat, cases), dim=-1).numpy().astype(np.float64)


@dataclass(frozen=True)
class Flat:
    """Scaled values of all sequences, flat; a batch is gathered from it, so that no padding is stored."""

    values: Tensor  # (steps, channels)
    offsets: Tensor  # (sequences + 1,)

    @classmethod
    def of(cls, data: Sequences, scaler: Scaler) -> Flat:
        """From the user's values."""
        values = scaler.scale(data.values).astype(np.float32)
        return cls(torch.from_numpy(values), torch.from_numpy(data.offsets))

    def batch(self, cases: Tensor, reach: int | None) -> tuple[Tensor, Tensor]:
        """(T, B, I) values, padded at the end, and (B,) lengths; the last `reach` steps only where it is given."""
        start, stop = self.offsets[cases], self.offsets[cases + 1]
        if reach is not None:
            start = torch.maximum(start, stop - reach)
        lengths = stop - start
        index = start + torch.arange(int(lengths.max()))[:, None]
        return self.values[torch.minimum(index, stop - 1)], lengths


class ClassifyProblem:
    """Training of a classifier on one fold."""

    def __init__(
        self, task: Classify, data: Sequences, fold: ClassifyFold, network: Classifier, scaler: Scaler
    ) -> None:
        self.task, self.fold, self.network, self.scaler = task, fold, network, scaler
        self.flat = Flat.of(data, scaler)
        self.labels = torch.from_numpy(labels_of(data))
        self.lengths = data.lengths

    def losses(self, rng: np.random.Generator) -> Iterator[Tensor]:
        """One pass over the training cases: cross-entropy, batch by batch, like lengths together."""
        order = rng.permutation(self.fold.fit)
        pools = [order[k : k + BATCH * SORTED] for k in range(0, len(order), BATCH * SORTED)]
        pools = [pool[np.argsort(self.lengths[pool], kind="stable")] for pool in pools]
        batches = [pool[k : k + BATCH] for pool in pools for k in range(0, len(pool), BATCH)]
        for k in rng.permutation(len(batches)):
            cases = torch.from_numpy(batches[k])
            x, lengths = self.flat.batch(cases, self.network.reach)
            yield functional.cross_entropy(self.network(x, lengths), self.labels[cases])

    def validate(self) -> float:
        """Log loss on the validation cases: accuracy is too coarse to stop by."""
        scores = _scores(self.network, self.flat, self.fold.valid)
        return float(functional.cross_entropy(scores, self.labels[torch.from_numpy(self.fold.valid)]))

    def model(self) -> NetworkClassifier:
        """The network as it now is, ready to classify."""
        return NetworkClassifier(self.scaler, self.network)


@torch.no_grad()
def _scores(network: Classifier, flat: Flat, cases: Ints) -> Tensor:
    """(cases, classes), like lengths read together."""
    lengths = (flat.offsets[1:] - flat.offsets[:-1]).numpy()[cases]
    order = np.argsort(lengths, kind="stable")
    scores = torch.empty(0)
    for k in range(0, len(order), 256):
        places = torch.from_numpy(order[k : k + 256])
        x, valid = flat.batch(torch.from_numpy(cases)[places], network.reach)
        part = network(x, valid)
        scores = part.new_empty(len(cases), part.shape[1]) if k == 0 else scores
        scores[places] = part
    return scores
