"""The optimiser: torch's own numbers to the last bit, without what torch's own brings with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import torch

from selfloop.train.adamw import WEIGHT_DECAY, AdamW


def test_the_numbers_are_those_of_torch() -> None:
    """Also where a weight has no gradient yet, whose first step comes later, and where the learning rate changes."""
    torch.manual_seed(0)
    start = [torch.randn(3, 5), torch.randn(7), torch.randn(2, 2, 2)]
    ours, theirs = ([w.clone().requires_grad_() for w in start] for _ in range(2))
    one, other = AdamW(ours, 0.03), torch.optim.AdamW(theirs, 0.03, weight_decay=WEIGHT_DECAY, fused=True)
    for step in range(12):
        for place, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            gradient = None if place == 1 and step < 4 else torch.randn(a.shape) * 10.0 ** (step - 6)
            a.grad, b.grad = gradient, gradient
        one.learning_rate = other.param_groups[0]["lr"] = 0.03 / (1 + step)
        one.step()
        other.step()
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True)), step
    assert not any(torch.equal(a, before) for a, before in zip(ours, start, strict=True))


def test_training_does_not_load_torchs_compiler() -> None:
    """Which takes longer than a small network trains, in each process."""
    lines = (
        "import sys",
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})",
        "from train_samples import made",
        "made('forecast', 'gru')",
        "print('torch._dynamo' in sys.modules)",
    )
    ran = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True)
    assert (ran.stdout, ran.returncode) == ("False\n", 0), ran.stderr
