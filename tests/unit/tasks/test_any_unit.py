"""No unit of the user's decides anything: series and sequences of any size from 1e-30 to 1e30 come out the same.

A power of two changes no digit, so that what is not a logarithm must come out to the bit. A power of ten rounds every
value by up to 2**-53 of its size. What is learnt in closed form passes that on, enlarged by what a ridge's equations
are conditioned like (values are of the size of 10, their changes of 1, and the smallest penalty is 1e-6 of a variance);
what is trained in float32 is trained on numbers that round differently.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import selfloop
from selfloop.data import Sequences, load
from selfloop.data.sequences import Floats
from selfloop.errors import DataError
from selfloop.tasks.asked import Asked
from selfloop.tasks.classify.baselines import fit_summary
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.linear import fit_ridge
from selfloop.tasks.forecast.season import infer_season
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.forecast.treatment import Treatment, treatments
from selfloop.tasks.model import ClosedForm
from selfloop.tasks.regress.task import Regress
from selfloop.tasks.scaler import Scaler
from selfloop.train.fitter import Fitter
from train_samples import BUDGET, cases, classify_fitter, forecast_fitter, option_for, series

TENS = [1e-30, 1e-15, 1e-9, 1e9, 1e30]
TWOS = [2.0**-100, 2.0**-43, 2.0**100]
CLOSE = 1e-8  # of forecasts in closed form: 1e6 times 2**-53, with room for the sums


def times(data: Sequences, unit: float) -> Sequences:
    return replace(data, values=data.values * unit)


@pytest.mark.parametrize("unit", [1e-30, 1e-15, 1e30, *TWOS[1:]])
@pytest.mark.parametrize("treatment", treatments(4, 3, positive=True), ids=str)
def test_forecasts_in_closed_form(treatment: Treatment, unit: float) -> None:
    task, data = Forecast(3, 4), series(90, 117)
    fold = task.folds(data, 2)[0]
    found, at = [], (1.0, unit)
    for each in at:
        model, score = fit_ridge(task, times(data, each), fold, [treatment], windows=(6,))
        found.append((model.model.penalty, score, model.predict(times(data, each), fold.test) / each))
    (penalty, score, forecast), (other_penalty, other_score, other) = found
    if unit in TWOS and not treatment.log:
        assert (other_penalty, other_score) == (penalty, score)
        assert np.array_equal(other, forecast)
    else:
        assert other_penalty == penalty
        assert other_score == pytest.approx(score, rel=CLOSE)
        np.testing.assert_allclose(other, forecast, rtol=CLOSE)


@pytest.mark.parametrize("unit", TWOS)
@pytest.mark.parametrize("skip", [False, True])
def test_a_network_trains_to_the_same_bits(unit: float, skip: bool) -> None:
    scores = []
    for each in (1.0, unit):
        fitter = forecast_fitter(times(series(90, 117), each), "both", skip=skip)
        model, run = fitter.train("gru", option_for("gru"), 0)
        scores.append((run.valid, fitter.test(model)[0]["mase"]))
    assert scores[0] == scores[1]


@pytest.mark.parametrize("unit", [1e-30, 1e-13, 1e30])
def test_a_network_trains_alike(unit: float) -> None:
    """Float32's rounding, 2**-24, of inputs that differ in their last digit, over a few dozen updates of size 0.01."""
    scores = []
    for each in (1.0, unit):
        fitter = forecast_fitter(times(series(90, 117), each), "changes", log=True)
        model, _ = fitter.train("gru", option_for("gru"), 0)
        scores.append(fitter.test(model)[0]["mase"])
    assert scores[1] == pytest.approx(scores[0], rel=1e-4)


@pytest.mark.parametrize("unit", TENS + TWOS)
def test_scaled_channels(unit: float) -> None:
    values = series(90).values
    values = np.column_stack([values, np.full(90, 0.1), np.zeros(90)])
    own, other = (Scaler.fit(values * each).scale(values * each) for each in (1.0, unit))
    assert not own[:, 2:].any()
    assert not other[:, 2:].any()
    np.testing.assert_allclose(other, own, rtol=1e-12, atol=1e-12)
    if unit in TWOS:
        assert np.array_equal(other, own)


def answers(data: Sequences) -> Floats:
    """(cases, classes) probabilities of the linear model on summaries."""
    task = Classify("both", "mean")
    fold = task.folds(data, 4)[0]
    return fit_summary(task, data, fold).predict(data, np.arange(len(data)))


@pytest.mark.parametrize("unit", [*TENS, 1e-13])
def test_classes_by_summaries(unit: float) -> None:
    own, other = answers(cases()), answers(times(cases(), unit))
    assert own.max(1).mean() > 0.5
    np.testing.assert_allclose(other, own, atol=1e-5)  # the solver stops at gradients below 1e-4


def test_the_mean_of_normalised_sequences_is_rounding_and_no_feature() -> None:
    """Its deviation over cases is 1e-17: blown up to one, it would be noise beside the features."""
    rng = np.random.default_rng(0)
    raw = [rng.normal(size=(50, 1)) for _ in range(40)]
    data = load([(each - each.mean()) / each.std() for each in raw], labels=["a", "b"] * 20)
    task = Classify("both", "mean")
    model = fit_summary(task, data, task.folds(data, 4)[0])
    assert model.scaler.deviation[:2].tolist() == [0.0, 0.0]
    assert (model.scaler.deviation[2:6] > 0.1).all()


