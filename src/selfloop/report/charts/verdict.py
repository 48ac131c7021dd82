"""The picture beside the headline: how far each candidate is from the pick, how sure that is, and what it costs."""

from __future__ import annotations

from typing import Any

from selfloop.report.charts.drawing import INK, LINE, MUTED, Canvas, Picture, picture
from selfloop.report.charts.looks import Look
from selfloop.report.charts.parts import (
    MOST_FOLDS,
    MOST_ROWS,
    POINTS_LABEL,
    RATIO_LABEL,
    ROW,
    Records,
    bare_rows,
    colours,
    data,
    fills,
    ratio_ticks,
    rows,
    shown,
    small_axis,
)
from selfloop.report.study.folds import far, fold_gaps
from selfloop.results.differences import against, same, short, short_interval, turned
from selfloop.results.study import Metric, StudyResult
from selfloop.words import listed, three, whole

_FURTHEST = 1e3  # a ratio beyond it is drawn at the edge
_ROOM = 0.01  # either side of where all are level
_FLOOR = 0.7  # where the line of a cost begins, so that a cost of 1 still has one


def verdict_picture(result: StudyResult, looks: dict[str, Look]) -> Picture | None:
    """Rows are candidates; the position is the score against the pick's, by fold and overall; beside it the cost."""
    gaps, metric = fold_gaps(result), result.metrics[0]
    pick = result.verdict.pick
    if pick not in gaps or len(gaps) < 2:
        return None
    outside = far(result)
    names = shown(result, [row.candidate.name for row in result.leaderboard if row.score is not None])
    points = [point for point in _points(result, looks, gaps) if point["name"] in names]
    points = [{**p, "low": None, "high": None} if p["name"] in outside else p for p in points]
    dots = [
        {"label": looks[name].label, "fold": fold, "value": _within(metric, value), "gap": short(metric, value)}
        for name in names
        if name != pick and name not in outside
        for fold, value in gaps.get(name, ())[:MOST_FOLDS]
    ]
    alt = f"Score of each candidate against that of the pick, {looks[pick].label}, and its cost: " + listed(
        f"{p['label']} {p['gap']}, {p['cost_text']} multiply-adds a step" for p in points
    )
    caption = f"How far each candidate’s {result.metrics[0].label} is from the pick’s. "
    many = any(len(folds) > 1 for folds in gaps.values())
    caption += "Pale dots are single folds, the large dot is of the mean scores" if many else "From a single fold"
    if any(len(folds) > MOST_FOLDS for folds in gaps.values()):
        caption += f" (of all folds; the first {MOST_FOLDS} are drawn)"
    caption += ", and the bar is its 95 % interval. " if any(p["low"] is not None for p in points) else ". "
    caption += "Inside the shaded band a difference is too small to matter here. Beside it, multiply-adds for one "
    caption += "new step: the cost that decides between equals."
    if outside & set(names):
        caption += " Arrows point to candidates far off the scale."
    if len(names) < len(result.leaderboard):
        caption += f" {len(names)} of {len(result.leaderboard)} candidates are drawn"
        caption += f" (at most {MOST_ROWS}, each with a score); the table has them all."
    points = [{**p, "far": p["name"] in outside} for p in points]
    return picture("verdict", alt, caption, lambda canvas: _draw(result, looks, names, points, dots, canvas))


def _within(metric: Metric, value: float) -> float:
    kept = min(max(value, 1 / _FURTHEST), _FURTHEST) if metric.effect == "ratio" else value
    return float(f"{kept:.6g}")


