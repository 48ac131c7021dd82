"""Losses of a trained model, each with the steps that led to it: what every quantity is measured on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from selfloop.tasks.output import Output
from selfloop.train.encoder import RecurrentEncoder, State
from selfloop.train.network import Network


@dataclass(frozen=True, eq=False)
class Cases:
    """B losses and the windows before them.

    Attributes:
        network: recurrent layers, readout and head.
        output: what its scores say, and the loss of them.
        inputs: (W, B, I) as the network is fed, padded at the end.
        lengths: (B,) valid steps of each.
        starts: each layer's state before the window; zeros where a sequence begins in it.
        earlier: (B, D) sum of the features before the window.
        skipped: (B,) steps before the window.
        targets: (B,) classes, or (B, K) scaled values.
        of: what the loss is, in words.
        each: what a case is, in words: "sequence", "forecast".
        baseline: what answers without the network, in words: of a forecast all zeros, of classes their frequencies.
        truth: what was asked for, the same for models that can be compared; None where nobody knows it.
        at: (B,) the step of the window whose answer each is about; None: the last one.
    """

    network: Network
    output: Output
    inputs: Tensor
    lengths: Tensor
    starts: State
    earlier: Tensor
    skipped: Tensor
    targets: Tensor
    of: str
    each: str
    baseline: str
    truth: Tensor | None
    at: Tensor | None = None

    def __len__(self) -> int:
        """B."""
        return len(self.lengths)

    @property
    def encoder(self) -> RecurrentEncoder:
        """The recurrent layers."""
        encoder = self.network.encoder
        assert isinstance(encoder, RecurrentEncoder), "only what loops is looked into"
        return encoder

    @property
    def averaged(self) -> bool:
        """Whether an answer is made of the mean over all steps."""
        return self.network.readout == "mean"

    @property
    def window(self) -> int:
        """W."""
        return len(self.inputs)

    def losses(self) -> Tensor:
        """(B,) of each case."""
        features, after = self.encoder(self.network.fed(self.inputs), self.starts, self.lengths)
        if self.averaged:
            pooled = (self.earlier + features.sum(0)) / (self.skipped + self.lengths)[:, None]
        elif self.at is not None:
            pooled = features[self.at, torch.arange(len(self))]
        else:
            pooled = self.encoder.last(after)
        return self.output.losses(self.network.head(pooled), self.targets)

    def ignorant(self) -> float | None:
        """The loss of the baseline; None where nobody knows the truth, or it is one class: that says nothing."""
        if self.truth is None or self.of_one_class:
            return None
        if self.output.wanted == "class":
            shares = torch.bincount(self.targets).double() / len(self)
            return float(-(shares[shares > 0] * shares[shares > 0].log()).sum())
        return float((self.targets.double() ** 2).mean())

    def take(self, which: Tensor) -> Cases:
        """Some of them."""
        return replace(
            self,
            inputs=self.inputs[:, which],
            lengths=self.lengths[which],
            starts=[tuple(state[:, which] for state in states) for states in self.starts],
            earlier=self.earlier[which],
            skipped=self.skipped[which],
            targets=self.targets[which],
            truth=None if self.truth is None else self.truth[which],
            at=None if self.at is None else self.at[which],
        )

    def with_past(self, steps: Tensor, sequences: Tensor, others: Tensor | None) -> Cases:
        """The same losses after other inputs: entry (t, b) is read from these places of `inputs`.

        Args:
            steps: (W, B).
            sequences: (W, B).
            others: (B,) whose past before the window each gets; None: its own.
        """
        changed = replace(self, inputs=self.inputs[steps, sequences])
        if others is None:
            return changed
        cut = self.skipped > 0  # only where there is a past is there one to replace
        which = torch.where(cut, others, torch.arange(len(self)))
        means = self.earlier[which] / self.skipped[which].clamp(min=1)[:, None]
        return replace(
            changed,
            starts=[tuple(state[:, which] for state in states) for states in self.starts],
            earlier=means * self.skipped[:, None],
        )

    @property
    def of_one_class(self) -> bool:
        """Whether one class is all that is asked for."""
        return self.output.wanted == "class" and bool((self.targets == self.targets[0]).all())

    def comparable(self, other: Cases) -> bool:
        """Whether both have the same losses to make: the same answers asked for, on the same scale."""
        mine, theirs = self.truth, other.truth
        return mine is not None and theirs is not None and mine.shape == theirs.shape and torch.allclose(mine, theirs)
