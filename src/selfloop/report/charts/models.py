"""How each explained model looks in every chart: one colour a cell, one dash where two models share it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from selfloop.kinds import kind_of
from selfloop.report.charts.drawing import INK, Canvas
from selfloop.report.charts.looks import variable
from selfloop.results.explanation import Explanation

DASHES = ([1, 0], [7, 4], [2, 3], [10, 3, 2, 3])


@dataclass(frozen=True)
class ModelLook:
    """One model on the page.

    Attributes:
        label: unlike every other model's.
        slug: for an id or a file: small letters, digits and hyphens; unlike every other model's.
        colour: a CSS variable.
        dash: of its lines; [1, 0] is solid.
    """

    label: str
    slug: str
    colour: str
    dash: list[int]


def model_looks(explanation: Explanation) -> dict[str, ModelLook]:
    """The look of each model, by name, in the order of the explanation."""
    labels = [each.label for each in explanation.models]
    made: dict[str, ModelLook] = {}
    used: list[str] = []
    for model in explanation.models:
        label = model.label if labels.count(model.label) == 1 else f"{model.label} ({model.name})"
        colour = kind_of(model.cell).colour
        alike = used.count(colour)
        used.append(colour)
        slug = re.sub(r"[^a-z0-9]+", "-", model.name.lower()).strip("-") or "model"
        if slug in {look.slug for look in made.values()}:
            slug = f"{slug}-{len(made) + 1}"
        made[model.name] = ModelLook(label, slug, f"var({variable(model.cell)})", DASHES[alike % len(DASHES)])
    return made


def legend(looks: list[ModelLook], canvas: Canvas) -> tuple[Any, Any]:
    """Colour and dash for a field "label", named once above the chart; none for a single model."""
    import altair as alt

    wide = sum(7 * len(look.label) + 40 for look in looks)
    key = alt.Legend(
        title=None, orient="top", labelColor=INK, symbolType="stroke", symbolStrokeWidth=3, labelFontSize=12,
        labelLimit=min(240, canvas.width - 140), symbolSize=500, columns=0 if wide < canvas.width - 80 else 1,
    )  # fmt: skip
    return _encoded(looks, key if len(looks) > 1 else None)


def unnamed(looks: list[ModelLook]) -> tuple[Any, Any]:
    """The same without names, for a chart that names them elsewhere."""
    return _encoded(looks, None)


def _encoded(looks: list[ModelLook], key: Any) -> tuple[Any, Any]:
    import altair as alt

    labels = [look.label for look in looks]
    colour = alt.Scale(domain=labels, range=[look.colour for look in looks])
    dash = alt.Scale(domain=labels, range=[look.dash for look in looks])
    return alt.Color("label:N", scale=colour, legend=key), alt.StrokeDash("label:N", scale=dash, legend=key)
