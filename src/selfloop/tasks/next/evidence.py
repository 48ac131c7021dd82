"""What the report shows beside scores: a text that a model made by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from selfloop.results.study import Evidence, Sample, Trial
from selfloop.tasks.model import Arrays, Predicts
from selfloop.tasks.next.continuing import Walks, are_letters, symbols, usual_start
from selfloop.tasks.next.material import pipeline_of
from selfloop.tasks.next.pipeline import NextPipeline
from selfloop.tasks.next.sampling import Sampler
from selfloop.tasks.task import Experiment, Predictions

LETTERS, WORDS = 400, 80  # symbols that are shown
SHOWN = Sampler(temperature=0.8)


def sample(model: Predicts, pipeline: NextPipeline) -> Arrays:
    """Symbols that a model made by itself, as it is kept with what it predicted; nothing where it cannot."""
    if pipeline.target is None or len(pipeline.vocabularies) > 1 or pipeline.gap is not None:
        return {}
    if not isinstance(model, Walks):
        return {}
    names = pipeline.names[1:]
    made = symbols(model, [usual_start(names)], SHOWN, np.random.default_rng(0))
    return {"sample": np.fromiter(islice(made, LETTERS if are_letters(names) else WORDS), dtype=np.int64)}


def evidence(
    experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], drawn: Sequence[str]
) -> Evidence:
    """The text of the best candidate's first seed on the last fold.

    Args:
        experiment: of the study.
        predictions: what each trial predicted.
        trials: all of them.
        drawn: candidates, best first.
    """
    last, done = len(experiment.folds) - 1, {(t.candidate, t.fold, t.seed) for t in trials if t.status == "ok"}
    for name in drawn:
        if (name, last, 0) not in done:
            continue
        made = predictions(name, last, 0).get("sample")
        if made is None:
            return Evidence()
        task, data = experiment.task, experiment.data
        known = pipeline_of(task.asks(data), data.until(experiment.folds[last].fit)).names  # type: ignore[attr-defined]
        between = "" if are_letters(known[1:]) else " "
        return Evidence(sample=Sample(name, between.join(known[int(place)] for place in made), SHOWN.temperature))
    return Evidence()
