"""A study in a few lines of text: the leaderboard and the verdict, for a terminal or a `print`."""

from __future__ import annotations

import io
from textwrap import wrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfloop.results.study import Metric, Row, StudyResult
from selfloop.words import MISSING

WIDTH = 100
WIDE = 13  # a score and its spread: a metric's name takes no more room than they do


def text_of(result: StudyResult) -> str:
    """Leaderboard, headline and the reason of the pick, without colours."""
    console = Console(file=io.StringIO(), width=WIDTH, highlight=False, force_terminal=False, force_jupyter=False)
    with console.capture() as caught:
        summary(result, console)
    return "\n".join(line.rstrip() for line in caught.get().strip("\n").splitlines())


def summary(result: StudyResult, console: Console) -> None:
    """Print the leaderboard, the headline and the reason of the pick."""
    console.print()
    console.print(_board(result))
    console.print()
    console.print(Text(result.verdict.headline, style="bold"))
    console.print(Text(result.verdict.pick_reason))
    console.print()


def _board(result: StudyResult) -> Table:
    """The leaderboard, narrow enough for 80 columns."""
    metric = result.metrics[0]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("", overflow="fold")  # it alone may take another line: a number that is cut is no number
    headings = ["\n".join(wrap(metric.label, WIDE)), "params", "ops/step", "train s", "µs/step"]
    headings.insert(*((1, "× naive") if metric.effect == "ratio" else (5, "streams")))
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in result.leaderboard:
        table.add_row(*_cells(row, metric), style=_style(row, result.verdict.pick))
    return table


def _style(row: Row, pick: str) -> str:
    if row.candidate.name == pick:
        return "bold"
    return "" if row.candidate.family == "recurrent" else "dim"


def _cells(row: Row, metric: Metric) -> list[str]:
    """An error is read against the naive one's; of a share that was found, whether the candidate streams."""
    if row.score is None:
        return [row.candidate.label, "diverged" if row.diverged else "failed"]
    score = f"{row.score:.3f}" + (f" ± {row.spread:.3f}" if row.spread is not None else "")
    ended = {"diverged": row.diverged, "failed": row.failed}
    label = row.candidate.label + "".join(f" ({n}/{row.trials} {how})" for how, n in ended.items() if n)
    naive = f"{row.relative[metric.name]:.2f}" if metric.name in row.relative else ""
    step = MISSING if row.step_microseconds is None else f"{row.step_microseconds:.0f}"
    cost = [_exact(row.parameters), _exact(row.operations), f"{row.train_seconds:.1f}", step]
    streams = "yes" if row.candidate.streams else "no"
    return [label, score, naive, *cost] if metric.effect == "ratio" else [label, score, *cost, streams]


def _exact(number: int | None) -> str:
    return MISSING if number is None else f"{number:,}"
