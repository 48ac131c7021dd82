"""The GRU with reset before the product, against a transcription of its paper in NumPy, element by element.

Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder", section 2.3, equations 5 to 8:

    r_j = σ([W_r x]_j + [U_r h⟨t−1⟩]_j)                    (5)
    z_j = σ([W_z x]_j + [U_z h⟨t−1⟩]_j)                    (6)
    h⟨t⟩_j = z_j h⟨t−1⟩_j + (1 − z_j) h̃⟨t⟩_j               (7)
    h̃⟨t⟩_j = φ([W x]_j + [U (r ⊙ h⟨t−1⟩)]_j)               (8)

φ is tanh. The paper has no biases; ours are added inside each σ and φ.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from cell_cases import LENGTHS, B, H, T, make
from numpy.typing import NDArray

from selfloop.cells import GRU, ChoGRU, run_layers

Array = NDArray[np.float64]
EXACT = 1e-12  # as for the other cells; see test_cells_torch.py


def sigma(a: float) -> float:
    return 1 / (1 + math.exp(-a))


def paper_step(x: Array, h_before: Array, weights: dict[str, Array]) -> Array:
    """One step of one sequence, x (I,), h_before (H,)."""
    size = len(h_before)
    W_r, W_z, W = weights["weight_ih"][:size], weights["weight_ih"][size : 2 * size], weights["weight_ih"][2 * size :]
    U_r, U_z, U = weights["weight_hh"][:size], weights["weight_hh"][size : 2 * size], weights["weight_hh"][2 * size :]
    b = weights.get("bias_ih", np.zeros(3 * size)) + weights.get("bias_hh", np.zeros(3 * size))
    r = np.array([sigma((W_r @ x)[j] + (U_r @ h_before)[j] + b[j]) for j in range(size)])
    h = np.empty(size)
    for j in range(size):
        z_j = sigma((W_z @ x)[j] + (U_z @ h_before)[j] + b[size + j])
        candidate_j = math.tanh((W @ x)[j] + (U @ (r * h_before))[j] + b[2 * size + j])
        h[j] = z_j * h_before[j] + (1 - z_j) * candidate_j
    return h


def paper_layers(
    x: Array, h0: Array, weights: dict[str, Array], lengths: tuple[int, ...], layers: int, suffixes: list[str]
) -> tuple[Array, Array]:
    """Stacked layers, sequence by sequence: outputs (T, B, D*H), zeros beyond an end, and last states (L*D, B, H)."""
    last = np.empty_like(h0)
    for layer in range(layers):
        y = np.zeros((*x.shape[:2], H * len(suffixes)))
        for d, suffix in enumerate(suffixes):
            k, ending = layer * len(suffixes) + d, f"_l{layer}{suffix}"
            own = {name.removesuffix(ending): weight for name, weight in weights.items() if name.endswith(ending)}
            for sequence, length in enumerate(lengths):
                h = h0[k, sequence]
                for t in reversed(range(length)) if suffix else range(length):
                    h = paper_step(x[t, sequence], h, own)
                    y[t, sequence, d * H : (d + 1) * H] = h
                last[k, sequence] = h
        x = y
    return x, last


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bias", [True, False])
def test_layers_are_the_papers(layers: int, both: bool, bias: bool, lengths: tuple[int, ...] | None) -> None:
    case = make(ChoGRU, layers, both, bias)
    weights = {name: weight.numpy() for name, weight in case.weights.items()}
    suffixes = ["", "_reverse"] if both else [""]
    outputs, last = paper_layers(case.x.numpy(), case.h0.numpy(), weights, lengths or (T,) * B, layers, suffixes)
    given = None if lengths is None else torch.tensor(lengths)
    ran = run_layers(ChoGRU, case.weights, case.x, h0=case.h0, lengths=given)
    assert np.abs(ran.outputs.numpy() - outputs).max() <= EXACT
    assert np.abs(ran.last["h"].numpy() - last).max() <= EXACT


def test_the_two_variants_differ() -> None:
    case = make(ChoGRU)
    before = run_layers(ChoGRU, case.weights, case.x, h0=case.h0)
    after = run_layers(GRU, case.weights, case.x, h0=case.h0)
    assert (before.outputs - after.outputs).abs().max() > 1e-3


def test_the_candidates_recurrent_bias_is_not_reset() -> None:
    case = make(ChoGRU)
    moved = dict(case.weights)
    moved["bias_ih_l0"] = case.weights["bias_ih_l0"] + 0.3
    moved["bias_hh_l0"] = case.weights["bias_hh_l0"] - 0.3
    same = (
        run_layers(ChoGRU, moved, case.x, h0=case.h0).outputs
        - run_layers(ChoGRU, case.weights, case.x, h0=case.h0).outputs
    )
    assert same.abs().max() <= EXACT
