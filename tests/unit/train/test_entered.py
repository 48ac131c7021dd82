"""Modules of the user's own: what they may be, what is tried out of them, and how they are read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from own_entries import Attention, BatchFirst, BothWays, Flat, Learns, Normed, Once, Pair, Peeks
from selfloop.entries.resolve import entries
from selfloop.errors import EntryError
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.output import Classes, Values
from selfloop.train.entered import EnteredModel, EnteredNetwork, ModuleEncoder, entered_network

STEPS = Forecast(3, 1)
WHOLE = Classify("both", "mean")


def network(made: Any, task: Any = STEPS, longest: int = 9) -> EnteredNetwork:
    torch.manual_seed(0)
    output: Any = Values(3) if task is STEPS else Classes(3)
    material: Any = SimpleNamespace(inputs=np.zeros((1, 2)), pipeline=SimpleNamespace(symbols=()), memory=longest)
    return entered_network(entries([made], task)[0], task, material, output)


@pytest.mark.parametrize("made", [Pair, Attention, Normed, nn.GRU])
def test_whatever_maps_steps_to_steps_may_answer_every_step(made: Any) -> None:
    found = network(made)
    scores, _ = found(torch.randn(130, 2, 2))
    assert scores.shape == (130, 2, 3)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Peeks, "looks ahead: what it answers at a step changes with inputs after it"),
        (BothWays, "looks ahead"),
        (BatchFirst, "mixes sequences"),
        (Flat, r"gives a tensor \(128, 3\) for an input \(128, 3, 2\); expected \(128, 3, 3\)"),
        (Once, r"expected \(128, 3, 3\): steps, sequences, scores"),
        (lambda i, o: 3, "its factory gives something of type int"),
    ],
)
def test_what_answers_a_step_wrongly_is_found_out(made: Any, said: str) -> None:
    with pytest.raises(EntryError, match=said):
        network(made)


def test_the_last_sequence_may_mix_with_the_first_one_as_little_as_the_first_with_the_last() -> None:
    class Backwards(BatchFirst):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x.flip(1)).flip(1)

    with pytest.raises(EntryError, match="mixes sequences"):
        network(Backwards)


def test_dropout_that_stays_on_is_found_out() -> None:
    class Restless(Pair):
        def forward(self, x: Tensor) -> Tensor:
            return nn.functional.dropout(super().forward(x)[0], 0.5)

    with pytest.raises(EntryError, match="answers the same input differently"):
        network(Restless)


def test_a_module_that_learnt_to_look_ahead_is_found_out_then() -> None:
    found = network(Learns)
    with torch.no_grad():
        found.encoder.module.later.fill_(0.1)
    with pytest.raises(EntryError, match="looks ahead"):
        found.try_out()


def test_every_step_is_answered_from_a_warm_up_of_one_stretch_before_its_own() -> None:
    class Sums(nn.Module):
        def __init__(self, i: int, o: int) -> None:
            super().__init__()

        def forward(self, x: Tensor) -> Tensor:
            return x.cumsum(0)

    encoder = ModuleEncoder(Sums(1, 1), 1, 1, stretch=4)
    x = torch.arange(1.0, 15)[:, None, None]
    whole, state = encoder(x)
    expected = [x[max(t - t % 4 - 4, 0) : t + 1].sum() for t in range(14)]
    torch.testing.assert_close(whole[:, 0, 0], torch.stack(expected))
    parts, state = [], None
    for k in range(0, 14, 4):
        scores, state = encoder(x[k : k + 4], state)
        parts.append(scores)
    torch.testing.assert_close(torch.cat(parts), whole)


def test_it_learns_with_dropout_and_batch_statistics_and_answers_without() -> None:
    found = network(Normed)
    x = torch.randn(20, 2, 2)
    found(x)
    assert found.encoder.module.drop.training
    with torch.no_grad():
        found(x)
    assert not found.encoder.module.drop.training


@pytest.mark.parametrize("made", [BothWays, Once, Pair, Attention, Peeks])
@pytest.mark.parametrize("pool", ["mean", "last"])
def test_of_whole_sequences_padding_changes_nothing(made: Any, pool: Any) -> None:
    found = network(made, Classify("both", pool))
    assert found.encoder.ahead == (made in (BothWays, Once, Peeks))
    x, lengths = torch.randn(9, 4, 2, generator=torch.Generator().manual_seed(1)), torch.tensor([9, 4, 6, 4])
    with torch.no_grad():
        together, _ = found(x, None, lengths)
        alone = [found(x[:n, k : k + 1], None, torch.tensor([n]))[0][0] for k, n in enumerate(lengths.tolist())]
        said = found.encoder.module(x[:4, 1:2])
    torch.testing.assert_close(together, torch.stack(alone), rtol=1e-5, atol=1e-6)
    said = said[0] if isinstance(said, tuple) else said
    if said.dim() == 3:
        said = said[-1] if pool == "last" else said.mean(0)
    torch.testing.assert_close(together[1:2], said, rtol=1e-5, atol=1e-6)


def test_its_parameters_are_counted_and_nothing_else_is_known() -> None:
    class Trained:
        network = network(Pair)
        parameters = 77
        pipeline: Any = type("P", (), {"step": lambda self: None})()

    model = EnteredModel(Trained(), 5)  # type: ignore[arg-type]
    assert (model.parameters, model.operations) == (77, None)
    with torch.no_grad():
        model.step()()


def test_the_same_seed_makes_the_same_module() -> None:
    one, two = (network(Pair).encoder.module.out.weight.detach().numpy() for _ in range(2))
    np.testing.assert_array_equal(one, two)
