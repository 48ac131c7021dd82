"""A study as a notebook shows it at the end of a cell: the verdict, and the leaderboard."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.report.web.templates import template
from selfloop.results.study import Metric, Row, StudyResult
from selfloop.words import duration, three, whole


@dataclass(frozen=True)
class BoardRow:
    """A line of the table, as it is read."""

    cells: tuple[str, ...]
    pick: bool


def study_cell(result: StudyResult, report: str = "") -> str:
    """HTML that stands in a page of somebody else's: every style is its elements' own, colours are the page's.

    Args:
        result: of a comparison.
        report: where the report is; empty for nowhere.
    """
    metric = result.metrics[0]
    against = ("against best naive",) if metric.lower_is_better else ()
    headings = ("", metric.label, *against, "parameters", "multiply-adds a step", "training", "streams")
    rows = [BoardRow(_cells(row, metric), row.candidate.name == result.verdict.pick) for row in result.leaderboard]
    return template("study-cell.html.jinja").render(
        verdict=result.verdict,
        headings=headings,
        rows=rows,
        title=result.words.title,
        data=result.data,
        fold_text=result.fold_text,
        report=report,
    )


def _cells(row: Row, metric: Metric) -> tuple[str, ...]:
    spread = "" if row.spread is None else f" ± {three(row.spread)}"
    score = ("diverged" if row.diverged else "failed") if row.score is None else f"{three(row.score)}{spread}"
    relative = row.relative.get(metric.name)
    against = (("" if relative is None else f"× {three(relative)}"),) if metric.lower_is_better else ()
    cost = (whole(row.parameters), whole(row.operations), duration(row.train_seconds))
    return (row.candidate.label, score, *against, *cost, "yes" if row.candidate.streams else "no")
