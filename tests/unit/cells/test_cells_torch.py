"""The cells against torch.nn, and against themselves in half the precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cell_cases import ALL, IN_TORCH, LENGTHS, H, make
from cell_rounding import bound
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from selfloop.cells import LSTM, Cell, cells_of, run_layers

EXACT = 1e-12  # float64; test_the_bound_is_what_rounding_allows derives it


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", IN_TORCH)
def test_layers_are_torchs(kind: type[Cell], layers: int, both: bool, bias: bool) -> None:
    case = make(kind, layers, both, bias)
    outputs, last = case.layer(case.x, case.hx)
    ran = run_layers(kind, case.weights, case.x, **case.starts)
    assert ran.outputs.shape == outputs.shape
    assert (ran.outputs - outputs).abs().max() <= EXACT
    for name, expected in zip(kind.kind.states, last if isinstance(last, tuple) else (last,), strict=True):
        assert ran.last[name].shape == expected.shape
        assert (ran.last[name] - expected).abs().max() <= EXACT


@pytest.mark.parametrize("kind", IN_TORCH)
def test_states_left_out_are_zeros(kind: type[Cell]) -> None:
    case = make(kind, layers=2, both=True)
    assert (run_layers(kind, case.weights, case.x).outputs - case.layer(case.x)[0]).abs().max() <= EXACT


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("kind", IN_TORCH)
def test_unequal_lengths_are_torchs_packed_sequences(kind: type[Cell], both: bool) -> None:
    case = make(kind, layers=2, both=both)
    lengths = torch.tensor(LENGTHS)
    packed, last = case.layer(pack_padded_sequence(case.x, lengths, enforce_sorted=False), case.hx)
    outputs, _ = pad_packed_sequence(packed)
    x = case.x.clone()
    for k, length in enumerate(LENGTHS):
        x[length:, k] = torch.nan  # beyond the end: must not be read
    ran = run_layers(kind, case.weights, x, lengths=lengths, **case.starts)
    assert (ran.outputs - outputs).abs().max() <= EXACT
    for name, expected in zip(kind.kind.states, last if isinstance(last, tuple) else (last,), strict=True):
        assert (ran.last[name] - expected).abs().max() <= EXACT


@pytest.mark.parametrize("kind", ALL)
def test_what_lies_beyond_the_end_has_no_gradient(kind: type[Cell]) -> None:
    case = make(kind, both=True)
    x = case.x.clone()
    x[LENGTHS[0] :, 0] = torch.nan
    x.requires_grad_()
    weights = {name: weight.requires_grad_() for name, weight in case.weights.items()}
    run_layers(kind, weights, x, lengths=torch.tensor(LENGTHS), **case.starts).outputs.square().sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad[LENGTHS[0] :, 0], torch.zeros_like(x.grad[LENGTHS[0] :, 0]))
    assert x.grad[: LENGTHS[0], 0].abs().min() > 0
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in weights.values())


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", ALL)
def test_the_bound_is_what_rounding_allows(kind: type[Cell], layers: int, both: bool) -> None:
    # Two float64 programs are each within the a-priori bound of the exact result, so within twice it of each other.
    case = make(kind, layers, both)
    ran = run_layers(kind, case.weights, case.x, **case.starts)
    weights = {name: weight.numpy() for name, weight in case.weights.items()}
    starts = {name: state.numpy() for name, state in case.starts.items()}
    worst = bound(kind, ran, weights, case.x.numpy(), starts, u=2.0**-53)
    assert 2 * worst.max() <= EXACT
    assert 2 * worst.max() >= EXACT / 1000  # no looser than it need be


@pytest.mark.parametrize("kind", ALL)
def test_float32_stays_within_rounding(kind: type[Cell]) -> None:
    case = make(kind, dtype=torch.float32)
    rough = run_layers(kind, case.weights, case.x, **case.starts).outputs
    exact = {name: weight.double() for name, weight in case.weights.items()}
    starts = {name: state.double() for name, state in case.starts.items()}
    ran = run_layers(kind, exact, case.x.double(), **starts)
    assert rough.dtype == torch.float32
    worst = bound(
        kind,
        ran,
        {name: weight.numpy() for name, weight in exact.items()},
        case.x.double().numpy(),
        {name: state.numpy() for name, state in starts.items()},
        u=2.0**-24,
    )
    off = np.abs(rough.double().numpy() - ran.outputs.numpy())
    assert (off <= worst).all()
    assert worst.max() < 1e-4  # a bound that bfloat16, let alone a wrong equation, would break
    assert off.max() > 0  # it was float32


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("kind", ALL)
def test_the_dtype_is_the_weights(kind: type[Cell], dtype: torch.dtype) -> None:
    case = make(kind, dtype=dtype)
    run = run_layers(kind, case.weights, case.x).runs[0]
    for value in [*run.states.values(), *run.gates.values(), *run.last.values()]:
        assert value.dtype == dtype
        assert value.isfinite().all()


@pytest.mark.parametrize("kind", ALL)
def test_a_run_is_its_steps(kind: type[Cell]) -> None:
    case = make(kind)
    ((cell,),) = cells_of(kind, case.weights)
    starts = {name: state[0] for name, state in case.starts.items()}
    run = cell.run(case.x, **starts)
    states = {name[0]: state for name, state in starts.items()}
    for t, x in enumerate(case.x):
        step = cell.step(x, **states)
        states = step.states
        for name in kind.kind.states:
            assert torch.equal(run.states[name][t], states[name])
        for gate in kind.kind.gates:
            assert torch.equal(run.gates[gate][t], step.gates[gate])
    for name in kind.kind.states:
        assert torch.equal(run.last[name], states[name])
    assert torch.equal(run.outputs, run.states["h"])


@pytest.mark.parametrize("kind", ALL)
def test_a_backward_trace_is_in_the_order_of_the_inputs(kind: type[Cell]) -> None:
    case = make(kind, both=True)
    ran = run_layers(kind, case.weights, case.x, lengths=torch.tensor(LENGTHS), **case.starts)
    forwards, backwards = ran.runs
    assert torch.equal(forwards.states["h"][LENGTHS[0] - 1, 0], ran.last["h"][0, 0])
    assert torch.equal(backwards.states["h"][0], ran.last["h"][1])  # it ends at the first input
    assert torch.equal(ran.outputs[0, :, H:], ran.last["h"][1])
    cell = cells_of(kind, case.weights)[0][1]
    end = LENGTHS[0] - 1  # where it starts reading the first sequence
    step = cell.step(case.x[end, :1], **{name[0]: state[1, :1] for name, state in case.starts.items()})
    for gate in kind.kind.gates:
        assert (backwards.gates[gate][end, 0] - step.gates[gate][0]).abs().max() <= EXACT


def test_between_sees_the_outputs_of_every_layer_but_the_last() -> None:
    case = make(LSTM, layers=3, both=True)
    seen: list[torch.Size] = []

    def nothing_passes(y: torch.Tensor) -> torch.Tensor:
        seen.append(y.shape)
        return torch.zeros_like(y)

    ran = run_layers(LSTM, case.weights, case.x, between=nothing_passes, **case.starts)
    assert seen == [(len(case.x), case.x.shape[1], 2 * H)] * 2
    blind = {name.replace("_l2", "_l0"): weight for name, weight in case.weights.items() if "_l2" in name}
    x = torch.zeros(len(case.x), case.x.shape[1], 2 * H, dtype=torch.float64)
    last = run_layers(LSTM, blind, x, **{name: state[4:] for name, state in case.starts.items()})
    assert (ran.outputs - last.outputs).abs().max() <= EXACT


def test_a_cell_shows_its_sizes() -> None:
    assert repr(cells_of(LSTM, make(LSTM).weights)) == "[[LSTM(7, 17)]]"
