"""What does not change a bit of a result: properties of whole layers, drawn at random.

The native code's own bits, across instruction sets, are in tests/unit/kernels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from selfloop import nn
from selfloop.kernels.native import native

KIND = {"tanh": 0, "relu": 1, "lstm": 2, "gru": 3, "cho": 4}


@dataclass(frozen=True)
class Drawn:
    """A layer and its input."""

    kind: str
    double: bool
    both: bool
    T: int
    B: int
    I: int  # noqa: E741
    H: int
    seed: int

    def layer(self, **options: Any) -> Any:
        torch.manual_seed(self.seed)
        options |= {"bidirectional": self.both, "dtype": torch.float64 if self.double else torch.float32}
        if self.kind in ("tanh", "relu"):
            return nn.RNN(self.I, self.H, nonlinearity=self.kind, **options)
        if self.kind == "lstm":
            return nn.LSTM(self.I, self.H, **options)
        return nn.GRU(self.I, self.H, reset_after=self.kind == "gru", **options)

    @property
    def x(self) -> Tensor:
        torch.manual_seed(self.seed + 1)
        return torch.randn(self.T, self.B, self.I, dtype=torch.float64 if self.double else torch.float32)


# Sizes on both sides of a vector (4 to 16 numbers), of the rows that the kernels take at once (3 to 8), and, the last
# ones, large enough for several threads.
drawn = st.builds(
    Drawn,
    kind=st.sampled_from(sorted(KIND)),
    double=st.booleans(),
    both=st.booleans(),
    T=st.integers(1, 9),
    B=st.sampled_from([1, 2, 3, 5, 8, 13, 32, 64]),
    I=st.integers(1, 20),
    H=st.sampled_from([1, 3, 8, 15, 16, 17, 33, 64, 150]),
    seed=st.integers(0, 2**16),
)
property_of = settings(max_examples=60)


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def flat(returned: Any) -> list[Tensor]:
    outputs, last = returned
    return [outputs, *(last if isinstance(last, tuple) else (last,))]


def same(a: list[Tensor], b: list[Tensor]) -> bool:
    return all(map(torch.equal, a, b))


def lengths_of(case: Drawn, data: Any) -> dict[str, Any]:
    """All steps, or any number of each sequence."""
    if data.draw(st.booleans()):
        return {}
    return {"lengths": data.draw(st.lists(st.integers(0, case.T), min_size=case.B, max_size=case.B))}


def gradients(layer: Any, x: Tensor, **options: Any) -> list[Tensor]:
    x = x.clone().requires_grad_()
    returned = flat(layer(x, **options))
    torch.manual_seed(5)
    total = sum((part * torch.randn_like(part)).sum() for part in returned)
    assert isinstance(total, Tensor)
    return [*returned, *torch.autograd.grad(total, [x, *layer.parameters()])]


@property_of
@given(drawn, st.integers(2, 4), st.data())
def test_threads_change_nothing(case: Drawn, count: int, data: Any) -> None:
    layer, options, found = case.layer(), lengths_of(case, data), []
    for number in (1, count):
        with threads(number):
            found.append(gradients(layer, case.x, **options))
    assert same(*found)


@property_of
@given(drawn, st.data())
def test_recomputing_changes_nothing(case: Drawn, data: Any) -> None:
    options = lengths_of(case, data)
    assert same(gradients(case.layer(), case.x, **options), gradients(case.layer(recompute=True), case.x, **options))


@property_of
@given(drawn)
def test_keeping_changes_nothing(case: Drawn) -> None:
    layer = case.layer()
    with torch.no_grad():
        assert same(flat(layer(case.x)), [part.detach() for part in flat(layer(case.x))])
    kept = [part.detach() for part in flat(layer(case.x))]
    with torch.no_grad():
        assert same(flat(layer(case.x)), kept)


@property_of
@given(drawn, st.data())
def test_a_sequence_does_not_see_its_batch(case: Drawn, data: Any) -> None:
    layer, x = case.layer(), case.x
    with torch.no_grad():
        together = flat(layer(x))
        order = torch.tensor(data.draw(st.permutations(range(case.B))))
        cut = data.draw(st.integers(0, case.B))
        parts = [flat(layer(x[:, rows])) for rows in (order[:cut], order[cut:]) if len(rows)]
    apart = [torch.cat(pieces, dim=1) for pieces in zip(*parts, strict=True)]
    assert same([part[:, order] for part in together], apart)


@property_of
@given(drawn, st.data())
def test_padding_changes_nothing(case: Drawn, data: Any) -> None:
    layer, x = case.layer(), case.x
    lengths = torch.tensor(data.draw(st.lists(st.integers(1, case.T), min_size=case.B, max_size=case.B)))
    more = torch.cat([x, torch.full_like(x[:2], torch.nan)])
    for b, length in enumerate(lengths.tolist()):
        more[length:, b] = torch.nan
    with torch.no_grad():
        y, *last = flat(layer(more, lengths=lengths))
        packed, ended = layer(pack_padded_sequence(x, lengths, enforce_sorted=False))
        alone = [flat(layer(x[: lengths[b], b : b + 1])) for b in range(case.B)]
    padded, _ = pad_packed_sequence(packed, total_length=len(more))
    assert same([y, *last], flat((padded, ended)))
    assert same(last, [torch.cat(states, dim=1) for states in zip(*(found[1:] for found in alone), strict=True)])
    for b, (outputs, *_) in enumerate(alone):
        assert torch.equal(y[: len(outputs), b], outputs[:, 0])
        assert not y[len(outputs) :, b].any()


@property_of
@given(drawn)
def test_one_step_at_a_time_changes_nothing(case: Drawn) -> None:
    layer, x = case.layer(), case.x
    with torch.no_grad():
        expected = flat(layer(x))
        if case.both:
            return
        hx, outputs = None, []
        for step in x:
            y, hx = layer(step[None], hx)
            outputs.append(y)
    assert same([torch.cat(outputs), *(hx if isinstance(hx, tuple) else (hx,))], expected)
    weights = [weight.detach().numpy() for weight in layer.parameters()]
    step = native.Step(KIND[case.kind], *weights)
    one = case.x[:, :1].numpy()
    h = np.zeros((1, case.H), one.dtype)
    c = np.zeros_like(h) if case.kind == "lstm" else None
    for t in range(case.T):
        step.step(one[t], h, c)
        assert np.array_equal(h, expected[0][t, :1].numpy())
