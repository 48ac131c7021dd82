"""`selfloop bench`: how fast the layers are on this machine, against torch's and what else is installed."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

SHAPES, RUNNING = "Shapes", "Running"


def bench(
    cell: Annotated[str, typer.Option(help="Cells, with commas.", rich_help_panel=SHAPES)] = "rnn,gru,lstm",
    mode: Annotated[
        str,
        typer.Option(
            help="training (forward, backward, gradients of all weights), forward (no gradient), step (one at a time).",
            rich_help_panel=SHAPES,
        ),
    ] = "training,forward,step",
    batch: Annotated[
        str | None, typer.Option(help="Sequences at once; as below, several with commas. [32]", rich_help_panel=SHAPES)
    ] = None,
    steps: Annotated[str | None, typer.Option(help="Steps of each. [100]", rich_help_panel=SHAPES)] = None,
    inputs: Annotated[str | None, typer.Option(help="Input size. [16]", rich_help_panel=SHAPES)] = None,
    hidden: Annotated[str | None, typer.Option(help="Hidden size. [64]", rich_help_panel=SHAPES)] = None,
    dtype: Annotated[str, typer.Option(help="float32 or float64.", rich_help_panel=SHAPES)] = "float32",
    grid: Annotated[
        bool, typer.Option("--grid", help="The standard grid of twelve shapes; ten minutes.", rich_help_panel=SHAPES)
    ] = False,
    threads: Annotated[
        str | None,
        typer.Option(
            help="Numbers of threads, with commas; 1 and torch's own choice, for the grid 1 and 2.",
            rich_help_panel=RUNNING,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="jax, onnxruntime or none, besides torch; what is installed.", rich_help_panel=RUNNING),
    ] = None,
    allocator: Annotated[
        str | None,
        typer.Option(help="Settings of glibc's allocator. [default,tuned]", rich_help_panel=RUNNING),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="For each row and allocator, all sides together. [1]", rich_help_panel=RUNNING)
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="0.2 seconds, the default allocator.", rich_help_panel=RUNNING)
    ] = False,
    json: Annotated[
        Path | None, typer.Option(help="Also write everything to this file.", rich_help_panel=RUNNING)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.", rich_help_panel=RUNNING)] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an error came from.", rich_help_panel=RUNNING)
    ] = False,
) -> None:
    """Time RNN, LSTM and GRU on this machine, against torch's and what else is installed.

    All sides run in one process and take turns, after a check that they compute the same. A ratio is the median over
    pairs of calls, with a 95 % interval: 2 means half torch's time. The share of the matrix peak is of the best product
    that this machine did during the run.
    """
    from selfloop.bench import run
    from selfloop.cli import bench_options, bench_progress, bench_table
    from selfloop.results.study import to_json

    bench_options.check_writable(json)
    plan = bench_options.plan(
        grid=grid,
        quick=quick,
        cell=cell,
        mode=mode,
        sizes={"batch": batch, "steps": steps, "inputs": inputs, "hidden": hidden},
        dtype=dtype,
        threads=threads,
        against=against,
        allocator=allocator,
        seconds=seconds,
    )
    found = run(plan, command=shlex.join(["selfloop", *sys.argv[1:]]), progress=bench_progress.listener(quiet=quiet))
    bench_table.show(found)
    if json is not None:
        json.write_bytes(to_json(found) + b"\n")
