"""One model's cases in, what was found inside it out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from selfloop.inside.explain.cases import Cases
from selfloop.kinds import Kind, kind_of
from selfloop.results.array import Array
from selfloop.results.explanation import HorizonCurve, LagGradient, Ledger, ModelInsight, Saturation
from selfloop.results.exploration import TracedModel
from selfloop.tracing import quantities
from selfloop.tracing.quantities.lags import Floats, Ints
from selfloop.tracing.trace import trace

WORK = 6e10  # operations that a horizon may take: a few seconds
FEWEST, MOST_REPEATS = 32, 8  # cases, and other pasts that each is given
BATCH, BATCHES = 16, 16  # of the gradients whose norms say where to clip
LARGEST_UNITS = 8  # of the ledger

ALONE = "There is one {each} alone, and no other past to put in place of its own: no horizon was measured."
ONE_CLASS = "All answers are of one class, to which another’s past leads as well: no horizon was measured."
NOT_FINITE = "The loss of this {label} is not a finite number, so it has no horizon, and no gradient by lag."
NO_HORIZON = (
    "This {label} reads in both directions: every step sees all others, so there is no one-way horizon, and no "
    "gradient by lag. Gates, time constants and the ledger are of its reading forwards."
)


@dataclass(frozen=True, eq=False)
class Passed:
    """One forward and backward over all cases."""

    loss: float  # the mean
    gates: dict[str, Floats]  # by symbol, (steps, H) of all valid steps, in the last layer
    norms: Floats  # (W, B) of dL/dc of the LSTM, dL/dh of the others, in all layers: a lower one may carry what is old


def insight_of(cases: Cases, name: str, label: str) -> ModelInsight:
    """All but the ledger, which is of one sequence, and the findings."""
    seen, both = passed(cases), cases.encoder.both
    missing = _no_horizon(cases, seen.loss).format(label=label, each=cases.each)
    no_gradient = both or not np.isfinite(seen.loss)
    kind = kind_of(cases.encoder.kind)
    keep = None if kind.keep is None else kind.keep.of(seen.gates)
    return ModelInsight(
        name=name, label=label, cell=kind.name, hidden_size=cases.encoder.hidden_size,
        loss=seen.loss, uninformed=cases.ignorant(),
        gradient=None if no_gradient else gradient_of(cases, seen), horizon=None if missing else horizon_of(cases),
        no_horizon=missing,
        time_constants=() if keep is None else tuple(quantities.time_constants(keep).tolist()),
        saturation=saturations(kind, seen.gates), ledger=None, findings=(),
        baseline=cases.baseline, each=cases.each,
    )  # fmt: skip


def _no_horizon(cases: Cases, loss: float) -> str:
    """Why there is none; empty where there is one."""
    if not np.isfinite(loss):
        return NOT_FINITE
    if cases.encoder.both:
        return NO_HORIZON
    if len(cases) == 1:
        return ALONE
    return ONE_CLASS if cases.window > 1 and cases.of_one_class else ""


def passed(cases: Cases) -> Passed:
    """Read all cases, and send each one's loss back.

    Raises:
        TraceError: the kernels cannot run a layer.
    """
    with trace(cases.encoder) as traced:
        losses = cases.losses()
        torch.autograd.grad(losses.sum(), list(cases.encoder.parameters()))
    parts = [layer.at() for layer in traced.values()]
    reached = [part.grad_hidden if part.grad_cell is None else part.grad_cell for part in parts]
    norms = torch.stack(reached).double().square().sum(dim=(0, -1)).sqrt()
    valid = torch.arange(cases.window)[:, None] < cases.lengths
    by_symbol = kind_of(cases.encoder.kind).by_symbol(parts[-1].gates)
    kept = {symbol: gate[valid].double().numpy() for symbol, gate in by_symbol.items()}
    return Passed(float(losses.detach().double().mean()), kept, norms.numpy())


def gradient_of(cases: Cases, seen: Passed) -> LagGradient:
    """How far the learning signal reaches, and whether it grows on its way."""
    lengths = cases.lengths.numpy()
    values = quantities.by_lag(seen.norms, lengths)
    grown = quantities.growth(seen.norms, lengths, spread=cases.averaged)
    batches = _batch_norms(cases)
    return LagGradient(
        values=tuple(float(value) if np.isfinite(value) else None for value in values),
        slope=quantities.slope(values),
        losses=len(cases),
        typical_growth=_finite(np.median(grown)),
        extreme_growth=_finite(np.percentile(grown, 99)),
        batch_norm=_finite(np.percentile(batches, 90)),
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _batch_norms(cases: Cases) -> Floats:
    """Norms of the gradient of a batch's mean loss in all weights."""
    rng, norms = np.random.default_rng(0), []
    weights = list(cases.network.parameters())
    for _ in range(BATCHES):
        which = torch.from_numpy(rng.choice(len(cases), min(BATCH, len(cases)), replace=False))
        found = torch.autograd.grad(cases.take(which).losses().mean(), weights)
        norms.append(float(torch.cat([each.flatten() for each in found]).double().norm()))
    return np.array(norms)


