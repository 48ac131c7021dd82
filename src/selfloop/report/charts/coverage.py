"""Whether an interval that says 80 % holds 80 % of what comes."""

from __future__ import annotations

from typing import Any

from selfloop.report.charts.drawing import INK, MUTED, Canvas, Picture, picture
from selfloop.report.charts.looks import Look
from selfloop.report.charts.parts import ROW, Records, colours, data, fills, rows, shown, small_axis
from selfloop.results.study import StudyResult
from selfloop.words import finite, listed, percent


def coverage_picture(result: StudyResult, looks: dict[str, Look]) -> Picture | None:
    """Measured coverage of each candidate against the level that was asked for."""
    known = [each for each in result.coverage if each.candidate in looks and finite(each.covered) is not None]
    names = shown(result, [each.candidate for each in known])
    if not names:
        return None
    points: Records = []
    for each in known:
        if each.candidate in names:
            point = {"label": looks[each.candidate].label, "level": each.level, "covered": each.covered}
            points.append(point | {"asked": percent(each.level), "measured": percent(each.covered)})
    alt = "Measured coverage: " + listed(f"{p['label']} {p['measured']} of {p['asked']}" for p in points)
    caption = "Upright lines: the level that was asked for. A dot left of its line stands for intervals that are too "
    caption += "narrow, one right of it for intervals that are too wide."
    if len(names) < len({each.candidate for each in result.coverage}):
        caption += f" {len(names)} of {len(result.leaderboard)} candidates are drawn; the table has them all."
    return picture("coverage", alt, caption, lambda canvas: _draw(result, looks, names, points, canvas))


def _draw(result: StudyResult, looks: dict[str, Look], names: tuple[str, ...], points: Records, canvas: Canvas) -> Any:
    import altair as alt

    levels = sorted({point["level"] for point in points})
    least = min([*levels, *(point["covered"] for point in points)])
    scale = alt.Scale(domain=[max(0.0, least - 0.05), 1.0], nice=False)
    axis = small_axis("share of test values inside", labelExpr="format(100 * datum.value, '.3~g') + ' %'")
    x = alt.X("covered:Q", scale=scale, axis=axis)
    y = rows(looks, names, canvas, bold=result.verdict.pick)
    rules = alt.Chart(data({"level": level} for level in levels)).mark_rule(color=INK, strokeDash=[4, 3])
    off = alt.Chart(data(points)).mark_rule(color=MUTED, strokeWidth=1.5)
    dots = alt.Chart(data(points)).mark_point(size=80, strokeWidth=2, opacity=1)
    hover = [alt.Tooltip("label:N"), alt.Tooltip("asked:N"), alt.Tooltip("measured:N")]
    return alt.layer(
        rules.encode(x=alt.X("level:Q", scale=scale)),
        off.encode(x=x, x2=alt.X2("level:Q"), y=y),
        dots.encode(x=x, y=y, color=colours(looks, names), fill=fills(looks, names), tooltip=hover),
    ).properties(width=canvas.width - canvas.labels - 16, height=ROW * len(names))