@pytest.mark.parametrize("unit", [0.1, 1e-17, 3e29])
def test_a_straight_line_has_no_season(unit: float) -> None:
    """The changes of 0.1, 0.2, 0.3, ... differ by rounding alone."""
    assert infer_season(load(np.arange(200.0) * unit))[0] == 1


@pytest.mark.parametrize("unit", [1e-30, 1e-15, 1.0, 1e30])
def test_an_absurd_forecast_is_cut_at_the_same_height(unit: float) -> None:
    treatment = Treatment("level", True, 1, 2)
    values = np.exp(np.sin(np.arange(40.0)))[:, None]
    scale = treatment.measure(values * unit)
    answer = treatment.answer(np.full((1, 2), 1e9), np.zeros((1, 2)), scale)
    reference = np.exp(np.log(values).mean() + 85) * unit
    np.testing.assert_allclose(answer, reference, rtol=1e-12)


@pytest.mark.parametrize("kind", ["changes", "level"])
def test_the_logarithm_of_nothing_is_nothing(kind: Any) -> None:
    """A series of zeros was forecast as 1 of its unit by a model that takes logarithms."""
    treatment, zeros = Treatment(kind, True, 1, 2), np.zeros((9, 1))
    scale = treatment.measure(zeros)
    answer = treatment.answer(np.ones((9, 2)), treatment.base(zeros, scale), scale)
    assert (answer < 1e-290).all()


SMALL: dict[str, Any] = {"folds": 2, "seeds": 1, "epochs": 1, "candidates": ["gru"], "workers": 1, "explain": False}


@pytest.mark.usefixtures("charts_left_out")
def test_a_study_and_its_model(tmp_path: Path) -> None:
    """The same scores and the same pick; 1e39 is beyond float32, in which forecasts are stored."""
    parts = [part[:, :1] for part in series(90, 117)]
    found = {}
    for unit in (1.0, 1e-30, 1e39):
        data = [part * unit for part in parts]
        study = selfloop.compare(data, horizon=3, season=4, out=tmp_path / f"{unit:g}", **SMALL)
        forecast = study.best.predict(data)
        columns = [np.asarray(forecast[name]) / unit for name in ("selfloop", "selfloop-lo-80", "selfloop-hi-95")]
        covered = np.array([entry.covered for entry in study.result.coverage])
        found[unit] = (study.verdict.pick, study.results["mase"].to_numpy(), np.array(columns), covered)
    pick, scores, bounds, held = found.pop(1.0)
    assert np.isfinite(bounds).all()
    for unit, (other_pick, other_scores, other_bounds, other_held) in found.items():
        assert other_pick == pick, unit
        np.testing.assert_allclose(other_scores, scores, rtol=1e-4, err_msg=f"{unit:g}")
        np.testing.assert_allclose(other_bounds, bounds, rtol=1e-3, err_msg=f"{unit:g}")
        np.testing.assert_allclose(other_held, held, atol=0.02, err_msg=f"{unit:g}")


def test_sequences_in_tesla() -> None:
    """Sizes of 1e-13: the majority class was the pick, as if they never changed."""
    data = times(cases(60), 1e-13)
    fitter, own = classify_fitter(data), classify_fitter(cases(60))
    scores = []
    for each in (fitter, own):
        model, _ = each.train("gru", option_for("gru"), 0)
        scores.append(each.test(model)[0])
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)


@pytest.mark.parametrize("unit", [*TENS, 2.0**-100])
def test_numbers_of_whole_sequences(unit: float) -> None:
    """Outcomes of any size: the same scores but for the unit, of every bar and of a network."""
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(n, 2)) for n in rng.integers(3, 9, size=40)]
    found = []
    for each in (1.0, unit):
        told = [(case[:, 0].max() + 5) * each for case in arrays]
        experiment = Regress.design(load(arrays, labels=told, axes="steps,channels"), None, Asked(folds=4))
        task, data, fold = experiment.task, experiment.data, experiment.folds[0]
        models = [row.fit(task, data, fold) for row in task.baselines if isinstance(row, ClosedForm)]
        fitter = Fitter(task, data, fold, replace(BUDGET, variant=""))
        models.append(fitter.train("gru", option_for("gru"), 0)[0])
        scores = [task.test(model, data, fold) for model in models]
        found.append([(s["rmse"] / each, s["mae"] / each, s["r2"], said["test"][0, 0] / each) for s, said in scores])
    np.testing.assert_allclose(found[1][:-1], found[0][:-1], rtol=1e-5)  # what was told is kept in float32
    np.testing.assert_allclose(found[1][-1], found[0][-1], rtol=1e-4)


@pytest.mark.parametrize(("size", "said"), [(1e150, "too large"), (1e-150, "too small")])
def test_what_cannot_be_squared_is_refused(size: float, said: str) -> None:
    sequence = np.column_stack([np.ones(5), np.arange(5.0) / 4 * size])
    expected = f"'channel_2' in step 4 of sequence 0 .* is {size:.3g}, .*{said} to calculate".replace("+", r"\+")
    with pytest.raises(DataError, match=expected):
        load([sequence], axes="steps,channels")
