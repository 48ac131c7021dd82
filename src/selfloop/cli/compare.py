"""`selfloop compare DATA`: train all candidates, say which one serves, keep the models."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from selfloop.data import Columns, Missing, load_builtin
from selfloop.data.files import name_of
from selfloop.data.roles import with_named
from selfloop.data.sequences import Unit
from selfloop.kinds import kinds
from selfloop.results.study import to_json

if TYPE_CHECKING:
    from selfloop.study.settings import Treatment
    from selfloop.study.study import Study
    from selfloop.tasks.asked import Direction, Pool, Short
    from selfloop.train.budget import Scheme

TASK, FOLDS, NETWORKS = "Task", "Folds and verdict", "Networks"
DATA_COLUMNS, RUNNING = "Columns", "Running"
CELLS = ", ".join(kind.name.replace("_", "-") for kind in kinds())


def compare(
    data: Annotated[
        str,
        typer.Argument(
            help="A file (.csv, .parquet, .ts, .npy, .txt, .conllu, ...), or a built-in set: `selfloop datasets`."
        ),
    ],
    test: Annotated[
        str | None,
        typer.Option(help="Your own test part: more cases, or the steps that follow.", rich_help_panel=FOLDS),
    ] = None,
    id_: Annotated[
        str | None, typer.Option("--id", help="Column that names the sequence.", rich_help_panel=DATA_COLUMNS)
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="Column of times; 'none': rows are in order.", rich_help_panel=DATA_COLUMNS)
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column to forecast.", rich_help_panel=DATA_COLUMNS)] = None,
    label: Annotated[
        str | None,
        typer.Option(
            help="Column with the class or number of each sequence, or the class of each step; several of numbers.",
            rich_help_panel=DATA_COLUMNS,
        ),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(
            help="Columns to learn from, with commas: past covariates of a forecast.", rich_help_panel=DATA_COLUMNS
        ),
    ] = None,
    time_format: Annotated[
        str | None,
        typer.Option(help="How times are written, as in '%d/%m/%Y %H:%M'.", rich_help_panel=DATA_COLUMNS),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(help="Zone of the times, such as Europe/Berlin.", rich_help_panel=DATA_COLUMNS),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(help="Column whose cases stay together, such as a person.", rich_help_panel=DATA_COLUMNS),
    ] = None,
    missing: Annotated[
        Missing, typer.Option(help="Missing values and rows: error, drop or interpolate.", rich_help_panel=DATA_COLUMNS)
    ] = "error",
    unit: Annotated[
        Unit | None,
        typer.Option(help="Symbols of a text (.txt): character (the default) or word.", rich_help_panel=DATA_COLUMNS),
    ] = None,
    axes: Annotated[
        str | None,
        typer.Option(
            help="Of .npy and .npz: cases,steps,channels or cases,channels,steps.", rich_help_panel=DATA_COLUMNS
        ),
    ] = None,
    builtin: Annotated[
        bool,
        typer.Option(
            "--builtin", help="DATA is a built-in set, even if a file has that name.", rich_help_panel=DATA_COLUMNS
        ),
    ] = False,
    lag: Annotated[
        int | None,
        typer.Option(help="Steps to remember, of the sets 'recall' and 'adding'.", rich_help_panel=DATA_COLUMNS),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(help="forecast, regress, classify, tag or next; inferred from the data.", rich_help_panel=TASK),
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(help="Steps to forecast; one season by default.", rich_help_panel=TASK)
    ] = None,
    season: Annotated[
        int | None, typer.Option(help="Steps in a season, 1 for none; inferred.", rich_help_panel=TASK)
    ] = None,
    direction: Annotated[
        str | None, typer.Option(help="How networks read whole sequences: one or both.", rich_help_panel=TASK)
    ] = None,
    pool: Annotated[
        str | None, typer.Option(help="What their answer is made of: last or mean.", rich_help_panel=TASK)
    ] = None,
    short: Annotated[
        str | None,
        typer.Option(help="Series too short to be tested: drop (the default) or error.", rich_help_panel=TASK),
    ] = None,
    candidates: Annotated[
        str,
        typer.Option(
            help=f"Networks to compare, with commas: of {CELLS}; and entries of your own as module:name.",
            rich_help_panel=NETWORKS,
        ),
    ] = "rnn,lstm,gru",
    params: Annotated[
        int | None, typer.Option(help="Parameters that each network should have.", rich_help_panel=NETWORKS)
    ] = None,
    layers: Annotated[int, typer.Option(help="Recurrent layers on top of each other.", rich_help_panel=NETWORKS)] = 1,
    init: Annotated[
        str, typer.Option(help="chrono (with orthogonal weights) or torch.", rich_help_panel=NETWORKS)
    ] = "chrono",
    window: Annotated[
        int | None,
        typer.Option(help="Steps that the feed-forward network sees; chosen on validation.", rich_help_panel=NETWORKS),
    ] = None,
    learning_rates: Annotated[
        str, typer.Option(help="To try for each network, with commas.", rich_help_panel=NETWORKS)
    ] = "0.001,0.003,0.01",
    epochs: Annotated[
        int | None,
        typer.Option(help="Passes over the training part at most; by the data's size.", rich_help_panel=NETWORKS),
    ] = None,
    patience: Annotated[
        int | None, typer.Option(help="Epochs without improvement before stopping.", rich_help_panel=NETWORKS)
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(help="Share left out at random in training; none, or by the task.", rich_help_panel=NETWORKS),
    ] = None,
    folds: Annotated[
        int | None, typer.Option(help="5 by default, 10 where the data allow.", rich_help_panel=FOLDS)
    ] = None,
    seeds: Annotated[int, typer.Option(help="Runs of each network on each fold.", rich_help_panel=FOLDS)] = 3,
    treatment: Annotated[
        str, typer.Option(help="How a series is shown is chosen on each fold, or on the first.", rich_help_panel=FOLDS)
    ] = "first",
    validation: Annotated[
        float, typer.Option(help="Share of each training part that choices are made on.", rich_help_panel=FOLDS)
    ] = 0.2,
    metric: Annotated[
        str | None, typer.Option(help="That decides: mase, accuracy, ...; by the task.", rich_help_panel=FOLDS)
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(help="Difference that matters, as a share of the error.", rich_help_panel=FOLDS),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for store, report, models and results; selfloop-DATA by default.", rich_help_panel=RUNNING
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes; one a core by default.", rich_help_panel=RUNNING)
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain/--no-explain", help="Say what the recurrent networks remember.", rich_help_panel=RUNNING
        ),
    ] = True,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress, only the verdict.", rich_help_panel=RUNNING)
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="The whole result as JSON on standard output.", rich_help_panel=RUNNING)
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an error came from.", rich_help_panel=RUNNING)
    ] = False,
) -> None:
    """Train RNN, LSTM, GRU and baselines on DATA under one budget, and say what the evidence supports.

    The same command on the same folder goes on where it was stopped.
    """
    from selfloop.study.compare import compare as run

    roles: dict[str, Any] = {"id": id_, "time": time, "target": target, "groups": groups, "unit": unit}
    roles |= {"label": _names(label or ""), "inputs": _names(inputs or "")}
    roles |= {"time_format": time_format, "timezone": timezone}
    study = run(
        load_builtin(data, columns=with_named(Columns(), roles), lag=lag) if builtin else data,
        out=out or Path(f"selfloop-{name_of(Path(data))}" + (f"-{lag}" if lag else "")),
        test=test,
        **({} if builtin else roles),  # a built-in set has been read
        missing=missing,
        lag=lag,
        axes=axes,
        workers=workers,
        progress=not quiet,
        command=shlex.join(["selfloop", *sys.argv[1:]]),
        task=task,
        horizon=horizon,
        season=season,
        direction=cast("Direction", direction),  # `Settings` refuses what is none, in one sentence
        pool=cast("Pool", pool),
        candidates=_names(candidates),
        params=params,
        layers=layers,
        init=cast("Scheme", init),
        window=window,
        learning_rates=_rates(learning_rates),
        epochs=epochs,
        patience=patience,
        dropout=dropout,
        folds=folds,
        seeds=seeds,
        treatment=cast("Treatment", treatment),
        validation=validation,
        metric=metric,
        margin=margin,
        short=cast("Short", short),
        explain=explain,
    )
    _print(study, json)


def _print(study: Study, json: bool) -> None:
    from selfloop.cli.show import show

    if json:
        typer.echo(to_json(study.result).decode())
    else:
        show(study)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _rates(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no list of numbers; expected some like 0.001,0.003,0.01.", param_hint="--learning-rates"
        ) from None
