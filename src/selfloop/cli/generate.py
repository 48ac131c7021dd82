"""`selfloop generate MODEL`: a text, or frames, that a saved model makes by itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selfloop.tasks.continuation import Continued


def generate(
    model: Annotated[Path, typer.Argument(help="A model of what comes next that `selfloop compare` wrote.")],
    prompt: Annotated[str, typer.Option(help="Text that it reads first.")] = "",
    length: Annotated[int, typer.Option(help="Symbols or frames to make.")] = 500,
    temperature: Annotated[
        float, typer.Option(help="1 as the model has it; 0 always the likeliest; above 1 bolder.")
    ] = 1.0,
    top_k: Annotated[int | None, typer.Option(help="Draw from so many of the likeliest only.")] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Draw from the likeliest that together have this probability only, 0.9 say.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws; the same one makes the same again.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Where to write: any name for a text; .csv or .npz for frames.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Let MODEL go on by itself, and show what it makes as it makes it. Ctrl-C ends it."""
    from selfloop.files import spare
    from selfloop.models.made import check_name, write_frames, write_text
    from selfloop.train.saved import load_model

    if out is not None:
        spare(out, [model])
    predictor = load_model(model)
    made = predictor.generate(prompt, length=length, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
    check_name(made, out)
    if made.unknown:
        names = ", ".join(repr(each) for each in made.unknown[:5]) + (", ..." if len(made.unknown) > 5 else "")
        typer.echo(f"not known to the model, and read as such: {names}", err=True)
    if out is None:
        _show(made)
    elif made.channels:
        typer.echo(f"{write_frames(made, out):,} frames in {out}")
    else:
        typer.echo(f"{write_text(made, out):,} symbols in {out}")


def _show(made: Continued) -> None:
    """Write each symbol as it is made. The line is ended whatever happens, so that a shell's prompt has its own."""
    sys.stdout.write(made.start)
    try:
        for piece in made.pieces:
            sys.stdout.write(str(piece))
            sys.stdout.flush()
    except BrokenPipeError:  # who read it, `head` say, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        sys.stdout.write("\n")
        sys.stdout.flush()
