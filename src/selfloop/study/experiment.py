"""From data and settings to what will be compared: the task, the folds, and what was inferred, in sentences."""

from __future__ import annotations

from dataclasses import replace

from selfloop.data import Sequences
from selfloop.entries.resolve import entries
from selfloop.errors import SettingsError, nearest
from selfloop.results.study import DataSummary, Metric, Setting
from selfloop.study.settings import Settings
from selfloop.tasks.registry import task_for
from selfloop.tasks.task import Experiment


def make_experiment(data: Sequences, test: Sequences | None, settings: Settings) -> Experiment:
    """Decide on task and folds.

    Args:
        data: to learn from; without `test`, to test on as well.
        test: the user's own test part: more cases, or the steps that follow those of `data`.
        settings: of the study.

    Raises:
        SettingsError, DataError: the settings make no sense with these data.
    """
    task, why = task_for(data, settings.task)
    if test is not None and settings.folds not in (None, 1):
        raise SettingsError(f"folds is {settings.folds}, but --test gives the one split there is; leave --folds out.")
    experiment = task.design(data, test, settings.asked)
    said = f"task: {task.name} ({why}; --task changes it)"
    metrics, reason = _metrics(experiment, settings.metric)
    own = entries(settings.entries, experiment.task)
    return replace(experiment, inferred=(said, *experiment.inferred, *reason), metrics=metrics, entries=own)


def _metrics(experiment: Experiment, wanted: str | None) -> tuple[tuple[Metric, ...], tuple[str, ...]]:
    """The task's metrics, the deciding one first; and a sentence where that is not the usual one."""
    task, known = experiment.task, {metric.name: metric for metric in experiment.ranked}
    if wanted is not None and wanted not in known:
        raise SettingsError(f"{task.name} has no metric {wanted!r}. {nearest(wanted, known)}")
    first, why = (known[wanted], "as asked") if wanted is not None else task.deciding(experiment.data)
    said = (f"{first.label} decides ({why}; --metric changes it)",) if why else ()
    return (first, *(metric for metric in experiment.ranked if metric != first)), said


def resolved(experiment: Experiment) -> dict[str, Setting]:
    """What was inferred or left to a default, as it is: part of what makes a study the same study."""
    task = experiment.task
    return {"task": task.name, "split": experiment.fold_text, **task.recorded()}


def summary_of(experiment: Experiment) -> DataSummary:
    """The data in numbers."""
    data = experiment.data
    return DataSummary(
        name=data.name,
        sequences=len(data),
        steps=int(data.lengths.sum()),
        shortest=int(data.lengths.min()),
        longest=int(data.lengths.max()),
        channels=data.channels,
        target=experiment.task.words(data).target,
        fingerprint=data.fingerprint,
        reading=data.reading,
    )
