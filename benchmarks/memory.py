"""What training keeps for the way back, in bytes a step: the table in docs/kernels.md.

    python benchmarks/memory.py            # prints the table
    python benchmarks/memory.py --write    # and puts it into docs/kernels.md

Measured in two ways that know nothing of each other. *Saved* is what autograd is asked to keep, seen through
`torch.autograd.graph.saved_tensors_hooks`: the storages of all saved tensors, each once, without weights, input and
output. *Resident* is what the operating system counts, in a fresh process each: pages after the forward pass and at the
most during a training step, less those before, at two lengths; the difference is what one more step costs, all of it:
output, gradients and the allocator's habits too.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from tables import put
from torch import Tensor

from selfloop import nn

PAGE = Path(__file__).resolve().parent.parent / "docs" / "kernels.md"
BATCH, INPUTS, HIDDEN = 32, 64, 128
STEPS = (200, 1000)
VECTOR = BATCH * HIDDEN * 4  # bytes of one number for each unit and sequence

LAYERS: dict[str, tuple[str, str, Callable[[], torch.nn.RNNBase]]] = {
    "rnn torch": ("RNN", "torch", lambda: torch.nn.RNN(INPUTS, HIDDEN)),
    "rnn": ("RNN", "selfloop", lambda: nn.RNN(INPUTS, HIDDEN)),
    "rnn recompute": ("RNN", "selfloop, recompute", lambda: nn.RNN(INPUTS, HIDDEN, recompute=True)),
    "gru torch": ("GRU", "torch", lambda: torch.nn.GRU(INPUTS, HIDDEN)),
    "gru": ("GRU", "selfloop", lambda: nn.GRU(INPUTS, HIDDEN)),
    "gru recompute": ("GRU", "selfloop, recompute", lambda: nn.GRU(INPUTS, HIDDEN, recompute=True)),
    "cho": ("GRU, reset before", "selfloop", lambda: nn.GRU(INPUTS, HIDDEN, reset_after=False)),
    "cho recompute": (
        "GRU, reset before",
        "selfloop, recompute",
        lambda: nn.GRU(INPUTS, HIDDEN, reset_after=False, recompute=True),
    ),
    "lstm torch": ("LSTM", "torch", lambda: torch.nn.LSTM(INPUTS, HIDDEN)),
    "lstm": ("LSTM", "selfloop", lambda: nn.LSTM(INPUTS, HIDDEN)),
    "lstm recompute": ("LSTM", "selfloop, recompute", lambda: nn.LSTM(INPUTS, HIDDEN, recompute=True)),
}


def saved(make: Callable[[], torch.nn.RNNBase], steps: int) -> int:
    """Bytes of the storages that autograd keeps, without weights, input and output."""
    layer, x = make(), torch.randn(steps, BATCH, INPUTS)
    kept: dict[int, Tensor] = {}  # holds them, so that no address comes twice

    def pack(tensor: Tensor) -> Tensor:
        kept.setdefault(tensor.untyped_storage().data_ptr(), tensor.detach())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        y, _ = layer(x)
    others = {tensor.untyped_storage().data_ptr() for tensor in (*layer.parameters(), x, y)}
    return sum(tensor.untyped_storage().nbytes() for place, tensor in kept.items() if place not in others)


def status(name: str) -> int:
    """Bytes from the process's own page in /proc: VmRSS now, VmHWM at the most."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def resident(make: Callable[[], torch.nn.RNNBase], steps: int) -> dict[str, int]:
    """Bytes that the process grew by: after forward, and at the most during a training step. For a fresh process."""
    torch.set_num_threads(1)
    warm, x, dy = make(), torch.randn(steps, BATCH, INPUTS), torch.randn(steps, BATCH, HIDDEN)
    warm(x[:3])[0].backward(dy[:3])  # loads what is loaded on the first call
    layer = make()
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # VmHWM starts anew
    y, _ = layer(x)
    after = status("VmRSS") - before
    y.backward(dy)
    return {"forward": after, "peak": status("VmHWM") - before}


def slopes(name: str) -> dict[str, float]:
    """Bytes that one more step costs, from fresh processes at two lengths."""
    found = []
    for steps in STEPS:
        command = [sys.executable, __file__, "--child", name, "--steps", str(steps)]
        found.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return {key: (found[1][key] - found[0][key]) / (STEPS[1] - STEPS[0]) for key in found[0]}


def table() -> str:
    """The table."""
    linux = platform.system() == "Linux"
    lines = ["| cell | layer | saved, bytes a step | of B·H numbers | resident after forward | at the most |"]
    lines.append("|---|---|---|---|---|---|")
    for name, (cell, layer, make) in LAYERS.items():
        kept = (saved(make, STEPS[1]) - saved(make, STEPS[0])) / (STEPS[1] - STEPS[0])
        grown = slopes(name) if linux else {}
        pages = [f"{grown[key]:,.0f}" if key in grown else "" for key in ("forward", "peak")]
        lines.append(f"| {cell} | {layer} | {kept:,.0f} | {kept / VECTOR:.2f} | {' | '.join(pages)} |")
    note = "" if linux else " Resident pages are read from /proc, which only Linux has."
    sizes = f"B = {BATCH}, I = {INPUTS}, H = {HIDDEN}, float32; B·H numbers are {VECTOR:,} bytes."
    lines += ["", f"{sizes} From {STEPS[0]} and {STEPS[1]:,} steps; torch {torch.__version__}.{note}"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table into docs/kernels.md")
    parser.add_argument("--child", choices=LAYERS, help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(resident(LAYERS[given.child][2], given.steps)))
        return
    text = table()
    print(text)
    if given.write:
        put(PAGE, "memory", text)


if __name__ == "__main__":
    main()
