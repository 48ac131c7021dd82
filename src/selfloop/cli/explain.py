"""`selfloop explain MODEL DATA --out FILE`: how far back a saved model remembers, and what its gates do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selfloop.data import Missing

if TYPE_CHECKING:
    from selfloop.results.explanation import Explanation
    from selfloop.results.exploration import Finding


def explain(
    model: Annotated[Path, typer.Argument(help="A recurrent model's file that `selfloop compare` wrote.")],
    data: Annotated[str, typer.Argument(help="Data with the columns that it learnt from; a built-in set's name.")],
    out: Annotated[Path, typer.Option(help="Where to write: one HTML file.")] = Path("selfloop-explain.html"),
    sequence: Annotated[str | None, typer.Option(help="Which sequence the page steps through.")] = None,
    against: Annotated[list[Path] | None, typer.Option(help="Another model beside it; may be repeated.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Folder for every chart as PNG and SVG.")] = None,
    window: Annotated[int, typer.Option(help="Steps back that are looked at.")] = 500,
    missing: Annotated[Missing, typer.Option(help="Missing values: error, drop or interpolate.")] = "error",
    axes: Annotated[str | None, typer.Option(help="Of .npy and .npz: cases,steps,channels.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Say how far back MODEL's answers depend on DATA, how far its learning signal reaches, and what its gates do.

    Measured over many sequences, with what to do next; the page steps through one of them, number by number.
    """
    from selfloop.errors import StudyError
    from selfloop.files import spare
    from selfloop.inside.explain.explain import explain as measure

    if out.is_dir():
        raise StudyError(f"{out} is a folder; expected the name of a file to write: {out / 'selfloop-explain.html'}.")
    spare(out, [model, data, *(against or ())])
    found = measure(model, data, against=against or (), sequence_id=sequence, window=window, missing=missing, axes=axes)
    path = found.to_html(out)
    drawn = found.plots(plots) if plots is not None else []
    typer.echo("\n".join(_said(found.explanation)))
    typer.echo(f"\nThe page is in {path}: open it in a browser.")
    if drawn:
        typer.echo(f"{len(drawn)} charts are in {plots}.")


def _said(explanation: Explanation) -> list[str]:
    """The verdicts, as the page has them."""
    lines = [explanation.headline, f"({'; '.join((*explanation.facts, explanation.loss))})", explanation.basis]
    if explanation.findings:
        lines += ["", *_listed(explanation.findings)]
    for model in explanation.models:
        lines += ["", f"{model.label}, {model.hidden_size} hidden units", *_listed(model.findings)]
    return lines


def _listed(findings: tuple[Finding, ...]) -> list[str]:
    lines: list[str] = []
    for finding in findings:
        lines.append(f"  {'!' if finding.alarm else '-'} {finding.sentence}")
        if finding.next:
            lines.append(f"    Next: {finding.next}")
    return lines
