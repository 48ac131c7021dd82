"""Every score: a dot a run, a line a fold, so that pairs can be seen and nothing hides behind a mean."""

from __future__ import annotations

from typing import Any

from selfloop.report.charts.drawing import INK, MUTED, Canvas, Picture, picture
from selfloop.report.charts.looks import Look
from selfloop.report.charts.parts import (
    MOST_FOLDS,
    MOST_ROWS,
    ROW,
    Records,
    colours,
    data,
    rows,
    shown,
    small_axis,
    value_scale,
)
from selfloop.report.study.folds import far, fold_scores
from selfloop.results.scores import FoldScore
from selfloop.results.study import StudyResult
from selfloop.words import finite, three, whole

_MOST_DOTS = 300


def scores_picture(result: StudyResult, looks: dict[str, Look]) -> Picture | None:
    """Rows are candidates; dots are runs; a line joins the means of one fold through all candidates."""
    scores = [score for score in fold_scores(result) if score.mean is not None]
    names = shown(result, [score.candidate for score in scores])
    if not names:
        return None
    kept = [score for score in scores if score.candidate in names]
    means: Records = [
        {"label": looks[score.candidate].label, "fold": score.fold, "value": finite(score.mean)} for score in kept
    ]
    runs: Records = [
        {"label": looks[score.candidate].label, "fold": score.fold, "seed": seed, "value": finite(value)}
        for score in kept
        for seed, value in score.seeds
    ]
    metric = result.metrics[0]
    ends = [(name, [run["value"] for run in runs if run["label"] == looks[name].label]) for name in names]
    alt = f"{metric.label} of every run. Lowest to highest: " + "; ".join(
        f"{looks[name].label} {three(min(values))} to {three(max(values))}" for name, values in ends
    )
    runs, means, said = _thinned(runs, means, kept)
    caption = said + " A thin line follows one fold through the candidates: where lines run in parallel, folds differ "
    caption += "in difficulty but candidates keep their order."
    if len(names) < len(result.leaderboard):
        caption += (
            f" {len(names)} of {len(result.leaderboard)} candidates are drawn (at most {MOST_ROWS}, with scores)."
        )
    outside = far(result) & set(names)
    if outside:
        caption += " Arrows point to candidates far off the scale."
    beyond = [(looks[name].label, values) for name, values in ends if name in outside]
    gone = {label for label, _ in beyond}
    runs, means = ([each for each in some if each["label"] not in gone] for some in (runs, means))
    arrows = [{"label": label, "least": min(values), "most": max(values)} for label, values in beyond]
    return picture("scores", alt, caption, lambda canvas: _draw(result, looks, names, (runs, means, arrows), canvas))


def _thinned(runs: Records, means: Records, scores: list[FoldScore]) -> tuple[Records, Records, str]:
    """What can be told apart of the runs and the means over seeds, and what a dot is."""
    folds = sorted({score.fold for score in scores})
    if len(runs) <= _MOST_DOTS and len(folds) <= MOST_FOLDS:
        return runs, means, "Each dot is one trained model: one fold, one seed."
    first = set(folds[:MOST_FOLDS])
    means = [mean for mean in means if mean["fold"] in first]
    said = f"Each dot is one fold, its mean over seeds: {whole(len(runs))} runs are too many to draw."
    if len(first) < len(folds):
        said += f" The first {len(first)} of {whole(len(folds))} folds are drawn."
    return means, means, said


def _draw(
    result: StudyResult,
    looks: dict[str, Look],
    names: tuple[str, ...],
    parts: tuple[Records, Records, Records],
    canvas: Canvas,
) -> Any:
    import altair as alt

    runs, means, arrows = parts
    width = canvas.width - canvas.labels - 16
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
    seed = ["seed:Q"] if any("seed" in run for run in runs) else []
    hover = ["label:N", "fold:Q", *seed, alt.Tooltip("value:Q", title=metric.label)]
    return alt.layer(
        lines.encode(x=x, y=y, detail=alt.Detail("fold:N"), order=order),
        dots.encode(x=x, y=y, color=colours(looks, names), tooltip=hover),
        centre.encode(x=alt.X("mean(value):Q", scale=scale), y=y),
        *_arrows(arrows, means, y, width),
    ).properties(width=width, height=(ROW + 4) * len(names))


def _arrows(arrows: Records, means: Records, y: Any, width: int) -> list[Any]:
    """The range of scores, at the edge that they lie beyond."""
    import altair as alt

    least = min(mean["value"] for mean in means)
    texts = [{**each, "text": f"{three(each['least'])} to {three(each['most'])}"} for each in arrows]
    lower = [{**each, "text": f"◂ {each['text']}"} for each in texts if each["least"] < least]
    higher = [{**each, "text": f"{each['text']} ▸"} for each in texts if each["least"] >= least]
    left = alt.Chart(data(lower)).mark_text(align="left", x=4, color=MUTED)
    right = alt.Chart(data(higher)).mark_text(align="right", x=width - 4, color=MUTED)
    return [chart.encode(y=y, text=alt.Text("text:N")) for chart, some in ((left, lower), (right, higher)) if some]
