"""`selfloop tour`: what RNN, LSTM and GRU remember, without any data of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def tour(
    out: Annotated[Path, typer.Option(help="Where to write: one HTML file.")] = Path("selfloop-tour.html"),
    lags: Annotated[str, typer.Option(help="Steps to remember, growing, with commas.")] = "5,10,20,40,80",
    workers: Annotated[int | None, typer.Option(help="Processes; one a core by default.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Train small networks to remember a symbol for growing lags, and see where each stops and why.

    An RNN, an LSTM and a GRU, each once as torch starts it and once with chrono biases, in seconds each. The page
    shows how far back each remembers, how much of the learning signal gets there, and steps through what they do.
    """
    from selfloop.errors import StudyError
    from selfloop.inside.tour.tour import tour as train
    from selfloop.machine import cores
    from selfloop.report.tour.page import headline, remembered, write_tour
    from selfloop.results.tour import Trained
    from selfloop.words import percent

    if out.is_dir():
        raise StudyError(f"{out} is a folder; expected the name of a file to write: {out / 'selfloop-tour.html'}.")

    def say(found: Trained, done: int, total: int) -> None:
        if not quiet:
            typer.echo(
                f"{done:>{len(str(total))}}/{total}  {found.label:<4} {found.start:<6} {found.lag:>4} steps: "
                f"{percent(found.accuracy):>6} right, {found.updates:,} updates, {found.seconds:.1f} s",
                err=True,
            )

    found = train(_numbers(lags), workers=cores() if workers is None else workers, say=say)
    path = write_tour(found, out)
    typer.echo(
        "\n".join([headline(found), "", *remembered(found), "", f"The tour is in {path}: open it in a browser."])
    )


def _numbers(lags: str) -> tuple[int, ...]:
    from selfloop.errors import SettingsError

    try:
        return tuple(int(part) for part in lags.split(","))
    except ValueError as error:
        raise SettingsError(f"--lags is {lags!r}; expected whole numbers with commas, such as 5,10,20.") from error
