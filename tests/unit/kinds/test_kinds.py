"""Every kind against the layer that it describes: counts, rows, states, formulas; and what does not fit is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from selfloop import kinds as kinds_module
from selfloop import nn
from selfloop.cells import equations_of
from selfloop.cells.registry import check
from selfloop.errors import SettingsError
from selfloop.kernels.native import native
from selfloop.kinds import NATIVE, Gate, Kind, Share, cell_name, default_kinds, kind_of, kind_of_mode, kinds
from selfloop.kinds.gru import CANDIDATE, GRU, GRU_RESET_BEFORE, RESET, UPDATE
from selfloop.kinds.kind import Activation
from selfloop.kinds.lstm import FORGET, INPUT, LSTM
from selfloop.kinds.registry import OURS
from selfloop.kinds.rnn import RNN, RNN_RELU
from selfloop.nn.layers import kind_of_layer, layer_of
from selfloop.study.settings import Settings

I, H = 7, 17  # noqa: E741 (the input size's letter)
WITH_KERNELS = (RNN, RNN_RELU, LSTM, GRU, GRU_RESET_BEFORE)
ALL = pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)


def own(name: str = "own", **more: object) -> Kind:
    """A kind that is not selfloop's."""
    return Kind(name=name, label="own", gates=(FORGET, CANDIDATE), **more)  # type: ignore[arg-type]


def test_the_table_in_its_order() -> None:
    assert [kind.name for kind in kinds()][:5] == ["rnn", "rnn_relu", "lstm", "gru", "gru_reset_before"]
    assert [kind.name for kind in default_kinds()] == ["rnn", "lstm", "gru"]


@ALL
def test_counts_are_the_layers(kind: Kind) -> None:
    layer: Any = layer_of(kind, I, H)
    assert kind.parameters(I, H) == sum(weight.numel() for weight in layer.parameters())
    assert len(layer.weight_ih_l0) == len(kind.gates) * H
    if kind in WITH_KERNELS:
        assert kind.operations(I, H) == len(kind.gates) * H * (I + H) + kind.products * H


@ALL
def test_a_layer_and_its_kind_find_each_other(kind: Kind) -> None:
    layer = layer_of(kind, I, H)
    assert kind_of_layer(layer) is kind
    last = layer(torch.zeros(2, 1, I))[1]
    assert len(last if isinstance(last, tuple) else (last,)) == len(kind.states)
    assert kind_of(kind.name) is kind


@pytest.mark.parametrize("kind", [RNN, RNN_RELU, LSTM, GRU], ids=lambda kind: kind.name)
def test_torchs_modes(kind: Kind) -> None:
    layer = getattr(torch.nn, kind.layer)(I, H, **dict(kind.settings))
    assert layer.mode == kind.mode
    assert kind_of_mode(layer.mode) is kind
    assert kind_of_layer(layer) is kind
    assert kind_of_layer(nn.GRU(I, H, reset_after=False)) is GRU_RESET_BEFORE


def test_native_numbers_are_places() -> None:
    assert [kind.native for kind in NATIVE] == list(range(len(NATIVE)))
    for kind in NATIVE:  # "u" is the GRU's U h₋₁ + b', kept beside the gates
        assert set(native.kept_order(kind.native)) - {"u"} == {gate.symbol for gate in kind.shown}


@ALL
def test_the_equations_do_what_the_kind_says(kind: Kind) -> None:
    assert equations_of(kind).kind is kind
    check(equations_of(kind))


@ALL
def test_words_and_colours(kind: Kind) -> None:
    assert kind.formula
    assert kind.source
    assert {gate.meaning != "" for gate in kind.shown} <= {True}
    assert (kind.saturation != "") == bool(kind.shown)
    assert all(len(colour) == 7 and colour[0] == "#" for colour in (kind.colour, kind.dark))


@pytest.mark.parametrize(
    ("kind", "shown", "account"),
    [
        (RNN, "", ""),
        (LSTM, "fiog", "c_T = Π f ⊙ c_0 + Σ_j (Π_k&gt;j f_k) ⊙ i_j ⊙ g_j"),
        (GRU, "rzn", "h_T = Π z ⊙ h_0 + Σ_j (Π_k&gt;j z_k) ⊙ (1 − z_j) ⊙ n_j"),
    ],
)
def test_reading_order_and_account(kind: Kind, shown: str, account: str) -> None:
    assert "".join(gate.symbol for gate in kind.shown) == shown
    assert kind.account.replace("<sub>", "_").replace("</sub>", "") == account


