"""Learning from every step of long series: what is learnt from, how gradients travel, how validation is judged."""

from typing import Any

import numpy as np
import pytest
import torch

from selfloop.tasks.forecast.linear import RidgeForecaster
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.forecast.treatment import Treatment
from selfloop.tasks.places import Block
from selfloop.train.carried import updates_per_epoch
from selfloop.train.read import read_steps, read_steps_near
from train_samples import NETWORKS, RECURRENT, carried_problem, forecast_fitter, known, option_for, series

# float32 all through, sums of a few dozen terms, states that forget: see test_encoder.
CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}


@pytest.mark.parametrize("kind", ["changes", "level", "both", "seasonal changes"])
@pytest.mark.parametrize("skip", [False, True])
def test_only_futures_within_the_fit_part_are_learnt_from(kind: str, skip: bool) -> None:
    fitter = forecast_fitter(kind=kind, skip=skip)
    it, data = carried_problem(fitter, "gru"), known(fitter)
    for k in range(len(data)):
        for t in range(data.lengths[k]):
            for ahead in (1, 2, 3):
                asked = t + ahead < fitter.fold.fit[k]
                if kind == "seasonal changes":
                    asked &= t + ahead - 4 >= 0  # the last known value of that season
                assert bool(it.answers.known[data.offsets[k] + t, ahead - 1]) == asked
    assert len(it.answers.known) == len(data.values)
    assert not it.answers.wanted[it.answers.known == 0].any(), "no trace of what is not asked"


@pytest.mark.parametrize("lengths", [(90, 117), (700,), (80, 900, 120)])
def test_the_rows_are_the_fit_part_and_nothing_more(lengths: tuple[int, ...]) -> None:
    fitter = forecast_fitter(series(*lengths))
    it = carried_problem(fitter, "gru")
    covered = np.concatenate([np.arange(a, b) for a, b in zip(it.rows.start, it.rows.stop, strict=True)])
    starts = known(fitter).offsets[:-1]
    assert covered.tolist() == [t for a, n in zip(starts, fitter.fold.fit, strict=True) for t in range(a, a + n)]
    followed = set(it.rows.follows.tolist()) - {-1}
    assert followed
    assert it.truncation == 9
    assert all((it.rows.stop - it.rows.start)[row] % 9 == 0 for row in followed)


@pytest.mark.parametrize("candidate", NETWORKS)
@pytest.mark.parametrize("skip", [False, True])
def test_a_chunk_as_long_as_the_series_has_the_full_gradient(candidate: str, skip: bool) -> None:
    """Against one pass over each series apart and the mean of its squared errors, written as loops."""
    fitter = forecast_fitter(truncation=1000, skip=skip)
    it, data = carried_problem(fitter, candidate), known(fitter)
    (loss,) = it.losses(np.random.default_rng(0))
    loss.backward()
    got = {name: p.grad.clone() for name, p in it.network.named_parameters()}
    it.network.zero_grad()
    total, count = torch.zeros(()), 0
    pipeline: Any = it.material.pipeline
    shown, linear = pipeline.fitted.show(data), np.zeros((len(data.values), 3))
    assert (pipeline.skip is not None) == skip
    if skip:
        linear = RidgeForecaster(pipeline.fitted, pipeline.skip).outputs(shown, 2, np.arange(len(data.values)))
    for k in (0, 1):
        start, fit = int(data.offsets[k]), int(fitter.fold.fit[k])
        x = torch.tensor(shown.inputs[start : start + fit], dtype=torch.float32)
        outputs, _ = it.network(x[:, None])
        for t in range(fit):
            for ahead in (1, 2, 3):
                if t + ahead < fit:
                    wanted = shown.targets[start + t, ahead - 1] - linear[start + t, ahead - 1]
                    total = total + (outputs[t, 0, ahead - 1] - float(wanted)) ** 2
                    count += 1
    assert loss.item() == pytest.approx(total.item() / count, rel=1e-5)
    (total / count).backward()
    for name, p in it.network.named_parameters():
        torch.testing.assert_close(got[name], p.grad, **CLOSE)
        assert p.grad.abs().max() > 1e-3


