"""A study as Python holds it: its results, its verdict, its models."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

from selfloop.data import Columns, Missing, Sequences, load, load_like
from selfloop.errors import SettingsError, StudyError, refuse_unknown
from selfloop.files import whole
from selfloop.machine import cores
from selfloop.models.predictor import Predictor
from selfloop.report.explain.page import EXPLANATION
from selfloop.results.explanation import Explanation
from selfloop.results.study import Row, StudyResult, Verdict
from selfloop.study.experiment import make_experiment
from selfloop.study.look_inside import look_inside
from selfloop.study.progress import Progress
from selfloop.study.run import Request, run
from selfloop.study.settings import Settings, usual_candidates
from selfloop.study.store import Store
from selfloop.tasks.task import Direction, Pool, Short
from selfloop.train.budget import Scheme
from selfloop.train.saved import load_model

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
    task: str | None = None,
    candidates: Sequence[str] | None = None,
    horizon: int | None = None,
    season: int | None = None,
    direction: Direction | None = None,
    pool: Pool | None = None,
    folds: int | None = None,
    seeds: int = 3,
    params: int | None = None,
    layers: int = 1,
    init: Scheme = "chrono",
    window: int | None = None,
    learning_rates: Sequence[float] = (1e-3, 3e-3, 1e-2),
    epochs: int | None = None,
    patience: int | None = None,
    validation: float = 0.2,
    margin: float = 0.03,
    short: Short | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    command: str = "",
    explain: bool = True,
    **unknown: Never,
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
        task: "forecast" or "classify"; None: what suits the data.
        candidates: recurrent networks to compare, by name; None: RNN, LSTM and GRU.
        horizon: steps to forecast; None: one season.
        season: steps in a season, 1 for none; None: inferred.
        direction: how networks read to classify, "one" or "both".
        pool: what their answer is made of, "last" or "mean".
        folds: parts that are tested in turn; None: 5, or 10 where the data allow.
        seeds: runs of each network on each fold.
        params: parameters that each recurrent network should have; None: by the data's size.
        layers: recurrent layers on top of each other.
        init: how weights begin: "chrono", with orthogonal recurrent weights, or "torch".
        window: steps that the feed-forward network sees; None: chosen on validation.
        learning_rates: to try for each network.
        epochs: passes over the training part at most; None: by the data's size.
        patience: epochs without improvement before stopping; None: by the epochs.
        validation: share of each training part that choices are made on.
        margin: relative difference in score that matters: 0.03 is 3 %.
        short: what becomes of series that are too short to be tested, among others that are not: "drop" sets them
            aside, "error" refuses them; None: drop.
        workers: processes, one thread each; None: one a core. A script that uses more than one needs
            `if __name__ == "__main__":` around its call, as for every process pool.
        progress: listens while it runs.
        command: recorded in the report as what repeats the study.
        explain: say in the report what the recurrent models remember, and write the page that steps through them.
        **unknown: none; a name that is not above is refused with the nearest one.

    Raises:
        DataError: the data cannot be used.
        SettingsError: the settings make no sense with these data, or there is no such setting.
        StudyError: the folder holds another study.
    """
    refuse_unknown(compare, unknown)
    settings = Settings(
        task=task,
        candidates=usual_candidates() if candidates is None else tuple(candidates),
        horizon=horizon,
        season=season,
        direction=direction,
        pool=pool,
        folds=folds,
        seeds=seeds,
        params=params,
        layers=layers,
        init=init,
        window=window,
        learning_rates=tuple(learning_rates),
        epochs=epochs,
        patience=patience,
        validation=validation,
        margin=margin,
        short=short,
    )
    if workers is not None and workers < 1:
        raise SettingsError(f"workers is {workers}; expected 1 or more processes.")
    request, listener = Request(settings, workers or cores(), command), progress or Progress()
    data = load(source, columns=columns or Columns(), labels=labels, missing=missing, lag=lag)
    listener.say(data.reading)
    part = None if test is None else like(data, test, test_labels, missing)
    return _study(data, part, request, Goal(out, explain), listener)


@dataclass(frozen=True)
class Goal:
    """Where a study goes, and whether its models are looked into."""

    out: str | Path | None
    explain: bool


def like(data: Sequences, test: Any, labels: Any, missing: Missing) -> Sequences:
    """A test part, read as the data were.

    Args:
        data: read before.
        test: in the same form.
        labels: a class for each array of it.
        missing: what to do about missing values.
    """
    return load_like(
        test,
        data.columns,
        channels=data.channels,
        classes=data.classes,
        labels=labels,
        missing=missing,
        every=data.every,
    )


def _study(data: Sequences, test: Sequences | None, request: Request, goal: Goal, listener: Progress) -> Study:
    experiment = make_experiment(data, test, request.settings)
    kept = tempfile.TemporaryDirectory(prefix="selfloop-") if goal.out is None else None
    folder = Path(kept.name if kept else goal.out or ".")
    store = Store(folder)
    try:
        result = run(experiment, request, store, listener)
    finally:
        listener.end()  # a terminal gets its cursor back, whatever happened
        store.close()
    explanation = look_inside(result, _kept(data, experiment.data), folder, listener) if goal.explain else None
    study = Study(result, folder, explanation, kept)
    write_results(result, folder / RESULTS)
    study.report(folder / REPORT)
    return study


def _kept(data: Sequences, used: Sequences) -> Sequences:
    """Without the sequences that were set aside."""
    ids = set(used.ids)
    kept = [k for k, name in enumerate(data.ids) if name in ids]
    return data if len(kept) == len(data) else data.take(kept)


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
    with whole(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
