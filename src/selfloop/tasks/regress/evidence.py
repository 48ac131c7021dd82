"""From stored predictions to what a report shows of a regression, and to the intervals of a saved model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from selfloop.data.sequences import Floats
from selfloop.results.study import Coverage, Evidence, Trial
from selfloop.tasks.intervals import LEVELS, half_widths
from selfloop.tasks.regress.values import outcomes_of
from selfloop.tasks.scaler import Scaler, over
from selfloop.tasks.task import Experiment, Predictions


def evidence(
    experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], drawn: Sequence[str]
) -> Evidence:
    """Of a finished study.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        drawn: the candidates whose answers are drawn.
    """
    return Evidence(coverage=coverage(experiment, predictions, trials))


def errors_of(
    experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], name: str
) -> dict[int, Floats]:
    """By fold, the (answers, K) absolute errors of all runs of a candidate that finished there.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        name: of the candidate.
    """
    truth, found = outcomes_of(experiment.data), {}
    for k, fold in enumerate(experiment.folds):
        runs = [t for t in trials if (t.candidate, t.fold, t.status) == (name, k, "ok")]
        errors = [np.abs(predictions(name, k, t.seed)["test"].astype(np.float64) - truth[fold.test]) for t in runs]
        if errors:
            found[k] = np.concatenate(errors)
    return found


def widths(experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], name: str) -> Floats | None:
    """(levels, K) half widths of intervals in the outcomes' units; None where no run finished.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        name: of the candidate.
    """
    errors = errors_of(experiment, predictions, trials, name)
    return half_widths(np.concatenate(list(errors.values()))) if errors else None


def coverage(experiment: Experiment, predictions: Predictions, trials: Sequence[Trial]) -> tuple[Coverage, ...]:
    """For each candidate and each level, the share of test outcomes inside the intervals, and their mean width.

    A fold's intervals are made as a saved model's are, from the errors on the other folds; with one fold there are
    none. Of several outcomes a width is over each one's standard deviation.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
    """
    outcomes, held = outcomes_of(experiment.data), []
    unit = Scaler.fit(outcomes).deviation if outcomes.shape[1] > 1 else np.ones(1)
    for name in dict.fromkeys(trial.candidate for trial in trials):
        errors, shares, sizes = errors_of(experiment, predictions, trials, name), [], []
        for k, own in errors.items():
            others = [each for other, each in errors.items() if other != k]
            if others:
                half = half_widths(np.concatenate(others))
                shares.append((own <= half[:, None]).mean((1, 2)))
                sizes.append(2 * over(half, unit).mean(1))
        for place, level in enumerate(LEVELS if shares else ()):
            covered, width = (float(np.mean([each[place] for each in some])) for some in (shares, sizes))
            held.append(Coverage(name, level, covered, width))
    return tuple(held)
