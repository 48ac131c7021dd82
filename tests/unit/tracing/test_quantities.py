"""Every quantity where its value is known: by algebra, by a linear network, or by another way to compute it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from selfloop import cells
from selfloop.data.sequences import Floats
from selfloop.tracing.quantities import (
    by_lag,
    covered,
    gradient_paths,
    growth,
    horizon_curve,
    horizon_of,
    lag_grid,
    ledger,
    replaced,
    saturation,
    slope,
    time_constants,
    truncation,
)
from torch_cells import OWN

T, B, I, H = 7, 3, 4, 5  # noqa: E741


def test_gradient_by_lag_is_read_from_each_end() -> None:
    norms = np.array([[4.0, 9.0], [2.0, 6.0], [1.0, 7.0]])  # the second sequence has two steps: 7 is padding
    assert by_lag(norms, np.array([3, 2])).tolist() == [3.5, 5.5, 4.0]


@pytest.mark.parametrize("factor", [0.5, 0.97, 1.0, 2.0])
def test_slope_of_a_linear_network_is_the_log_of_its_eigenvalue(factor: float) -> None:
    """h = a h₋₁ + x: dL/dh_{t−k} = a^k dL/dh_t, whatever the inputs."""
    values = factor ** np.arange(40.0)
    assert slope(values) == pytest.approx(np.log(factor), abs=1e-12)


def test_slope_wants_three_points_and_leaves_out_what_underflowed() -> None:
    assert slope(np.array([1.0, 0.1])) is None
    assert slope(np.array([1.0, 0.1, 0.01, 0.0, 0.0])) == pytest.approx(np.log(0.1))
    assert slope(np.array([np.nan, np.nan, np.nan, np.nan])) is None


def test_truncation_of_a_geometric_signal() -> None:
    """Σ_{k≥K} a^k / Σ a^k = a^K: with a = 0.9, 3 % is left out from K = ln 0.03 / ln 0.9 = 33.3 on."""
    values = 0.9 ** np.arange(2000.0)
    assert truncation(values, 0.03) == 34
    assert covered(values, 34) == pytest.approx(1 - 0.9**34)
    assert truncation(np.zeros(5), 0.03) is None
    assert covered(np.array([np.inf, 1.0]), 1) is None


def test_growth_is_relative_to_the_end() -> None:
    norms = np.array([[8.0, 1.0], [1.0, 3.0], [2.0, 5.0]])
    assert growth(norms, np.array([3, 2])).tolist() == [4.0, 1.0]
    assert growth(np.zeros((3, 1)), np.array([3])).tolist() == [1.0]
    # The mean over k + 1 steps brings k + 1 times as much, and that is no growth.
    assert growth(np.array([[3.0], [2.0], [1.0]]), np.array([3]), spread=True).tolist() == [1.0]


def test_lags_are_tried_one_by_one_and_then_further_apart() -> None:
    assert lag_grid(5).tolist() == [0, 1, 2, 3, 4]
    grid = lag_grid(5000)
    assert grid[:100].tolist() == list(range(100))
    assert grid[-1] == 4999
    assert (np.diff(grid[100:]) / grid[100:-1]).max() < 0.06


def test_replaced_history_comes_from_the_other_at_the_same_distance_from_the_end() -> None:
    lengths, other = np.array([5, 3]), np.array([1, 0])
    steps, sequences = replaced(lengths, 1, other)
    assert sequences[:, 0].tolist() == [1, 1, 1, 0, 0]
    assert steps[:, 0].tolist() == [1, 0, 0, 3, 4]  # the shorter one goes on in reverse
    assert (sequences[:3, 1].tolist(), steps[:3, 1].tolist()) == ([0, 1, 1], [2, 1, 2])


def test_horizon_is_where_the_change_stays_small() -> None:
    lags = np.array([0, 1, 2, 3])
    assert horizon_of(lags, np.array([0.5, 0.001, 0.3, 0.0])) == 3
    assert horizon_of(lags, np.array([0.0, 0.0, 0.0, 0.0])) == 0
    assert horizon_of(lags, np.array([0.5, 0.5, 0.5, 0.02])) is None
    assert horizon_of(lags, np.array([0.5, np.nan, 0.0, 0.0])) == 2


def test_horizon_of_a_known_moving_average() -> None:
    """The loss of Σ_{k≤10} x_{t−k}: what is replaced adds its variance, twice, and beyond 10 nothing."""
    rng = np.random.default_rng(0)
    own, their = rng.normal(size=(2, 400, 30))  # (B, lag)
    full = np.full(400, 0.5)
    losses = np.array([0.5 + ((own - their)[:, k + 1 : 11].sum(axis=1)) ** 2 for k in range(30)])
    curve = horizon_curve(np.arange(30), losses, full)
    assert (curve.horizon.steps, curve.horizon.low, curve.horizon.high) == (10, 10, 10)
    assert curve.change[4] == pytest.approx(2 * 6 / (2 * 10), rel=0.2)  # of ΔL(0) = 2 · 10


@pytest.mark.parametrize(("size", "falls"), [(0.12, 0.12), (0.009, 0.0)])
def test_a_past_without_which_the_loss_is_lower_is_no_help_and_that_is_said(size: float, falls: float) -> None:
    full, shift = np.full(6, 2.0), np.array([0.0, -size, -size / 2, 0.0])
    curve = horizon_curve(np.arange(4), full * (1 + shift[:, None]), full)
    assert (curve.horizon.steps, curve.horizon.of) == (0, "loss")
    assert curve.horizon.falls == pytest.approx(falls)
    # What lies nearer than the horizon does help, however much it fell there.
    helps = horizon_curve(np.arange(4), full * (1 + np.array([-0.3, 0.5, 0.0, -0.02])[:, None]), full)
    assert helps.horizon.steps == 2
    assert helps.horizon.falls == pytest.approx(0.02)


def test_of_a_loss_of_next_to_nothing_a_share_is_of_what_the_past_is_worth() -> None:
    full, worth = np.full(5, 1e-3), 2.0
    curve = horizon_curve(np.arange(3), full + np.array([worth, 0.015, 0.0])[:, None], full)
    assert (curve.horizon.steps, curve.horizon.of) == (1, "past")  # 15 times the loss, and under 1 % of 2
    assert curve.change[1] == pytest.approx(0.0075)


def test_horizon_of_nothing() -> None:
    curve = horizon_curve(np.arange(3), np.zeros((3, 4)), np.zeros(4))
    assert curve.change == (0.0, 0.0, 0.0)
    assert curve.horizon.steps == 0


def test_time_constant_and_saturation() -> None:
    keep = np.array([[0.5, 0.9, 1.0], [0.5, 0.9, 1.0]])
    with np.errstate(divide="raise"):
        found = time_constants(keep)
    np.testing.assert_allclose(found, [2.0, 10.0, np.inf])
    shut, wide = saturation(np.array([[0.05, 0.95], [0.5, 0.95], [0.05, 0.1], [0.05, 0.9]]))
    assert (shut.tolist(), wide.tolist()) == ([0.75, 0.0], [0.0, 0.5])


@pytest.mark.parametrize("seed", range(3))
def test_ledger_sums_to_the_cell_state(seed: int) -> None:
    torch.manual_seed(seed)
    cell = _cell(cells.LSTM, 4)
    run = cell.run(torch.randn(T, 1, I, dtype=torch.float64), h0=_state(), c0=(c0 := _state()))
    i, f, g = (_named(run, symbol) for symbol in "ifg")
    written = ledger(f, i * g, c0[0].numpy())
    np.testing.assert_allclose(written.sum(axis=0), run.states["c"][-1, 0].detach().numpy(), rtol=0, atol=8 * T * 2e-16)
    assert written.shape == (T + 1, H)


def test_ledger_of_gates_that_are_forced() -> None:
    """Forget 1: all stays, each as it was written. Forget 0: the last step alone is on the belt."""
    wrote, start = np.arange(12.0).reshape(4, 3), np.full(3, 7.0)
    np.testing.assert_array_equal(ledger(np.ones((4, 3)), wrote, start), np.concatenate([start[None], wrote]))
    shut = ledger(np.zeros((4, 3)), wrote, start)
    assert (shut[:-1] == 0).all()
    np.testing.assert_array_equal(shut[-1], wrote[-1])


@pytest.mark.parametrize("kind", [cells.RNN, cells.ReluRNN, cells.LSTM, cells.GRU, cells.ChoGRU, *OWN])
def test_gradient_paths_sum_to_the_gradient_one_step_before(kind: type[cells.Cell]) -> None:
    """What autograd finds for dL/dh of step t − 1, less what the loss asks of it directly, is what the paths carry."""
    torch.manual_seed(0)
    cell = _cell(kind, len(kind.kind.gates))
    x, weight = torch.randn(T, 1, I, dtype=torch.float64), torch.randn(T, H, dtype=torch.float64)
    states, steps = {name: _state() for name in kind.kind.states}, []
    for t in range(T):
        step = cell.step(x[t], **states)
        states = step.states
        for kept in (*states.values(), *step.gates.values()):
            kept.retain_grad()
        steps.append(step)
    losses = [(functional.tanh(step.states["h"][0]) * weight[t]).sum() for t, step in enumerate(steps)]
    torch.stack(losses).sum().backward()

    def stacked(name: str, grad: bool = False) -> Floats:
        return np.array([(s.states[name].grad if grad else s.states[name])[0].detach().numpy() for s in steps])

    h, dh = stacked("h"), stacked("h", grad=True)
    lstm = "c" in kind.kind.states
    gates = {gate.symbol: np.array([s.gates[gate][0].detach().numpy() for s in steps]) for gate in kind.kind.gates}
    grad_gates = {gate.symbol: np.array([s.gates[gate].grad[0].numpy() for s in steps]) for gate in kind.kind.gates}
    carried = stacked("c", grad=True) if lstm else dh
    paths = gradient_paths(kind.kind, cell.W_hh.detach().numpy(), gates, grad_gates, carried)
    direct = weight.numpy() * (1 - np.tanh(h) ** 2)
    carried_back = np.sum([path for way, path in paths.items() if not (lstm and way == "belt")], axis=0)
    np.testing.assert_allclose(carried_back[1:], (dh - direct)[:-1], rtol=0, atol=1e-13)
    if lstm:
        o, dc = gates["o"], stacked("c", grad=True)
        np.testing.assert_allclose(
            paths["belt"][1:], (dc - dh * o * (1 - np.tanh(stacked("c")) ** 2))[:-1], rtol=0, atol=1e-13
        )


def _cell(kind: type[cells.Cell], gates: int) -> cells.Cell:
    shapes = {"W_ih": (gates * H, I), "W_hh": (gates * H, H), "b_ih": (gates * H,), "b_hh": (gates * H,)}
    return kind(**{k: torch.randn(s, dtype=torch.float64).mul(0.4).requires_grad_(True) for k, s in shapes.items()})


def _state() -> Tensor:
    return torch.randn(1, H, dtype=torch.float64)


def _named(run: cells.Unrolled, symbol: str) -> Floats:
    return next(v[:, 0].detach().numpy() for gate, v in run.gates.items() if gate.symbol == symbol)
