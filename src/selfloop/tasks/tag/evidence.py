"""From stored predictions to what a report shows of tagging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from selfloop.results.study import Confusion, Trial
from selfloop.tasks.tag.labels import tags_of
from selfloop.tasks.task import Experiment, Predictions


def confusions(
    experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], names: Sequence[str]
) -> tuple[Confusion, ...]:
    """For each of `names`, true against predicted labels of all known test steps, averaged over the runs that finished.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        names: candidates.
    """
    data, found = experiment.data, []
    tags, classes = tags_of(data), len(data.classes)
    for name in names:
        counts, fine = np.zeros((classes, classes)), [t for t in trials if t.candidate == name and t.status == "ok"]
        runs = Counter(trial.fold for trial in fine)
        for trial in fine:
            truth = tags[experiment.folds[trial.fold].test.flat(data)]
            said = predictions(name, trial.fold, trial.seed)["test"].astype(np.int64)
            np.add.at(counts, (truth[truth >= 0], said[truth >= 0]), 1 / runs[trial.fold])
        found.append(Confusion(name, data.classes, tuple(tuple(row) for row in counts.tolist())))
    return tuple(found)
