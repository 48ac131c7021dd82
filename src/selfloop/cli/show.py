"""The end of a study on the terminal: leaderboard, verdict, files."""

from __future__ import annotations

import shlex

from rich.console import Console
from rich.text import Text

from selfloop.report.explain.page import EXPLANATION
from selfloop.study.board import summary
from selfloop.study.study import REPORT, RESULTS, Study

ROLES = ("pick", "best_saved", "best_recurrent")


def show(study: Study) -> None:
    """Print leaderboard, verdict and where the files are, to standard output."""
    console = Console(highlight=False)
    summary(study.result, console)
    for claim in study.verdict.claims:
        console.print(Text("· " + claim.sentence))
    for note in study.verdict.notes:
        console.print(Text("· " + note, style="dim"))
    for remark in study.result.remarks:
        console.print(Text("· " + remark, style="dim"))
    console.print()
    _files(console, study)


def _files(console: Console, study: Study) -> None:
    models = study.result.models
    console.print(Text(f"report   {study.folder / REPORT}"))
    if study.explanation is not None:
        console.print(Text(f"inside   {study.folder / EXPLANATION}"))
    console.print(Text(f"results  {study.folder / RESULTS}"))
    for file in dict.fromkeys(models.values()):
        roles = [role.replace("_", " ") for role, name in models.items() if name == file and role in ROLES]
        console.print(Text(f"model    {study.folder / file}" + (f" ({' and '.join(roles)})" if roles else "")))
    first = next(iter(models.values()), None)
    if first:
        file = str(study.folder / first)
        told = f"\nTo use it: selfloop predict {shlex.quote(file)} DATA --out predictions.csv"
        console.print(Text(told, style="dim"), soft_wrap=True)  # a command that is cut into lines cannot be pasted
