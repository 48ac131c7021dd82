"""From stored predictions to what a report shows of a classification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

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
