"""Which class was taken for which."""

from __future__ import annotations

from typing import Any

from selfloop.report.charts.parts import Records, data
from selfloop.report.drawing import INK, Canvas, Picture, picture
from selfloop.report.looks import Look
from selfloop.report.numbers import finite, listed, percent
from selfloop.results import Confusion, StudyResult

_MOST = 2
_MOST_WITH_NUMBERS = 12  # classes


def confusion_pictures(result: StudyResult, looks: dict[str, Look]) -> tuple[tuple[str, Picture], ...]:
    """(label of the candidate, picture) for the pick and the best recurrent network, else the first ones."""
    known = {each.candidate: each for each in result.confusions if each.classes}
    wanted = [result.verdict.pick, result.verdict.best_recurrent, *looks]
    kept = list(dict.fromkeys(name for name in wanted if name in known and name in looks))[:_MOST]
    return tuple(
        (looks[name].label, _picture(known[name], looks[name], place))
        for place, name in enumerate(each for each in looks if each in kept)
    )


def _picture(confusion: Confusion, look: Look, place: int) -> Picture:
    found = [
        f"{name} {percent(row[k] / sum(row))}"
        for k, (name, row) in enumerate(zip(confusion.classes, confusion.counts, strict=True))
        if sum(row) > 0
    ]
    alt = (
        f"Confusion of {look.label}. Share found of each class: {listed(found)}."
        if found
        else f"No cases: {look.label}"
    )
    caption = "Rows: the true class; columns: what was predicted. Cases over all folds, averaged over seeds; the "
    caption += "stronger the colour, the larger the share of its row."
    return picture(f"confusion-{place}", alt, caption, lambda canvas: _draw(confusion, look, canvas))


def _labels(classes: tuple[str, ...]) -> list[str]:
    """Short, and still unlike each other: a cut name that two classes share is numbered."""
    cut = [name if len(name) <= 24 else f"{name[:22]}…" for name in classes]
    return [name if cut.count(name) == 1 else f"{k + 1}: {name}" for k, name in enumerate(cut)]


def _draw(confusion: Confusion, look: Look, canvas: Canvas) -> Any:
    import altair as alt

    labels = _labels(confusion.classes)
    cells: Records = []
    for true, row in zip(labels, confusion.counts, strict=True):
        total = sum(row)
        for predicted, cases in zip(labels, row, strict=True):
            share = cases / total if total else 0.0
            cells.append({"true": true, "predicted": predicted, "share": finite(share), "cases": finite(cases)})
            cells[-1] |= {
                "text": _short(cases),
                "of": percent(round(share, 4)),
                "ink": "dark" if share > 0.5 else "light",
            }
    size = min(440 if canvas.columns > 1 else canvas.width - 112, 56 * len(labels))
    axis: dict[str, Any] = {"labelLimit": 96, "labelColor": INK, "grid": False}
    x = alt.X("predicted:N", sort=labels, axis=alt.Axis(title="predicted", labelAngle=-45, orient="bottom", **axis))
    y = alt.Y("true:N", sort=labels, axis=alt.Axis(title="true", **axis))
    opacity = alt.FillOpacity("share:Q", scale=alt.Scale(type="sqrt", domain=[0, 1], range=[0.05, 0.95]), legend=None)
    hover = [
        alt.Tooltip("true:N"),
        alt.Tooltip("predicted:N"),
        alt.Tooltip("cases:Q"),
        alt.Tooltip("of:N", title="of row"),
    ]
    # Numbers stand on these: a middle grey would carry neither dark nor light ones.
    colour = "var(--heat)" if look.colour in ("var(--baseline)", "var(--rnn)") else look.colour
    base = alt.Chart(data(cells)).encode(x=x, y=y, tooltip=hover)
    chart = base.mark_rect(fill=colour, stroke="var(--paper)", strokeWidth=1).encode(fillOpacity=opacity)
    if len(labels) > _MOST_WITH_NUMBERS:
        return chart.properties(width=size, height=size)
    room = size / len(labels)
    inks = alt.Scale(domain=["dark", "light"], range=["var(--paper)", INK])
    numbers = base.mark_text(fontSize=12 if room >= 32 else 9).encode(
        text="text:N", color=alt.Color("ink:N", scale=inks, legend=None)
    )
    return alt.layer(chart, numbers).properties(width=size, height=size)


def _short(cases: float) -> str:
    """Nothing for none, so that what is there stands out."""
    if cases == 0:
        return ""
    if cases >= 9.95 or cases == int(cases):
        return f"{cases:,.0f}"
    return f"{cases:.1f}" if cases >= 0.05 else "<0.1"
