"""The comparisons that docs/results.md reports: every number there comes from this script.

    python benchmarks/results.py [NAME ...]     # all of them, or some; an hour on two cores

Each study keeps its folder below `--out`, so that a stopped run goes on where it was. Data that may not be shipped are
looked for in SELFLOOP_SHARED_DATA (default ../shared/data); a study whose data are not there is skipped, and says so.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from tables import put

import selfloop
from selfloop.data import Columns, load
from selfloop.study.board import summary
from selfloop.study.study import Study
from selfloop.voice import shell

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SELFLOOP_SHARED_DATA", ROOT.parent / "shared" / "data"))
PAGE = ROOT / "docs" / "results.md"
README = ROOT / "README.md"
MONTH = 30 * 24  # of ETTh1, as its papers count


@dataclass(frozen=True)
class Case:
    """A study of the page."""

    name: str
    title: str
    command: str
    source: Callable[[], Any]
    settings: dict[str, Any] = field(default_factory=dict)
    needs: str = ""  # a file that is not shipped
    more: Callable[[Study], str] = lambda study: ""


def etth1() -> Any:
    return load(SHARED / "ETTh1.csv", columns=Columns(target="OT"))


def etth1_months(first: int, stop: int) -> Any:
    """Months `first` to `stop` − 1 of the oil temperature."""
    import polars as pl

    table = pl.read_csv(SHARED / "ETTh1.csv", try_parse_dates=True).slice(first * MONTH, (stop - first) * MONTH)
    return load(table.select("date", "OT"))


def scaled_mse(study: Study) -> str:
    """Test MSE after scaling with mean and deviation of the first 12 months, as the papers give it."""
    variance = etth1_months(0, 12).values[:, 0].var()
    lines = ["", "| candidate | scaled test MSE, seed by seed | mean |", "|---|---|---|"]
    for row in study.result.leaderboard:
        own = [t for t in study.result.trials if t.candidate == row.candidate.name and t.metrics]
        errors = [t.metrics["rmse"] ** 2 / variance for t in own]
        lines.append(f"| {row.candidate.label} | {', '.join(f'{e:.4f}' for e in errors)} | {np.mean(errors):.4f} |")
    return "\n".join(lines)


CASES = (
    Case(
        "vowels-split",
        "Japanese vowels, the file's own split",
        "selfloop compare japanese-vowels-train --test japanese-vowels-test",
        lambda: "japanese-vowels-train",
        {"test": "japanese-vowels-test"},
    ),
    Case("vowels", "Japanese vowels, five folds", "selfloop compare japanese-vowels", lambda: "japanese-vowels"),
    *(
        Case(
            f"recall-{lag}-{init}",
            f"Recall over {lag} steps, {'chrono initialisation' if init == 'chrono' else 'torch initialisation'}",
            f"selfloop compare recall --lag {lag} --window {lag // 2} --init {init} --folds 1 --params 10000",
            lambda: "recall",
            {"lag": lag, "window": lag // 2, "init": init, "folds": 1, "params": 10_000},
        )
        for lag in (50, 100)
        for init in ("chrono", "torch")
    ),
    *(
        Case(
            name.lower(),
            f"{name}, of the UCR archive",
            f"selfloop compare {name}.ts",
            lambda name=name: load(SHARED / f"{name}.ts"),  # type: ignore[misc]
            needs=f"{name}.ts",
        )
        for name in ("ArrowHead", "BasicMotions")
    ),
    Case(
        "temporal-order",
        "Temporal order",
        "selfloop compare temporal-order --folds 1",
        lambda: "temporal-order",
        {"folds": 1},
    ),
    Case("airline", "Airline passengers", "selfloop compare airline", lambda: "airline"),
    Case("sunspots", "Sunspots", "selfloop compare sunspots --horizon 12", lambda: "sunspots", {"horizon": 12}),
    Case(
        "etth1-split",
        "ETTh1, oil temperature, 12/4/4 months",
        "months 1 to 16 to learn from (the last quarter to choose on), the next 4 months to test, every start",
        lambda: etth1_months(0, 16),
        {"test": lambda: etth1_months(16, 20), "horizon": 24, "validation": 0.25},
        needs="ETTh1.csv",
        more=scaled_mse,
    ),
    Case(
        "etth1",
        "ETTh1, oil temperature, all of it",
        "selfloop compare ETTh1.csv --target OT --horizon 24 --folds 5",
        etth1,
        {"horizon": 24, "folds": 5},
        needs="ETTh1.csv",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(case.name for case in CASES))
    parser.add_argument("--out", type=Path, default=Path("selfloop-results"))
    arguments = parser.parse_args()
    for case in sorted(CASES, key=lambda c: arguments.names.index(c.name) if c.name in arguments.names else -1):
        if arguments.names and case.name not in arguments.names:
            continue
        if case.needs and not (SHARED / case.needs).is_file():
            print(f"skipped {case.name}: {SHARED / case.needs} is not there")
            continue
        print(f"== {case.title}", flush=True)
        settings = {k: v() if callable(v) else v for k, v in case.settings.items()}
        with shell():  # the page shows commands
            study = selfloop.compare(
                case.source(),
                out=arguments.out / case.name,
                command=case.command,
                **settings,
            )
        put(PAGE, case.name, text(case, study))
        if case.name == "vowels":
            put(README, "demo", terminal(study))


def terminal(study: Study) -> str:
    """The beginning of what the command prints: the README's first screen."""
    console = Console(file=StringIO(), width=80, highlight=False)
    summary(study.result, console)
    assert isinstance(console.file, StringIO)
    lines = [line.rstrip() for line in console.file.getvalue().strip("\n").splitlines()]
    return "\n".join(["```text", *lines, "```"])


def text(case: Case, study: Study) -> str:
    """A section: command, table, what was chosen, verdict."""
    result, metric = study.result, study.result.metrics[0]
    seconds = f"{result.seconds / 60:.1f} minutes of one core"
    command = f"`{case.command}`" if case.command.startswith("selfloop") else case.command
    lines = [f"## {case.title}", "", f"{command}: {result.fold_text}; {result.seeds} seeds; {seconds}.", ""]
    names = [m.label for m in result.metrics]
    lines += [f"| candidate | {' | '.join(names)} | spread of {metric.label} over folds | parameters |"]
    lines += ["|---|" + "---|" * (len(names) + 2)]
    for row in study.result.leaderboard:
        scores = " | ".join(
            f"{row.metrics[m.name]:.3f}" if m.name in row.metrics else "diverged" for m in result.metrics
        )
        spread = "" if row.spread is None else f"{row.spread:.3f}"
        lines.append(f"| {row.candidate.label} | {scores} | {spread} | {row.parameters:,} |")
    lines += ["", *(f"- {choice}" for choice in result.choices), ""]
    lines += [f"> {study.verdict.headline} {study.verdict.pick_reason}", case.more(study)]
    return "\n".join(lines).rstrip()


if __name__ == "__main__":
    main()
