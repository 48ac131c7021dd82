"""Evidence in plain sentences, each with what to do next. Thresholds are measured: docs/see.md, benchmarks/see.py.

A short memory is no defect: the data may need no more. So nothing here is an alarm unless something else says that
memory is missing: the model knows nothing, or another model remembers more and has a lower loss.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from selfloop.kinds import kind_of
from selfloop.results.explanation import HorizonCurve, LagGradient, ModelInsight
from selfloop.results.exploration import Finding, Horizon
from selfloop.tracing.quantities import covered, truncation
from selfloop.voice import spoken
from selfloop.words import count, percent, three

LOST = 1e-4  # of G(0): less is almost no signal
GROWS = 1000.0  # times: a gradient that explodes; networks that learnt well reach a hundred
UNINFORMED = 0.97  # of the loss without any input: a model above it knows next to nothing
HALVES = 2.5  # steps: a median time constant below it is about what torch's start gives
UNWRITTEN = 0.2  # of the units
LEFT_OUT = 0.03  # of the signal, by a truncation
MOST_OF = 0.8  # of the steps that were looked at: a truncation that is longer leaves out what was not seen


def findings_of(model: ModelInsight, longest: int) -> tuple[Finding, ...]:
    """Of one model by itself, most telling first.

    Args:
        model: what was measured.
        longest: steps of the longest sequence.
    """
    if not np.isfinite(model.loss):
        return (_diverged(model),)
    found = [
        _nothing_learnt(model),
        _horizon(model, longest),
        _vanishing(model),
        _exploding(model),
        _time_constants(model),
        _unwritten(model),
        _truncation(model),
    ]
    return tuple(replace(finding, next=spoken(finding.next)) for finding in found if finding is not None)


def reach(gradient: LagGradient) -> int | None:
    """The first lag at which almost nothing is left of the signal; None: there is none in the window."""
    values = _values(gradient)
    lost = np.flatnonzero(values < LOST * values[0])
    return int(lost[0]) if len(lost) else None


def knows_nothing(model: ModelInsight) -> bool:
    """Whether it answers no better than its baseline, which has no network."""
    return model.uninformed is not None and model.loss > UNINFORMED * model.uninformed


def no_better(model: ModelInsight) -> str:
    """What a model that knows next to nothing does, against its baseline: lower by too little is still lower."""
    assert model.uninformed is not None, "it has a baseline"
    if model.loss * UNINFORMED > model.uninformed:
        return "worse"
    return "no better" if model.loss >= model.uninformed else "hardly better"


def depends_on(curve: HorizonCurve) -> str:
    """The horizon with its interval, as a reader says it: "20 steps [18–22]"."""
    steps = curve.horizon.steps
    if steps is None:
        return f"more than {count(curve.horizon.window - 1, 'step')}{interval_of(curve)}"
    return f"{count(steps, 'step')}{interval_of(curve)}"


def interval_of(curve: HorizonCurve) -> str:
    """In brackets; empty where it is no wider than the horizon itself."""
    found = curve.horizon
    if found.low == found.high == found.steps or found.low is None:
        return ""
    return f" [{found.low}–{found.high if found.high is not None else 'more'}]"


def _values(gradient: LagGradient) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in gradient.values])


def _diverged(model: ModelInsight) -> Finding:
    return Finding(
        f"This {model.label}’s loss is not a finite number on these data, so nothing was measured.",
        "Its weights, or what it read, are too large or no numbers: train it again, with smaller steps or clipped "
        "gradients, and look at the data for extreme values.",
        "diverged",
    )


def _nothing_learnt(model: ModelInsight) -> Finding | None:
    if not knows_nothing(model):
        return None
    worse = no_better(model)
    return Finding(
        f"This {model.label} does {worse} than {model.baseline}: its loss is {three(model.loss)}, against "
        f"{three(model.uninformed)}.",
        "Read nothing into its memory; find out first whether there is more to learn, and why it has not: look at the "
        "gradient by lag.",
        "uninformed",
    )


def _horizon(model: ModelInsight, longest: int) -> Finding | None:
    curve = model.horizon
    if curve is None:
        return Finding(model.no_horizon) if model.no_horizon else None
    if knows_nothing(model):
        return None
    found, share = curve.horizon, share_of(curve.horizon, curve.horizon.epsilon)
    if found.window == 1:
        return Finding("What was read is one step each: there is no past to remember.")
    if found.steps is None:
        more = f"Look further back: --window {2 * found.window}." if longest > found.window else ""
        return Finding(
            f"Inputs older than {count(found.window - 1, 'step')} still change this {model.label}’s loss by {share} or "
            "more.",
            more,
        )
    if found.falls:
        return _useless(model, found, depends_on(curve))
    if found.steps == 0:
        return Finding(
            f"Nothing before the last step changes this {model.label}’s loss by {share}: the past has no measurable "
            "effect.",
            "Compare it with a model that reads the last step alone: it may do as well.",
        )
    cycle = "" if model.each == "step" else "; if a known cycle is longer, add lag features of it"
    enough = _enough(found.steps)
    shorter = f"A window of {count(enough, 'step')} may do as well: try compare with --window {enough}{cycle}."
    return Finding(
        f"Inputs older than {depends_on(curve)} change this {model.label}’s loss by under {share}.",
        shorter if 2 * found.steps < found.window else "",
    )


def _useless(model: ModelInsight, found: Horizon, steps: str) -> Finding:
    """The loss falls when what is older is replaced."""
    fewer = "the last step alone" if found.steps == 0 else f"the last {count(_enough(found.steps or 0), 'step')}"
    older = "before the last step" if found.steps == 0 else f"older than {steps}"
    return Finding(
        f"Inputs {older} do not help this {model.label}: with others in their place its loss is up to "
        f"{share_of(found, found.falls)} lower.",
        f"Compare it with a model that reads {fewer}: it may do better.",
    )


def share_of(found: Horizon, share: float) -> str:
    """A share of the scale that the horizon is measured on: "1 %", "1 % of what the whole past is worth"."""
    return percent(share) + (" of what the whole past is worth" if found.of == "past" else "")


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
    norm = gradient.batch_norm
    clip = "" if norm is None else f"Clip gradients at {three(norm)}, the 90th percentile here. "
    often = "on most losses" if (gradient.typical_growth or 0) > GROWS else "on 1 loss in 100 or more"
    return Finding(
        f"The gradient explodes {often}: it grows to {three(gradient.extreme_growth)} times its size on its way back.",
        f"{clip}Start the recurrent weights smaller or orthogonal.",
        "exploding",
    )


def _time_constants(model: ModelInsight) -> Finding | None:
    kind = kind_of(model.cell)
    if not model.time_constants or kind.keep is None:
        return None
    middle, gate = float(np.median(model.time_constants)), f"{kind.keep.gate.name} gate"
    horizon = None if model.horizon is None else model.horizon.horizon.steps
    if middle < HALVES:
        said = (
            f"A typical unit’s {gate} lets {percent(1 / middle)} of its memory go at each step (median time "
            f"constant {three(middle)} steps)"
        )
        if horizon is not None and horizon > 4 * middle:
            return Finding(f"{said}, and yet inputs {horizon} steps back matter: a few slow units carry them.")
        if model.gradient is not None and reach(model.gradient) is not None and knows_nothing(model):
            return Finding(f"{said}.", f"Train with {kind.longer}, or chrono biases with T_max at the lag.", "halving")
        return Finding(f"{said}.")
    return None


def _unwritten(model: ModelInsight) -> Finding | None:
    """Units into which no step writes. A gate that is shut most of the time is what remembering looks like."""
    write = kind_of(model.cell).write
    for gate in (gate for gate in model.saturation if write is not None and gate.symbol == write.gate.symbol):
        assert write is not None, "looked at above"
        never = gate.open if write.rest else gate.shut
        share = float(np.mean(np.array(never) == 1))
        if share >= UNWRITTEN:
            return Finding(
                f"{percent(share)} of the units are hardly ever written: their {gate.gate} gate is "
                f"{'above 0.9' if write.rest else 'below 0.1'} at every step.",
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
    used = None if model.horizon is None else model.horizon.horizon.steps
    more = "Longer ones add next to nothing to the gradient of this model as it is."
    less = "Its answers use less of it: how many steps a window needs, the horizon says."
    return Finding(
        f"Truncated backpropagation over {steps} steps covers {percent(share)} of the signal that this "
        f"{model.label} sends.",
        less if used is not None and _enough(used) < steps else more,
    )


def _enough(horizon: int) -> int:
    """Steps of a window that may do, a third more than are used."""
    return -(-horizon * 4 // 3)


def with_findings(model: ModelInsight, longest: int) -> ModelInsight:
    """The model and what its evidence says."""
    return replace(model, findings=findings_of(model, longest))
