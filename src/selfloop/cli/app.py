"""Where the commands come together, and where errors become one sentence."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

import selfloop
from selfloop.cli import bench, compare, datasets, explain, explore, generate, predict, score, tour
from selfloop.errors import SelfloopError
from selfloop.voice import shell

STOPPED = 130  # what shells expect of Ctrl-C

app = typer.Typer(
    name="selfloop",
    help="Compare RNN, LSTM and GRU on your own sequences, with honest baselines, and take the best model with you.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("compare")(compare.compare)
app.command("explain")(explain.explain)
app.command("explore")(explore.explore)
app.command("predict")(predict.predict)
app.command("score")(score.score)
app.command("generate")(generate.generate)
app.command("datasets")(datasets.datasets)
app.command("bench")(bench.bench)
app.command("tour")(tour.tour)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"selfloop {selfloop.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Compare RNN, LSTM and GRU on your own sequences, with honest baselines, and take the best model with you."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns its exit code."""
    with shell():
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    debug = "--debug" in arguments
    try:
        result = app(list(arguments), standalone_mode=False)
    except typer.Exit as leave:
        result = leave.exit_code
    except (KeyboardInterrupt, typer.Abort):
        result = STOPPED
    except typer.TyperException as error:  # how the command line was written
        return _say(f"{error}", 2, debug)
    except SelfloopError as error:
        return _say(str(error), 2, debug)
    except Exception as error:
        hint = "" if debug else "; --debug shows where"
        return _say(f"this should not happen: {type(error).__name__}: {error}{hint}.", 1, debug)
    if result == STOPPED:
        kept = "; finished trials are kept: the same command goes on from there" if arguments[0] == "compare" else ""
        return _say(f"stopped{kept}.", STOPPED, debug)
    return result if isinstance(result, int) else 0


def _say(text: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    typer.echo(f"selfloop: {text}", err=True)
    return code
