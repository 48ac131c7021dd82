"""`accelerate` turns the layers of somebody else's model and nothing else; `decelerate` undoes it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

import selfloop
from selfloop import nn
from selfloop.errors import SettingsError
from selfloop.nn.accelerate import Summary

T, B, I, H = 6, 4, 7, 9  # noqa: E741 (the input size's letter)


class Mine(torch.nn.LSTM):
    """A user's own subclass."""


class Model(torch.nn.Module):
    """A speech model's skeleton: layers in several places, one of them twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.LSTM(I, H, num_layers=2, bidirectional=True, batch_first=True, dropout=0.1)
        self.rest = torch.nn.ModuleList([torch.nn.GRU(2 * H, H, batch_first=True), torch.nn.Linear(H, H)])
        self.last = torch.nn.ModuleDict({"rnn": torch.nn.RNN(H, H, nonlinearity="relu"), "mine": Mine(H, H)})
        self.again = self.rest[0]
        self.projected = torch.nn.LSTM(H, H, proj_size=3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.rest[1](self.again(self.first(x)[0])[0])
        return self.last["mine"](self.last["rnn"](y)[0])[0]


@pytest.fixture
def model() -> Model:
    torch.manual_seed(0)
    return Model().eval()


def types(model: torch.nn.Module) -> dict[str, type]:
    return {name: type(layer) for name, layer in model.named_modules()}


def near(a: Tensor, b: Tensor) -> bool:
    return float((a - b).detach().abs().max()) <= 1e-5


def test_layers_are_turned_and_nothing_else(model: Model) -> None:
    x = torch.randn(B, T, I)
    before, expected, parameters = types(model), model(x), list(model.parameters())
    assert selfloop.accelerate(model) is model
    changed = {name: (was, type(model.get_submodule(name))) for name, was in before.items()}
    assert {name: now for name, (was, now) in changed.items() if now is not was} == {
        "first": nn.LSTM,
        "rest.0": nn.GRU,
        "last.rnn": nn.RNN,
    }
    assert model.again is model.rest[0]
    assert all(a is b for a, b in zip(model.parameters(), parameters, strict=True))
    assert near(model(x), expected)
    assert model.first.backend == "native"
    selfloop.decelerate(model)
    assert types(model) == before
    assert torch.equal(model(x), expected)


def test_the_summary_says_what_and_why(model: Model) -> None:
    seen: list[Summary] = []
    selfloop.accelerate(model, summary=seen.append)
    assert str(seen[0]).splitlines() == [
        "first: torch.nn.LSTM -> selfloop.nn.LSTM",
        "rest.0: torch.nn.GRU -> selfloop.nn.GRU",
        "last.rnn: torch.nn.RNN -> selfloop.nn.RNN",
        f"last.mine: {__name__}.Mine left alone: it is a class of its own",
        "projected: torch.nn.LSTM left alone: with proj_size torch's own forward pass would run",
    ]
    assert (len(seen[0].swapped), len(seen[0].skipped)) == (3, 2)
    selfloop.accelerate(model, summary=seen.append)
    assert not seen[1].swapped
    assert "it is selfloop's already" in str(seen[1])
    assert str(selfloop_summary(torch.nn.Linear(2, 2))) == "There are no recurrent layers."


def selfloop_summary(model: torch.nn.Module) -> Summary:
    seen: list[Summary] = []
    selfloop.accelerate(model, summary=seen.append)
    return seen[0]


def test_a_layer_alone_and_back() -> None:
    layer = torch.nn.GRU(I, H)
    assert type(selfloop.accelerate(layer)) is nn.GRU
    assert str(selfloop_summary(torch.nn.GRU(I, H))) == "(the model): torch.nn.GRU -> selfloop.nn.GRU"
    layer(torch.randn(T, B, I))
    assert type(selfloop.decelerate(layer)) is torch.nn.GRU
    assert set(vars(layer)) == set(vars(torch.nn.GRU(I, H)))


def test_what_torch_has_not_stays() -> None:
    seen: list[Summary] = []
    layer = selfloop.decelerate(nn.GRU(I, H, reset_after=False), summary=seen.append)
    assert type(layer) is nn.GRU
    assert "torch has no GRU that resets before the product" in str(seen[0])


@pytest.mark.parametrize("turn", [selfloop.accelerate, selfloop.decelerate])
def test_a_forward_that_somebody_replaced_stays(turn: Any) -> None:
    """It holds the method of the class that the layer had."""
    layer: Any = torch.nn.GRU(I, H) if turn is selfloop.accelerate else nn.GRU(I, H)
    kind, own, seen = type(layer), layer.forward, list[Summary]()
    layer.forward = lambda *given: own(*given)
    turn(layer, summary=seen.append)
    assert type(layer) is kind
    assert str(seen[0]).endswith("left alone: its forward was replaced")
    assert layer(torch.randn(T, B, I))[0].shape == (T, B, H)


def test_several_parametrisations_and_their_state() -> None:
    torch.manual_seed(0)

    def layer() -> Any:
        made = torch.nn.utils.parametrizations.weight_norm(torch.nn.LSTM(I, H), "weight_hh_l0")
        return torch.nn.utils.parametrizations.spectral_norm(made, "weight_ih_l0").eval()

    mine, theirs, x = selfloop.accelerate(layer()), layer(), torch.randn(T, B, I)
    theirs.load_state_dict(mine.state_dict())
    assert near(mine(x)[0], theirs(x)[0])
    assert mine.backend == "native"
    assert near(copy.deepcopy(mine)(x)[0], theirs(x)[0])
    assert near(selfloop.accelerate(selfloop.decelerate(mine))(x)[0], theirs(x)[0])


@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU])
def test_parametrisations_stay(kind: Any) -> None:
    torch.manual_seed(0)
    layer = torch.nn.utils.parametrizations.weight_norm(kind(I, H), "weight_hh_l0")
    x = torch.randn(T, B, I)
    expected, _ = layer(x)
    (gradient,) = torch.autograd.grad(expected.square().sum(), layer.parametrizations.weight_hh_l0.original0)
    seen: list[Summary] = []
    selfloop.accelerate(layer, summary=seen.append)
    assert isinstance(layer, kind)
    assert type(layer).__name__ == f"Parametrized{kind.__name__}"
    assert layer.backend == "native"
    assert len(seen[0].swapped) == 1
    y, _ = layer(x)
    assert near(y, expected)
    (found,) = torch.autograd.grad(y.square().sum(), layer.parametrizations.weight_hh_l0.original0)
    assert near(found, gradient)
    torch.nn.utils.parametrize.remove_parametrizations(layer, "weight_hh_l0")
    assert near(layer(x)[0], expected)
    assert near(selfloop.decelerate(layer)(x)[0], expected)


def test_parametrised_layers_go_back() -> None:
    layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.LSTM(I, H), "weight_ih_l0")
    before = type(layer)
    selfloop.decelerate(selfloop.accelerate(layer))
    assert type(layer).__bases__ == before.__bases__
    assert layer(torch.randn(T, B, I))[0].shape == (T, B, H)


def test_the_older_weight_norm_stays() -> None:
    torch.manual_seed(0)
    with pytest.warns(FutureWarning):
        layer: Any = torch.nn.utils.weight_norm(torch.nn.LSTM(I, H), "weight_hh_l0")
    x = torch.randn(T, B, I)
    expected = layer(x)[0]
    selfloop.accelerate(layer)
    with torch.no_grad():
        layer.weight_hh_l0_g *= 1.0
    assert near(layer(x)[0], expected)


def test_saved_before_and_after(model: Model) -> None:
    x, before = torch.randn(B, T, I), pickle.dumps(model)
    expected, state = model(x), copy.deepcopy(model.state_dict())
    selfloop.accelerate(model)
    assert list(model.state_dict()) == list(state)
    loaded = pickle.loads(pickle.dumps(model))
    assert type(loaded.first) is nn.LSTM
    assert torch.equal(loaded(x), model(x))
    theirs = pickle.loads(before)
    assert type(theirs.first) is torch.nn.LSTM
    theirs.load_state_dict(model.state_dict())
    assert torch.equal(theirs(x), expected)
    assert near(selfloop.accelerate(theirs)(x), expected)
    assert type(copy.deepcopy(model).first) is nn.LSTM


def test_an_optimiser_goes_on(model: Model) -> None:
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1)
    selfloop.accelerate(model)
    first: Any = model.first
    before = first.weight_hh_l1.detach().clone()
    model(torch.randn(B, T, I)).sum().backward()
    optimiser.step()
    assert not torch.equal(first.weight_hh_l1, before)
    assert model.first is first


def test_hooks_stay(model: Model) -> None:
    seen: list[tuple[int, ...]] = []
    model.first.register_forward_hook(lambda layer, given, returned: seen.append(tuple(returned[0].shape)))
    selfloop.accelerate(model)(torch.randn(B, T, I))
    assert seen == [(B, T, 2 * H)]


@pytest.mark.parametrize("turn", [selfloop.accelerate, selfloop.decelerate])
def test_what_is_no_module(turn: Any) -> None:
    with pytest.raises(
        SettingsError, match=r"model is a dict; expected a torch\.nn\.Module\. Give the module itself\."
    ):
        turn({})
