"""Every layer, whatever runs it, computes what the cells define: layouts, depths, directions, biases, dtypes.

The cells themselves are tested against torch and the papers; here they are the oracle for all that may run in a layer.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from selfloop import nn
from selfloop.cells import GRU, LSTM, RNN, Cell, ChoGRU, Layers, ReluRNN, run_layers

T, B, I, H = 5, 3, 7, 17  # noqa: E741 (the input size's letter)
LENGTHS = torch.tensor([2, 5, 3])
LAYERS: dict[type[Cell], Any] = {
    RNN: lambda **options: nn.RNN(I, H, **options),
    ReluRNN: lambda **options: nn.RNN(I, H, nonlinearity="relu", **options),
    LSTM: lambda **options: nn.LSTM(I, H, **options),
    GRU: lambda **options: nn.GRU(I, H, **options),
    ChoGRU: lambda **options: nn.GRU(I, H, reset_after=False, **options),
}
# Float64: the a-priori bound in the cells' tests. Float32: the same bound is 2^29 times larger, 1.3e-4 at the sizes and
# weights here; a wrong equation is off by 1e-2 and more.
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1.3e-4}


def tensors(returned: Any) -> list[Tensor]:
    """Outputs and last states, one after the other."""
    outputs, last = returned
    return [outputs, *(last if isinstance(last, tuple) else (last,))]


def batched(layer: Any, x: Tensor, hx: Any) -> list[Tensor]:
    if not layer.batch_first:
        return tensors(layer(x, hx))
    outputs, *last = tensors(layer(x.transpose(0, 1), hx))
    return [outputs.transpose(0, 1), *last]


def unbatched(layer: Any, x: Tensor, hx: Any) -> list[Tensor]:
    """Each sequence alone."""
    found = []
    for k in range(B):
        own = tuple(state[:, k] for state in hx) if isinstance(hx, tuple) else hx[:, k]
        found.append(tensors(layer(x[:, k], own)))
    return [torch.stack(parts, dim=1) for parts in zip(*found, strict=True)]


def packed(layer: Any, x: Tensor, hx: Any) -> list[Tensor]:
    outputs, last = layer(pack_padded_sequence(x, LENGTHS, enforce_sorted=False), hx)
    return tensors((pad_packed_sequence(outputs)[0], last))


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("way", [batched, unbatched, packed])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_is_its_cells(
    kind: type[Cell], layers: int, both: bool, bias: bool, batch_first: bool, way: Any, dtype: torch.dtype
) -> None:
    torch.manual_seed(0)
    layer = LAYERS[kind](num_layers=layers, bidirectional=both, bias=bias, batch_first=batch_first, dtype=dtype)
    with torch.no_grad():
        for weight in layer.parameters():
            weight *= 0.5  # as for the bound
    x = torch.empty(T, B, I, dtype=dtype).uniform_(-2, 2)
    starts = [torch.empty(layers * (1 + both), B, H, dtype=dtype).uniform_(-1, 1) for _ in kind.kind.states]
    found = way(layer, x, tuple(starts) if len(starts) > 1 else starts[0])
    ran = expected(kind, layer, x, starts, LENGTHS if way is packed else None)
    for value, exact in zip(found, [ran.outputs, *ran.last.values()], strict=True):
        assert value.dtype == dtype
        assert value.shape == exact.shape
        assert (value - exact).abs().max() <= TOLERANCE[dtype]


def expected(kind: type[Cell], layer: Any, x: Tensor, starts: list[Tensor], lengths: Tensor | None) -> Layers:
    """The cells' answer, in float64."""
    weights = {name: weight.double() for name, weight in layer.state_dict().items()}
    given: dict[str, Any] = {f"{name}0": state.double() for name, state in zip(kind.kind.states, starts, strict=True)}
    return run_layers(kind, weights, x.double(), lengths=lengths, **given)
