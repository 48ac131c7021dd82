"""What the training loop costs over the layer that it trains: the table in docs/training.md.

    python benchmarks/loop_overhead.py            # prints the table, and fails where a step costs 1 ms or more
    python benchmarks/loop_overhead.py --write    # and puts it into docs/training.md

One process, one thread. An epoch of the loop (layer, head, masked loss, backward, clipping, AdamW, running average,
state carried over) and as many forward and backward passes of the bare layer, and of the bare layer and head, on the
same inputs take turns, so that whatever else the machine does hits all; medians of the processor time over all rounds.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tables import put
from torch import Tensor, nn

from selfloop.data import load
from selfloop.kinds import default_kinds
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.material import fold_material
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.forecast.variants import Variant
from selfloop.tasks.model import Signature
from selfloop.tasks.places import Block
from selfloop.train.carried import CarriedProblem
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.loop import Learner
from selfloop.train.network import Network

PAGE = Path(__file__).resolve().parent.parent / "docs" / "training.md"
BATCH, WINDOW, HIDDEN, HORIZON, SEASON, CHUNKS = 32, 120, 64, 12, 12, 4
MOST = 1.0  # milliseconds a step
LABELS = {kind.name: kind.label for kind in default_kinds()}


def problem(kind: str) -> CarriedProblem:
    """Thirty-two series, each a few windows long: so each update is one batch of one window."""
    rng, fit = np.random.default_rng(0), np.full(BATCH, CHUNKS * WINDOW)
    data = load([rng.normal(size=CHUNKS * WINDOW + 2 * HORIZON).cumsum() for _ in range(BATCH)])
    block, task = Block(fit, fit + 1), Forecast(HORIZON, SEASON)
    fold = ForecastFold(0, fit, block, fit + HORIZON, block)
    material = fold_material(task, data, fold, Variant("both", log=False, skip=False), WINDOW)
    torch.manual_seed(0)
    encoder = RecurrentEncoder(kind, material.inputs.shape[1], HIDDEN, layers=1, both=False)
    encoder.initialise(WINDOW, "chrono")
    output = task.output(Signature.of(data))
    return CarriedProblem(Network(encoder, "step", output), output, material, WINDOW)


def bare(network: nn.Module, windows: list[Tensor]) -> None:
    """Forward and backward alone, of a layer or of a network, the state carried over."""
    state = None
    for x in windows:
        for weight in network.parameters():
            weight.grad = None
        y, state = network(x, state)
        y.sum().backward()
        state = _detached(state)


def _detached(state: Any) -> Any:
    return state.detach() if isinstance(state, Tensor) else type(state)(_detached(s) for s in state)


def seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def measure(kind: str, rounds: int) -> tuple[float, float, float]:
    """Milliseconds a step: the bare layer's, the bare network's (layer and head), the loop's."""
    whole, alone = problem(kind), problem(kind)
    learner, rng = Learner(whole, 1e-3), np.random.default_rng(0)
    index = torch.from_numpy(alone.rows.start) + torch.arange(CHUNKS * WINDOW)[:, None]
    windows, network = list(alone.inputs[index].split(WINDOW)), alone.network
    assert isinstance(network, Network)
    encoder: Any = network.encoder
    layer = encoder.layers[0]
    turns = (
        lambda: bare(layer, windows),
        lambda: bare(network, windows),
        lambda: learner.epoch(rng),
    )
    times = np.array([[seconds(turn) for turn in turns] for _ in range(rounds + 3)])[3:]  # the first ones warm up
    assert learner.updates == (rounds + 3) * CHUNKS, "an update is a window"
    layer_time, network_time, loop_time = np.median(times, axis=0) / CHUNKS * 1e3
    return float(layer_time), float(network_time), float(loop_time)


def table(rounds: int) -> tuple[str, float]:
    """The table, and the largest cost of the loop over the network's in it."""
    lines = ["| network | layer alone, ms | layer and head, ms | a step of the loop, ms | the loop's own, ms |"]
    lines.append("|---|---|---|---|---|")
    most = 0.0
    for kind, label in LABELS.items():
        layer, network, loop = measure(kind, rounds)
        lines.append(f"| {label} | {layer:.2f} | {network:.2f} | {loop:.2f} | {loop - network:.2f} |")
        most = max(most, loop - network)
    lines += ["", f"{platform.machine()}, one thread, torch {torch.__version__}, medians of {rounds} rounds."]
    return "\n".join(lines), most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--write", action="store_true", help="put the table into docs/training.md")
    given = parser.parse_args()
    torch.set_num_threads(1)
    text, most = table(given.rounds)
    print(text)
    if given.write:
        put(PAGE, "loop-overhead", text)
    if most >= MOST:
        sys.exit(f"The loop's own cost is {most:.2f} ms a step; expected less than {MOST:g} ms.")


if __name__ == "__main__":
    main()
