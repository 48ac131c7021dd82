"""Forecasting networks: what is learnt from, how gradients travel, how long series are read."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from selfloop.train.forecasting import ForecastProblem, read, read_near, updates_per_epoch

from selfloop.tasks.forecast.baselines import Naive
from selfloop.tasks.forecast.intervals import quantiles_of, scaled_errors
from selfloop.tasks.forecast.task import Block, Forecast
from selfloop.tasks.forecast.treatment import Treatment
from selfloop.train import forecasting
from selfloop.train.budget import Option
from train_samples import HIDDEN, NETWORKS, RECURRENT, forecast_fitter, series

# float32 all through, sums of a few dozen terms, states that forget: see test_encoder.
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def option(candidate: str) -> Option:
    return Option(0.01, HIDDEN.get(candidate, 8), 5 if candidate == "feed_forward" else None)


def problem(candidate: str, seed: int = 0, **settings) -> ForecastProblem:
    """With a head that is not zero, or nothing would reach the encoder."""
    fitter = forecast_fitter(**settings)
    torch.manual_seed(seed)
    network = fitter.network(candidate, option(candidate))
    torch.nn.init.normal_(network.head.weight)
    torch.nn.init.normal_(network.head.bias)
    return ForecastProblem(
        fitter.task, fitter.known, fitter.fold, network, fitter.fitted, fitter.skip, fitter.plan.truncation
    )


@pytest.mark.parametrize("kind", ["changes", "level", "both", "seasonal changes"])
@pytest.mark.parametrize("skip", [False, True])
def test_only_futures_within_the_fit_part_are_learnt_from(kind: str, skip: bool) -> None:
    it = problem("gru", kind=kind, skip=skip)
    for k in range(len(it.data)):
        for t in range(it.data.lengths[k]):
            for ahead in (1, 2, 3):
                known = t + ahead < it.fold.fit[k]
                if kind == "seasonal changes":
                    known &= t + ahead - 4 >= 0  # the last known value of that season
                assert bool(it.known[it.data.offsets[k] + t, ahead - 1]) == known
    assert not it.wanted[it.known == 0].any(), "no trace of what is not asked"


@pytest.mark.parametrize("lengths", [(90, 117), (700,), (80, 900, 120)])
def test_the_rows_are_the_fit_part_and_nothing_more(lengths: tuple[int, ...]) -> None:
    it = problem("gru", data=series(*lengths))
    covered = np.concatenate([np.arange(a, b) for a, b in zip(it.rows.start, it.rows.stop, strict=True)])
    starts = it.data.offsets[:-1]
    assert covered.tolist() == [t for a, n in zip(starts, it.fold.fit, strict=True) for t in range(a, a + n)]
    followed = set(it.rows.follows.tolist()) - {-1}
    assert followed
    assert all((it.rows.stop - it.rows.start)[row] % it.truncation == 0 for row in followed)


@pytest.mark.parametrize("candidate", NETWORKS)
@pytest.mark.parametrize("skip", [False, True])
def test_a_chunk_as_long_as_the_series_has_the_full_gradient(candidate: str, skip: bool) -> None:
    """Against one pass over each series apart and the mean of its squared errors, written as loops."""
    it = problem(candidate, truncation=1000, skip=skip)
    (loss,) = it.losses(np.random.default_rng(0))
    loss.backward()
    got = {name: p.grad.clone() for name, p in it.network.named_parameters()}
    it.network.zero_grad()
    total, count = torch.zeros(()), 0
    linear = (
        it.skip.outputs(it.shown, 2, np.arange(len(it.shown.inputs))) if it.skip else np.zeros_like(it.shown.targets)
    )
    for k in (0, 1):
        start, fit = int(it.data.offsets[k]), int(it.fold.fit[k])
        x = torch.tensor(it.shown.inputs[start : start + fit], dtype=torch.float32)
        outputs, _ = it.network(x[:, None])
        for t in range(fit):
            for ahead in (1, 2, 3):
                if t + ahead < fit:
                    wanted = it.shown.targets[start + t, ahead - 1] - linear[start + t, ahead - 1]
                    total = total + (outputs[t, 0, ahead - 1] - float(wanted)) ** 2
                    count += 1
    assert loss.item() == pytest.approx(total.item() / count, rel=1e-5)
    (total / count).backward()
    for name, p in it.network.named_parameters():
        torch.testing.assert_close(got[name], p.grad, **CLOSE)
        assert p.grad.abs().max() > 1e-3


@pytest.mark.parametrize("candidate", RECURRENT)
def test_a_gradient_stops_where_a_chunk_begins_and_the_state_does_not(candidate: str) -> None:
    it = problem(candidate, data=series(60, 60), truncation=9)
    assert len(it.rows) == 4  # rows of 18 and a rest, for each series
    walked = it.losses(np.random.default_rng(0))
    first, second = next(walked), next(walked)
    del first
    second.backward()
    got = it.network.encoder.layers[0].weight_hh_l0.grad.clone()
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
        known = it.known[later] * within
        return ((outputs - it.wanted[later]) ** 2 * known).sum() / known.sum()

    loss_of(detach=True).backward()
    torch.testing.assert_close(got, it.network.encoder.layers[0].weight_hh_l0.grad, **CLOSE)
    it.network.zero_grad()
    loss_of(detach=False).backward()
    assert not torch.allclose(got, it.network.encoder.layers[0].weight_hh_l0.grad, **CLOSE)


@torch.no_grad()
def test_from_the_second_pass_on_a_row_starts_where_the_one_before_it_ended() -> None:
    """The learner does not move here, so the second pass must see the losses of series read in one go."""
    it = problem("lstm", data=series(120, 75), truncation=9)
    for _ in range(6):  # each pass takes the states one row further
        second = [float(loss) for loss in it.losses(np.random.default_rng(0))]
    starts = it.data.offsets[:-1]
    outputs = torch.full((len(it.inputs), 3), torch.nan, dtype=torch.float64)
    block = Block(np.zeros_like(starts), it.fold.fit)
    outputs[block.flat(it.data)] = torch.from_numpy(read(it.network, it.inputs, it.data, block))
    order = np.argsort(it.rows.stop - it.rows.start, kind="stable")
    for chunk, got in enumerate(second):
        rows = [
            np.arange(it.rows.start[r] + 9 * chunk, min(it.rows.start[r] + 9 * chunk + 9, it.rows.stop[r]))
            for r in order
        ]
        index = torch.from_numpy(np.concatenate(rows))
        known = it.known[index]
        expected = ((outputs[index] - it.wanted[index]) ** 2 * known).sum() / known.sum()
        assert got == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize("lengths", [(90, 117), (400,), (60, 61, 75, 300)])
@pytest.mark.parametrize("truncation", [5, 9, 64])
def test_updates_of_an_epoch_are_counted_before_they_are_made(lengths: tuple[int, ...], truncation: int) -> None:
    it = problem("rnn", data=series(*lengths), truncation=truncation)
    made = sum(1 for _ in it.losses(np.random.default_rng(0)))
    assert updates_per_epoch(it.data, it.fold.fit, truncation) == made


@pytest.mark.parametrize("candidate", NETWORKS)
def test_reading_near_the_origins_is_reading_from_the_start_where_the_warm_up_reaches_it(candidate: str) -> None:
    it = problem(candidate, data=series(90, 117, 64))
    block = Block(np.array([20, 71, 10]), np.array([56, 72, 27]))
    whole = read(it.network, it.inputs, it.data, block)
    near = read_near(it.network, it.inputs, it.data, block, 1000)
    assert near.shape == (36 + 1 + 17, 3)
    np.testing.assert_allclose(near, whole, **CLOSE)
    enough = read_near(it.network, it.inputs, it.data, block, 0 if candidate not in RECURRENT else 1)
    assert not np.allclose(enough, whole, **CLOSE)


@pytest.mark.parametrize("candidate", NETWORKS)
@pytest.mark.parametrize(("rows", "steps"), [(256, 7), (2, 10_000), (2, 13), (1, 1)])
def test_reading_in_parts_is_reading_each_series_in_one_go(
    candidate: str, rows: int, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = problem(candidate, data=series(90, 117, 64))
    ends = it.data.lengths
    block = Block(np.array([20, 0, ends[2] - 1]), np.array([56, ends[1], ends[2]]))
    expected = []
    for k in range(3):
        a, b = it.data.offsets[k], it.data.offsets[k] + block.stop[k]
        with torch.no_grad():
            answers, _ = it.network(it.inputs[a:b, None])
        expected.append(answers[block.first[k] :, 0])
    monkeypatch.setattr(forecasting, "READ_ROWS", rows)
    monkeypatch.setattr(forecasting, "READ_STEPS", steps)
    got = read(it.network, it.inputs, it.data, block)
    # Products of other sizes may sum in another order: float32 all through.
    np.testing.assert_allclose(got, torch.cat(expected).numpy(), **CLOSE)
    np.testing.assert_allclose(read_near(it.network, it.inputs, it.data, block, 1000), got, **CLOSE)


def test_a_long_series_is_read_without_holding_what_the_network_keeps_of_each_step() -> None:
    it = problem("gru", data=series(700))
    seen: list[tuple[int, ...]] = []
    it.network.encoder.register_forward_hook(lambda _, __, out: seen.append(tuple(out[0].shape)))
    long = series(9000)
    inputs = torch.zeros(9000, it.inputs.shape[1])
    assert read(it.network, inputs, long, Block(np.array([8990]), np.array([9000]))).shape == (10, 3)
    assert [s[:2] for s in seen] == [(4096, 1), (4096, 1), (808, 1)]
    seen.clear()
    many = series(*[1500] * 300)
    block = Block(np.full(300, 3), np.full(300, 1500))
    read(it.network, torch.zeros(450_000, it.inputs.shape[1]), many, block)
    assert [s[:2] for s in seen] == [(1024, 256), (476, 256), (1500, 44)]


@pytest.mark.parametrize("kind", ["changes", "level", "both", "seasonal changes"])
def test_an_untrained_network_says_no_change_or_what_its_linear_skip_says(kind: str) -> None:
    plain = forecast_fitter(kind=kind)
    model, _ = replace(plain, plan=replace(plain.plan, epochs=0)).train("gru", option("gru"), 0)
    got = model.forecast(plain.data, plain.fold.test)
    if kind == "level":
        expected = [plain.known[k][: plain.fold.fit[k], 0].mean() for k in plain.fold.test.series()]
        np.testing.assert_allclose(got, np.array(expected)[:, None].repeat(3, 1), rtol=1e-12)
    else:
        season = 4 if kind == "seasonal changes" else 1
        np.testing.assert_allclose(got, Naive(season, 3).forecast(plain.data, plain.fold.test), rtol=1e-12)
    skipped = forecast_fitter(kind=kind, skip=True, epochs=0)
    model, _ = skipped.train("gru", option("gru"), 0)
    got = model.forecast(skipped.data, skipped.fold.test)
    np.testing.assert_allclose(got, skipped.skip.forecast(skipped.data, skipped.fold.test), rtol=1e-12)


@pytest.mark.parametrize("candidate", NETWORKS)
def test_counts_and_settings(candidate: str) -> None:
    fitter = forecast_fitter(skip=True)
    model, run = fitter.train(candidate, option(candidate), 0)
    network = sum(p.numel() for p in model.network.parameters())
    assert model.parameters == network + fitter.skip.parameters
    assert model.operations == model.network.encoder.operations + 3 * option(candidate).hidden_size + (
        fitter.skip.operations
    )
    assert run.curve.best_epoch <= 3
    assert np.isfinite(model.forecast(fitter.data, fitter.fold.test)).all()


def test_the_validation_loss_is_the_mase_of_the_forecasts() -> None:
    fitter = forecast_fitter(kind="both", log=True, skip=True, truncation=50)  # a warm-up of 200 covers everything
    model, run = fitter.train("gru", option("gru"), 0)
    forecast = model.forecast(fitter.known, fitter.fold.valid)
    expected = fitter.task.score(fitter.known, fitter.fold.fit, fitter.fold.valid, forecast)["mase"]
    assert run.valid == pytest.approx(expected, rel=1e-5)


def test_what_validation_needs_of_the_data_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    it = problem("gru", kind="seasonal changes", log=True, skip=True, data=series(90, 117, 64))
    block, found = it.fold.valid, []
    for owner, name in ((Treatment, "base"), (Forecast, "naive_error"), (Forecast, "truth")):
        true = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *given, true=true, name=name: found.append(name) or true(*given))
    first = it.validate()
    assert sorted(set(found)) == ["base", "naive_error", "truth"]
    found.clear()
    torch.nn.init.normal_(it.network.head.weight)
    second = it.validate()
    assert found == []
    assert second != first
    outputs = read_near(it.network, it.inputs, it.data, block, 4 * it.truncation)
    linear = it.skip.outputs(it.shown, 2, np.arange(len(it.inputs)))[block.flat(it.data)]
    forecast = it.fitted.answer(it.data, block, outputs + linear)
    assert second == it.task.score(it.data, it.fold.fit, block, forecast)["mase"]


def test_the_feed_forward_network_is_tried_on_a_few_windows_and_sizes_then_on_other_rates() -> None:
    fitter = forecast_fitter(learning_rates=(0.001, 0.003, 0.01), window=None)
    first, rates = fitter.options("feed_forward")
    assert {o.learning_rate for o in first} == {0.003}
    assert rates == (0.001, 0.01)
    assert len({o.window for o in first}) == 3
    assert {o.hidden_size for o in first} == {16, 64}
    recurrent, more = fitter.options("lstm")
    assert [o.learning_rate for o in recurrent] == [0.001, 0.003, 0.01]
    assert {o.hidden_size for o in recurrent} == {HIDDEN["lstm"]}
    assert more == ()


@pytest.mark.parametrize("candidate", [*NETWORKS, "seasonal_naive", "ridge_ar"])
def test_one_pass_scores_and_calibrates_as_two_would_of_which_the_first_ends_before_the_test(candidate: str) -> None:
    fitter = forecast_fitter(skip=True, kind="both", log=True)
    task, fold = fitter.task, fitter.fold
    if candidate in NETWORKS:
        model, _ = fitter.train(candidate, option(candidate), 0)
    else:
        model, _ = fitter.closed_form(candidate)
    calls = []
    passes = SimpleNamespace(forecast=lambda data, block: calls.append(block) or model.forecast(data, block))
    scores, arrays = fitter.test(passes)
    assert len(calls) == 1
    tested = model.forecast(fitter.data, fold.test)
    errors = scaled_errors(task, fitter.known, fold.train, fold.valid, model.forecast(fitter.known, fold.valid))
    np.testing.assert_allclose(arrays["test"], tested, rtol=1e-5)  # float32
    np.testing.assert_allclose(arrays["quantiles"], quantiles_of(errors), rtol=1e-4)  # differences of such
    expected = task.score(fitter.data, fold.train, fold.test, tested)
    assert scores == pytest.approx(expected, rel=1e-5)
