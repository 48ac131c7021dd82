"""Numbers too small to be normal count as zero inside the kernels, and outside as the user's threads had it before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from selfloop import nn


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
    torch.set_flush_denormal(False)


def denormals() -> torch.Tensor:
    """So many of them that all of torch's threads take a part."""
    return torch.full((1 << 20,), 1e-38) * 0.01


def call_with_threads() -> None:
    x = torch.randn(10, 128, 32, requires_grad=True)  # enough work for two threads, there and back
    nn.LSTM(32, 128)(x)[0].sum().backward()


@pytest.mark.usefixtures("two_threads")
def test_torchs_threads_keep_small_numbers() -> None:
    assert (denormals() > 0).all()
    call_with_threads()
    assert (denormals() > 0).all()


@pytest.mark.usefixtures("two_threads")
def test_a_user_who_flushes_goes_on_flushing() -> None:
    if not torch.set_flush_denormal(True):
        pytest.fail("this processor cannot flush small numbers, and the kernels count on it")
    call_with_threads()
    assert not (torch.full((8,), 1e-38) * 0.01).any()
