"""`selfloop.compare`: from data and settings to a finished study."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Never

from selfloop.checked import whole_number
from selfloop.data import Missing, Sequences, holds_test, load, load_like
from selfloop.data.frames import Library, library_of
from selfloop.data.sequences import Unit
from selfloop.engine.script import GUARD, unguarded
from selfloop.entries.resolve import divided
from selfloop.errors import SettingsError, refuse_unknown
from selfloop.files import spare
from selfloop.machine import cores
from selfloop.report.explain.page import EXPLANATION
from selfloop.study.experiment import make_experiment
from selfloop.study.folder import KeptFolder
from selfloop.study.listener import listener
from selfloop.study.look_inside import look_inside
from selfloop.study.progress import Progress
from selfloop.study.run import Request, run
from selfloop.study.settings import Settings, Treatment, usual_candidates
from selfloop.study.store import Store
from selfloop.study.study import REPORT, RESULTS, Study
from selfloop.study.tables import write_results
from selfloop.tasks.asked import Direction, Pool, Short
from selfloop.tasks.registry import task_for
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Scheme


def compare(
    source: Any,
    *,
    out: str | Path | None = None,
    test: Any = None,
    test_labels: Any = None,
    id: str | None = None,
    time: str | None = None,
    target: str | None = None,
    label: str | Sequence[str] | None = None,
    inputs: str | Sequence[str] = (),
    time_format: str | None = None,
    timezone: str | None = None,
    groups: str | None = None,
    unit: Unit | None = None,
    labels: Any = None,
    missing: Missing = "error",
    lag: int | None = None,
    axes: str | None = None,
    task: str | None = None,
    candidates: Any = None,
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
    learning_rates: float | Sequence[float] = (1e-3, 3e-3, 1e-2),
    epochs: int | None = None,
    patience: int | None = None,
    dropout: float | None = None,
    treatment: Treatment = "first",
    validation: float = 0.2,
    metric: str | None = None,
    margin: float | None = None,
    short: Short | None = None,
    workers: int | None = None,
    progress: Progress | bool = True,
    command: str = "",
    explain: bool = True,
    **unknown: Never,
) -> Study:
    """Train RNN, LSTM, GRU and honest baselines on the same folds and say what the evidence supports.

    Args:
        source: a file, a built-in set's name, a frame, arrays or `Sequences`; see `selfloop.data.load`.
        out: folder for store, report, models and results; the same call on the same folder goes on where it stopped.
            None keeps them as long as the `Study` lives.
        test: the user's own test part, in the same form; None takes the one that the file brings, or makes folds.
        test_labels: for each array of `test`, as `labels`.
        id: column that names the sequence; this and the next four are inferred where they are left out.
        time: column of times; "none": rows are in order.
        target: column to forecast.
        label: column with the class or the number of each sequence, or with the class of each step where that differs
            within a sequence; or several columns of numbers.
        inputs: columns to learn from: past covariates of a forecast; one, or several.
        time_format: how times are written, as strptime has it: "%d/%m/%Y".
        timezone: zone of the times, such as Europe/Berlin.
        groups: column whose cases stay together, such as a person.
        unit: what one symbol of a text is, "character" or "word"; None: a character.
        labels: a class, a number or a row of numbers for each array; for arrays only.
        missing: what to do about missing values.
        lag: of the built-in sets "recall" and "adding".
        axes: of arrays, also of `test`, where shapes and labels do not decide: "cases,steps,channels".
        task: "forecast", "regress", "classify", "tag" or "next"; None: what suits the data.
        candidates: to compare: recurrent networks by name, and entries of your own, see docs/candidates.md: an
            estimator with fit and predict, a factory of torch modules, "module:name". None: RNN, LSTM and GRU.
        horizon: steps to forecast; None: one season.
        season: steps in a season, 1 for none; None: inferred.
        direction: how networks read to classify or to tag, "one" or "both".
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
        dropout: share of what networks hold that is left out at random in training; None: the task's, mostly none.
        treatment: where it is chosen how a series is shown to networks: on "each" fold, or on the "first" for all.
        validation: share of each training part that choices are made on.
        metric: of the task's, the one that decides; None: its first, or balanced accuracy where a class is rare.
        margin: difference that matters, as a share of the error: 0.03 is 3 % of an error, or 3 % of the mistakes of
            the best classifier; None: 3 % of errors, and of mistakes 10 % or half a percentage point.
        short: what becomes of series that are too short to be tested, among others that are not: "drop" sets them
            aside, "error" refuses them; None: drop.
        workers: processes, one thread each; None: one a core. A script that uses more than one needs
            `if __name__ == "__main__":` around its call, as for every process pool; without it, None is one process.
        progress: what was read and how far it is, on standard error or in the notebook's cell; False for nothing, or a
            listener of your own.
        command: recorded in the report as what repeats the study.
        explain: say in the report what the recurrent models remember, and write the page that steps through them.
        **unknown: none; a name that is not above is refused with the nearest one.

    Raises:
        DataError: the data cannot be used.
        SettingsError: the settings make no sense with these data, or there is no such setting.
        StudyError: the folder holds another study.
    """
    refuse_unknown(compare, unknown)
    named, own = divided(usual_candidates() if candidates is None else candidates)
    settings = Settings(
        task=task,
        candidates=named,
        entries=own,
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
        learning_rates=learning_rates,  # type: ignore[arg-type]  # converted there as well
        epochs=epochs,
        patience=patience,
        dropout=dropout,
        treatment=treatment,
        validation=validation,
        metric=metric,
        margin=margin,
        short=short,
    )
    _spare(out, source, test)
    told, lag = listener(progress), None if lag is None else whole_number("lag", lag)
    request = Request(settings, _processes(workers, told), command)
    roles: dict[str, Any] = {"id": id, "time": time, "target": target, "label": label, "inputs": inputs}
    roles |= {"time_format": time_format, "timezone": timezone, "groups": groups, "unit": unit}
    data = load(source, **roles, labels=labels, missing=missing, lag=lag, axes=axes)
    told.say(data.reading)
    test = source if test is None and folds is None and holds_test(source) else test
    data = task_for(data, settings.task)[0].answered(data)
    part = None if test is None else load_like(test, data, labels=test_labels, missing=missing, axes=axes)
    return _study(data, part, request, Goal(out, explain, library_of(source)), told)


def _spare(out: str | Path | None, source: Any, test: Any) -> None:
    """Nothing is written over what it is made from."""
    for name in (RESULTS, REPORT, EXPLANATION) if out is not None else ():
        spare(Path(out or ".") / name, (source, test))


@dataclass(frozen=True)
class Goal:
    """Where a study goes, whether its models are looked into, and the library of its frames."""

    out: str | Path | None
    explain: bool
    library: Library


def _processes(workers: int | None, told: Progress) -> int:
    """How many processes there will be.

    Raises:
        SettingsError: not a number of them, or a script that each would run again.
    """
    count = cores() if workers is None else whole_number("workers", workers)
    if count == 1 or not unguarded():
        return count
    remedy = f"put it under `{GUARD}`"
    if workers is not None:
        raise SettingsError(
            f"workers is {count}, and each of these processes would run this script again up to its call of compare; "
            f"expected a call that they do not come to: {remedy}, or leave --workers out."
        )
    told.say(f"one process instead of {count}: others would run this script again up to its call of compare; {remedy}")
    return 1


def _study(data: Sequences, test: Sequences | None, request: Request, goal: Goal, listener: Progress) -> Study:
    experiment = make_experiment(data, test, request.settings)
    kept = KeptFolder() if goal.out is None else None
    folder = kept.path if kept else Path(goal.out or ".")
    store = Store(folder)
    try:
        result = run(experiment, _transportable(experiment, request, listener), store, listener)
    finally:
        listener.end()  # a terminal gets its cursor back, whatever happened
        store.close()
    explanation = look_inside(result, _kept(data, experiment.data), folder, listener) if goal.explain else None
    study = Study(result, folder, explanation, goal.library, kept)
    write_results(result, folder / RESULTS)
    study.report(folder / REPORT)
    return study


def _transportable(experiment: Experiment, request: Request, told: Progress) -> Request:
    """With one process where an entry cannot be taken to others."""
    for entry in experiment.entries if request.workers > 1 else ():
        try:
            pickle.dumps(entry)
        except Exception as error:  # whatever its parts raise
            why = " ".join(str(error).split())
            told.say(f"one process instead of {request.workers}: {entry.name} cannot be taken to others ({why})")
            return replace(request, workers=1)
    return request


def _kept(data: Sequences, used: Sequences) -> Sequences:
    """Without the sequences that were set aside."""
    ids = set(used.ids)
    kept = [k for k, name in enumerate(data.ids) if name in ids]
    return data if len(kept) == len(data) else data.take(kept)
