"""`selfloop predict MODEL DATA [--out FILE]`: forecasts, labels or numbers from a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfloop.data import Missing


def predict(
    model: Annotated[Path, typer.Argument(help="A model file that `selfloop compare` wrote.")],
    data: Annotated[str, typer.Argument(help="Data with the columns that it learnt from.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to write: .csv, .tsv or .parquet; printed as CSV if left out.")
    ] = None,
    missing: Annotated[Missing, typer.Option(help="Missing values: error, drop or interpolate.")] = "error",
    axes: Annotated[str | None, typer.Option(help="Of .npy and .npz: cases,steps,channels.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Forecast what comes after DATA, or tell the class or the numbers of each of its sequences.

    Forecasts come in long form: unique_id, ds, selfloop, and the bounds of 80 % and 95 % intervals.
    Labels come with a probability for each class, numbers with such intervals.
    """
    from selfloop.data import as_text, check_writable, write_table
    from selfloop.files import spare
    from selfloop.train.saved import load_model

    if out is not None:
        spare(out, [model, data])
        check_writable(out)
    predictions = load_model(model).predict(data, missing=missing, axes=axes)
    if out is None:
        typer.echo(as_text(predictions), nl=False)
        return
    write_table(predictions, out)
    typer.echo(f"{len(predictions):,} rows in {out}")
