"""Learning from whole sequences: padding, pooling, batches."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from selfloop.data import Sequences
from selfloop.tasks.asked import Pool
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.output import Classes
from selfloop.train.budget import Option
from selfloop.train.encoder import RecurrentEncoder, State
from selfloop.train.model import NetworkModel
from selfloop.train.network import Network
from selfloop.train.read import Batches
from selfloop.train.whole import WholeProblem, updates_per_epoch
from train_samples import RECURRENT, cases, classify_fitter, option_for

CLOSE: dict[str, Any] = {"rtol": 1e-5, "atol": 2e-6}


def unscaled(data: Sequences) -> Batches:
    return Batches(data.values, data.offsets)


def scores_of(network: Network, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    return network(x, None, lengths)[0]


def test_a_batch_is_padded_at_its_end_and_a_reach_takes_the_last_steps() -> None:
    data = cases(9)
    which = [4, 0, 7, 4]
    x, lengths = unscaled(data).batch(torch.tensor(which), None)
    assert lengths.tolist() == [data.lengths[k] for k in which]
    assert x.shape == (max(lengths), 4, 2)
    for column, k in enumerate(which):
        assert np.array_equal(x[: lengths[column], column].numpy(), data[k].astype(np.float32))
    x, lengths = unscaled(data).batch(torch.tensor(which), 3)
    assert lengths.tolist() == [min(data.lengths[k], 3) for k in which]
    for column, k in enumerate(which):
        assert np.array_equal(x[: lengths[column], column].numpy(), data[k][-3:].astype(np.float32))


@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("pool", ["last", "mean"])
@torch.no_grad()
def test_scores_against_each_sequence_alone(kind: str, both: bool, pool: Pool) -> None:
    torch.manual_seed(0)
    data = cases(9)
    network = Network(RecurrentEncoder(kind, 2, 5, 2, both), pool, Classes(3))
    scores = scores_of(network, *unscaled(data).batch(torch.arange(9), None))
    for k in range(9):
        features, _ = network.encoder(torch.tensor(data[k], dtype=torch.float32)[:, None])
        features = features[:, 0]
        # Forwards has read all at the last step, backwards at the first.
        last = torch.cat([features[-1, :5], features[0, 5:]]) if both else features[-1]
        pooled = last if pool == "last" else sum(features) / len(features)
        torch.testing.assert_close(scores[k], network.head.weight @ pooled + network.head.bias, **CLOSE)


@pytest.mark.parametrize("pool", ["last", "mean"])
@torch.no_grad()
def test_padding_never_changes_a_score(pool: Pool) -> None:
    """To the bit: the same products, with other numbers where nobody looks."""
    torch.manual_seed(0)
    network = Network(RecurrentEncoder("gru", 2, 5, 2, both=True), pool, Classes(3))
    x, lengths = unscaled(cases(9)).batch(torch.arange(9), None)
    padding = torch.arange(len(x))[:, None] >= lengths
    other = torch.where(padding[..., None], torch.full_like(x, -1e3), x)
    assert torch.equal(scores_of(network, x, lengths), scores_of(network, other, lengths))


@pytest.mark.parametrize("candidate", [*RECURRENT, "feed_forward"])
@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_are_in_the_order_of_the_cases(candidate: str, classes: int) -> None:
    fitter = classify_fitter(cases(40, classes))
    model, run = fitter.train(candidate, option_for(candidate), seed=0)
    which = np.array([17, 3, 28, 3])
    found = model.predict(fitter.data, which)
    assert found.shape == (4, classes)
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-6)
    for row, k in enumerate(which):
        alone = model.predict(fitter.data, np.array([k]))[0]
        np.testing.assert_allclose(found[row], alone, rtol=1e-4, atol=1e-6)
    valid = model.predict(fitter.data, fitter.fold.valid)
    assert isinstance(fitter.task, Classify)
    assert run.valid == pytest.approx(fitter.task.score(fitter.data, fitter.fold.valid, valid)["log_loss"], rel=1e-5)
    assert model.parameters == sum(p.numel() for p in model.network.parameters())


def test_an_epoch_reads_every_training_case_once_and_no_other() -> None:
    fitter = classify_fitter(cases(400))
    read: list[int] = []
    together: set[frozenset[int]] = set()

    class Noting(Network):
        def forward(self, x: Tensor, state: State | None = None, lengths: Tensor | None = None) -> tuple[Tensor, State]:
            sizes.append(x.shape[1])
            return super().forward(x, state, lengths)

    sizes: list[int] = []
    network = Noting(RecurrentEncoder("rnn", 2, 3, 1, both=False), "last", Classes(3))
    problem = WholeProblem(network, fitter.output, fitter.material)
    batch = Batches.batch

    def noting(self: Batches, which: Tensor, reach: int | None) -> tuple[Tensor, Tensor]:
        read.extend(which.tolist())
        together.add(frozenset(which.tolist()))
        return batch(self, which, reach)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batches, "batch", noting)
        losses = [float(loss.detach()) for loss in problem.losses(np.random.default_rng(0))]
    assert sorted(read) == fitter.fold.fit.tolist()
    assert len(losses) == len(sizes) == updates_per_epoch(len(fitter.fold.fit))
    assert max(sizes) == 32
    orders, groups = [], []
    for seed in (0, 0, 1):
        read.clear()
        together.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Batches, "batch", noting)
            list(problem.losses(np.random.default_rng(seed)))
        orders.append(list(read))
        groups.append(set(together))
    assert orders[0] == orders[1] != orders[2]
    assert not groups[0] & groups[2], "other cases are read together, not the same batches in another order"


def test_the_loss_is_the_mean_cross_entropy_of_its_batch() -> None:
    fitter = classify_fitter(cases(30))
    problem = fitter.problem("gru", Option(0.01, 6), 0, fitter.material)
    (loss,) = problem.losses(np.random.default_rng(0))
    model = NetworkModel(fitter.material.pipeline, problem.network, fitter.output)
    found = model.predict(fitter.data, fitter.fold.fit)
    truth = labels_of(fitter.data)[fitter.fold.fit]
    expected = -np.log(found[np.arange(len(truth)), truth]).mean()
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert loss.item() == pytest.approx(
        functional.nll_loss(torch.tensor(np.log(found)), torch.tensor(truth)).item(), rel=1e-5
    )
