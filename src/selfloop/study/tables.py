"""A study's results as tables: a row a trial, and a row a candidate."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from selfloop.files import whole
from selfloop.results.study import Row, StudyResult

TIMES = ("train_seconds", "search_seconds", "step_microseconds")
"""Of results.csv, the columns that a second run of the same study does not repeat."""


def result_rows(result: StudyResult) -> list[Mapping[str, object]]:
    """A row a trial: who, where, how it ended, every metric, what it cost."""
    names = [metric.name for metric in result.metrics]
    return [
        {
            "candidate": trial.candidate,
            "fold": trial.fold,
            "seed": trial.seed,
            "status": trial.status,
            **{name: trial.metrics.get(name) for name in names},
            "parameters": trial.parameters,
            "train_seconds": round(trial.train_seconds, 3),
            "search_seconds": round(trial.search_seconds, 3),
            "step_microseconds": None if trial.step_microseconds is None else round(trial.step_microseconds, 3),
        }
        for trial in result.trials
    ]


def board_rows(result: StudyResult) -> list[Mapping[str, object]]:
    """A row a candidate, best first: who, every metric, its spread over folds, what it costs, how many runs it had."""
    names = [metric.name for metric in result.metrics]
    return [_board_row(row, names) for row in result.leaderboard]


def _board_row(row: Row, metrics: list[str]) -> Mapping[str, object]:
    first = metrics[0]
    return {
        "candidate": row.candidate.name,
        "label": row.candidate.label,
        **{name: row.score if name == first else row.metrics.get(name) for name in metrics},
        f"{first}_spread": row.spread,
        f"{first}_relative": row.relative.get(first),
        "parameters": row.parameters,
        "operations": row.operations,
        "train_seconds": row.train_seconds,
        "search_seconds": row.search_seconds,
        "step_microseconds": row.step_microseconds,
        "streams": row.candidate.streams,
        "trials": row.trials,
        "diverged": row.diverged,
        "failed": row.failed,
    }


def columns_of(rows: list[Mapping[str, object]]) -> dict[str, list[object]]:
    """The same by column."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def write_results(result: StudyResult, path: Path) -> None:
    """Write results.csv."""
    rows = result_rows(result)
    with whole(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
