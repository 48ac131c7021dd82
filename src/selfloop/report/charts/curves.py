"""Learning curves: whether training had settled, and whether it went too far."""

from __future__ import annotations

from statistics import median
from typing import Any

from selfloop.report.charts.drawing import INK, MUTED, Canvas, Picture, picture
from selfloop.report.charts.looks import Look
from selfloop.report.charts.parts import Records, data, small_axis
from selfloop.results.study import StudyResult, Trial
from selfloop.words import count, finite, whole

_MOST_PANELS = 6
_MOST_RUNS = 6  # lines in a panel
_MOST_POINTS = 32  # of a line


def curves_picture(result: StudyResult, looks: dict[str, Look]) -> Picture | None:
    """A panel a candidate: validation loss of each run, the median training loss, the epoch that was kept."""
    trials: dict[str, list[Trial]] = {name: [] for name in looks}
    for trial in result.trials:
        if trial.curve is not None and any(finite(value) is not None for value in trial.curve.valid):
            trials.setdefault(trial.candidate, []).append(trial)
    drawable = [name for name in looks if trials[name]]
    wanted = [name for name in (result.verdict.pick, result.verdict.best_recurrent) if name in drawable]
    kept = list(dict.fromkeys([*wanted, *drawable]))[:_MOST_PANELS]
    names = [name for name in drawable if name in kept]
    if not names:
        return None
    alt = "Validation loss by epoch. " + " ".join(
        f"{looks[name].label}: {count(len(trials[name]), 'run')}, the kept epochs are {_kept(trials[name])}."
        for name in names
    )
    caption = "Solid: validation loss of each run; the dot is the epoch whose weights were kept. "
    caption += "Dashed: training loss, the median of all runs. Where it falls on while validation loss rises, the "
    caption += "model learns its training data by heart."
    if any(len(trials[name]) > _MOST_RUNS for name in names):
        caption += f" Only the first {_MOST_RUNS} runs of each are drawn."
    if len(names) < len(drawable):
        caption += f" {len(names)} of {len(drawable)} candidates with such a curve are drawn."
    longest = max(len(curve.valid) for name in names for trial in trials[name] for curve in [trial.curve] if curve)
    if longest > _MOST_POINTS:
        caption += f" Of {whole(longest)} epochs, lines join about {_MOST_POINTS}."
    panels = {name: _records(trials[name]) for name in names}
    return picture("curves", alt, caption, lambda canvas: _draw(looks, panels, canvas))


def _kept(trials: list[Trial]) -> str:
    best = [trial.curve.best_epoch for trial in trials if trial.curve is not None]
    return f"{min(best)} to {max(best)}"


def _records(trials: list[Trial]) -> tuple[Records, Records, Records]:
    """Points of the validation lines, the kept epochs, the median training line."""
    lines: Records = []
    kept: Records = []
    losses: dict[int, list[float]] = {}
    curves = [(trial, trial.curve) for trial in trials if trial.curve is not None]
    for run, (trial, curve) in enumerate(curves):
        for epoch, loss in enumerate(curve.train):
            if finite(loss) is not None:
                losses.setdefault(epoch, []).append(float(loss or 0))
        if run >= _MOST_RUNS:
            continue
        every = max(1, -(-len(curve.valid) // _MOST_POINTS))
        for epoch, loss in enumerate(curve.valid):
            value = finite(loss)
            if value is None:
                continue
            if epoch == curve.best_epoch:
                kept.append({"epoch": epoch, "loss": value, "fold": trial.fold, "seed": trial.seed})
            if epoch % every == 0 or epoch in (curve.best_epoch, len(curve.valid) - 1):
                lines.append({"epoch": epoch, "loss": value, "run": run})
    every = max(1, -(-len(losses) // _MOST_POINTS))
    # The median, since one run may diverge; none over the few that trained longest: it would bend for that reason.
    means = [
        {"epoch": epoch, "loss": finite(median(values))}
        for epoch, values in sorted(losses.items())
        if epoch % every == 0 and 2 * len(values) >= len(curves)
    ]
    return lines, kept, means


def _draw(looks: dict[str, Look], panels: dict[str, tuple[Records, Records, Records]], canvas: Canvas) -> Any:
    import altair as alt

    values = [point["loss"] for parts in panels.values() for part in parts for point in part]
    columns = min(canvas.columns, len(panels))
    width = (canvas.width - 64 - 40 * (columns - 1)) // columns
    positive = min(values) > 0 and max(values) / min(values) > 8
    scale = alt.Scale(type="log" if positive else "linear", zero=False, nice=False, padding=6)
    charts = []
    for place, (name, (lines, kept, means)) in enumerate(panels.items()):
        look = looks[name]
        title = "loss" if place % columns == 0 else None
        y = alt.Y("loss:Q", scale=scale, axis=small_axis(title, tickCount=4, format="~g", titleColor=MUTED))
        x = alt.X("epoch:Q", scale=alt.Scale(nice=False), axis=small_axis("epoch", tickCount=4, grid=False, format="d"))
        hover = ["fold:Q", "seed:Q", alt.Tooltip("epoch:Q", title="kept epoch"), alt.Tooltip("loss:Q")]
        charts.append(
            alt.layer(
                alt.Chart(data(lines))
                .mark_line(color=look.colour, opacity=0.4, strokeWidth=1)
                .encode(x=x, y=y, detail=alt.Detail("run:N")),
                alt.Chart(data(means)).mark_line(color=INK, strokeDash=[4, 3], strokeWidth=1.5).encode(x=x, y=y),
                alt.Chart(data(kept))
                .mark_point(color=look.colour, fill=look.fill, size=36, strokeWidth=1.5, opacity=1)
                .encode(x=x, y=y, tooltip=hover),
            ).properties(width=width, height=160, title=look.label)
        )
    return alt.concat(*charts, columns=columns, spacing=24).resolve_scale(y="shared")
