"""From stored predictions to what a report shows of a classification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from selfloop.data.sequences import Floats
from selfloop.results.study import Confusion, Trial
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.task import Experiment, Predictions


def confusions(
    experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], names: Sequence[str]
) -> tuple[Confusion, ...]:
    """For each of `names`, true against predicted classes over all folds, each averaged over the runs that finished.

    A fold on which none did counts no case.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        names: candidates.
    """
    data, classes = experiment.data, len(experiment.data.classes)
    labels, found = labels_of(data), []
    for name in names:
        counts, fine = np.zeros((classes, classes)), [t for t in trials if t.candidate == name and t.status == "ok"]
        runs = Counter(trial.fold for trial in fine)
        for trial in fine:
            predicted = predictions(name, trial.fold, trial.seed)["test"].argmax(1)
            np.add.at(counts, (labels[experiment.folds[trial.fold].test], predicted), 1 / runs[trial.fold])
        found.append(Confusion(name, data.classes, tuple(tuple(row) for row in counts.tolist())))
    return tuple(found)


def rightness(experiment: Experiment, predictions: Predictions, trials: Sequence[Trial]) -> dict[str, Floats]:
    """By candidate, (cases,) the share of its runs that found each test case's class, fold after fold.

    NaN on a fold where no run finished.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
    """
    labels, found = labels_of(experiment.data), {}
    for name in dict.fromkeys(trial.candidate for trial in trials):
        parts = []
        for k, fold in enumerate(experiment.folds):
            runs = [t for t in trials if (t.candidate, t.fold, t.status) == (name, k, "ok")]
            hits = [predictions(name, k, t.seed)["test"].argmax(1) == labels[fold.test] for t in runs]
            parts.append(np.mean(hits, axis=0) if hits else np.full(len(fold.test), np.nan))
        found[name] = np.concatenate(parts)
    return found
