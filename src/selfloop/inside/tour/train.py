"""Networks that learn to recall a symbol: how one is trained, and how far its learning signal gets before that."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from selfloop.data import Sequences
from selfloop.data.generators import SYMBOLS, recall
from selfloop.kinds import kind_of
from selfloop.results.tour import Signal, Start, Trained
from selfloop.tasks.cases import CasePipeline
from selfloop.tasks.material import Material
from selfloop.tasks.output import Classes
from selfloop.tasks.scaler import Scaler
from selfloop.tracing.quantities import by_lag
from selfloop.tracing.trace import trace
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.loop import train_until
from selfloop.train.network import Network
from selfloop.train.read import Batches
from selfloop.train.whole import WholeProblem

HIDDEN = 8  # so few that every number fits on the page
CASES, TESTS, SOME_TESTS = 2048, 512, 128
LEARNING_RATE = 0.01
MOST_UPDATES = 1280
ENOUGH = 0.99  # accuracy at which training stops
Curve = tuple[float, ...]


@dataclass(frozen=True)
class Recipe:
    """One network to train. `seed` chooses its start and the order of batches."""

    cell: str
    start: Start
    lag: int
    seed: int = 0

    @property
    def label(self) -> str:
        """Its cell as people write it."""
        return kind_of(self.cell).label


def unseen(lag: int) -> Sequences:
    """The sequences that accuracy is measured on."""
    return recall(lag=lag, cases=TESTS, seed=2)


def begin(recipe: Recipe, longest: int) -> Network:
    """A network before training. The caller's random numbers stay as they are."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        encoder = RecurrentEncoder(recipe.cell, SYMBOLS + 1, HIDDEN, layers=1, both=False)
        network = Network(encoder, "last", Classes(SYMBOLS))
        encoder.initialise(longest, recipe.start)
    return network


def learn(subject: None, recipe: Recipe, most: int = MOST_UPDATES) -> tuple[Trained, Network]:
    """Train one network until it is right, or has taken `most` gradient steps.

    Args:
        subject: nothing; workers hand it to whatever they run.
        recipe: which one.
        most: gradient steps.
    """
    began = time.perf_counter()
    data, tests = recall(lag=recipe.lag, cases=CASES, seed=1), unseen(recipe.lag)
    longest, every = int(data.lengths.max()), np.arange(CASES)
    network = begin(recipe, longest)
    channels = data.values.shape[1]
    as_they_are = CasePipeline(Scaler(np.zeros(channels), np.ones(channels)))
    material = Material(as_they_are, data.values, data.offsets, _labels(data).numpy(), every, every, None, longest)
    problem = WholeProblem(network, Classes(SYMBOLS), material)
    right = partial(measure, network, tests)
    updates = train_until(problem, LEARNING_RATE, most, recipe.seed, lambda: right() >= ENOUGH)
    seconds = time.perf_counter() - began
    return Trained(recipe.cell, recipe.label, recipe.start, recipe.lag, right(), updates, seconds), network.eval()


@torch.no_grad()
def measure(network: Network, tests: Sequences) -> float:
    """Share of the tests answered right."""
    scores = scores_of(network, flat_of(tests), torch.arange(len(tests)))
    return float((scores.argmax(1) == _labels(tests)).double().mean())


def signal(recipe: Recipe) -> Signal:
    """The gradient by lag of a network that has not been trained, over the whole of `recipe.lag`."""
    longest = int(recall(lag=recipe.lag, cases=CASES, seed=1).lengths.max())
    return Signal(recipe.cell, recipe.label, recipe.start, gradient_by_lag(begin(recipe, longest), recipe.lag))


def gradient_by_lag(network: Network, lag: int) -> Curve:
    """Mean norm of dL/dc, of dL/dh where there is no c, at k = 0, ..., lag steps before the end, over some tests."""
    tests = unseen(lag).take(range(SOME_TESTS))
    x, lengths = flat_of(tests).batch(torch.arange(SOME_TESTS), None)
    with trace(network) as traced:
        loss = functional.cross_entropy(network(x, None, lengths)[0], _labels(tests), reduction="sum")
        torch.autograd.grad(loss, list(network.parameters()))
    part = traced["encoder.layers.0"].at()
    gradient = part.grad_hidden if part.grad_cell is None else part.grad_cell
    return tuple(by_lag(gradient.double().norm(dim=-1).numpy(), lengths.numpy())[: lag + 1].tolist())


def flat_of(data: Sequences) -> Batches:
    """As they are: ones and zeros need no scaling."""
    return Batches(data.values, data.offsets)


def scores_of(network: Network, flat: Batches, cases: Tensor) -> Tensor:
    """(cases, K) of whole sequences."""
    x, lengths = flat.batch(cases, None)
    scores, _ = network(x, None, lengths)
    return scores  # type: ignore[no-any-return]


def _labels(data: Sequences) -> Tensor:
    assert data.labels is not None, "recall has classes"
    return torch.from_numpy(data.labels)
