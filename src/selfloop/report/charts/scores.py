"""Every score: a dot a run, a line a fold, so that pairs can be seen and nothing hides behind a mean."""

from __future__ import annotations

from typing import Any

from selfloop.report.charts.parts import MOST_ROWS, ROW, Records, colours, data, rows, shown, small_axis, value_scale
from selfloop.report.drawing import INK, MUTED, Canvas, Picture, picture
from selfloop.report.folds import fold_scores
from selfloop.report.looks import Look
from selfloop.report.numbers import finite, three
from selfloop.results import StudyResult


def scores_picture(result: StudyResult, looks: dict[str, Look]) -> Picture | None:
    """Rows are candidates; dots are runs; a line joins the means of one fold through all candidates."""
    scores = [score for score in fold_scores(result) if score.mean is not None]
    names = shown(result, [score.candidate for score in scores])
    if not names:
        return None
    runs: Records = []
    means: Records = []
    for score in scores:
        if score.candidate not in names:
            continue
        label = looks[score.candidate].label
        means.append({"label": label, "fold": score.fold, "value": finite(score.mean), "text": three(score.mean)})
        runs += [{"label": label, "fold": score.fold, "seed": s, "value": finite(v)} for s, v in score.seeds]
    metric = result.metrics[0]
    ends = [(name, [run["value"] for run in runs if run["label"] == looks[name].label]) for name in names]
    alt = f"{metric.label} of every run. Lowest to highest: " + "; ".join(
        f"{looks[name].label} {three(min(values))} to {three(max(values))}" for name, values in ends
    )
    caption = "Each dot is one trained model: one fold, one seed. A thin line follows one fold through the candidates: "
    caption += "where lines run in parallel, folds differ in difficulty but candidates keep their order."
    if len(names) < len(result.leaderboard):
        caption += (
            f" {len(names)} of {len(result.leaderboard)} candidates are drawn (at most {MOST_ROWS}, with scores)."
        )
    return picture("scores", alt, caption, lambda canvas: _draw(result, looks, names, runs, means, canvas))


def _draw(
    result: StudyResult, looks: dict[str, Look], names: tuple[str, ...], runs: Records, means: Records, canvas: Canvas
) -> Any:
    import altair as alt

    metric = result.metrics[0]
    better = "← better" if metric.lower_is_better else "better →"
    scale = value_scale([run["value"] for run in runs])
    x = alt.X("value:Q", scale=scale, axis=small_axis(f"{metric.label}  ({better})"))
    y = rows(looks, names, canvas, bold=result.verdict.pick)
    order = alt.Order("place:Q")
    places = {looks[name].label: place for place, name in enumerate(names)}
    joined = [{**mean, "place": places[mean["label"]]} for mean in means]
    lines = alt.Chart(data(joined)).mark_line(color=MUTED, opacity=0.45, strokeWidth=1)
    dots = alt.Chart(data(runs)).mark_circle(size=40, opacity=0.55)
    centre = alt.Chart(data(means)).mark_tick(color=INK, thickness=2, size=16)
    hover = ["label:N", "fold:Q", "seed:Q", alt.Tooltip("value:Q", title=metric.label)]
    return alt.layer(
        lines.encode(x=x, y=y, detail="fold:N", order=order),
        dots.encode(x=x, y=y, color=colours(looks, names), tooltip=hover),
        centre.encode(x=alt.X("mean(value):Q", scale=scale), y=y),
    ).properties(width=canvas.width - canvas.labels - 16, height=(ROW + 4) * len(names))
