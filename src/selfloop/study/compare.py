"""A study as Python holds it: its results, its verdict, its models."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfloop.data import Columns, Missing, load, load_like
from selfloop.errors import SettingsError, StudyError
from selfloop.machine import cores
from selfloop.report.explain.page import EXPLANATION
from selfloop.results.explanation import Explanation
from selfloop.results.study import Row, StudyResult, Verdict
from selfloop.study.look_inside import look_inside
from selfloop.study.progress import Progress
from selfloop.study.run import run
from selfloop.study.settings import Settings
from selfloop.study.setup import make_setup
from selfloop.study.store import Store
from selfloop.train.predictor import Predictor, load_model

if TYPE_CHECKING:
    import polars as pl

RESULTS, REPORT = "results.csv", "report.html"


@dataclass(frozen=True, eq=False)
class Study:
    """A finished comparison.

    Attributes:
        result: everything that was found, as data.
        folder: where store, models, report and results.csv are.
        explanation: what the recurrent models remember; None where it was not asked for, or there is no such model.
    """

    result: StudyResult
    folder: Path
    explanation: Explanation | None = None
    _kept: tempfile.TemporaryDirectory[str] | None = None  # of a study without a folder of the user's

    @property
    def leaderboard(self) -> tuple[Row, ...]:
        """A row a candidate, best first."""
        return self.result.leaderboard

    @property
    def verdict(self) -> Verdict:
        """The pick, the claims, and both in words."""
        return self.result.verdict

    @property
    def best(self) -> Predictor:
        """The pick's model, refitted on all data; a baseline's where a baseline is the pick."""
        return self._model("pick")

    @property
    def best_recurrent(self) -> Predictor:
        """The best recurrent model, refitted on all data."""
        return self._model("best_recurrent")

    @property
    def results(self) -> pl.DataFrame:
        """A row a trial, as in results.csv."""
        import polars as pl

        return pl.DataFrame(result_rows(self.result))

    def _model(self, role: str) -> Predictor:
        if role not in self.result.models:
            raise StudyError(f"this study saved no model as its {role.replace('_', ' ')}: its training diverged.")
        return load_model(self.folder / self.result.models[role])

    def report(self, path: str | Path) -> Path:
        """Write the report: one HTML file; beside it `explain.html`, which steps through the recurrent models."""
        from selfloop.report import write_explanation, write_report

        if self.explanation is not None:
            write_explanation(self.explanation, Path(path).with_name(EXPLANATION))
        return write_report(self.result, Path(path), self.explanation)


def compare(
    source: Any,
    *,
    out: str | Path | None = None,
    test: Any = None,
    test_labels: Any = None,
    columns: Columns | None = None,
    labels: Any = None,
    missing: Missing = "error",
    lag: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    command: str = "",
    explain: bool = True,
    **settings: Any,
) -> Study:
    """Train RNN, LSTM, GRU and honest baselines on the same folds and say what the evidence supports.

    Args:
        source: a file, a built-in set's name, a frame, arrays or `Sequences`; see `selfloop.data.load`.
        out: folder for store, report, models and results; the same call on the same folder goes on where it stopped.
            None keeps them as long as the `Study` lives.
        test: the user's own test part, in the same form; None makes folds.
        test_labels: a class for each array of `test`; for arrays only.
        columns: which column plays which part; what is None is inferred.
        labels: a class for each array; for arrays only.
        missing: what to do about missing values.
        lag: of the built-in set "recall".
        workers: processes, one thread each; None: one a core. A script that uses more than one needs
            `if __name__ == "__main__":` around its call, as for every process pool.
        progress: listens while it runs.
        command: recorded in the report as what repeats the study.
        explain: say in the report what the recurrent models remember, and write the page that steps through them.
        **settings: the fields of `Settings`: horizon, season, folds, seeds, params, layers, init, ...

    Raises:
        DataError: the data cannot be used.
        SettingsError: the settings make no sense with these data.
        StudyError: the folder holds another study.
    """
    chosen, listener = Settings(**settings), progress or Progress()
    if workers is not None and workers < 1:
        raise SettingsError(f"workers is {workers}; expected 1 or more processes.")
    data = load(source, columns=columns or Columns(), labels=labels, missing=missing, lag=lag)
    listener.say(data.reading)
    part = None
    if test is not None:
        part = load_like(
            test, data.columns, channels=data.channels, classes=data.classes, labels=test_labels, missing=missing
        )
    setup = make_setup(data, part, chosen)
    kept = tempfile.TemporaryDirectory(prefix="selfloop-") if out is None else None
    folder = Path(kept.name if kept else out or ".")
    store = Store(folder)
    try:
        result = run(setup, chosen, store, workers or cores(), listener, command)
    finally:
        listener.end()  # a terminal gets its cursor back, whatever happened
        store.close()
    explanation = look_inside(result, data, folder, listener) if explain else None
    study = Study(result, folder, explanation, kept)
    write_results(result, folder / RESULTS)
    study.report(folder / REPORT)
    return study


def result_rows(result: StudyResult) -> list[Mapping[str, object]]:
    """A row a trial: who, where, how it ended, every metric, what it cost."""
    names = [metric.name for metric in result.metrics]
    return [
        {
            "candidate": trial.candidate,
            "fold": trial.fold,
            "seed": trial.seed,
            "status": trial.status,
            **{name: trial.metrics.get(name) for name in names},
            "parameters": trial.parameters,
            "train_seconds": round(trial.train_seconds, 3),
            "step_microseconds": round(trial.step_microseconds, 3),
        }
        for trial in result.trials
    ]


def write_results(result: StudyResult, path: Path) -> None:
    """Write results.csv."""
    rows = result_rows(result)
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    unfinished.replace(path)
