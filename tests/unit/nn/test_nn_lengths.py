"""`lengths=`: what is refused, in which words; where the kernels cannot run; and that padding costs no time."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from selfloop import nn
from selfloop.errors import ShapeError

T, B, I, H = 5, 3, 7, 9  # noqa: E741 (the input size's letter)
LAYERS: dict[str, Any] = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "cho": lambda *sizes, **options: nn.GRU(*sizes, reset_after=False, **options),
}
each = pytest.mark.parametrize("kind", LAYERS)


def flat(returned: Any) -> list[Tensor]:
    outputs, last = returned
    return [outputs, *(last if isinstance(last, tuple) else (last,))]


EXPECTED = r"expected integers of shape \(3,\)\. Give the valid steps of each sequence\."
WRONG: list[tuple[Any, str]] = [
    ([1, 2], r"lengths are torch\.int64 of shape \(2,\); " + EXPECTED),
    ([1, 2, 3, 4], r"lengths are torch\.int64 of shape \(4,\); " + EXPECTED),
    ([], r"lengths are torch\.int64 of shape \(0,\); " + EXPECTED),
    (3, r"lengths are torch\.int64 of shape \(\); " + EXPECTED),
    ([[1, 2, 3]], r"lengths are torch\.int64 of shape \(1, 3\); " + EXPECTED),
    ([1.0, 2.0, 3.0], r"lengths are torch\.float32 of shape \(3,\); " + EXPECTED),
    ([True, False, True], r"lengths are torch\.bool of shape \(3,\); " + EXPECTED),
    (torch.ones(3, dtype=torch.complex64), r"lengths are torch\.complex64 of shape \(3,\); " + EXPECTED),
    (torch.ones(3, dtype=torch.int64, device="meta"), "lengths are on the meta device, without numbers; " + EXPECTED),
    ("abc", "lengths are 'abc'; " + EXPECTED),
    ([1, None, 2], r"lengths are \[1, None, 2\]; " + EXPECTED),
    ([2**70, 1, 2], r"lengths are \[1180591620717411303424, 1, 2\]; " + EXPECTED),
    ([1, -1, 2], r"lengths\[1\] is -1; expected 0 to 5, the steps of the input\. Give the valid steps"),
    ([1, 2, 6], r"lengths\[2\] is 6; expected 0 to 5, the steps of the input\. Give the valid steps"),
]


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(("lengths", "sentence"), WRONG, ids=[str(k) for k in range(len(WRONG))])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])  # the kernels; torch's own forward pass
def test_refused(lengths: Any, sentence: str, dtype: torch.dtype, batch_first: bool) -> None:
    x = torch.zeros((B, T, I) if batch_first else (T, B, I), dtype=dtype)
    for make in LAYERS.values():
        with pytest.raises(ShapeError, match=sentence):
            make(I, H, batch_first=batch_first, dtype=dtype)(x, lengths=lengths)


@each
def test_refused_with_what_has_no_padding(kind: str) -> None:
    layer = LAYERS[kind](I, H)
    with pytest.raises(ShapeError, match=r"lengths came with one unbatched sequence; expected padded input of shape"):
        layer(torch.zeros(T, I), lengths=[1])
    packed = pack_padded_sequence(torch.zeros(T, B, I), [5, 3, 2])
    with pytest.raises(ShapeError, match=r"lengths came with a PackedSequence, which has its own; expected padded"):
        layer(packed, lengths=[5, 3, 2])


@each
@pytest.mark.parametrize("lengths", [[4, 0, 5], (4, 0, 5), torch.tensor([4, 0, 5], dtype=torch.uint8)])
def test_integers_of_any_kind(kind: str, lengths: Any) -> None:
    torch.manual_seed(0)
    layer, x = LAYERS[kind](I, H, bidirectional=True), torch.randn(T, B, I)
    expected = layer(x, lengths=torch.tensor([4, 0, 5]))
    assert all(map(torch.equal, flat(layer(x, lengths=lengths)), flat(expected)))


@each
def test_an_empty_batch_has_no_lengths(kind: str) -> None:
    y, last = LAYERS[kind](I, H)(torch.zeros(T, 0, I), lengths=[])
    assert y.shape == (T, 0, H)
    assert flat((y, last))[1].shape == (1, 0, H)


@each
@pytest.mark.parametrize("given", [False, True])
def test_the_equations_obey_them(kind: str, given: bool) -> None:
    torch.manual_seed(0)
    layer = LAYERS[kind](I, H, num_layers=2, bidirectional=True, dtype=torch.float64)
    x, h0 = torch.randn(T, B, I, dtype=torch.float64), torch.randn(4, B, H, dtype=torch.float64)
    hx = None if not given else (h0, h0 + 1) if kind == "lstm" else h0
    expected = flat(layer(x, hx, lengths=[3, 0, 5]))
    by_equations = torch.func.vmap(lambda x: tuple(flat(layer(x, hx, lengths=[3, 0, 5]))))(x[None])
    assert layer.backend == "cells"
    for found, native in zip(by_equations, expected, strict=True):
        assert torch.allclose(found[0], native, rtol=0, atol=1e-13)


@each
def test_second_derivatives_with_a_sequence_of_no_steps(kind: str) -> None:
    torch.manual_seed(0)
    layer = LAYERS[kind](2, 3, dtype=torch.float64)
    x = torch.randn(4, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: layer(x, lengths=[2, 0, 4])[0], x)


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_torchs_own_forward_obeys_them(kind: str, batch_first: bool, given: bool) -> None:
    torch.manual_seed(0)
    layer = LAYERS[kind](I, H, num_layers=2, bidirectional=True, batch_first=batch_first, dtype=torch.bfloat16)
    wide = LAYERS[kind](I, H, num_layers=2, bidirectional=True, batch_first=batch_first)
    wide.load_state_dict(layer.state_dict())
    x = torch.randn((B, T, I) if batch_first else (T, B, I)).bfloat16()
    h0 = torch.randn(4, B, H).bfloat16()
    hx = None if not given else (h0, h0 + 1) if kind == "lstm" else h0
    wide_hx = None if not given else (h0.float(), (h0 + 1).float()) if kind == "lstm" else h0.float()
    found = flat(layer(x, hx, lengths=[3, 0, 5]))
    assert layer.backend == "torch"
    expected = flat(wide(x.float(), wide_hx, lengths=[3, 0, 5]))
    y = found[0] if not batch_first else found[0].transpose(0, 1)
    assert not y[:, 1].any()
    assert not y[3:, 0].any()
    for half, single in zip(found, expected, strict=True):
        assert half.dtype == torch.bfloat16
        assert (half.float() - single).abs().max() < 0.05  # 8 bits, a few steps, two layers


@each
def test_a_projection_obeys_them(kind: str) -> None:
    if kind != "lstm":
        return
    layer = nn.LSTM(I, H, proj_size=4, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    y, (h, c) = layer(x, lengths=[3, 0, 5])
    assert not y[3:, 0].any()
    assert not h[:, 1].any()
    assert not c[:, 1].any()
    assert torch.allclose(y[:, 2], layer(x[:, 2:])[0][:, 0])


# Padding lies on pages that whoever reads them does not survive.
GUARDED = """
import ctypes, mmap, sys
import numpy as np, torch
from selfloop import nn

