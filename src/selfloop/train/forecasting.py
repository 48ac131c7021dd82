"""Forecasting networks: encoder, head, and where validation wants it a linear skip; how they are trained and used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.forecast.baselines import RidgeForecaster
from selfloop.tasks.forecast.fitted import FittedTreatment, Inverse, Seen
from selfloop.tasks.forecast.task import Block, Forecast, ForecastFold, Yardstick
from selfloop.train.encoder import RecurrentEncoder, State, WindowEncoder
from selfloop.train.truncated_bptt import Carry, Rows, batches, chunks, detached, stretch

ROWS = 16  # stretches of a long series that are trained side by side
BATCH = 32  # rows at once where there are many series
WARM = 4  # truncation lengths that validation lets a state settle
READ_ROWS = 256  # rows that are read side by side
READ_STEPS = 4096  # steps of a row that are read at once, before the state is carried on
READ_AT_ONCE = 1 << 18  # steps of all rows side by side that are read at once: of 64 features, 64 MB


class ForecastNetwork(nn.Module):
    """Encoder and linear head: at every step, the scaled answer for all steps of the horizon.

    The head starts at zero, so the untrained network answers "no change" (or the season's, or the linear skip's value).
    """

    def __init__(self, encoder: RecurrentEncoder | WindowEncoder, horizon: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.output_size, horizon)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step."""
        return self.encoder.operations + self.head.weight.numel()

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """(T, B, horizon) scaled answers to (T, B, I) inputs, and the state after them."""
        features, after = self.encoder(x, state)
        return self.head(features), after


@dataclass(frozen=True)
class NetworkForecaster:
    """A trained network with its treatment and, where there is one, the ridge autoregression it was added to."""

    fitted: FittedTreatment
    network: ForecastNetwork
    skip: RidgeForecaster | None

    @property
    def parameters(self) -> int:
        """Weights and biases, the linear skip's included."""
        return count(self.network) + (self.skip.parameters if self.skip else 0)

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step, the linear skip's included."""
        return self.network.operations + (self.skip.operations if self.skip else 0)

    def forecast(self, data: Sequences, block: Block) -> Floats:
        """(origins, horizon) at every origin: each series is read once, from its start, with the state carried over."""
        known = self.fitted.extended(data, block.first + 1)
        shown = known.see(data)
        answers = read(self.network, torch.from_numpy(shown.inputs.astype(np.float32)), data, block)
        if self.skip:
            answers = answers + _skip(self.skip, known, shown, data, block.flat(data))
        return known.answer(data, block, answers)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Steps of a batch of rows that one update learns from, gathered once for all epochs."""

    inputs: Tensor  # (T, B, features)
    wanted: Tensor  # (T, B, horizon), zero where it is not known
    known: Tensor | None  # (T, B, horizon), one or zero; None: all is known, as it mostly is
    count: Tensor  # scalar: how many are known, at least one

    def loss(self, outputs: Tensor) -> Tensor:
        """Mean squared error of (T, B, horizon) answers over what is known."""
        if self.known is None:
            return functional.mse_loss(outputs, self.wanted)
        return functional.mse_loss(outputs * self.known, self.wanted, reduction="sum") / self.count


class ForecastProblem:
    """Training of a `ForecastNetwork` on one fold: every step is an example."""

    def __init__(
        self,
        task: Forecast,
        data: Sequences,
        fold: ForecastFold,
        network: ForecastNetwork,
        fitted: FittedTreatment,
        skip: RidgeForecaster | None,
        truncation: int,
    ) -> None:
        self.task, self.data, self.fold, self.network, self.fitted = task, data, fold, network, fitted
        self.truncation = truncation
        self.shown = fitted.show(data)
        self.skip = skip
        wanted, self.offset = self.shown.targets.copy(), np.zeros((len(fold.valid), task.horizon))
        if skip:
            linear = _skip(skip, fitted, self.shown, data, np.arange(len(data.values)))
            wanted -= linear
            self.offset = linear[self._valid]  # of the validation origins: only they are asked for again
        wanted[~_within(data, fold.fit, task.horizon)] = np.nan
        self.known = torch.from_numpy(np.isfinite(wanted).astype(np.float32))
        self.wanted = torch.from_numpy(np.nan_to_num(wanted).astype(np.float32))
        self.inputs = torch.from_numpy(self.shown.inputs.astype(np.float32))
        self.rows = _rows(data, fold.fit, truncation)
        self.carry = Carry(self.rows)

    def losses(self, rng: np.random.Generator) -> Iterator[Tensor]:
        """One pass over the training part: squared error over every step and every known part of its horizon."""
        for k in rng.permutation(len(self._walks)):
            batch, walk = self._walks[k]
            state, steps = self.carry.start(batch), 0
            for chunk in walk:
                outputs, state = self.network(chunk.inputs, state)
                yield chunk.loss(outputs)
                state, steps = detached(state), steps + len(chunk.inputs)
                self.carry.end(batch, steps, state)

    @cached_property
    def _walks(self) -> list[tuple[Ints, list[Chunk]]]:
        """Batches of rows and their chunks: each step once, so it is the training part in another order."""
        return [
            (batch, [self._chunk(index, inside) for index, inside in chunks(self.rows, batch, self.truncation)])
            for batch in batches(self.rows, BATCH)
        ]

    def _chunk(self, index: Tensor, inside: Tensor) -> Chunk:
        known = self.known[index] * inside[..., None]
        count, mask = known.sum().clamp(min=1.0), None if bool(known.all()) else known
        return Chunk(self.inputs[index], self.wanted[index] * known, mask, count)

    def validate(self) -> float:
        """MASE on the validation part, each stretch of it read after a warm-up."""
        block = self.fold.valid
        outputs = read_near(self.network, self.inputs, self.data, block, WARM * self.truncation)
        if not np.isfinite(outputs).all():
            return float("inf")
        return self._yardstick.mase(self._back.answer(outputs + self.offset))

    @cached_property
    def _valid(self) -> Ints:
        """Rows of the validation origins; like what follows, found once: many series take longer than their epoch."""
        return self.fold.valid.flat(self.data)

    @cached_property
    def _back(self) -> Inverse:
        return self.fitted.inverse(self.data, self.fold.valid)

    @cached_property
    def _yardstick(self) -> Yardstick:
        return self.task.yardstick(self.data, self.fold.fit, self.fold.valid)

    def model(self) -> NetworkForecaster:
        """The network as it now is, ready to forecast."""
        return NetworkForecaster(self.fitted, self.network.eval(), self.skip)


def read(network: ForecastNetwork, inputs: Tensor, data: Sequences, block: Block) -> Floats:
    """(origins, horizon) answers at `block`, each series read from its start with the state from zeros."""
    starts = data.offsets[:-1]
    return _read(network, inputs, starts, starts + block.first, starts + block.stop)


def read_near(network: ForecastNetwork, inputs: Tensor, data: Sequences, block: Block, warm: int) -> Floats:
    """(origins, horizon) answers at `block`, each series' origins in a few stretches side by side after a warm-up."""
    rows = stretch(data.offsets[:-1] + block.first, data.offsets[:-1] + block.stop, max(8, len(data)), warm)
    starts = np.maximum(rows.start - warm, data.offsets[_owner(rows.start, data)])
    return _read(network, inputs, starts, rows.start, rows.stop)


