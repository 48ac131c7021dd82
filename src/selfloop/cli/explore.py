"""`selfloop explore MODEL DATA --out FILE`: step through what a saved model does on one sequence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfloop.data import Missing


def explore(
    model: Annotated[Path, typer.Argument(help="A recurrent model's file that `selfloop compare` wrote.")],
    data: Annotated[str, typer.Argument(help="Data with the columns that it learnt from; a built-in set's name.")],
    out: Annotated[Path, typer.Option(help="Where to write: one HTML file.")] = Path("selfloop-explore.html"),
    sequence: Annotated[str | None, typer.Option(help="Which sequence; the first one by default.")] = None,
    against: Annotated[list[Path] | None, typer.Option(help="Another model beside it; may be repeated.")] = None,
    first: Annotated[int | None, typer.Option(help="The first step shown, from 1.")] = None,
    steps: Annotated[int | None, typer.Option(help="How many are shown.")] = None,
    missing: Annotated[Missing, typer.Option(help="Missing values: error, drop or interpolate.")] = "error",
    axes: Annotated[str | None, typer.Option(help="Of .npy and .npz: cases,steps,channels.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Write a page that steps through every gate, state, gradient and answer of MODEL on one sequence of DATA."""
    from selfloop.errors import StudyError
    from selfloop.files import spare
    from selfloop.inside.explore.explore import exploration_of
    from selfloop.report.explore import write_explorer

    if out.is_dir():
        raise StudyError(f"{out} is a folder; expected the name of a file to write: {out / 'selfloop-explore.html'}.")
    others = against or ()
    spare(out, [model, data, *others])
    found = exploration_of(
        model,
        data,
        sequence_id=sequence,
        against=others,
        first=first,
        steps=steps,
        missing=missing,
        axes=axes,
    )
    path = write_explorer(found, out)
    typer.echo(f"{found.headline}\n(sequence {found.sequence} of {found.data}, {found.steps:,} steps)\n")
    typer.echo(f"The page is in {path}: open it in a browser.")
