"""Entries as strangers bring them: estimators and modules that work, and some that do not."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


class Means:
    """Fits and predicts as scikit-learn's do, and inherits nothing."""

    def fit(self, X: Any, y: Any) -> Means:
        print("learning")  # noqa: T201  # as strangers' do
        self.mean = y.mean(0)
        return self

    def predict(self, X: Any) -> Any:
        return np.tile(self.mean, (len(X), 1))


class Drawn:
    """Chance has a say in it."""

    def __init__(self, random_state: int | None = None) -> None:
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Drawn:
        self.mean = y.mean(0)
        return self

    def predict(self, X: Any) -> Any:
        return self.mean + np.random.default_rng(self.random_state).normal(size=(len(X), len(self.mean)))


class Answers:
    """Gives whatever it was told to give."""

    def __init__(self, answers: Any = None, chances: Any = None) -> None:
        self.answers, self.chances = answers, chances
        if chances is not None:
            self.predict_proba = lambda X: chances(len(X))

    def fit(self, X: Any, y: Any) -> Answers:
        return self

    def predict(self, X: Any) -> Any:
        return self.answers(len(X))


class Breaks:
    """Cannot learn from windows of one length."""

    def fit(self, X: Any, y: Any) -> Breaks:
        raise RuntimeError("no such luck\nat all")

    def predict(self, X: Any) -> Any:
        return X


class Leaves(Breaks):
    """Takes the door."""

    def fit(self, X: Any, y: Any) -> Leaves:
        sys.exit("enough")


class Greedy(Breaks):
    """Wants more memory than there is."""

    def fit(self, X: Any, y: Any) -> Greedy:
        raise MemoryError


class Pair(nn.Module):
    """Returns what torch's layers return: outputs and state."""

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.layer, self.out = nn.GRU(input_size, 4), nn.Linear(4, output_size)

    def forward(self, x: Tensor) -> Any:
        h, state = self.layer(x)
        return self.out(h), state


class Once(Pair):
    """Answers once, when all is read."""

    def forward(self, x: Tensor) -> Any:
        return self.out(self.layer(x)[1][0])


class BothWays(nn.Module):
    """Reads forwards and backwards."""

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.layer, self.out = nn.GRU(input_size, 4, bidirectional=True), nn.Linear(8, output_size)

    def forward(self, x: Tensor) -> Any:
        return self.out(self.layer(x)[0])


class BatchFirst(nn.Module):
    """Takes sequences for steps."""

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.layer, self.out = nn.GRU(input_size, 4, batch_first=True), nn.Linear(4, output_size)

    def forward(self, x: Tensor) -> Any:
        return self.out(self.layer(x)[0])


class Normed(nn.Module):
    """Has batch statistics and dropout: learns otherwise than it answers."""

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.layer, self.norm, self.drop = nn.LSTM(input_size, 4), nn.BatchNorm1d(4), nn.Dropout(0.2)
        self.out = nn.Linear(4, output_size)

    def forward(self, x: Tensor) -> Any:
        h = self.layer(x)[0].permute(1, 2, 0)
        return self.out(self.drop(self.norm(h).permute(2, 0, 1)))


class Attention(nn.Module):
    """A Transformer with a causal mask."""

    causal = True

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        block = nn.TransformerEncoderLayer(8, 2, 16)
        self.into, self.out = nn.Linear(input_size, 8), nn.Linear(8, output_size)
        self.blocks = nn.TransformerEncoder(block, 1, enable_nested_tensor=False)

    def forward(self, x: Tensor) -> Any:
        mask = nn.Transformer.generate_square_subsequent_mask(len(x)) if self.causal else None
        return self.out(self.blocks(self.into(x), mask=mask, is_causal=self.causal))


class Peeks(Attention):
    """The same without the mask: every step sees what comes after it."""

    causal = False


class Flat(nn.Module):
    """Forgets a dimension."""

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.out = nn.Linear(input_size, output_size)

    def forward(self, x: Tensor) -> Any:
        return self.out(x)[..., 0]


class Learns(nn.Module):
    """Looks ahead by a weight that begins at zero: only a trained one does."""

    def __init__(self, input_size: int, output_size: int) -> None:
        super().__init__()
        self.out, self.later = nn.Linear(input_size, output_size), nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Any:
        return self.out(x + self.later * x.roll(-1, 0))
