"""Two processes with gloo train an accelerated model as one process trains on both halves."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import Any

import pytest
import torch
from torch import distributed, multiprocessing

import selfloop

T, B, I, H = 5, 4, 7, 9  # noqa: E741 (the input size's letter)
PATIENCE = timedelta(seconds=200)  # for what hangs: a busy machine takes long to start two processes


def model_and_batch() -> tuple[torch.nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    model = torch.nn.LSTM(I, H, num_layers=2)
    return selfloop.accelerate(model), torch.randn(T, B, I)


def worker(rank: int, port: int, found: Any) -> None:
    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    distributed.init_process_group("gloo", rank=rank, world_size=2, timeout=PATIENCE)
    model, x = model_and_batch()
    parallel = torch.nn.parallel.DistributedDataParallel(model)
    half = slice(rank * B // 2, (rank + 1) * B // 2)
    parallel(x[:, half])[0].square().mean().backward()
    if rank == 0:
        found.put([weight.grad.tolist() for weight in model.parameters() if weight.grad is not None])
    distributed.destroy_process_group()


@pytest.mark.skipif(not distributed.is_available(), reason="this torch has no distributed package")
def test_two_processes() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    found = context.Queue()
    processes = [context.Process(target=worker, args=(rank, port, found), daemon=True) for rank in range(2)]
    for process in processes:
        process.start()
    gradients = found.get(timeout=PATIENCE.total_seconds())
    for process in processes:
        process.join(PATIENCE.total_seconds())
        assert process.exitcode == 0
    model, x = model_and_batch()
    model(x)[0].square().mean().backward()
    for weight, gradient in zip(model.parameters(), gradients, strict=True):
        assert weight.grad is not None
        assert torch.allclose(weight.grad, torch.tensor(gradient), atol=1e-6)
