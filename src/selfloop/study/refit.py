"""The models that a study leaves: refitted on all data with what validation chose, and saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median_low

from selfloop import __version__
from selfloop.data.sequences import Floats
from selfloop.errors import StudyError
from selfloop.results.study import Candidate, Trial
from selfloop.study.candidates import CLOSED_FORM
from selfloop.study.trial import Bench
from selfloop.tasks.classify.baselines import SummaryClassifier
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.baselines import RidgeForecaster
from selfloop.train.budget import Option, Plan, option_of
from selfloop.train.fit_classify import SequenceModel
from selfloop.train.fit_forecast import Forecaster
from selfloop.train.forecasting import NetworkForecaster
from selfloop.train.predictor import Predictor
from selfloop.train.saved import FORMAT, Card


def chosen_option(trials: Sequence[Trial]) -> tuple[Option, int]:
    """The setting that most folds chose (of equals, the one of the latest fold), and its median number of epochs."""
    fine = [trial for trial in trials if trial.status == "ok"]
    options = [option_of(trial.settings) for trial in sorted(fine, key=lambda t: -t.fold)]
    option = Counter(options).most_common(1)[0][0]
    epochs = [t.curve.best_epoch for t in fine if t.curve is not None and option_of(t.settings) == option]
    return option, median_low(epochs)


def refit(
    bench: Bench, plan: Plan, candidate: Candidate, chosen: tuple[Option, int] | None, quantiles: Floats | None
) -> Predictor:
    """Train a candidate on all data.

    Args:
        bench: task, data, folds.
        plan: of the study.
        candidate: which one.
        chosen: option and epochs; None for a closed form, which chooses anew on the end of the data.
        quantiles: (levels, horizon) of the intervals of a forecast.
    """
    fitter = bench.fitter(plan, len(bench.folds) - 1)
    model: Forecaster | SequenceModel
    if candidate.name in CLOSED_FORM:
        model = fitter.refit_closed_form(candidate.name)
    else:
        assert chosen is not None, "a network has an option and epochs"
        model = fitter.refit(candidate.name, *chosen, seed=0)
    return Predictor(_card(bench, plan, candidate, model, chosen[0] if chosen else None), model, quantiles)


def try_refit(
    bench: Bench, plan: Plan, candidate: Candidate, chosen: tuple[Option, int] | None, quantiles: Floats | None
) -> Predictor | str:
    """`refit`, or why it failed: a study is not lost because one of its last two models diverged."""
    try:
        return refit(bench, plan, candidate, chosen, quantiles)
    except StudyError as error:
        return str(error)


def _card(
    bench: Bench, plan: Plan, candidate: Candidate, model: Forecaster | SequenceModel, option: Option | None
) -> Card:
    data, task = bench.data, bench.task
    common = Card(
        format=FORMAT,
        version=__version__,
        task=task.name,
        candidate=candidate.name,
        label=candidate.label,
        columns=data.columns,
        channels=data.channels,
        classes=data.classes,
        every=data.every,
        layers=plan.layers,
        hidden_size=option.hidden_size if option else None,
        window=option.window if option else None,
    )
    if isinstance(task, Classify):
        penalty = model.penalty if isinstance(model, SummaryClassifier) else None
        return replace(common, direction=task.direction, pool=task.pool, penalty=penalty)
    common = replace(common, horizon=task.horizon, season=task.season)
    if not isinstance(model, RidgeForecaster | NetworkForecaster):
        return common
    treatment, linear = model.fitted.treatment, model if isinstance(model, RidgeForecaster) else model.skip
    return replace(
        common,
        treatment=treatment.kind,
        log=treatment.log,
        series=tuple(model.fitted.scales),
        ridge_window=linear.model.window if linear else None,
        penalty=linear.model.penalty if linear else None,
    )