def _points(result: StudyResult, looks: dict[str, Look], gaps: dict[str, tuple[tuple[int, float], ...]]) -> Records:
    """A gap and its interval for each candidate; claims hold the pick's against the other's, so turned round."""
    claims, metric = {claim.other: claim for claim in result.verdict.claims}, result.metrics[0]
    scores = {row.candidate.name: row.score for row in result.leaderboard}
    base = scores.get(result.verdict.pick)
    records = []
    for row in result.leaderboard:
        name = row.candidate.name
        claim = claims.get(name)
        known = name in gaps and base is not None and row.score is not None
        size = against(metric, row.score, base) if known and row.score is not None and base is not None else None
        if claim is not None and claim.effect is not None:
            size = turned(metric, claim.effect)
        span = claim.interval if claim is not None else None
        low, high = sorted(turned(metric, end) for end in span) if span is not None else (None, None)
        records.append(
            {
                "name": name,
                "label": looks[name].label,
                "value": None if size is None else _within(metric, size),
                "low": None if low is None else _within(metric, low),
                "high": None if high is None else _within(metric, high),
                "gap": "the pick" if name == result.verdict.pick else short(metric, size),
                "interval": "" if low is None or high is None else short_interval(metric, low, high),
                "score": three(row.score),
                "cost": None if row.operations is None else max(row.operations, 1),
                "floor": _FLOOR,
                "cost_text": whole(row.operations),
            }
        )
    return records


def _draw(
    result: StudyResult, looks: dict[str, Look], names: tuple[str, ...], points: Records, dots: Records, canvas: Canvas
) -> Any:
    import altair as alt

    scores = 56
    forest_width = canvas.width - canvas.labels - scores - 24
    if canvas.columns == 1:
        forest = _forest(result, looks, names, points, dots, canvas, forest_width)
        top = alt.hconcat(forest, _scores(result, looks, names, points, scores), spacing=8)
        bottom = _costs(looks, names, points, canvas.width - canvas.labels - 16, rows(looks, names, canvas))
        return alt.vconcat(top, bottom, spacing=24)
    cost_width = 190
    forest = _forest(result, looks, names, points, dots, canvas, forest_width - cost_width - 24)
    costs = _costs(looks, names, points, cost_width, bare_rows(looks, names))
    return alt.hconcat(forest, _scores(result, looks, names, points, scores), costs, spacing=16)


def _forest(
    result: StudyResult,
    looks: dict[str, Look],
    names: tuple[str, ...],
    points: Records,
    dots: Records,
    canvas: Canvas,
    width: int,
) -> Any:
    import altair as alt

    margin, metric = result.verdict.margin, result.metrics[0]
    near, middle = [point for point in points if not point["far"]], same(metric)
    ends = [middle - margin, middle + margin] + [point[key] for point in near for key in ("value", "low", "high")]
    known = [end for end in ends if end is not None] + [dot["value"] for dot in dots]
    x, axis, low = _axis(metric, known, width)
    y = rows(looks, names, canvas, bold=result.verdict.pick)
    base = alt.Chart(data(near))
    band = alt.Chart(data([{"from": max(middle - margin, low), "to": middle + margin}]))
    hover = ["label:N", alt.Tooltip("score:N", title=metric.label), alt.Tooltip("gap:N", title="against the pick")]
    hover.append(alt.Tooltip("interval:N", title="95 % interval"))
    folds = [alt.Tooltip("label:N"), alt.Tooltip("fold:Q"), alt.Tooltip("gap:N", title="against the pick")]
    colour, fill = colours(looks, names), fills(looks, names)
    return alt.layer(
        band.mark_rect(color=MUTED, opacity=0.12).encode(x=alt.X("from:Q", axis=axis), x2=alt.X2("to:Q")),
        base.mark_rule(color=LINE).encode(x=alt.XDatum(middle, type="quantitative")),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"), y=y, color=colour),
        alt.Chart(data(dots)).mark_circle(size=40, opacity=0.35).encode(x=x, y=y, color=colour, tooltip=folds),
        base.mark_point(size=110, strokeWidth=2, opacity=1).encode(x=x, y=y, color=colour, fill=fill, tooltip=hover),
        *_arrows([point for point in points if point["far"]], middle, y, width),
    ).properties(width=width, height=ROW * len(names))


