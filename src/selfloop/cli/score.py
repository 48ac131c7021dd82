"""`selfloop score MODEL DATA`: how well a saved model does on data that hold the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfloop.data import Missing
from selfloop.words import three


def score(
    model: Annotated[Path, typer.Argument(help="A model file that `selfloop compare` wrote.")],
    data: Annotated[str, typer.Argument(help="Data with the columns that it learnt from, and the true labels.")],
    last: Annotated[
        int | None, typer.Option(help="Of a forecast: steps at the end of each series; the second half by default.")
    ] = None,
    missing: Annotated[Missing, typer.Option(help="Missing values: error, drop or interpolate.")] = "error",
    axes: Annotated[str | None, typer.Option(help="Of .npy and .npz: cases,steps,channels.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Compare MODEL's answers with the truth in DATA: every metric of its task.

    Labels are scored over all sequences; forecasts from every step whose truth is known, over the last steps of each
    series.
    """
    from selfloop.train.saved import load_model

    predictor = load_model(model)
    found = predictor.score(data, last=last, missing=missing, axes=axes)
    labels = {metric.name: metric.label for metric in predictor.task.metrics}
    width = max(len(label) for label in labels.values())
    typer.echo("\n".join(f"{labels[name]:{width}}  {three(value)}" for name, value in found.items()))
