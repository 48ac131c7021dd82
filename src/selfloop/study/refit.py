"""The models that a study leaves: refitted on all data with what validation chose, and saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from statistics import median_low

import msgspec

from selfloop.data.sequences import Floats
from selfloop.errors import StudyError
from selfloop.models.card import FORMAT, Card
from selfloop.models.predictor import Predictor
from selfloop.results.study import Candidate, Trial
from selfloop.tasks.model import Model
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option, option_of
from selfloop.train.fitter import Fitter


def chosen_option(trials: Sequence[Trial]) -> tuple[Option, int]:
    """The setting that most finished runs had (of equals, the one of the latest fold), and its runs' median of epochs.

    The seeds of a fold share its setting and are counted one by one: a fold where some diverged has less of a say.
    Of an even number of epochs the lower of the two in the middle is taken.
    """
    fine = [trial for trial in trials if trial.status == "ok"]
    options = [_kind(option_of(trial.settings)) for trial in sorted(fine, key=lambda t: -t.fold)]
    kind = Counter(options).most_common(1)[0][0]
    same = [trial for trial in fine if _kind(option_of(trial.settings)) == kind]
    epochs = [trial.curve.best_epoch for trial in same if trial.curve is not None]
    return option_of(max(same, key=lambda trial: trial.fold).settings), median_low(epochs)


def _kind(option: Option) -> Option:
    """What makes two runs' settings the same: a recurrent network's size follows from how a fold's data are shown."""
    return option if option.window is not None else replace(option, hidden_size=0)


@dataclass(frozen=True)
class Refitted:
    """A model for good, and what its user must know of it.

    Attributes:
        predictor: None where training on all data diverged.
        remark: a sentence; empty for none.
    """

    predictor: Predictor | None
    remark: str = ""


def refit(
    experiment: Experiment,
    budget: Budget,
    candidate: Candidate,
    chosen: tuple[Option, int] | None,
    calibration: Floats | None,
    seed: int = 0,
) -> Refitted:
    """Train a candidate on all data.

    Args:
        experiment: task, data, folds.
        budget: of the study.
        candidate: which one.
        chosen: option and epochs; None for a closed form, which chooses anew on the end of the data.
        calibration: what the model needs to say how sure it is.
        seed: of a network's first weights and of the order.
    """
    task, data = experiment.task, experiment.data
    fitter, remark = Fitter(task, data, experiment.folds[-1], budget), ""
    row = fitter.closed_form(candidate.name)
    model: Model
    if row is not None:
        model = row.refit(task, data)
    else:
        assert chosen is not None, "a network has an option and epochs"
        option, epochs = chosen
        option = replace(option, hidden_size=budget.hidden.get(candidate.name, option.hidden_size))
        chosen = option, epochs
        model, helped = fitter.refit(candidate.name, option, epochs, seed)
        if not helped:
            remark = f"Training the {candidate.label} on all data made it no better there than its start, "
            remark += f"{task.start(budget.variant)}; the saved model is that start."
    card = card_of(experiment, budget, candidate, model, chosen[0] if chosen else None)
    return Refitted(Predictor(card, task, model, calibration), remark)


def try_refit(
    experiment: Experiment,
    budget: Budget,
    candidate: Candidate,
    chosen: tuple[Option, int] | None,
    calibration: Floats | None,
) -> Refitted:
    """`refit`, or why it failed: a study is not lost because one of its last two models diverged.

    Args:
        experiment: task, data, folds.
        budget: of the study.
        candidate: which one.
        chosen: as for `refit`.
        calibration: as for `refit`.
    """
    try:
        return refit(experiment, budget, candidate, chosen, calibration)
    except StudyError as error:
        # As it was written: this may be another process than the one that speaks to the user.
        return Refitted(None, f"no model of {candidate.name} is saved: {error.args[0]}")


def card_of(experiment: Experiment, budget: Budget, candidate: Candidate, model: Model, option: Option | None) -> Card:
    """What a model's file says of it.

    Args:
        experiment: task and data.
        budget: of the study.
        candidate: which one.
        model: what came of it.
        option: what validation chose for a network; None for a closed form.
    """
    data, task = experiment.data, experiment.task
    return Card(
        format=FORMAT,
        version=version("selfloop"),
        task=task.name,
        candidate=candidate.name,
        label=candidate.label,
        columns=data.columns,
        channels=data.channels,
        classes=data.classes,
        class_type=data.class_type,
        every=data.every,
        outcomes=data.outcome_names,
        layers=budget.layers,
        hidden_size=option.hidden_size if option else None,
        window=option.window if option else None,
        more=msgspec.to_builtins({**task.recorded(), **model.fields()}),
    )