def _axis(metric: Metric, known: list[float], width: int) -> tuple[Any, Any, float]:
    """The horizontal channel, its axis and where it begins: logarithmic for ratios, in points for differences."""
    import altair as alt

    better = "← better" if metric.lower_is_better else "better →"
    title = f"{metric.label} against the pick’s  ({better})"
    if metric.effect == "ratio":
        low, high = min(end for end in known if end > 0) * 0.99, max(known) * 1.01
        axis = small_axis(title, values=ratio_ticks(low, high, width))
        axis.labelExpr = RATIO_LABEL
        return alt.X("value:Q", scale=alt.Scale(type="log", domain=[low, high], nice=False), axis=axis), axis, low
    room = 0.02 * (max(known) - min(known)) or _ROOM
    low, high = min(known) - room, max(known) + room
    axis = small_axis(f"{title}, percentage points")
    axis.labelExpr = POINTS_LABEL
    return alt.X("value:Q", scale=alt.Scale(domain=[low, high], nice=False, zero=False), axis=axis), axis, low


def _arrows(points: Records, middle: float, y: Any, width: int) -> list[Any]:
    """A text at the edge for each candidate beyond it."""
    import altair as alt

    lower = [{**p, "text": f"◂ {p['gap']}"} for p in points if p["value"] is not None and p["value"] < middle]
    higher = [{**p, "text": f"{p['gap']} ▸"} for p in points if p["value"] is not None and p["value"] > middle]
    left = alt.Chart(data(lower)).mark_text(align="left", x=4, color=MUTED)
    right = alt.Chart(data(higher)).mark_text(align="right", x=width - 4, color=MUTED)
    return [chart.encode(y=y, text=alt.Text("text:N")) for chart, some in ((left, lower), (right, higher)) if some]


def _scores(result: StudyResult, looks: dict[str, Look], names: tuple[str, ...], points: Records, width: int) -> Any:
    import altair as alt

    y, chosen = bare_rows(looks, names), result.verdict.pick
    others = alt.Chart(data(p for p in points if p["name"] != chosen)).mark_text(align="right", x=width, color=INK)
    pick = alt.Chart(data(p for p in points if p["name"] == chosen))
    text = [others, pick.mark_text(align="right", x=width, color=INK, fontWeight=700)]
    title = alt.TitleParams(
        result.metrics[0].label, fontWeight="normal", fontSize=12, color=MUTED, anchor="end", offset=4
    )
    layers = [layer.encode(y=y, text=alt.Text("score:N")) for layer in text]
    return alt.layer(*layers).properties(width=width, height=ROW * len(names), title=title)


def _costs(looks: dict[str, Look], names: tuple[str, ...], points: Records, width: int, y: Any) -> Any:
    import altair as alt

    points = [point for point in points if point["cost"] is not None]  # of entries of the user's own nobody knows
    most = max((point["cost"] for point in points), default=1)
    # Room on the right for the number that stands beside the last dot.
    scale = alt.Scale(type="log", domain=[_FLOOR, max(10.0, float(most)) ** 1.5], nice=False)
    x = alt.X("cost:Q", scale=scale, axis=None)
    base = alt.Chart(data(points))
    colour = colours(looks, names)
    title = alt.TitleParams("multiply-adds a step", fontWeight="normal", fontSize=12, color=MUTED, offset=4)
    return (
        alt.layer(
            base.mark_rule(strokeWidth=1.5, opacity=0.5).encode(x=x, x2=alt.X2("floor:Q"), y=y, color=colour),
            base.mark_point(size=60, strokeWidth=2, opacity=1).encode(x=x, y=y, color=colour, fill=fills(looks, names)),
            base.mark_text(align="left", dx=10).encode(x=x, y=y, text=alt.Text("cost_text:N")),
        )
        .resolve_scale(color="shared")
        .properties(width=width, height=ROW * len(names), title=title)
    )