WIDTH = 32  # of inputs and of the state
STEPS = mmap.PAGESIZE // (4 * WIDTH)  # on a page
T, LENGTHS = 3 * STEPS, (STEPS, 0, 2 * STEPS, 3 * STEPS)
NO_ACCESS = 0  # PROT_NONE

def guarded(fill):
    array = np.frombuffer(mmap.mmap(-1, len(LENGTHS) * 3 * mmap.PAGESIZE), np.float32)
    array = array.reshape(len(LENGTHS), T, WIDTH)
    array[:] = fill
    for padding in (row[length:] for row, length in zip(array, LENGTHS) if length < T):
        start, size = ctypes.c_void_p(padding.ctypes.data), ctypes.c_size_t(padding.nbytes)
        assert ctypes.CDLL(None).mprotect(start, size, NO_ACCESS) == 0
    return torch.from_numpy(array)

kind = {"rnn": nn.RNN, "lstm": nn.LSTM}.get(sys.argv[1], nn.GRU)
options = {"reset_after": False} if sys.argv[1] == "cho" else {}
layer = kind(WIDTH, WIDTH, batch_first=True, **options)
layer(guarded(0.25), lengths=LENGTHS)[0].backward(guarded(1.0))
print(layer.backend, all(bool(weight.grad.any()) for weight in layer.parameters()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="pages are protected otherwise there")
@each
def test_padding_is_not_even_read(kind: str) -> None:
    """Which is why it costs no time."""
    ran = subprocess.run([sys.executable, "-c", GUARDED, kind], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "native True\n"), ran.stderr


@each
@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_whatever_the_default_device(kind: str, device: str) -> None:
    layer, x = LAYERS[kind](32, 64), torch.randn(50, 16, 32)
    with torch.device(device):
        y, _ = layer(x, lengths=[20] * 16)
        y.sum().backward()
    assert y.device.type == "cpu"
    assert layer.weight_hh_l0.grad is not None