@torch.no_grad()
def horizon_of(cases: Cases, seed: int = 0) -> HorizonCurve:
    """How far back the loss of two or more cases depends on what was read."""
    rng, lags = np.random.default_rng(seed), quantities.lag_grid(cases.window)
    count, repeats = _affordable(cases, len(lags))
    cases = cases.take(torch.from_numpy(np.sort(rng.permutation(len(cases))[:count])))
    full = cases.losses().double().numpy()
    others = [partners(cases.lengths.numpy(), rng) for _ in range(repeats)]
    losses = [np.mean([_with_past(cases, lag, other) for other in others], axis=0) for lag in lags.tolist()]
    return quantities.horizon_curve(lags, np.array(losses), full)


def _with_past(cases: Cases, lag: int, other: Ints) -> Floats:
    """(B,) losses when all that is older than `lag` comes from others."""
    steps, sequences = quantities.replaced(cases.lengths.numpy(), lag, other)
    changed = cases.with_past(torch.from_numpy(steps), torch.from_numpy(sequences), torch.from_numpy(other))
    return changed.losses().double().numpy()


def _affordable(cases: Cases, lags: int) -> tuple[int, int]:
    """How many cases, and how many other pasts each."""
    runs = max(WORK / (2 * cases.encoder.operations * cases.window * lags), FEWEST)
    count = min(len(cases), int(runs))
    return count, int(np.clip(runs // count, 1, MOST_REPEATS))


def partners(lengths: Ints, rng: np.random.Generator) -> Ints:
    """For each sequence another one that is as long or longer, drawn at random; for the longest the next longest."""
    order = np.argsort(lengths, kind="stable")
    place = np.argsort(order, kind="stable")  # of each sequence in that order
    first = np.minimum(np.searchsorted(lengths[order], lengths), len(lengths) - 2)  # none shorter, from here on
    drawn = rng.integers(first, len(lengths) - 1)
    return np.asarray(order[drawn + (drawn >= place)])  # but not itself


def saturations(kind: Kind, values: dict[str, Floats]) -> tuple[Saturation, ...]:
    """Of every gate that is a share."""
    found = []
    for gate in (gate for gate in kind.gates if gate.share and gate.symbol in values):
        shut, wide = quantities.saturation(values[gate.symbol])
        found.append(Saturation(gate.name, gate.symbol, tuple(shut.tolist()), tuple(wide.tolist())))
    return tuple(found)


def ledger_of(model: TracedModel) -> Ledger | None:
    """Of the sequence that is explored, for the units that hold most."""
    if model.kind.belt is None:
        return None
    keep, write, candidate = model.kind.belt
    values = {symbol: each.numpy().astype(np.float64) for symbol, each in model.gates.items()}
    start, held = model.h0 if model.c0 is None else model.c0, model.hidden
    if model.cell_state is not None:
        held = model.cell_state
    wrote = write.of(values) * values[candidate.symbol]
    last = held.numpy()[-1].astype(np.float64)
    units = np.argsort(-np.abs(last), kind="stable")[:LARGEST_UNITS]
    written = quantities.ledger(keep.of(values), wrote, start.numpy().astype(np.float64))
    return Ledger(tuple(map(int, units)), Array.of(written[:, units].T), Array.of(last[units]))
