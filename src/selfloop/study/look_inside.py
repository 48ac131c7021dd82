"""What the study's own recurrent models remember: measured when they have been refitted."""

from __future__ import annotations

from pathlib import Path

from selfloop.data import Sequences
from selfloop.errors import SelfloopError
from selfloop.inside.explain.explain import explanation_of
from selfloop.results.explanation import Explanation
from selfloop.results.study import StudyResult
from selfloop.study.progress import Progress
from selfloop.train.saved import load_model

FEWEST_STEPS = 2
LEARNT_FROM = (
    "Measured by their training loss on all of {data}, the data that these saved models learnt from; the scores in the "
    "report are of models that were trained fold by fold and scored on parts that they had not seen. Where the two "
    "differ, the scores say what to expect of new data."
)


def look_inside(result: StudyResult, data: Sequences, folder: Path, progress: Progress) -> Explanation | None:
    """All recurrent models of a finished study, the best one first; None where there is none, or nothing to see.

    Args:
        result: names the models' files.
        data: of the study.
        folder: where the files are.
        progress: is told.
    """
    recurrent = {candidate.name: candidate for candidate in result.candidates if candidate.family == "recurrent"}
    best = result.verdict.best_recurrent
    files = [result.models[name] for name in sorted(recurrent, key=lambda name: name != best) if name in result.models]
    if not files or int(data.lengths.max()) < FEWEST_STEPS:
        return None
    labels = ", ".join(recurrent[name].label for name in recurrent if name in result.models)
    progress.say(f"looking inside: {labels}")
    try:
        models = [load_model(folder / file) for file in files]
        return explanation_of(models, data, basis=LEARNT_FROM.format(data=data.name))
    except SelfloopError as error:  # a study is not lost because its models cannot be looked into
        progress.say(f"nothing is said of what the networks remember: {error}")
        return None
