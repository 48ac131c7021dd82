"""From a model and data to cases: which losses are looked at, and the state that each window starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from selfloop.data.sequences import Ints, Sequences
from selfloop.errors import DataError
from selfloop.inside.explain.cases import Cases
from selfloop.kinds import kind_of
from selfloop.tasks.forecast.baselines import RidgeForecaster
from selfloop.tasks.forecast.treatment import Kind
from selfloop.train import Predictor
from selfloop.train.classifying import NetworkClassifier, SequenceClassifier
from selfloop.train.encoder import RecurrentEncoder, State
from selfloop.train.forecasting import NetworkForecaster

MOST_CASES = 256
FREQUENCIES, LINEAR = "guessing by the classes’ frequencies", "the linear model beside it alone"
BASELINES: dict[Kind, str] = {
    "changes": "forecasting no change",
    "both": "forecasting no change",
    "level": "forecasting the mean of what it learnt from",
    "seasonal changes": "repeating the last season",
}


@dataclass(frozen=True, eq=False)
class Windows:
    """The last `window` steps up to some places of flat sequences, and what the encoder made of all before."""

    inputs: Tensor  # (W, B, I)
    lengths: Tensor  # (B,)
    starts: State
    earlier: Tensor  # (B, D)
    skipped: Tensor  # (B,)


def cases_of(predictor: Predictor, data: Sequences, window: int, seed: int = 0) -> Cases:
    """Up to 256 losses of a model on data, spread over all of them.

    Raises:
        DataError: no series is long enough for a forecast to be compared with what came.
    """
    if isinstance(predictor.model, NetworkClassifier):
        return classified(predictor.model, data, window, seed)
    assert isinstance(predictor.model, NetworkForecaster), "a recurrent encoder has this head or the other"
    return _forecast(predictor, predictor.model, data, window)


def classified(model: NetworkClassifier, data: Sequences, window: int, seed: int = 0) -> Cases:
    """Up to 256 sequences, read to their ends; without labels, against the model's own answers."""
    network = model.network
    assert isinstance(network, SequenceClassifier), "a recurrent encoder has this head"
    drawn = np.random.default_rng(seed).permutation(len(data))[:MOST_CASES]
    some = data.take(np.sort(drawn))
    inputs = torch.from_numpy(model.scaler.scale(some.values).astype(np.float32))
    seen = windows(network.encoder, inputs, some.offsets[:-1], some.offsets[1:], window)
    of, targets = "cross-entropy of the answer at the end", some.labels
    if targets is None:
        of = f"{of}, against the model’s own answer: the true classes are not known"
        targets = model.probabilities(some, np.arange(len(some))).argmax(1)
    return Cases(
        network.encoder, network.head, network.pool, seen.inputs, seen.lengths, seen.starts, seen.earlier, seen.skipped,
        torch.from_numpy(np.asarray(targets)), of, "sequence", FREQUENCIES,
        None if some.labels is None else torch.from_numpy(np.asarray(some.labels)),
    )  # fmt: skip


def _forecast(predictor: Predictor, model: NetworkForecaster, data: Sequences, window: int) -> Cases:
    horizon, encoder = predictor.card.horizon, model.network.encoder
    assert isinstance(encoder, RecurrentEncoder), "checked when the model was read"
    predictor._check(data)
    fitted = model.fitted.extended(data, data.lengths)
    shown = fitted.show(data)
    wanted = asked = shown.targets
    if model.skip:
        linear = RidgeForecaster(fitted, model.skip.model)
        wanted = wanted - linear.outputs(shown, data.values.shape[1], np.arange(len(data.values)))
    known = np.flatnonzero(np.isfinite(wanted).all(axis=1) & _settled(data, predictor.card.season))
    if len(known) == 0:
        raise DataError(
            f"{data.name} has no step after which {horizon} more are known; expected a series of more than "
            f"{predictor.card.season + horizon + 1} steps. Give more of its past."
        )
    ends = known[np.unique(np.linspace(0, len(known) - 1, min(MOST_CASES, len(known))).astype(np.int64))]
    inputs = torch.from_numpy(shown.inputs.astype(np.float32))
    firsts = data.offsets[np.searchsorted(data.offsets, ends, side="right") - 1]
    seen = windows(encoder, inputs, firsts, ends + 1, window)
    of = f"squared error of the scaled forecast, {horizon} step{'s' if horizon > 1 else ''} ahead"
    if model.skip:
        of += "; the linear model beside the network reads its own past, which is left alone"
    return Cases(
        encoder, model.network.head, "last", seen.inputs, seen.lengths, seen.starts, seen.earlier, seen.skipped,
        torch.from_numpy(wanted[ends].astype(np.float32)), of, "forecast",
        LINEAR if model.skip else BASELINES[fitted.treatment.kind], torch.from_numpy(asked[ends].astype(np.float32)),
    )  # fmt: skip


def _settled(data: Sequences, season: int) -> np.ndarray:
    """(steps,) whether a forecast is made there: after one season and a step."""
    return np.concatenate([np.arange(steps) >= season for steps in data.lengths])


def windows(encoder: RecurrentEncoder, inputs: Tensor, firsts: Ints, stops: Ints, window: int) -> Windows:
    """The steps max(first, stop − window) to stop − 1 of flat inputs (steps, I), of each case."""
    begins = np.maximum(firsts, stops - window)
    lengths = torch.from_numpy(stops - begins)
    index = torch.from_numpy(begins) + torch.arange(int(lengths.max()))[:, None]
    padded = inputs[torch.minimum(index, torch.from_numpy(stops) - 1)]
    starts, earlier = _pasts(encoder, inputs, firsts, begins)
    return Windows(padded, lengths, starts, earlier, torch.from_numpy(begins - firsts))


@torch.no_grad()
def _pasts(encoder: RecurrentEncoder, inputs: Tensor, firsts: Ints, begins: Ints) -> tuple[State, Tensor]:
    """Each layer's state after steps first to begin − 1 of each case, and the sum of the features there.

    Each sequence is read once, from one begin to the next.
    """
    found: list[State | None] = [None] * len(firsts)
    sums = torch.zeros(len(firsts), encoder.output_size)
    place, state, total = -1, None, torch.zeros(encoder.output_size)
    for k in np.lexsort((begins, firsts)).tolist():
        first, begin = int(firsts[k]), int(begins[k])
        if place < first or begin < place:
            place, state, total = first, None, torch.zeros(encoder.output_size)
        if begin > place:
            features, state = encoder(inputs[place:begin, None], state)
            total = total + features.sum(dim=(0, 1))
        place, found[k], sums[k] = begin, state, total
    return _joined(encoder, found), sums


def _joined(encoder: RecurrentEncoder, states: list[State | None]) -> State:
    """One state of a batch; zeros where there is none."""
    count, D = len(kind_of(encoder.kind).states), 2 if encoder.both else 1
    zeros = (torch.zeros(D, 1, encoder.hidden_size),) * count
    each = [state if state is not None else [zeros] * len(encoder.layers) for state in states]
    return [
        tuple(torch.cat([state[layer][k] for state in each], dim=1) for k in range(count))
        for layer in range(len(encoder.layers))
    ]
