"""The pool: memory comes back when its tensor dies, and never while anybody still looks at it."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch

import selfloop
from selfloop import nn
from selfloop.kernels.pool import POOL, SMALLEST, Pool

F32 = torch.float32
SIZE = SMALLEST // 4  # float32 numbers of the smallest storage that is pooled


def test_memory_comes_back_when_its_tensor_dies() -> None:
    pool = Pool()
    first = pool.take(SIZE, F32)
    address = first.data_ptr()
    second = pool.take(SIZE, F32)
    assert second.data_ptr() != address
    del first
    assert pool.take(SIZE, F32).data_ptr() == address
    assert pool.nbytes == 2 * SMALLEST


@pytest.mark.parametrize("look", [lambda t: t[3:5], lambda t: t.numpy(), lambda t: t.detach(), lambda t: t.view(2, -1)])
def test_a_view_holds_it(look: Any) -> None:
    pool = Pool()
    taken = pool.take(SIZE, F32)
    address, view = taken.data_ptr(), look(taken)
    del taken
    assert pool.take(SIZE, F32).data_ptr() != address
    del view
    assert pool.take(SIZE, F32).data_ptr() == address


def test_another_dtype_and_a_little_less_fit() -> None:
    pool = Pool()
    address = pool.take(SIZE, F32).data_ptr()
    double = pool.take(SIZE // 2, torch.float64)
    assert (double.data_ptr(), double.shape, double.dtype) == (address, (SIZE // 2,), torch.float64)
    del double
    large = pool.take(10 * SIZE, F32)
    assert large.data_ptr() != address
    del large
    assert pool.take(9 * SIZE, F32).untyped_storage().nbytes() == 10 * SMALLEST
    assert pool.take(2 * SIZE, F32).untyped_storage().nbytes() == 2 * SMALLEST  # ten times as much would be waste


def test_small_and_huge_are_the_allocators() -> None:
    pool = Pool(most=4 * SMALLEST)
    assert pool.take(SIZE - 1, F32).shape == (SIZE - 1,)
    assert pool.take(4 * SIZE + 1, F32).shape == (4 * SIZE + 1,)
    assert pool.nbytes == 0


def test_it_holds_no_more_than_it_may() -> None:
    pool = Pool(most=4 * SMALLEST)
    held = [pool.take(SIZE, F32) for _ in range(10)]
    assert pool.nbytes == 4 * SMALLEST
    assert len({tensor.data_ptr() for tensor in held}) == 10
    few = Pool(count=3)
    held += [few.take(SIZE, F32) for _ in range(10)]
    assert few.nbytes == 3 * SMALLEST
    for k, tensor in enumerate(held):
        tensor.fill_(k)
    assert [int(tensor[-1]) for tensor in held] == list(range(20))


def test_shared_memory_is_not_handed_out() -> None:
    pool = Pool()
    taken = pool.take(SIZE, F32)
    taken.share_memory_()
    address = taken.data_ptr()
    del taken
    assert pool.take(SIZE, F32).data_ptr() != address


def test_threads_never_get_the_same() -> None:
    pool, clashes = Pool(), []
    start = threading.Barrier(4)

    def work(number: int) -> None:
        start.wait()
        for k in range(300):
            mine = pool.take(SIZE, F32)
            mine[::1024] = number
            if not bool((mine[::1024] == number).all()):
                clashes.append(k)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert not clashes
    assert pool.nbytes <= 8 * SMALLEST  # each thread has one, and for a moment the next


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_forked_while_a_thread_takes() -> None:
    pool = Pool()
    with pool._lock:
        child = os.fork()
        if child == 0:
            os._exit(int(pool._lock.locked()))  # for ever: whoever holds it is not here
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_training_goes_round_in_the_same_memory(kind: Any) -> None:
    layer, x = kind(16, 64), torch.randn(50, 8, 16)

    def step() -> int:
        y = layer(x)[0]
        kept = y.grad_fn.saved_tensors[1]
        y.sum().backward()
        return int(kept.data_ptr())

    addresses = {step() for _ in range(5)}
    before = POOL.nbytes
    assert len(addresses) == 1
    for _ in range(5):
        step()
    assert POOL.nbytes == before


def test_large_outputs_are_whole_tensors_that_nobody_has_written_to() -> None:
    """A view, or a count of writes above 0, would make backward run forward again."""
    pool = Pool()
    first = pool.output((3, 128, 1024), torch.float32)
    assert first.is_contiguous()
    assert first._base is None
    assert first._version == 0
    address = first.data_ptr()
    second = pool.output((3, 128, 1024), torch.float32)
    assert second.data_ptr() != address
    del first
    assert pool.output((128, 3, 1024), torch.float32).data_ptr() == address


def test_outputs_that_are_held_keep_their_numbers() -> None:
    torch.manual_seed(0)
    layer, x = selfloop.nn.GRU(3, 64), torch.randn(200, 64, 3)
    held = [layer(x)[0].detach() for _ in range(3)]
    views = [layer(x)[0][5:, 1].detach().numpy() for _ in range(3)]
    with torch.no_grad():
        layer(x * 2)
    assert all(torch.equal(held[0], each) for each in held)
    assert all((views[0] == each).all() for each in views)
    assert (held[0][5:, 1].numpy() == views[0]).all()
