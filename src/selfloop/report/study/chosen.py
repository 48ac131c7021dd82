"""What validation chose for each candidate, over all its trials."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from selfloop.report.charts.looks import Look
from selfloop.results.study import StudyResult
from selfloop.words import setting, three

_MOST_VALUES = 4


@dataclass(frozen=True)
class Chosen:
    """One setting of one candidate: the values its trials ended with, most frequent first."""

    candidate: str  # its label
    setting: str
    values: str


def chosen(result: StudyResult, looks: dict[str, Look]) -> tuple[Chosen, ...]:
    """Candidates in the leaderboard's order, settings in that of their first trial."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for trial in result.trials:
        for key, value in trial.settings.items():
            counts.setdefault((trial.candidate, key), Counter())[setting(value)] += 1
    return tuple(
        Chosen(looks[name].label, key, _worded(values))
        for name in looks
        for (candidate, key), values in counts.items()
        if candidate == name
    )


def _worded(values: Counter[str]) -> str:
    if len(values) == 1:
        return next(iter(values))
    if len(values) <= _MOST_VALUES:
        return ", ".join(f"{value} (in {n})" for value, n in values.most_common())
    try:
        numbers = sorted(float(value) for value in values)
    except ValueError:
        common = ", ".join(f"{value} (in {n})" for value, n in values.most_common(_MOST_VALUES - 1))
        return f"{common}, and {len(values) - _MOST_VALUES + 1} more"
    return f"{three(numbers[0])} to {three(numbers[-1])}"
