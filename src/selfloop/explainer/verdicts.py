"""Evidence in plain sentences, each with what to do next. Thresholds are measured: docs/see.md, benchmarks/see.py.

A short memory is no defect: the data may need no more. So nothing here is an alarm unless something else says that
memory is missing: the model knows nothing, or another model remembers more and has a lower loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from selfloop.explanation import HorizonCurve, LagGradient, ModelInsight
from selfloop.exploration import Finding
from selfloop.report.numbers import listed, percent, three
from selfloop.trace.quantities import covered, truncation

LOST = 1e-4  # of G(0): less is almost no signal
GROWS = 1000.0  # times: a gradient that explodes; networks that learnt well reach a hundred
UNINFORMED = 0.97  # of the loss without any input: a model above it knows next to nothing
HALVES = 2.5  # steps: a median time constant below it is about what torch's start gives
UNWRITTEN = 0.2  # of the units
LEFT_OUT = 0.03  # of the signal, by a truncation
MOST_OF = 0.8  # of the steps that were looked at: a truncation that is longer leaves out what was not seen
LOWER = 0.97  # of another's loss: lower by what matters in a comparison


def findings_of(model: ModelInsight, longest: int) -> tuple[Finding, ...]:
    """Of one model by itself, most telling first.

    Args:
        model: what was measured.
        longest: steps of the longest sequence.
    """
    found = [
        _nothing_learnt(model),
        _horizon(model, longest),
        _vanishing(model),
        _exploding(model),
        _time_constants(model),
        _unwritten(model),
        _truncation(model),
    ]
    return tuple(finding for finding in found if finding is not None)


def reach(gradient: LagGradient) -> int | None:
    """The first lag at which almost nothing is left of the signal; None: there is none in the window."""
    values = _values(gradient)
    lost = np.flatnonzero(values < LOST * values[0])
    return int(lost[0]) if len(lost) else None


def knows_nothing(model: ModelInsight) -> bool:
    """Whether it answers no better than without any input."""
    return model.loss > UNINFORMED * model.uninformed


def depends_on(curve: HorizonCurve) -> str:
    """The horizon with its interval, as a reader says it."""
    found = curve.horizon
    steps = f"{found.steps}" if found.steps is not None else f"more than {found.window - 1}"
    if found.low == found.high == found.steps or found.low is None:
        return steps
    return f"{steps} [{found.low}–{found.high if found.high is not None else 'more'}]"


def _values(gradient: LagGradient) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in gradient.values])


def _nothing_learnt(model: ModelInsight) -> Finding | None:
    if not knows_nothing(model):
        return None
    return Finding(
        f"This {model.label} answers no better than without any input: its loss is {three(model.loss)}, and "
        f"{three(model.uninformed)} without.",
        "Read nothing into its memory; find out first why it has not learnt: look at the gradient by lag.",
        "uninformed",
    )


def _horizon(model: ModelInsight, longest: int) -> Finding | None:
    curve = model.horizon
    if curve is None:
        return Finding(model.no_horizon) if model.no_horizon else None
    if knows_nothing(model):
        return None
    found, share = curve.horizon, percent(curve.horizon.epsilon)
    if found.steps is None:
        more = f"Look further back: --window {2 * found.window}." if longest > found.window else ""
        return Finding(f"Inputs {found.window - 1} steps back still change this {model.label}’s loss by {share}.", more)
    if found.steps == 0:
        return Finding(
            f"Nothing before the last step changes this {model.label}’s loss by {share}: the past has no measurable "
            "effect.",
            "Compare it with a model that reads the last step alone: it may do as well.",
        )
    enough = -(-found.steps * 4 // 3)
    shorter = f"Retrain on {enough} steps and compare; if a known cycle is longer, add lag features of it."
    return Finding(
        f"Inputs older than {depends_on(curve)} steps change this {model.label}’s loss by under {share}.",
        shorter if 2 * found.steps < found.window else "",
    )


def _vanishing(model: ModelInsight) -> Finding | None:
    if model.gradient is None or (lost := reach(model.gradient)) is None:
        return None
    said = f"Almost no learning signal reaches {lost} steps back: less than 1/10,000 of what the last step feels."
    if knows_nothing(model):
        remedy = "chrono biases, for the lag that matters" if model.time_constants else "a gated cell, an LSTM or a GRU"
        return Finding(said, f"If the answer lies further back, train {remedy}.", "vanishing")
    return Finding(said, "That is no defect where the answer needs no more; a longer memory would need more of it.")


def _exploding(model: ModelInsight) -> Finding | None:
    gradient = model.gradient
    if gradient is None or gradient.extreme_growth is None or gradient.extreme_growth <= GROWS:
        return None
    clip = (
        ""
        if gradient.batch_norm is None
        else f"Clip gradients at {three(gradient.batch_norm)}, the 90th percentile here. "
    )
    often = "on most losses" if (gradient.typical_growth or 0) > GROWS else "on 1 loss in 100 or more"
    return Finding(
        f"The gradient explodes {often}: it grows to {three(gradient.extreme_growth)} times its size on its way back.",
        f"{clip}Start the recurrent weights smaller or orthogonal.",
        "exploding",
    )


def _time_constants(model: ModelInsight) -> Finding | None:
    if not model.time_constants:
        return None
    middle, gate = float(np.median(model.time_constants)), "forget gate" if model.cell == "lstm" else "update gate"
    horizon = None if model.horizon is None else model.horizon.horizon.steps
    if middle < HALVES:
        said = (
            f"A typical unit’s {gate} lets about half of its memory go at each step (median time constant "
            f"{three(middle)} steps)"
        )
        if horizon is not None and horizon > 4 * middle:
            return Finding(f"{said}, and yet inputs {horizon} steps back matter: a few slow units carry them.")
        if model.gradient is not None and reach(model.gradient) is not None and knows_nothing(model):
            start = "a forget bias of 1 to 2" if model.cell == "lstm" else "a larger update bias"
            return Finding(f"{said}.", f"Train with {start}, or chrono biases with T_max at the lag.", "halving")
        return Finding(f"{said}.")
    return None


def _unwritten(model: ModelInsight) -> Finding | None:
    """Units into which no step writes. A gate that is shut most of the time is what remembering looks like."""
    for gate in model.saturation:
        never = {"i": gate.shut, "z": gate.open}.get(gate.symbol)
        if never is None:
            continue
        share = float(np.mean(np.array(never) == 1))
        if share >= UNWRITTEN:
            return Finding(
                f"{percent(round(share, 2))} of the units are never written: their {gate.gate} gate is "
                f"{'below 0.1' if gate.symbol == 'i' else 'above 0.9'} at every step.",
                "Fewer units may do.",
                "unwritten",
            )
    return None


def _truncation(model: ModelInsight) -> Finding | None:
    if model.gradient is None or knows_nothing(model):
        return None
    values = _values(model.gradient)
    steps = truncation(values, LEFT_OUT)
    share = None if steps is None else covered(values, steps)
    if steps is None or share is None or steps > MOST_OF * len(values):
        return None
    return Finding(
        f"Truncated backpropagation over {steps} steps covers {percent(round(share, 2))} of the signal that this "
        f"{model.label} sends.",
        "More will not help until its memory is longer.",
    )


def together(models: Sequence[ModelInsight]) -> tuple[Finding, ...]:
    """Of models beside each other: whether one remembers more, and has a lower loss for it."""
    measured = [model for model in models if model.horizon is not None]
    if len(measured) < 2:
        return ()
    best = min(measured, key=lambda model: model.loss)
    losses = listed([f"{model.label} {three(model.loss)}" for model in measured])
    missing = [model for model in measured if _remembers_less(model, best)]
    if not missing:
        return (Finding(f"Losses on the same cases: {losses}. None has a lower loss for remembering more."),)
    assert best.horizon is not None, "measured"
    names = listed([f"this {model.label}" for model in missing])
    verb = "does" if len(missing) == 1 else "do"
    return (
        Finding(
            f"The {best.label} uses inputs up to {depends_on(best.horizon)} steps back and has the lowest loss; "
            f"{names} {verb} not look that far ({losses}).",
            f"Memory seems to be what {names} lack{'s' if len(missing) == 1 else ''}: use the {best.label}, or give "
            "the other a longer memory (a gated cell, chrono biases) and compare.",
            "short memory",
        ),
    )


def _remembers_less(model: ModelInsight, best: ModelInsight) -> bool:
    """Whether both intervals of the horizon are apart, and the loss is higher by what matters."""
    assert model.horizon is not None, "measured"
    assert best.horizon is not None, "measured"
    if best.loss >= LOWER * model.loss:
        return False
    if knows_nothing(model):
        return not knows_nothing(best)
    high, low = model.horizon.horizon.high, best.horizon.horizon.low
    return high is not None and (low is None or high < low)


def headline(models: Sequence[ModelInsight]) -> str:
    """The message in one sentence."""
    first = models[0]
    if knows_nothing(first):
        return f"This {first.label} answers no better than without any input."
    if first.horizon is None:
        return f"What this {first.label}’s gates do, on many sequences and on one."
    depending = [model for model in models if model.horizon is not None and not knows_nothing(model)]
    parts = [
        f"this {model.label} {'remembers' if k == 0 else ''} {depends_on(model.horizon)}".replace("  ", " ")
        for k, model in enumerate(depending)
        if model.horizon is not None
    ]
    unit = "steps: older inputs change its loss" if len(parts) == 1 else "steps: older inputs change their losses"
    said = f"{listed(parts)} {unit} by under {percent(first.horizon.horizon.epsilon)}."
    return said[0].upper() + said[1:]


def with_findings(model: ModelInsight, longest: int) -> ModelInsight:
    """The model and what its evidence says."""
    return replace(model, findings=findings_of(model, longest))
