"""Of each unit's gates: how long it keeps, and how often it is nearly shut or nearly open."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

from selfloop.kinds import kind_of
from selfloop.report.charts.drawing import LINE, MUTED, Canvas, Picture, picture
from selfloop.report.charts.models import ModelLook
from selfloop.report.charts.parts import Records, data, marked_axis
from selfloop.report.charts.pixels import BROKEN
from selfloop.report.charts.timeline import panel_title
from selfloop.results.explanation import Explanation, ModelInsight, Saturation
from selfloop.words import count, listed, percent, three

MOST_DOTS = 64
_LONGEST = 1e6  # steps: a unit that keeps longer keeps for good


def constants_picture(explanation: Explanation, looks: dict[str, ModelLook]) -> Picture | None:
    """Time constants of all units, longest first, a panel a model, one logarithmic axis; dashed the horizon."""
    models = [model for model in explanation.models if any(map(_drawable, model.time_constants))]
    if not models:
        return None
    said = []
    for model in models:
        known = [value for value in model.time_constants if not math.isnan(value)]
        said.append(f"this {looks[model.name].label} {three(_or_long(median(known)))} steps in the middle of its units")
    longer = sum(value >= _LONGEST for model in models for value in model.time_constants)
    caption = "A dot is a unit; the longest are on the left. After one time constant about a third (1/e) of what was "
    caption += "written is left; of a short one, of a step or two, less."
    if any(model.horizon is not None and model.horizon.horizon.steps for model in models):
        caption += " Dashed: the model’s horizon. The two need not agree: a unit may keep what no answer uses, and "
        caption += "units may hand on to each other what none of them keeps for long."
    if longer:
        caption += f" Time constants of {_LONGEST:,.0f} steps and more, {count(longer, 'unit')}, are drawn at the top."
    if any(len(model.time_constants) > MOST_DOTS for model in models):
        caption += f" Of more than {MOST_DOTS} units every n-th is drawn."
    alt = "Time constants: " + listed(said) + "."
    return picture("explain-time-constants", alt, caption, lambda canvas: _constants(models, looks, canvas))


def _drawable(value: float) -> bool:
    return not math.isnan(value) and value > 0


def _or_long(value: float) -> float:
    return min(value, _LONGEST)


def _constants(models: list[ModelInsight], looks: dict[str, ModelLook], canvas: Canvas) -> Any:
    import altair as alt

    values = [_or_long(value) for model in models for value in model.time_constants if _drawable(value)]
    marks: list[float] = [float(m.horizon.horizon.steps) for m in models if m.horizon and m.horizon.horizon.steps]
    low, high = min([1.0, *values]), max([10.0, *values, *marks])
    columns = min(canvas.columns, len(models))
    width = (canvas.width - 56 * columns) // columns
    scale = alt.Scale(type="log", domain=[0.9 * low, 1.8 * high], nice=False)
    ticks = [m * 10.0**k for k in range(-1, 7) for m in ((1, 2, 5) if high / low < 200 else (1,))]
    ticks = [tick for tick in ticks if 0.9 * low <= tick <= 1.8 * high]
    panels = []
    for place, model in enumerate(models):
        look = looks[model.name]
        known = sorted((_or_long(value) for value in model.time_constants if _drawable(value)), reverse=True)
        kept = known[:: -(-len(known) // MOST_DOTS)]
        points: Records = [{"rank": (k + 0.5) / len(kept), "steps": float(f"{v:.4g}")} for k, v in enumerate(kept)]
        title = "time constant, steps" if place % columns == 0 else None
        y = alt.Y(
            "steps:Q", scale=scale, axis=marked_axis(title, ticks, format=",~g", minExtent=32, labelOverlap="greedy")
        )
        x = alt.X(
            "rank:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=marked_axis(
                f"{count(len(known), 'unit')}, longest first", [], grid=False, domain=True
            ),
        )  # fmt: skip
        dots = alt.Chart(data(points)).mark_point(filled=True, size=30, opacity=0.9, color=look.colour)
        layers = [dots.encode(x=x, y=y)]
        found = model.horizon.horizon.steps if model.horizon else None
        if found:
            mark = alt.Chart(data([{"steps": found, "text": f"horizon {found:,}"}]))
            layers.append(mark.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=y))
            words = mark.mark_text(align="right", dy=-7, fontSize=11.5, color=MUTED)
            right = alt.XValue(width)  # type: ignore[no-untyped-call]
            layers.append(words.encode(x=right, y=y, text=alt.Text("text:N")))
        panels.append(alt.layer(*layers).properties(width=width, height=200, title=f"this {look.label}"))
    return alt.concat(*panels, columns=columns).resolve_scale(y="independent")


def saturation_picture(model: ModelInsight, look: ModelLook) -> Picture | None:
    """For each gate and unit: the share of steps on which it was nearly open, in between, nearly shut."""
    gates = [each for each in model.saturation if each.open]
    if not gates:
        return None
    said = [f"{each.gate} gate open {_mean(each.open)}, shut {_mean(each.shut)}" for each in gates]
    alt = f"Share of steps with a gate of this {look.label} above 0.9 or below 0.1, mean over units: {listed(said)}."
    caption = (
        "A column is a unit, sorted from mostly open to mostly shut for each gate on its own. Full colour: share of "
        "steps with the gate above 0.9. Pale: in between. Clear: below 0.1. A gate that is always open or always "
        "shut decides next to nothing: it is nearly a constant."
    )
    if any(math.isnan(share) for each in gates for share in (*each.open, *each.shut)):
        caption += " Grey: not a finite number."
    return picture(
        f"explain-saturation-{look.slug}", alt, caption, lambda canvas: _saturation(gates, model, canvas)
    )  # fmt: skip


def _mean(shares: tuple[float, ...]) -> str:
    known = [share for share in shares if not math.isnan(share)]
    return percent(sum(known) / len(known)) if known else "not finite"


def _saturation(gates: list[Saturation], model: ModelInsight, canvas: Canvas) -> Any:
    import altair as alt

    colours = {gate.symbol: gate.colour for gate in kind_of(model.cell).gates}
    columns = min(canvas.columns, len(gates))
    width = (canvas.width - 64 * columns) // columns
    panels = []
    for place, gate in enumerate(gates):
        title = "share of steps" if place % columns == 0 else None
        axis = marked_axis(title, [0, 0.5, 1], labelExpr="format(100 * datum.value, 'd') + ' %'", grid=False)
        y = alt.Y("low:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
        below = marked_axis(count(len(gate.open), "unit"), [], grid=False)
        x = alt.X("place:Q", scale=alt.Scale(domain=[0, len(gate.open)], nice=False), axis=below)
        share = f"open {_mean(gate.open)} · shut {_mean(gate.shut)} of steps"
        words = panel_title(f"{gate.gate} gate {gate.symbol}", share)
        colour = colours[gate.symbol]
        looks = {"open": (colour, 1), "between": (colour, 0.28), "broken": (BROKEN, 1)}
        areas = [
            alt.Chart(data(steps)).mark_area(color=looks[what][0], opacity=looks[what][1], interpolate="step-after")
            .encode(x=x, y=y, y2=alt.Y2("high:Q"))
            for what, steps in _areas(gate).items()
        ]  # fmt: skip
        panels.append(
            alt.layer(*areas, view=alt.ViewConfig(stroke=LINE)).properties(width=width, height=120, title=words)
        )
    return alt.concat(*panels, columns=columns)


def _areas(gate: Saturation) -> dict[str, Records]:
    """From left to right, what is open, in between, and not a number; the last unit is told twice, to have a width."""
    units = sorted(zip(gate.open, gate.shut, strict=True), key=_openness)
    made: dict[str, Records] = {"open": [], "between": [], "broken": []}
    for place, (opened, shut) in enumerate([*units, units[-1]]):
        known = _known((opened, shut))
        # A pixel is about a hundredth.
        low, high = (round(opened, 2), max(round(opened, 2), round(1 - shut, 2))) if known else (0.0, 0.0)
        for what, step in [("open", (0.0, low)), ("between", (low, high)), ("broken", (0.0, 0.0 if known else 1.0))]:
            steps = made[what]
            if place == len(units) or not steps or (steps[-1]["low"], steps[-1]["high"]) != step:
                steps.append({"place": place, "low": step[0], "high": step[1]})
    seen = {what: steps for what, steps in made.items() if any(step["high"] > step["low"] for step in steps)}
    return seen or {"open": made["open"]}  # a gate that is shut at every step is an empty picture, and no missing one


def _known(unit: tuple[float, float]) -> bool:
    return not math.isnan(unit[0]) and not math.isnan(unit[1])


def _openness(unit: tuple[float, float]) -> tuple[bool, float, float]:
    return (not _known(unit), -unit[0], unit[1]) if _known(unit) else (True, 0.0, 0.0)
