"""Which class was taken for which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from selfloop.report.charts.drawing import INK, Canvas, Picture, picture
from selfloop.report.charts.looks import Look
from selfloop.report.charts.parts import Records, data
from selfloop.results.study import Confusion, StudyResult
from selfloop.words import listed, percent, three, whole

_MOST = 2
_MOST_WITH_NUMBERS = 12  # classes
_MOST_CLASSES = 25  # in a picture
_MOST_PAIRS = 20  # in the table beside it


@dataclass(frozen=True)
class Pair:
    """Cases of one class that were taken for another.

    Attributes:
        cases: over all folds, averaged over seeds.
        share: of all cases of the true class.
    """

    true: str
    predicted: str
    cases: float
    share: float


@dataclass(frozen=True)
class ConfusionView:
    """One candidate's confusions: the picture, and the pairs that it took for each other most often, worst first.

    Attributes:
        label: of the candidate.
        all_pairs: how many pairs were confused at all; the first ones are in `pairs`.
    """

    label: str
    picture: Picture
    pairs: tuple[Pair, ...]
    all_pairs: int


def confusion_views(result: StudyResult, looks: dict[str, Look]) -> tuple[ConfusionView, ...]:
    """The pick's and the best recurrent network's confusions, else those of the first ones."""
    known = {each.candidate: each for each in result.confusions if each.classes}
    wanted = [result.verdict.pick, result.verdict.best_recurrent, *looks]
    kept = list(dict.fromkeys(name for name in wanted if name in known and name in looks))[:_MOST]
    return tuple(
        _view(known[name], looks[name], place, f" {len(kept)} of {len(looks)} candidates are drawn.")
        for place, name in enumerate(each for each in looks if each in kept)
    )


def _view(confusion: Confusion, look: Look, place: int, limits: str) -> ConfusionView:
    worst = _confused(confusion)
    drawn = _drawn(len(confusion.classes), worst)
    found = [
        f"{confusion.classes[k]} {percent(confusion.counts[k][k] / sum(confusion.counts[k]))}"
        for k in drawn
        if sum(confusion.counts[k]) > 0
    ]
    alt = (
        f"Confusion of {look.label}. Share found of each class: {listed(found)}."
        if found
        else f"No cases: {look.label}"
    )
    caption = "Rows: the true class; columns: what was predicted. Cases over all folds, averaged over seeds; the "
    caption += "stronger the colour, the larger the share of all cases of its true class."
    if len(drawn) < len(confusion.classes):
        caption += f" Drawn are the {len(drawn)} most confused of {whole(len(confusion.classes))} classes."
    picture_ = picture(
        f"confusion-{place}", alt, caption + limits, lambda canvas: _draw(confusion, drawn, look, canvas)
    )
    pairs = [
        Pair(confusion.classes[true], confusion.classes[taken], cases, cases / sum(confusion.counts[true]))
        for cases, true, taken in worst[:_MOST_PAIRS]
    ]
    return ConfusionView(look.label, picture_, tuple(pairs), len(worst))


def _confused(confusion: Confusion) -> list[tuple[float, int, int]]:
    """(cases, true class, predicted class) wherever a class was taken for another, most cases first."""
    found = [
        (cases, true, taken)
        for true, row in enumerate(confusion.counts)
        for taken, cases in enumerate(row)
        if true != taken and cases > 0
    ]
    return sorted(found, key=lambda each: (-each[0], each[1:]))


def _drawn(classes: int, worst: list[tuple[float, int, int]]) -> tuple[int, ...]:
    """The classes of the worst pairs until the picture is full, so that both of a pair are in it; in their order."""
    kept: set[int] = set()
    for _, true, taken in worst:
        if len(kept | {true, taken}) <= _MOST_CLASSES:
            kept |= {true, taken}
    for k in range(classes):  # few were confused, or all are to be drawn
        if len(kept) < _MOST_CLASSES:
            kept.add(k)
    return tuple(sorted(kept))


def _labels(classes: tuple[str, ...]) -> list[str]:
    """Short, cut in the middle since names tend to differ at the end; numbered where two classes share a cut name."""
    cut = [name if len(name) <= 14 else f"{name[:5]}…{name[-7:]}" for name in classes]
    times = Counter(cut)
    return [name if times[name] == 1 else f"{k + 1}: {name}" for k, name in enumerate(cut)]


def _cells(confusion: Confusion, drawn: tuple[int, ...], labels: list[str]) -> Records:
    """A record a cell; where there are many, only those with cases in them."""
    cells: Records = []
    numbered = len(drawn) <= _MOST_WITH_NUMBERS
    for true in drawn:
        row = confusion.counts[true]
        total = sum(row)  # over all classes, drawn or not
        for predicted in drawn:
            cases = row[predicted]
            if cases == 0 and not numbered:
                continue
            share = cases / total if total else 0.0
            cell = {"true": labels[true], "predicted": labels[predicted], "share": round(share, 3)}
            cells.append(cell | {"cases": three(cases), "of": percent(share)})
            if numbered:
                cells[-1] |= {"text": _short(cases), "ink": "dark" if share > 0.5 else "light"}
    return cells


def _draw(confusion: Confusion, drawn: tuple[int, ...], look: Look, canvas: Canvas) -> Any:
    import altair as alt

    names = _labels(confusion.classes)
    cells, labels = _cells(confusion, drawn, names), [names[k] for k in drawn]
    size = min(440 if canvas.columns > 1 else canvas.width - 112, 56 * len(labels))
    axis: dict[str, Any] = {"labelLimit": 104, "labelColor": INK, "grid": False}
    domain = alt.Scale(domain=labels)
    x = alt.X(
        "predicted:N",
        scale=domain,
        sort=labels,
        axis=alt.Axis(title="predicted", labelAngle=-45, orient="bottom", **axis),
    )
    y = alt.Y("true:N", scale=domain, sort=labels, axis=alt.Axis(title="true", **axis))
    opacity = alt.FillOpacity("share:Q", scale=alt.Scale(type="sqrt", domain=[0, 1], range=[0.05, 0.95]), legend=None)
    hover = [
        alt.Tooltip("true:N"),
        alt.Tooltip("predicted:N"),
        alt.Tooltip("cases:N"),
        alt.Tooltip("of:N", title="of row"),
    ]
    base = alt.Chart(data(cells)).encode(x=x, y=y, tooltip=hover)
    chart = base.mark_rect(fill=look.area, stroke="var(--paper)", strokeWidth=1).encode(fillOpacity=opacity)
    if len(labels) > _MOST_WITH_NUMBERS:
        return chart.properties(width=size, height=size)
    room = size / len(labels)
    inks = alt.Scale(domain=["dark", "light"], range=["var(--paper)", INK])
    numbers = base.mark_text(fontSize=12 if room >= 32 else 9).encode(
        text=alt.Text("text:N"), color=alt.Color("ink:N", scale=inks, legend=None)
    )
    return alt.layer(chart, numbers).properties(width=size, height=size)


def _short(cases: float) -> str:
    """Nothing for none, so that what is there stands out."""
    if cases == 0:
        return ""
    if cases >= 9.95 or cases == int(cases):
        return f"{cases:,.0f}"
    return f"{cases:.1f}" if cases >= 0.05 else "<0.1"
