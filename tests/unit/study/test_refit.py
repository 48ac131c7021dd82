"""Which setting and how many epochs a final model gets, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

import selfloop
from selfloop.errors import StudyError
from selfloop.models.card import FORMAT, Card
from selfloop.models.predictor import Predictor
from selfloop.results.study import Trial
from selfloop.study.refit import Refitted, chosen_option, refit, try_refit
from selfloop.tasks.forecast.baselines import Naive
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Option
from study_samples import trial
from train_samples import (
    BUDGET,
    BY_NAME,
    HALF_WIDTHS,
    HIDDEN,
    cases,
    classify_fitter,
    forecast_fitter,
    same_weights,
    series,
)


def run(fold: int, rate: float, epochs: int, seed: int = 0, window: int | None = None, **given: Any) -> Trial:
    settings: dict[str, Any] = {"learning_rate": rate, "hidden_size": 4, "epochs": epochs, "updates": 5}
    settings |= {} if window is None else {"window": window}
    return trial("rnn", fold, seed, best_epoch=epochs, settings=settings, **given)


def test_the_setting_that_most_runs_used_wins() -> None:
    trials = [run(0, 0.1, 9), run(1, 0.01, 3), run(2, 0.01, 5), run(3, 0.01, 4), run(4, 0.1, 9)]
    assert chosen_option(trials) == (Option(0.01, 4), 4)
    assert chosen_option(trials[::-1]) == (Option(0.01, 4), 4)


@pytest.mark.parametrize("order", [1, -1])
def test_of_settings_equally_common_the_latest_folds_wins(order: int) -> None:
    trials = [run(fold, rate, 5) for fold, rate in enumerate((0.01, 0.1, 0.3, 0.01, 0.1, 0.3))]
    assert chosen_option(trials[::order])[0] == Option(0.3, 4)
    assert chosen_option(trials[:5][::order])[0] == Option(0.1, 4)
    assert chosen_option(trials[:3][::order])[0] == Option(0.3, 4)


@pytest.mark.parametrize(
    ("epochs", "wanted"), [((7,), 7), ((2, 9), 2), ((9, 2, 5), 5), ((8, 1, 6, 3), 3), ((0, 0, 20, 30, 40), 20)]
)
def test_epochs_are_the_lower_median_of_the_runs_with_that_setting(epochs: tuple[int, ...], wanted: int) -> None:
    others = [run(9, 0.3, 100), run(10, 0.2, 100)][: len(epochs) - 1]
    assert chosen_option([*others, *(run(fold, 0.01, n) for fold, n in enumerate(epochs))]) == (Option(0.01, 4), wanted)


def test_runs_of_one_fold_with_other_seeds_count_one_by_one() -> None:
    trials = [run(0, 0.01, 3, 0), run(0, 0.01, 8, 1), run(0, 0.01, 4, 2), run(1, 0.1, 1), run(2, 0.1, 1)]
    assert chosen_option(trials) == (Option(0.01, 4), 4)


def test_a_diverged_run_has_no_say() -> None:
    lost = [run(fold, 0.3, 0, status="diverged") for fold in range(1, 5)]
    assert chosen_option([run(0, 0.01, 6), run(1, 0.01, 2), *lost]) == (Option(0.01, 4), 2)


def test_windows_make_settings_differ() -> None:
    trials = [run(0, 0.01, 6, window=12), run(1, 0.01, 5, window=24), run(2, 0.01, 3, window=12)]
    assert chosen_option(trials) == (Option(0.01, 4, 12), 3)


@dataclass
class Fitters:
    """In place of `Fitter`: writes down what it is made of and asked, and hands over a model that is there already."""

    model: Any
    helped: bool = True
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, task: Any, data: Any, fold: Any, budget: Any) -> Fitters:
        self.calls.append(("fitter", task, data, fold.index, budget))
        return self

    def closed_form(self, candidate: str) -> ClosedForm | None:
        return ClosedForm(self) if candidate == "naive" else None

    def refit(self, candidate: str, option: Option, epochs: int, seed: int) -> Any:
        self.calls.append(("refit", candidate, option, epochs, seed))
        return self.model, self.helped


@dataclass
class ClosedForm:
    """A row of the table of baselines, with the same diary."""

    fitters: Fitters

    def refit(self, task: Any, data: Any) -> Any:
        self.fitters.calls.append(("refit closed form", task, data))
        return self.fitters.model


def predictor(*asked: Any) -> Predictor:
    """What `refit` makes."""
    made = refit(*asked).predictor
    assert made is not None
    return made


def three_folds() -> Experiment:
    fitter = forecast_fitter(kind="changes")
    return Experiment(fitter.task, fitter.data, fitter.task.folds(fitter.data, 3))  # type: ignore[attr-defined]


def test_a_network_is_refitted_with_what_was_chosen_and_a_baseline_chooses_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    experiment = three_folds()
    model = Naive(1, 3)
    fitters = Fitters(model)
    monkeypatch.setattr("selfloop.study.refit.Fitter", fitters)
    made = ("fitter", experiment.task, experiment.data, 2, BUDGET)
    found = predictor(experiment, BUDGET, BY_NAME["forecast"]["lstm"], (Option(0.3, 5), 17), HALF_WIDTHS)
    assert fitters.calls == [made, ("refit", "lstm", Option(0.3, 5), 17, 0)]
    assert found.half_widths is HALF_WIDTHS
    assert found.model is model
    assert found.task is experiment.task
    fitters.calls.clear()
    found = predictor(experiment, BUDGET, BY_NAME["forecast"]["naive"], None, HALF_WIDTHS)
    assert fitters.calls == [made, ("refit closed form", experiment.task, experiment.data)]
    assert found.model is model


def test_a_refit_is_the_number_of_epochs_that_were_chosen() -> None:
    """The same seed and data: two epochs are one, and then another."""
    fitter = forecast_fitter(kind="changes")
    experiment = Experiment(fitter.task, fitter.data, (fitter.fold,))
    option, lstm = Option(0.01, 3), BY_NAME["forecast"]["lstm"]
    models: list[Any] = [predictor(experiment, fitter.budget, lstm, (option, n), None).model for n in (1, 1, 2)]
    one, again, two = models
    assert same_weights(one.network, again.network)
    assert not same_weights(one.network, two.network)


def card(experiment: Experiment, candidate: str, more: dict[str, Any], **differing: Any) -> Card:
    known = BY_NAME[experiment.task.name][candidate]
    common = {
        "format": FORMAT,
        "version": selfloop.__version__,
        "task": experiment.task.name,
        "candidate": candidate,
        "label": known.label,
        "columns": experiment.data.columns,
        "channels": experiment.data.channels,
        "classes": experiment.data.classes,
        "every": experiment.data.every,
        "layers": 1,
        "hidden_size": None,
        "window": None,
        "more": more,
    }
    return Card(**{**common, **differing})


ASKED = {"horizon": 3, "season": 4}


def test_the_card_of_a_forecasting_network_with_a_linear_skip() -> None:
    fitter = forecast_fitter(kind="both", log=True, skip=True)
    experiment = Experiment(fitter.task, fitter.data, (fitter.fold,))
    found = predictor(experiment, fitter.budget, BY_NAME["forecast"]["gru"], (Option(0.01, 6), 1), HALF_WIDTHS)
    assert found.half_widths is HALF_WIDTHS
    more = dict(found.card.more)
    window, penalty = more["ridge_window"], more["penalty"]
    assert penalty in (1e-6, 1e-4, 1e-2, 1e-1, 1.0)
    model: Any = found.model
    skip = model.pipeline.skip
    assert skip.weight.shape == (3, 2 * window + 2 * 2 + 2)
    assert (skip.window, skip.penalty) == (window, penalty)
    shown = {"treatment": "both", "log": True, "series": []}  # nobody named them
    wanted = {**ASKED, **shown, "ridge_window": window, "penalty": penalty}
    assert found.card == card(experiment, "gru", wanted, hidden_size=6)
    assert len(experiment.data.ids) == 2


def test_the_card_of_a_network_without_a_self_loop_has_its_window() -> None:
    fitter = forecast_fitter(data=series(90), kind="level", layers=3)
    experiment = Experiment(fitter.task, fitter.data, (fitter.fold,))
    found = predictor(
        experiment, fitter.budget, BY_NAME["forecast"]["feed_forward"], (Option(0.01, 6, 5), 1), None
    ).card
    wanted = {**ASKED, "treatment": "level", "log": False, "series": []}
    assert found == card(experiment, "feed_forward", wanted, hidden_size=6, window=5, layers=3)


def test_the_card_of_a_naive_forecast_knows_no_treatment() -> None:
    fitter = forecast_fitter(kind="changes")
    experiment = Experiment(fitter.task, fitter.data, (fitter.fold,))
    found = predictor(experiment, fitter.budget, BY_NAME["forecast"]["seasonal_naive"], None, HALF_WIDTHS)
    assert found.card == card(experiment, "seasonal_naive", ASKED)
    model: Any = found.model
    assert model.season == 4


def test_the_card_of_classifiers() -> None:
    fitter = classify_fitter(direction="one", pool="last", layers=2)
    experiment = Experiment(fitter.task, fitter.data, (fitter.fold,))
    rnn = predictor(experiment, fitter.budget, BY_NAME["classify"]["rnn"], (Option(0.01, HIDDEN["rnn"]), 1), None).card
    wanted = {"direction": "one", "pool": "last"}
    assert rnn == card(experiment, "rnn", wanted, hidden_size=7, layers=2)
    summary = predictor(experiment, fitter.budget, BY_NAME["classify"]["summary"], None, None)
    model: Any = summary.model
    penalty = model.penalty
    assert penalty in (0.01, 0.1, 1.0, 10.0, 100.0)
    assert summary.card == card(experiment, "summary", {**wanted, "penalty": penalty}, layers=2)
    assert rnn.classes == ("class 0", "class 1", "class 2")


def test_the_majority_of_all_cases_not_of_a_fold() -> None:
    data = cases(count=21)
    fitter = classify_fitter(data=data)
    experiment = Experiment(fitter.task, data, (fitter.fold,))
    model: Any = predictor(experiment, fitter.budget, BY_NAME["classify"]["majority"], None, None).model
    np.testing.assert_allclose(model.shares, [7 / 21] * 3)


def test_a_refit_that_diverges_is_told_and_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    class Diverges(Fitters):
        def refit(self, candidate: str, option: Option, epochs: int, seed: int) -> Any:
            raise StudyError("training on all data diverged.")

    fitters = Diverges(None)
    monkeypatch.setattr("selfloop.study.refit.Fitter", fitters)
    lstm = BY_NAME["forecast"]["lstm"]
    assert try_refit(three_folds(), BUDGET, lstm, (Option(0.3, 5), 17), None) == Refitted(
        None, "no model of lstm is saved: training on all data diverged."
    )


def test_a_refit_that_goes_well_is_the_same_by_either_door(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Naive(1, 3)
    fitters = Fitters(model)
    monkeypatch.setattr("selfloop.study.refit.Fitter", fitters)
    found = try_refit(three_folds(), BUDGET, BY_NAME["forecast"]["gru"], (Option(0.2, 4), 3), HALF_WIDTHS)
    assert fitters.calls[1:] == [("refit", "gru", Option(0.2, HIDDEN["gru"]), 3, 0)]
    assert found.remark == ""
    assert found.predictor is not None
    assert found.predictor.model is model
    assert found.predictor.half_widths is HALF_WIDTHS


def test_a_refit_that_did_not_help_says_what_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    fitters = Fitters(Naive(1, 3), helped=False)
    monkeypatch.setattr("selfloop.study.refit.Fitter", fitters)
    gru, chosen = BY_NAME["forecast"]["gru"], (Option(0.2, 4), 3)
    told = refit(three_folds(), replace(BUDGET, variant="both/raw/skip"), gru, chosen, None).remark
    assert told == (
        "Training the GRU on all data made it no better there than its start, the ridge autoregression under it; the "
        "saved model is that start."
    )
    told = refit(three_folds(), replace(BUDGET, variant="both/raw/plain"), gru, chosen, None).remark
    assert "its start, the values that it knows already;" in told


def test_sizes_of_other_treatments_are_the_same_setting_and_the_last_folds_is_used() -> None:
    """A network's size follows from how a fold's data are shown: it is no choice of its own."""
    sizes = [trial("rnn", k, 0, best_epoch=3, settings={"learning_rate": 0.01, "hidden_size": 4 + k}) for k in range(3)]
    assert chosen_option([*sizes, run(5, 0.1, 9), run(6, 0.1, 9)])[0] == Option(0.01, 6)
