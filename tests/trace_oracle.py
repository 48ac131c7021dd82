"""Recurrent layers written out unit by unit, a sequence and a step at a time, with autograd watching every gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from selfloop import nn

LAYERS: dict[str, Any] = {
    "RNN": nn.RNN,
    "RNN, relu": lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options),
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
    "GRU, reset before": lambda *sizes, **options: nn.GRU(*sizes, reset_after=False, **options),
}
GATES = {
    "RNN": (),
    "RNN, relu": (),
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("reset", "update", "candidate"),
    "GRU, reset before": ("reset", "update", "candidate"),
}


@dataclass
class Reading:
    """A layer in one direction: of each (step, sequence), its values, whose gradients are kept."""

    shape: tuple[int, int, int]
    seen: dict[str, dict[tuple[int, int], Tensor]] = field(default_factory=dict)

    def keep(self, place: tuple[int, int], **values: Tensor) -> None:
        for name, value in values.items():
            value.retain_grad()
            self.seen.setdefault(name, {})[place] = value

    def values(self, name: str) -> Tensor:
        return self._whole({place: value.detach() for place, value in self.seen.get(name, {}).items()})

    def gradients(self, name: str) -> Tensor:
        found = {place: value.grad for place, value in self.seen.get(name, {}).items()}
        return self._whole({place: grad for place, grad in found.items() if grad is not None})

    def _whole(self, rows: dict[tuple[int, int], Tensor]) -> Tensor:
        """Zeros where there was no step."""
        whole = torch.zeros(self.shape, dtype=torch.float64)
        for (t, b), row in rows.items():
            whole[t, b] = row
        return whole


def step(kind: str, weights: Sequence[Tensor], x: Tensor, h: Tensor, c: Tensor) -> dict[str, Tensor]:
    """The textbook's formulas for one sequence; all gates, and the new states."""
    W, U, b, b2 = weights
    n = len(h)
    from_x = [W[k * n : (k + 1) * n] @ x + b[k * n : (k + 1) * n] for k in range(len(W) // n)]
    from_h = [U[k * n : (k + 1) * n] @ h + b2[k * n : (k + 1) * n] for k in range(len(W) // n)]
    if kind.startswith("RNN"):
        total = from_x[0] + from_h[0]
        return {"h": total.clamp(min=0) if kind == "RNN, relu" else torch.tanh(total)}
    if kind == "LSTM":
        totals = [left + right for left, right in zip(from_x, from_h, strict=True)]
        i, f, o = (torch.sigmoid(totals[k]) for k in (0, 1, 3))
        g = torch.tanh(totals[2])
        c = f * c + i * g
        return {"input": i, "forget": f, "candidate": g, "output": o, "c": c, "h": o * torch.tanh(c)}
    r, z = torch.sigmoid(from_x[0] + from_h[0]), torch.sigmoid(from_x[1] + from_h[1])
    inner = r * from_h[2] if kind == "GRU" else U[2 * n :] @ (r * h) + b2[2 * n :]
    candidate = torch.tanh(from_x[2] + inner)
    return {"reset": r, "update": z, "candidate": candidate, "h": (1 - z) * candidate + z * h}


def read(
    kind: str,
    layer: Any,
    x: Tensor,  # (T, B, I)
    lengths: Sequence[int],
    h0: Tensor,  # (L*D, B, H)
    c0: Tensor,
) -> tuple[Tensor, Tensor, Tensor, list[Reading]]:
    """Outputs (T, B, D*H), last h and c (L*D, B, H), and each layer's readings, as h_n is ordered."""
    steps, batch = x.shape[:2]
    n, suffixes = layer.hidden_size, ("", "_reverse")[: 1 + layer.bidirectional]
    readings: list[Reading] = []
    last_h, last_c = [], []
    for depth in range(layer.num_layers):
        columns = []
        for suffix in suffixes:
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [getattr(layer, f"{name}_l{depth}{suffix}") for name in names]
            reading, rows = Reading((steps, batch, n)), {}
            for b in range(batch):
                h, c = h0[len(readings), b], c0[len(readings), b]
                order = range(lengths[b]) if not suffix else range(lengths[b] - 1, -1, -1)
                for t in order:
                    found = step(kind, weights, x[t, b], h, c)
                    h, c = found["h"], found.get("c", c)
                    reading.keep((t, b), **found)
                    rows[t, b] = h
                last_h.append(h)
                last_c.append(c)
            readings.append(reading)
            blank = torch.zeros(n, dtype=x.dtype)
            columns.append(
                torch.stack([torch.stack([rows.get((t, b), blank) for b in range(batch)]) for t in range(steps)])
            )
        x = torch.cat(columns, dim=-1)
    shape = (len(readings), batch, n)
    return x, torch.stack(last_h).view(shape), torch.stack(last_c).view(shape), readings
