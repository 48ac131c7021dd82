"""Cost against score: what a better score would have to be paid with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from selfloop.report.charts.drawing import INK, MUTED, Canvas, Picture, picture
from selfloop.report.charts.looks import Look
from selfloop.report.charts.parts import Records, colours, data, fills, shown, small_axis
from selfloop.report.study.folds import far
from selfloop.results.differences import amount
from selfloop.results.study import Row, StudyResult
from selfloop.words import duration, finite, listed, three, whole

_HEIGHT = 300


def cost_picture(result: StudyResult, looks: dict[str, Look]) -> Picture | None:
    """Multiply-adds a step against the score; the shaded band holds what is within the margin of the best."""
    scored = [row for row in result.leaderboard if finite(row.score) is not None]
    drawn = [row for row in scored if row.operations is not None]
    names = shown(result, [row.candidate.name for row in drawn])
    if not names:
        return None
    kept = [row for row in drawn if row.candidate.name in names]
    metric = result.metrics[0]
    alt = "Cost and score. " + listed(
        f"{looks[row.candidate.name].label}: {whole(row.operations)} multiply-adds, {metric.label} {three(row.score)}"
        for row in kept
    )
    within = amount(metric, result.verdict.margin)
    caption = f"Shaded: within {within} of the best score. The pick is the cheapest candidate in there that never "
    caption += "diverged; it is ringed." if result.verdict.pick in names else "diverged."
    if len(drawn) < len(scored):
        caption += " Entries of your own are left out: nobody counts their multiply-adds."
    if len(names) < len(result.leaderboard):
        caption += f" {len(names)} of {len(result.leaderboard)} candidates are drawn."
    return picture("cost", alt, caption, lambda canvas: _draw(result, looks, kept, canvas))


@dataclass(frozen=True)
class _Plane:
    """The pixels of the plot: labels are placed before it is drawn."""

    width: int
    x: tuple[float, float]
    y: tuple[float, float]

    @classmethod
    def over(cls, rows: list[Row], near: list[Row], width: int) -> _Plane:
        costs = [max(row.operations or 0, 1) for row in rows]
        scores = [float(row.score) for row in near if row.score is not None]
        room = 0.08 * (max(scores) - min(scores)) or 0.05 * abs(scores[0]) or 0.05
        return cls(width, (min(costs) / 2, max(costs) * 2), (min(scores) - room, max(scores) + room))

    def at(self, cost: float, score: float) -> tuple[float, float]:
        (x0, x1), (y0, y1) = self.x, self.y
        across = math.log(cost / x0) / math.log(x1 / x0)
        return across * self.width, (1 - (score - y0) / (y1 - y0)) * _HEIGHT


Box = tuple[float, float, float, float]
Align = Literal["left", "center", "right"]
Place = tuple[Align, float, float]
_OPTIONS: tuple[Place, ...] = (
    ("left", 16, 0),
    ("right", -16, 0),
    ("center", 0, -20),
    ("center", 0, 20),
    ("left", 8, 16),
    ("left", 8, -16),
    ("right", -8, 16),
    ("right", -8, -16),
)


def _place(labels: list[str], dots: list[tuple[float, float]], width: int) -> list[Place | None]:
    """(alignment, dx, dy) of each label where it meets no dot and no other label; None where there is no such place."""
    taken: list[Box] = [(x - 7, y - 7, x + 7, y + 7) for x, y in dots]
    placed: list[Place | None] = [None] * len(dots)
    for k in sorted(range(len(dots)), key=lambda k: -dots[k][0]):  # those at the right edge have the fewest places
        length, (x, y) = 6.8 * len(labels[k]), dots[k]
        for align, dx, dy in _OPTIONS:
            left = x + dx - {"left": 0, "center": length / 2, "right": length}[align]
            box = (left, y + dy - 7, left + length, y + dy + 7)
            if box[0] >= 0 and box[2] <= width and box[1] >= 0 and box[3] <= _HEIGHT and not _meets(box, taken):
                placed[k] = (align, dx, dy)
                taken.append(box)
                break
    return placed


def _meets(box: Box, others: list[Box]) -> bool:
    return any(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in others)


def _draw(result: StudyResult, looks: dict[str, Look], rows: list[Row], canvas: Canvas) -> Any:
    import altair as alt

    metric, verdict = result.metrics[0], result.verdict
    outside = far(result)
    near = [row for row in rows if row.candidate.name not in outside]
    plane = _Plane.over(rows, near or rows, canvas.width - 72)
    points: Records = []
    for row in rows:
        label, score = looks[row.candidate.name].label, min(max(float(row.score or 0), plane.y[0]), plane.y[1])
        point = {"label": label, "cost": max(row.operations or 0, 1), "score": finite(score)}
        if row.candidate.name in outside:
            point["note"] = f" (off the scale: {three(row.score)})"
        point |= {"text": three(row.score), "operations": whole(row.operations), "train": duration(row.train_seconds)}
        points.append(point | {"pick": row.candidate.name == verdict.pick})
    better = "lower is better" if metric.lower_is_better else "higher is better"
    y_axis = small_axis(f"{metric.label} ({better})", format="~g")
    x = alt.X(
        "cost:Q",
        scale=alt.Scale(type="log", domain=list(plane.x), nice=False),
        axis=small_axis("multiply-adds for one new step", format="~s", grid=False),
    )
    y = alt.Y("score:Q", scale=alt.Scale(domain=list(plane.y), nice=False, zero=False), axis=y_axis)
    hover = [alt.Tooltip("label:N", title="candidate"), alt.Tooltip("text:N", title=metric.label)]
    hover += [alt.Tooltip("operations:N", title="multiply-adds"), alt.Tooltip("train:N", title="training")]
    names = [row.candidate.name for row in rows]
    base = alt.Chart(data(points))
    dots = base.mark_point(size=120, strokeWidth=2, opacity=1).encode(
        x=x, y=y, color=colours(looks, names), fill=fills(looks, names), tooltip=hover
    )
    ring = alt.Chart(data(point for point in points if point["pick"])).mark_point(
        size=420, strokeWidth=1.5, stroke=INK, fill=None, opacity=1
    )
    layers = [_band(result, rows, plane, y), ring.encode(x=x, y=y), dots, *_names(points, plane, x, y)]
    return alt.layer(*layers).properties(width=plane.width, height=_HEIGHT)


def _band(result: StudyResult, rows: list[Row], plane: _Plane, y: Any) -> Any:
    """What is within the margin of the best score."""
    import altair as alt

    lower, margin = result.metrics[0].lower_is_better, result.verdict.margin
    scores = [float(row.score) for row in rows if row.score is not None]
    best = min(scores) if lower else max(scores)
    reach = margin if result.metrics[0].effect == "difference" else abs(best) * margin
    edge = best + reach * (1 if lower else -1)
    low, high = max(min(best, edge), plane.y[0]), min(max(best, edge), plane.y[1])
    band = alt.Chart(data([{"score": low, "to": high}])).mark_rect(color=MUTED, opacity=0.12)
    return band.encode(y=y, y2=alt.Y2("to:Q"))


def _names(points: Records, plane: _Plane, x: Any, y: Any) -> list[Any]:
    """A layer a label: each has its own place."""
    import altair as alt

    labels = [point["label"] if len(point["label"]) <= 28 else f"{point['label'][:27]}…" for point in points]
    labels = [label + point.get("note", "") for label, point in zip(labels, points, strict=True)]
    places = _place(labels, [plane.at(point["cost"], point["score"]) for point in points], plane.width)
    return [
        alt.Chart(data([{**point, "label": label}]))
        .mark_text(align=place[0], dx=place[1], dy=place[2], fontWeight=700 if point["pick"] else 400, color=INK)
        .encode(x=x, y=y, text=alt.Text("label:N"))
        for point, label, place in zip(points, labels, places, strict=True)
        if place is not None
    ]