@torch.no_grad()
def _read(network: ForecastNetwork, inputs: Tensor, starts: Ints, firsts: Ints, stops: Ints) -> Floats:
    """Answers at flat steps firsts[k] to stops[k] − 1 of each row k, read from starts[k], row after row.

    A batch of rows is walked in chunks with the state carried over, so what a network keeps of each step is never held
    for all of them.
    """
    places = np.cumsum(stops - firsts) - (stops - firsts)
    outputs = np.empty((int((stops - firsts).sum()), network.head.out_features))
    order = np.argsort(stops - starts, kind="stable")
    for k in range(0, len(order), READ_ROWS):
        batch, state = order[k : k + READ_ROWS], None
        first = torch.from_numpy(firsts[batch])
        rows, place = Rows(starts[batch], stops[batch], batch), torch.from_numpy(places[batch])
        steps = min(READ_STEPS, max(READ_AT_ONCE // len(batch), 1))
        for index, inside in chunks(rows, np.arange(len(batch)), steps):
            answers, state = network(inputs[index], state)
            wanted = inside & (index >= first)
            outputs[(index - first + place)[wanted].numpy()] = answers[wanted].numpy()
    return outputs


def updates_per_epoch(data: Sequences, fit: Ints, truncation: int) -> int:
    """Gradient steps that one pass over the training part takes."""
    rows = _rows(data, fit, truncation)
    longest = [int((rows.stop - rows.start)[batch].max()) for batch in batches(rows, BATCH)]
    return sum(-(-steps // truncation) for steps in longest)


def _rows(data: Sequences, fit: Ints, truncation: int) -> Rows:
    """The training part as rows of at least two truncation lengths, the last of each series apart."""
    starts = data.offsets[:-1]
    return stretch(starts, starts + fit, max(ROWS, len(data)), 2 * truncation, truncation)


def count(network: nn.Module) -> int:
    """Weights and biases."""
    return sum(p.numel() for p in network.parameters())


def _owner(rows: Ints, data: Sequences) -> Ints:
    return np.searchsorted(data.offsets, rows, side="right") - 1


def _within(data: Sequences, fit: Ints, horizon: int) -> np.ndarray:
    """(steps, horizon) whether what is asked for lies before `fit` of its series."""
    ends = np.repeat(data.offsets[:-1] + fit, data.lengths)
    return np.arange(1, horizon + 1) < (ends - np.arange(len(ends)))[:, None]


def _skip(skip: RidgeForecaster, fitted: FittedTreatment, shown: Seen, data: Sequences, rows: Ints) -> Floats:
    """(rows, horizon) what the linear skip says at steps `rows`."""
    return RidgeForecaster(fitted, skip.model).outputs(shown, data.values.shape[1], rows)