@pytest.mark.parametrize("candidate", RECURRENT)
def test_a_gradient_stops_where_a_chunk_begins_and_the_state_does_not(candidate: str) -> None:
    it = carried_problem(forecast_fitter(series(60, 60)), candidate)
    assert len(it.rows) == 4  # rows of 18 and a rest, for each series
    walked = it.losses(np.random.default_rng(0))
    first, second = next(walked), next(walked)
    del first
    second.backward()
    weight = it.network.encoder.get_parameter("layers.0.weight_hh_l0")
    got = weight.grad.clone()
    it.network.zero_grad()
    order = np.argsort(it.rows.stop - it.rows.start, kind="stable")
    index = torch.from_numpy(it.rows.start[order]) + torch.arange(9)[:, None]
    stop = torch.from_numpy(it.rows.stop[order])

    def loss_of(detach: bool) -> torch.Tensor:
        _, state = it.network(it.inputs[torch.minimum(index, stop - 1)])
        if detach:
            state = [tuple(s.detach() for s in layer) for layer in state]
        later = index + 9
        within = (later < stop)[..., None]
        later = torch.minimum(later, stop - 1)
        outputs, _ = it.network(it.inputs[later], state)
        asked = it.answers.known[later] * within
        return ((outputs - it.answers.wanted[later]) ** 2 * asked).sum() / asked.sum()

    loss_of(detach=True).backward()
    torch.testing.assert_close(got, weight.grad, **CLOSE)
    it.network.zero_grad()
    loss_of(detach=False).backward()
    assert not torch.allclose(got, weight.grad, **CLOSE)


@torch.no_grad()
def test_from_the_second_pass_on_a_row_starts_where_the_one_before_it_ended() -> None:
    """The learner does not move here, so the second pass must see the losses of series read in one go."""
    fitter = forecast_fitter(series(120, 75))
    it, data = carried_problem(fitter, "lstm"), known(fitter)
    for _ in range(6):  # each pass takes the states one row further
        second = [float(loss) for loss in it.losses(np.random.default_rng(0))]
    outputs = torch.full((len(it.inputs), 3), torch.nan, dtype=torch.float64)
    block = Block(np.zeros_like(data.offsets[:-1]), fitter.fold.fit)
    outputs[block.flat(data)] = torch.from_numpy(read_steps(it.network, it.inputs, data.offsets, block))
    order = np.argsort(it.rows.stop - it.rows.start, kind="stable")
    for chunk, got in enumerate(second):
        rows = [
            np.arange(it.rows.start[r] + 9 * chunk, min(it.rows.start[r] + 9 * chunk + 9, it.rows.stop[r]))
            for r in order
        ]
        index = torch.from_numpy(np.concatenate(rows))
        asked = it.answers.known[index]
        expected = ((outputs[index] - it.answers.wanted[index]) ** 2 * asked).sum() / asked.sum()
        assert got == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize("lengths", [(90, 117), (400,), (60, 61, 75, 300)])
@pytest.mark.parametrize("truncation", [5, 9, 64])
def test_updates_of_an_epoch_are_counted_before_they_are_made(lengths: tuple[int, ...], truncation: int) -> None:
    fitter = forecast_fitter(series(*lengths), truncation=truncation)
    it = carried_problem(fitter, "rnn")
    made = sum(1 for _ in it.losses(np.random.default_rng(0)))
    # Where the series begin in all of the data does not count, only how long they are.
    for offsets in (known(fitter).offsets, fitter.data.offsets):
        assert updates_per_epoch(offsets, fitter.fold.fit, truncation) == made


def test_the_validation_loss_is_the_mase_of_the_forecasts() -> None:
    fitter = forecast_fitter(kind="both", log=True, skip=True, truncation=50)  # a warm-up of 200 covers everything
    model, run = fitter.train("gru", option_for("gru"), 0)
    forecast = model.predict(known(fitter), fitter.fold.valid)
    assert isinstance(fitter.task, Forecast)
    expected = fitter.task.score(known(fitter), fitter.fold.fit, fitter.fold.valid, forecast)["mase"]
    assert run.valid == pytest.approx(expected, rel=1e-5)


def test_what_validation_needs_of_the_data_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fitter = forecast_fitter(series(90, 117, 64), kind="seasonal changes", log=True, skip=True)
    it, data = carried_problem(fitter, "gru"), known(fitter)
    block, found = fitter.fold.valid, list[str]()

    def noted(true: Any, name: str) -> Any:
        def note(*given: Any) -> Any:
            found.append(name)
            return true(*given)

        return note

    for owner, name in ((Treatment, "base"), (Forecast, "naive_error"), (Forecast, "truth")):
        monkeypatch.setattr(owner, name, noted(getattr(owner, name), name))
    first = it.validate()
    assert sorted(set(found)) == ["base", "naive_error", "truth"]
    found.clear()
    torch.nn.init.normal_(it.network.head.weight)
    second = it.validate()
    assert found == []
    assert second != first
    outputs = read_steps_near(it.network, it.inputs, data.offsets, block, 4 * it.truncation)
    pipeline: Any = it.material.pipeline
    skip, shown = RidgeForecaster(pipeline.fitted, pipeline.skip), pipeline.fitted.show(data)
    linear = skip.outputs(shown, 2, np.arange(len(it.inputs)))[block.flat(data)]
    forecast = pipeline.fitted.answer(data, block, outputs + linear)
    assert isinstance(fitter.task, Forecast)
    assert second == fitter.task.score(data, fitter.fold.fit, block, forecast)["mase"]
