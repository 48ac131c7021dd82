"""Learning from a class at each step: what is padded or not known never counts, in whole sequences and in long ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from selfloop.models.predictor import Predictor
from selfloop.results.study import Candidate
from selfloop.study.refit import card_of
from selfloop.tasks.asked import Asked
from selfloop.tasks.output import Classes
from selfloop.tasks.places import LONGEST, Block
from selfloop.tasks.tag.task import LETTERS, Tag
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option
from selfloop.train.carried import CarriedProblem
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.fitter import Fitter
from selfloop.train.known import Answers
from selfloop.train.network import Network
from selfloop.train.read import read_pieces, read_steps
from selfloop.train.saved import load_model
from selfloop.train.whole import EachStepProblem
from selfloop.train.windows import CentredWindowEncoder
from tag_samples import tagged, worded


def fitter(data: Any, variant: str = "", **asked: Any) -> Fitter:
    experiment = Tag.design(data, None, Asked(**asked))
    budget = Budget(3, 3, (0.01,), 1, "chrono", {"gru": 5, "lstm": 4}, variant)
    return Fitter(experiment.task, experiment.data, experiment.folds[0], budget)


def one_by_one(network: Network, inputs: np.ndarray, tags: np.ndarray, cuts: list[tuple[int, int]]) -> float:
    """The mean cross-entropy over known steps, each sequence read alone, in float64 sums."""
    total, count = 0.0, 0
    for first, stop in cuts:
        with torch.no_grad():
            scores = network(torch.from_numpy(inputs[first:stop].astype(np.float32))[:, None])[0][:, 0].double()
        for t in range(stop - first):
            if tags[first + t] >= 0:
                total += float(torch.logsumexp(scores[t], 0) - scores[t, tags[first + t]])
                count += 1
    return total / count


@pytest.mark.parametrize("direction", ["one", "both"])
@pytest.mark.parametrize("candidate", ["gru", "feed_forward"])
def test_neither_padding_nor_unknown_steps_count(candidate: str, direction: Any) -> None:
    data = tagged([6, 1, 9, 4] * 5)
    tags = np.where(np.random.default_rng(1).random(len(data.values)) < 0.3, -1, data.tags)
    fit = fitter(tagged([6, 1, 9, 4] * 5, tags=tags), direction=direction, folds=2)
    option = Option(0.01, 5, 3 if candidate == "feed_forward" else None)
    problem = fit.problem(candidate, option, 0, fit.material)
    assert isinstance(problem, EachStepProblem)
    material = fit.material
    cuts = [(int(material.offsets[k]), int(material.offsets[k + 1])) for k in range(len(material.offsets) - 1)]
    learnt, chosen = ([cuts[k] for k in part] for part in (material.fit, material.valid))
    (loss,) = list(problem.losses(np.random.default_rng(0)))
    assert float(loss.detach()) == pytest.approx(
        one_by_one(problem.network, material.inputs, material.wanted, learnt), rel=1e-5
    )
    assert problem.validate() == pytest.approx(
        one_by_one(problem.network, material.inputs, material.wanted, chosen), rel=1e-5
    )


def test_a_batch_without_a_known_step_teaches_nothing() -> None:
    tags = np.array([0, 1, -1] * 20)
    tags[np.arange(60) % 6 > 2] = -1
    fit = fitter(tagged([3] * 20, tags=tags), folds=2)
    problem = fit.problem("gru", Option(0.01, 3), 0, fit.material)
    assert isinstance(problem, EachStepProblem)
    problem.answers = Answers.of(np.full(len(fit.material.wanted), -1))
    assert list(problem.losses(np.random.default_rng(0))) == []


def test_a_long_sequence_teaches_each_known_step_once_with_the_state_carried_on() -> None:
    data = tagged([900])
    tags = np.where(np.arange(900) % 7 == 0, -1, data.tags)
    tags[100:330] = -1
    fit = fitter(tagged([900], tags=tags), direction="one")
    problem = fit.problem("gru", Option(0.01, 5), 0, fit.material)
    assert isinstance(problem, CarriedProblem)
    learnt, weights = [], []
    for batch, walk in problem._walks:
        assert len(batch)
        for chunk in walk:
            weights.append(float(chunk.answers.count))
            learnt.append(chunk.asks)
    steps = int(fit.fold.fit[0])
    assert sum(weights) == int((tags[:steps] >= 0).sum())
    assert len(list(problem.losses(np.random.default_rng(0)))) == sum(learnt)
    loss = problem.validate()
    with torch.no_grad():
        inputs = torch.from_numpy(fit.material.inputs.astype(np.float32))
        scores = read_steps(problem.network, inputs, data.offsets, fit.fold.valid)
    there = tags[steps : int(fit.fold.valid.stop[0])]
    said = torch.from_numpy(scores).log_softmax(-1).numpy()[np.arange(len(there)), there]
    # A state that was warmed up is not that of the whole past.
    assert loss == pytest.approx(-said[there >= 0].mean(), rel=1e-3)


def test_a_window_around_each_step_sees_no_padding() -> None:
    torch.manual_seed(0)
    for window in (1, 2, 3, 5):
        encoder = CentredWindowEncoder(2, 4, window)
        x = torch.randn(6, 2, 2)
        lengths = torch.tensor([6, 3])
        found = encoder(x, None, lengths)[0]
        alone = encoder(x[:3, 1:])[0]
        assert found[:3, 1:].detach().numpy() == pytest.approx(alone.detach().numpy(), abs=1e-6)
        back, ahead = (window - 1) // 2, window // 2
        weight, bias = encoder.first.weight.double(), encoder.first.bias.double()
        for t in range(3):
            seen = torch.zeros(2, window, dtype=torch.float64)
            for k, s in enumerate(range(t - back, t + ahead + 1)):
                if 0 <= s < 3:
                    seen[:, k] = x[s, 1].double()
            hidden = torch.relu((weight * seen).sum((1, 2)) + bias)
            feature = torch.relu(encoder.second.weight.double() @ hidden + encoder.second.bias.double())
            assert found[t, 1].detach().double().numpy() == pytest.approx(feature.detach().numpy(), abs=1e-5)


def test_a_long_sequence_is_read_from_both_ends_piece_by_piece() -> None:
    torch.manual_seed(0)
    network = Network(RecurrentEncoder("gru", 1, 3, 1, both=True), "step", Classes(2))
    inputs = np.random.default_rng(0).normal(size=(LONGEST + 101 + 4, 1))
    offsets = np.array([0, LONGEST + 101, LONGEST + 105])
    block = Block(np.array([290, 1]), np.array([310, 3]))
    found = read_pieces(network, inputs, offsets, block)
    expected = []
    with torch.no_grad():
        for first, stop, steps in ((0, 300, range(290, 300)), (300, 601, range(300, 310)), (601, 605, (602, 603))):
            scores = network(torch.from_numpy(inputs[first:stop].astype(np.float32))[:, None])[0][:, 0]
            expected += [scores[step - first].numpy() for step in steps]
    assert found == pytest.approx(np.array(expected), abs=1e-6)
    assert read_pieces(network, inputs, offsets, Block(np.array([0, 0]), np.array([0, 0]))).shape == (0, 2)


@pytest.mark.parametrize("candidate", ["lstm", "feed_forward"])
def test_a_model_of_words_is_saved_and_answers_unknown_ones(candidate: str, tmp_path: Path) -> None:
    data = worded([f"w{k}/X v{k}/Y , w{k}/X".replace(" ,", " ,/P") for k in range(140)] * 2)
    fit = fitter(data, LETTERS, folds=2)
    option = Option(0.01, 4, 3 if candidate == "feed_forward" else None)
    model, _ = fit.train(candidate, option, 0)
    assert model.network.front is not None
    with torch.no_grad():
        assert model.step()() is not None
    streams = Candidate(candidate, candidate, "recurrent", False)
    card = card_of(Experiment(fit.task, fit.data, (fit.fold,)), fit.budget, streams, model, option)
    saved = Predictor(card, fit.task, model)
    again = load_model(saved.save(tmp_path / "model.safetensors"))
    new = worded(["w1/X never/Y ,/P", "“odd”/X"], "new")
    found = saved.predict(new)
    assert again.predict(new).equals(found)
    assert found.columns[:3] == ["unique_id", "step", "label"]
    assert found["step"].to_list() == [0, 1, 2, 0]
    assert found["unique_id"].to_list() == ["new 0"] * 3 + ["new 1"]
    assert [name for name in found.columns if name.startswith("p_")] == [f"p_{name}" for name in data.classes]
    assert set(again.score(new)) == {"accuracy", "macro_f1"}
