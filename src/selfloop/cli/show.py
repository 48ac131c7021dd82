"""The end of a study on the terminal: leaderboard, verdict, files."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfloop.compare.study import REPORT, RESULTS, Study
from selfloop.results import Row, StudyResult


def show(study: Study) -> None:
    """Print leaderboard, verdict and where the files are, to standard output."""
    console = Console(highlight=False)
    result, verdict = study.result, study.verdict
    console.print()
    console.print(_board(result))
    console.print()
    console.print(Text(verdict.headline, style="bold"))
    console.print(Text(verdict.pick_reason))
    console.print()
    for claim in verdict.claims:
        console.print(Text("· " + claim.sentence))
    for note in verdict.notes:
        console.print(Text("· " + note, style="dim"))
    console.print()
    _files(console, study)


def _board(result: StudyResult) -> Table:
    metric = result.metrics[0]
    narrow = result.task == "classify"
    table = Table(box=None, pad_edge=False, header_style="bold", collapse_padding=False)
    table.add_column("", no_wrap=True)
    spread = " ± spread" if result.folds > 1 else ""
    for heading in (f"{metric.label}{spread}", "× naive", "parameters", "multiply-adds", "train s", "µs/step"):
        table.add_column(heading, justify="right")
    table.add_column("streams" if narrow else "", justify="left")
    for row in result.leaderboard:
        style = (
            "bold"
            if row.candidate.name == result.verdict.pick
            else ("" if row.candidate.family == "recurrent" else "dim")
        )
        table.add_row(*_cells(row, metric.name, with_streams=narrow), style=style)
    return table


def _cells(row: Row, metric: str, *, with_streams: bool) -> list[str]:
    if row.score is None:
        return [row.candidate.label, "diverged"]
    score = f"{row.score:.3f}" + (f" ± {row.spread:.3f}" if row.spread is not None else "")
    if row.diverged:
        score += f" ({row.diverged} of {row.trials} diverged)"
    return [
        row.candidate.label,
        score,
        f"{row.relative[metric]:.2f}" if metric in row.relative else "",
        f"{row.parameters:,}",
        f"{row.operations:,}",
        f"{row.train_seconds:.1f}",
        f"{row.step_microseconds:.0f}",
        ("yes" if row.candidate.streams else "no") if with_streams else "",
    ]


def _files(console: Console, study: Study) -> None:
    models = study.result.models
    console.print(Text(f"report   {study.folder / REPORT}"))
    console.print(Text(f"results  {study.folder / RESULTS}"))
    for file in dict.fromkeys(models.values()):
        roles = " and ".join(role.replace("_", " ") for role, name in models.items() if name == file)
        console.print(Text(f"model    {study.folder / file} ({roles})"))
    first = next(iter(models.values()), None)
    if first:
        console.print(
            Text(f"\nTo use it: selfloop predict {study.folder / first} DATA --out predictions.csv", style="dim")
        )
