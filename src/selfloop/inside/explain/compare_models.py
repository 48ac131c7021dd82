"""What is said of models together: which one remembers more, and the message in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from selfloop.inside.explain.findings import depends_on, knows_nothing, no_better
from selfloop.results.explanation import HorizonCurve, ModelInsight
from selfloop.results.exploration import Finding
from selfloop.words import listed, percent, three

LOWER = 0.97  # of another's loss: lower by what matters in a comparison
APART = (
    Finding(
        "The models’ losses are not compared: the true answers are not known, or the models were asked for unlike "
        "things (another horizon, treatment or scale).",
        "Give data with the truth, and models of one study.",
    ),
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
        return (Finding(f"Losses on the same cases: {losses}. That one is lower for remembering more is not shown."),)
    assert best.horizon is not None, "measured"
    names = listed([f"this {model.label}" for model in missing])
    verb = "does" if len(missing) == 1 else "do"
    return (
        Finding(
            f"The {best.label} uses inputs up to {depends_on(best.horizon)} back and has the lowest loss; "
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
    first, *others = models
    if not np.isfinite(first.loss):
        return f"This {first.label}’s loss is not a finite number: nothing was measured."
    if knows_nothing(first):
        said = f"This {first.label} does {no_better(first)} than {first.baseline}"
        return "; ".join([said, *([remembered(others)] if _depending(others) else [])]) + "."
    if first.horizon is None:
        what = "gates do" if first.saturation else "hidden state does"
        return f"What this {first.label}’s {what}; no horizon was measured."
    said = remembered(models)
    return f"{said[0].upper()}{said[1:]}."


def remembered(models: Sequence[ModelInsight]) -> str:
    """How far back those of them look that have a horizon."""
    curves = _depending(models)
    each = [f"this {label} {'' if k else 'remembers '}{depends_on(curve)}" for k, (label, curve) in enumerate(curves)]
    if any(curve.horizon.steps is None for _, curve in curves):
        return f"{listed(each)}; further back was not looked"
    found = [curve.horizon for _, curve in curves]
    share, whose = percent(found[0].epsilon), "its loss" if len(curves) == 1 else "their losses"
    if any(horizon.of == "past" for horizon in found):
        several = ", of the loss or of what the whole past is worth"
        share += " of what the whole past is worth" if len(found) == 1 else several
    if any(horizon.falls for horizon in found):
        return f"{listed(each)}: without older inputs {whose} would rise by under {share}, or fall"
    return f"{listed(each)}: older inputs change {whose} by under {share}"


def _depending(models: Sequence[ModelInsight]) -> list[tuple[str, HorizonCurve]]:
    return [(m.label, m.horizon) for m in models if m.horizon is not None and not knows_nothing(m)]
