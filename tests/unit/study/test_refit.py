"""Which setting and how many epochs a final model gets, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

import selfloop
from selfloop.data.sequences import Columns
from selfloop.errors import StudyError
from selfloop.results.study import Trial
from selfloop.study.refit import chosen_option, refit, try_refit
from selfloop.study.trial import Bench
from selfloop.train.budget import Option
from selfloop.train.saved import FORMAT, Card
from study_samples import trial
from train_samples import (
    BY_NAME,
    HIDDEN,
    PLAN,
    QUANTILES,
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
class Asked:
    """A bench's fitters, which write down what they are asked and hand over a model that is there already."""

    bench: Bench
    model: Any
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bench, name)

    def fitter(self, plan: Any, fold: int) -> Asked:
        self.calls.append(("fitter", plan, fold))
        return self

    def refit(self, candidate: str, option: Option, epochs: int, seed: int) -> Any:
        self.calls.append(("refit", candidate, option, epochs, seed))
        return self.model

    def refit_closed_form(self, candidate: str) -> Any:
        self.calls.append(("refit_closed_form", candidate))
        return self.model


def test_a_network_is_refitted_with_what_was_chosen_and_a_baseline_chooses_anew() -> None:
    fitter = forecast_fitter(kind="changes", skip=False)
    model, _ = fitter.closed_form("naive")
    bench = Asked(Bench(fitter.task, fitter.data, fitter.task.folds(fitter.data, 3)), model)
    found = refit(bench, PLAN, BY_NAME["forecast"]["lstm"], (Option(0.3, 5), 17), QUANTILES)  # type: ignore[arg-type]
    assert bench.calls == [("fitter", PLAN, 2), ("refit", "lstm", Option(0.3, 5), 17, 0)]
    assert found.quantiles is QUANTILES
    assert found.model is model
    bench.calls.clear()
    refit(bench, PLAN, BY_NAME["forecast"]["naive"], None, QUANTILES)  # type: ignore[arg-type]
    assert bench.calls == [("fitter", PLAN, 2), ("refit_closed_form", "naive")]


def test_a_refit_is_the_number_of_epochs_that_were_chosen() -> None:
    """The same seed and data: two epochs are one, and then another."""
    fitter = forecast_fitter(kind="changes")
    bench = Bench(fitter.task, fitter.data, (fitter.fold,))
    option, lstm = Option(0.01, 3), BY_NAME["forecast"]["lstm"]
    one, again, two = (refit(bench, fitter.plan, lstm, (option, n), None).model for n in (1, 1, 2))
    assert same_weights(one.network, again.network)  # type: ignore[union-attr]
    assert not same_weights(one.network, two.network)  # type: ignore[union-attr]


def card(bench: Bench, candidate: str, **differing: Any) -> Card:
    known = BY_NAME[bench.task.name][candidate]
    common = {
        "format": FORMAT,
        "version": selfloop.__version__,
        "task": bench.task.name,
        "candidate": candidate,
        "label": known.label,
        "columns": Columns(),
        "channels": bench.data.channels,
        "classes": bench.data.classes,
        "every": bench.data.every,
        "layers": 1,
    }
    return Card(**{**common, **differing})


def test_the_card_of_a_forecasting_network_with_a_linear_skip() -> None:
    fitter = forecast_fitter(kind="both", log=True, skip=True)
    bench = Bench(fitter.task, fitter.data, (fitter.fold,))
    found = refit(bench, fitter.plan, BY_NAME["forecast"]["gru"], (Option(0.01, 6), 1), QUANTILES)
    assert found.quantiles is QUANTILES
    made = found.card
    assert made.ridge_window is not None
    assert made.penalty in (1e-6, 1e-4, 1e-2, 1e-1, 1.0)
    assert found.model.skip.model.weight.shape == (3, 2 * made.ridge_window + 2 * 2 + 2)  # type: ignore[union-attr]
    assert replace(made, ridge_window=None, penalty=None, columns=Columns()) == card(
        bench,
        "gru",
        horizon=3,
        season=4,
        hidden_size=6,
        treatment="both",
        log=True,
        series=bench.data.ids,
    )
    assert len(bench.data.ids) == 2


def test_the_card_of_a_network_without_a_self_loop_has_its_window() -> None:
    fitter = forecast_fitter(data=series(90), kind="level", layers=3)
    bench = Bench(fitter.task, fitter.data, (fitter.fold,))
    found = refit(bench, fitter.plan, BY_NAME["forecast"]["feed_forward"], (Option(0.01, 6, 5), 1), None).card
    wanted = {"horizon": 3, "season": 4, "hidden_size": 6, "window": 5, "treatment": "level", "layers": 3}
    assert replace(found, columns=Columns()) == card(bench, "feed_forward", series=bench.data.ids, **wanted)


def test_the_card_of_a_naive_forecast_knows_no_treatment() -> None:
    fitter = forecast_fitter(kind="changes")
    bench = Bench(fitter.task, fitter.data, (fitter.fold,))
    found = refit(bench, fitter.plan, BY_NAME["forecast"]["seasonal_naive"], None, QUANTILES)
    assert replace(found.card, columns=Columns()) == card(bench, "seasonal_naive", horizon=3, season=4)
    assert found.model.season == 4  # type: ignore[union-attr]


def test_the_card_of_classifiers() -> None:
    fitter = classify_fitter(direction="one", pool="last", layers=2)
    bench = Bench(fitter.task, fitter.data, (fitter.fold,))
    rnn = refit(bench, fitter.plan, BY_NAME["classify"]["rnn"], (Option(0.01, HIDDEN["rnn"]), 1), None).card
    wanted = {"direction": "one", "pool": "last"}
    assert replace(rnn, columns=Columns()) == card(bench, "rnn", hidden_size=7, **{**wanted, "layers": 2})
    summary = refit(bench, fitter.plan, BY_NAME["classify"]["summary"], None, None).card
    assert summary.penalty in (0.01, 0.1, 1.0, 10.0, 100.0)
    assert replace(summary, penalty=None, columns=Columns()) == card(bench, "summary", **{**wanted, "layers": 2})
    assert rnn.classes == ("class 0", "class 1", "class 2")


def test_the_majority_of_all_cases_not_of_a_fold() -> None:
    data = cases(count=21)
    fitter = classify_fitter(data=data)
    found = refit(Bench(fitter.task, data, (fitter.fold,)), fitter.plan, BY_NAME["classify"]["majority"], None, None)
    np.testing.assert_allclose(found.model.shares, [7 / 21] * 3)  # type: ignore[union-attr]


def test_a_refit_that_diverges_is_told_and_not_raised() -> None:
    class Diverges(Asked):
        def refit(self, candidate: str, option: Option, epochs: int, seed: int) -> Any:
            raise StudyError("training on all data diverged.")

    fitter = forecast_fitter(kind="changes")
    bench = Diverges(Bench(fitter.task, fitter.data, (fitter.fold,)), None)
    lstm = BY_NAME["forecast"]["lstm"]
    assert try_refit(bench, PLAN, lstm, (Option(0.3, 5), 17), None) == "training on all data diverged."  # type: ignore[arg-type]
