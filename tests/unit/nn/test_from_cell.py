"""A layer of a few lines of torch: against a loop, in a trace, registered; and what strangers bring."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

import selfloop
from selfloop import cells, nn
from selfloop.cells import registry
from selfloop.errors import SettingsError, ShapeError
from selfloop.inside.explore.explore import exploration_of
from selfloop.kinds import kind_of
from selfloop.kinds import registry as kinds
from selfloop.report.explore.equations import facts
from selfloop.study.candidates import candidates
from selfloop.tasks.registry import TASKS

T, B, I, H = 6, 3, 2, 4  # noqa: E741 (the input size's letter)
LENGTHS = [6, 0, 4]


@pytest.fixture(autouse=True)
def tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_KINDS", dict(kinds._KINDS))
    monkeypatch.setattr(registry, "_EQUATIONS", dict(registry._EQUATIONS))


class LeakyUnit(torch.nn.Module):
    """One state, two named gates, one of them without bounds."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.both = torch.nn.Linear(input_size + hidden_size, 2 * hidden_size)

    def forward(self, x: Tensor, h: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        a, v = self.both(torch.cat([x, h], dim=-1)).split(self.hidden_size, dim=-1)
        a = torch.sigmoid(a)
        return (1 - a) * h + a * v, {"leak": a, "proposal": v}


class Pair(torch.nn.Module):
    """Two states, no gates."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.cell = torch.nn.LSTMCell(input_size, hidden_size)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        h, c = self.cell(x, state)
        return h, c


def average(x: Tensor, h: Tensor) -> Tensor:
    return 0.75 * h + 0.25 * x.mean(-1, keepdim=True)


def test_outputs_gates_and_gradients_are_those_of_a_loop() -> None:
    module, x = LeakyUnit(I, H).double(), torch.randn(T, B, I, dtype=torch.float64)
    layer = nn.from_cell(module, I, H)
    with selfloop.trace(layer) as traced:
        y, last = layer(x, lengths=LENGTHS)
        y.square().sum().backward()
    found = [weight.grad.clone() for weight in module.parameters() if weight.grad is not None]
    module.zero_grad()
    rows = torch.zeros(T, B, H, dtype=torch.float64)
    leak = torch.zeros(T, B, H, dtype=torch.float64)
    for b, length in enumerate(LENGTHS):
        h = torch.zeros(1, H, dtype=torch.float64)
        for t in range(length):
            h, gates = module(x[t, b][None], h)
            rows[t, b], leak[t, b] = h[0], gates["leak"][0].detach()
        assert (last[0, b] - h[0]).abs().max() <= 1e-12
    rows.square().sum().backward()
    assert (y - rows).abs().max() <= 1e-12
    assert tuple(traced[""].gates) == ("leak", "proposal")
    assert (traced[""].gates["leak"] - leak).abs().max() <= 1e-12
    assert traced[""].grad_gates["leak"].abs().sum() > 0
    for mine, weight in zip(found, module.parameters(), strict=True):
        assert weight.grad is not None
        assert (mine - weight.grad).abs().max() <= 1e-10


def test_a_pair_of_states_is_torchs_lstm() -> None:
    module, theirs = Pair(I, H), torch.nn.LSTM(I, H)
    theirs.load_state_dict({f"{name}_l0": weight for name, weight in module.cell.state_dict().items()})
    x, start = torch.randn(T, B, I), (torch.randn(1, B, H), torch.randn(1, B, H))
    y, (h, c) = nn.from_cell(module, I, H)(x, start)
    for mine, expected in zip((y, h, c), (lambda r: (r[0], *r[1]))(theirs(x, start)), strict=True):
        torch.testing.assert_close(mine, expected)


def test_a_function_needs_no_weights() -> None:
    layer = nn.from_cell(average, I, H)
    y, h = layer(torch.ones(2, B, I))
    assert y[1, 0, 0] == h[0, 0, 0] == pytest.approx(0.25 + 0.75 * 0.25)
    assert not list(layer.parameters())
    assert layer.cell_kind.name == "average"
    assert not layer.cell_kind.shown


def test_what_is_known_of_it() -> None:
    kind = nn.from_cell(LeakyUnit(I, H), I, H).cell_kind
    assert [(g.name, g.symbol, g.activation) for g in kind.gates] == [
        ("leak", "l", "sigmoid"),
        ("proposal", "p", "linear"),
    ]
    assert (kind.name, kind.label, kind.states, kind.belt) == ("leaky_unit", "LeakyUnit", ("h",), None)
    assert kind.parameters(I, H) == (I + H + 1) * 2 * H
    other = nn.from_cell(LeakyUnit(I, H + 1), I, H + 1).cell_kind
    assert other.name == "leaky_unit_2"  # another shape is another cell
    assert nn.from_cell(LeakyUnit(I, H), I, H).cell_kind == kind


def test_the_module_is_the_layers_own() -> None:
    module = LeakyUnit(I, H)
    layer = nn.from_cell(module, I, H)
    assert list(layer.state_dict()) == ["cell.both.weight", "cell.both.bias"]
    assert next(iter(layer.parameters())) is module.both.weight
    x = torch.randn(T, B, I)
    for again in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(again(x)[0], layer(x)[0])
    before = layer(x)[0]
    with torch.no_grad():
        module.both.bias.add_(1)
    assert not torch.equal(layer(x)[0], before)
    assert torch.equal(copy.deepcopy(layer).double()(x.double())[0].float().isfinite(), before.isfinite())


def test_the_explorer_shows_its_gates_and_its_code() -> None:
    found = exploration_of(nn.from_cell(LeakyUnit, I, H), torch.randn(9, I))
    (model,) = found.models
    assert set(model.gates) == {"l", "p"}
    assert model.W_hh is None
    (told,) = facts([model.cell]).kinds.values()
    assert told.code is not None
    assert "a = torch.sigmoid(a)" in [line.text for line in told.code.lines]


def test_a_class_is_a_candidate_from_then_on() -> None:
    assert cells.register(LeakyUnit) is LeakyUnit
    layer = nn.EquationLayer("leaky_unit", 5, 7, bidirectional=True)
    assert sum(weight.numel() for weight in layer.parameters()) == 2 * kind_of("leaky_unit").parameters(5, 7)
    assert layer.weights("_reverse")["cell.both.weight"].shape == (14, 12)
    assert layer(torch.randn(T, B, 5), lengths=LENGTHS)[0].shape == (T, B, 14)
    again = pickle.loads(pickle.dumps(cells.equations_of(kind_of("leaky_unit"))))  # as a worker gets it
    assert again.kind == kind_of("leaky_unit")


def test_it_starts_as_its_class_does() -> None:
    cells.register(LeakyUnit)
    torch.manual_seed(0)
    layer = nn.EquationLayer("leaky_unit", I, H)
    torch.manual_seed(0)
    for mine, expected in zip(layer.parameters(), LeakyUnit(I, H).parameters(), strict=True):
        assert torch.equal(mine, expected)


def test_a_module_of_one_size_is_no_candidate() -> None:
    nn.from_cell(LeakyUnit(I, H), I, H)
    with pytest.raises(SettingsError, match="candidate 'leaky_unit' is unknown"):
        candidates(next(iter(TASKS.values())).__class__, ("leaky_unit",))  # type: ignore[arg-type]  # not looked at


class Half(torch.nn.Module):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(hidden_size // 2, input_size))

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        return h


class Noisy(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.drop = torch.nn.Dropout()

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        out: Tensor = self.drop(h)
        return out


class Normed(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(H)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        out: Tensor = self.norm(h)
        return out


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (lambda x, h: None, r"returned something else \(NoneType\); expected the new state, \(5, 4\) each"),
        (lambda x, h: h[:, :2], r"returned a tensor \(5, 2\); expected the new state"),
        (lambda x, h: (h, h, h), "returned a tensor .* expected the new state"),
        (lambda x, h: h * float("nan"), "has NaN or infinity after one ordinary step"),
        (lambda x, h: h.softmax(0), "depends on which other sequences are in the batch"),
        (lambda x, h: h + torch.randn_like(h), "is another one each time"),
        (Noisy(), "is another one each time"),
        (Normed(), r"Normed has buffers \(norm.running_mean"),
        (lambda x, h: (h, {"G 1": h}), "has a gate 'G 1'; expected names of small letters"),
        (lambda x, h: (h, {"g": 0.5}), r"gates g: something else \(float\)"),
        (lambda x: x, "cannot be taken .* expected step"),
        (lambda x, h: x @ h, "cannot be taken .*mat1 and mat2"),
        (7, "int is no step; expected a function or a torch.nn.Module"),
    ],
)
def test_what_strangers_bring(cell: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        nn.from_cell(cell, I, H)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (Half, "w of Half has shapes"),
        (Noisy, r"Noisy cannot be made of \(input_size, hidden_size\)"),
        (average, "is no cell; expected a subclass"),
    ],
)
def test_classes_that_cannot_be_registered(cell: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        cells.register(cell)


def test_gates_that_come_and_go() -> None:
    calls = []

    def fickle(x: Tensor, h: Tensor) -> Any:
        calls.append(1)
        return h, ({"g": torch.sigmoid(h)} if len(calls) <= 5 else {})

    layer = nn.from_cell(fickle, I, H)
    with pytest.raises(SettingsError, match="made gates none; expected the same at every step: g"):
        layer(torch.randn(T, B, I))


@pytest.mark.parametrize("sizes", [(0, 4), (2, 4.5), ("2", 4), (2, -1)])
def test_sizes_that_are_none(sizes: tuple[Any, Any]) -> None:
    with pytest.raises(SettingsError, match="expected a whole number, 1 or more"):
        nn.from_cell(average, *sizes)


def test_calls_that_do_not_fit() -> None:
    layer = nn.from_cell(LeakyUnit, I, H)
    with pytest.raises(ShapeError, match=r"expected \(T, B, 2\)"):
        layer(torch.randn(T, B, 3))
    with pytest.raises(ShapeError, match="h0 has shape"):
        layer(torch.randn(T, B, I), torch.randn(1, B, H + 1))
    with pytest.raises(ShapeError, match="expected 0 to 6"):
        layer(torch.randn(T, B, I), lengths=[1, 2, 7])