def test_an_account_of_what_is_left() -> None:
    kind = own(keep=Share(FORGET, rest=True), write=Share(FORGET), candidate=CANDIDATE)
    assert kind.account.replace("<sub>", "_").replace("</sub>", "") == (
        "h_T = Π (1 − f) ⊙ h_0 + Σ_j (Π_k&gt;j (1 − f_k)) ⊙ f_j ⊙ n_j"
    )
    assert kind.coupled
    assert kind.longer == "a smaller forget bias"
    assert own(keep=Share(FORGET)).account == ""


def test_what_keeps_and_what_writes() -> None:
    values = {"z": 0.25, "f": 0.75, "i": 0.5}
    assert [kind.keep.of(values) for kind in (LSTM, GRU) if kind.keep] == [0.75, 0.25]
    assert [kind.write.of(values) for kind in (LSTM, GRU) if kind.write] == [0.5, 0.75]
    assert (LSTM.coupled, GRU.coupled, RNN.coupled) == (False, True, False)
    assert (LSTM.longer, GRU.longer, RNN.longer) == ("a forget bias of 1 to 2", "a larger update bias", "")
    assert (RNN.belt, LSTM.carried, GRU.carried) == (None, "c", "h")


def test_a_name_may_be_written_with_hyphens() -> None:
    assert [cell_name(text) for text in ("peephole-lstm", "peephole_lstm", "lstm", "my-own")] == [
        "peephole_lstm",
        "peephole_lstm",
        "lstm",
        "my-own",
    ]
    assert Settings(candidates=("layernorm-lstm", "gru")).candidates == ("layernorm_lstm", "gru")


def test_no_two_lines_look_alike() -> None:
    named = [kind for kind in OURS if kind.name not in ("rnn_relu", "gru_reset_before")]  # the same cell, another way
    for looks in ([kind.colour for kind in named], [kind.dark for kind in named]):
        assert len(set(looks)) == len(named)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_whose_past_the_gates_see(kind: Kind) -> None:
    """The gates of the first unit, asked for their derivatives by the states before."""
    made = torch.Generator().manual_seed(0)
    cell = equations_of(kind)(*(torch.rand(weight.sizes(3, 4), generator=made) for weight in kind.weights))
    states = {name: torch.rand(1, 4, generator=made).requires_grad_() for name in kind.states}
    step = cell.step(torch.rand(1, 3, generator=made), **states)  # all above 0: no rectifier is shut
    seen = {"h": torch.zeros(4, dtype=torch.bool), "c": torch.zeros(4, dtype=torch.bool)}
    for value in (value for value in step.gates.values() if value.requires_grad):
        found = torch.autograd.grad(value[0, 0], list(states.values()), retain_graph=True, allow_unused=True)
        for name, grad in zip(states, found, strict=True):
            seen[name] |= torch.zeros(4, dtype=torch.bool) if grad is None else grad[0] != 0
    own = torch.arange(4) == 0
    expected = {"all": torch.ones_like(own), "own": own, "none": torch.zeros_like(own)}[kind.past]
    assert torch.equal(seen["h"], expected)
    assert torch.equal(seen["c"], own if kind.peeps else torch.zeros_like(own))


def test_an_unknown_name_says_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"There is no cell 'lsmt'. Did you mean 'lstm'\?"):
        kind_of("lsmt")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "GRU 2"}, "expected a name of small letters"),
        ({"name": "own", "states": ("h", "m")}, r"expected \('h',\) or \('h', 'c'\)"),
        ({"name": "own", "keep": Share(UPDATE)}, "keep of the cell 'own' is gate 'z'; expected one of its gates: f, n"),
        ({"name": "own", "write": Share(INPUT)}, "write of the cell 'own'"),
        ({"name": "own", "candidate": RESET}, "candidate of the cell 'own'"),
        ({"name": "own", "reading": (FORGET,)}, "leaves gates out"),
    ],
)
def test_kinds_that_make_no_sense(given: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        own(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("gates", [(), (FORGET, FORGET), (FORGET, Gate("f2", "f", "#000000"))])
def test_gates_are_there_once_each(gates: tuple[Gate, ...]) -> None:
    with pytest.raises(SettingsError, match="expected one or more, each once"):
        Kind(name="own", label="own", gates=gates)


def test_selfloops_own_names_are_taken() -> None:
    with pytest.raises(SettingsError, match="'gru' is one of selfloop's own cells"):
        kinds_module.register(replace(GRU, label="mine"))
    assert kind_of("gru") is GRU


@pytest.mark.parametrize(("activation", "share"), [("sigmoid", True), ("tanh", False), ("relu", False)])
def test_what_a_gate_is_called(activation: Activation, share: bool) -> None:
    gate = Gate("input", "i", "#000000", activation)
    assert gate.share == share
    assert gate.title == ("input gate i" if share else "input i")
