"""Cells of a user's own in torch, made through public doors alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from torch import Tensor

from selfloop import cells
from selfloop.cells import Cell, Step, registry
from selfloop.kinds import Gate, Kind, Share
from selfloop.kinds import registry as kinds
from selfloop.kinds.colours import SHOWS
from toy_cell import CANDIDATE, FORGET, MGU

OUTPUT = Gate("output", "o", SHOWS)


class CoupledLSTM(Cell):
    """An LSTM that writes what it forgets (Greff et al. 2017, "CIFG"), the gates in an order of its own."""

    kind: ClassVar[Kind] = Kind(
        name="coupled",
        label="coupled LSTM",
        gates=(OUTPUT, CANDIDATE, FORGET),
        states=("h", "c"),
        keep=Share(FORGET),
        write=Share(FORGET, rest=True),
        candidate=CANDIDATE,
        products=3,
    )

    def step(self, x: Tensor, *, h: Tensor, c: Tensor) -> Step:
        W, U = self.from_input(x), self.from_hidden(h)
        o, f = (torch.sigmoid(W[gate] + U[gate]) for gate in (OUTPUT, FORGET))
        n = torch.tanh(W[CANDIDATE] + U[CANDIDATE])
        c = f * c + (1 - f) * n
        return Step({"h": o * torch.tanh(c), "c": c}, {OUTPUT: o, CANDIDATE: n, FORGET: f})


OWN: tuple[type[Cell], ...] = (MGU, CoupledLSTM)


@contextmanager
def registered(*own: type[Cell]) -> Iterator[None]:
    """These cells, as long as the block lasts."""
    tables: tuple[dict[str, Any], ...] = (kinds._KINDS, registry._EQUATIONS)
    before = [dict(table) for table in tables]
    try:
        for cell in own:
            cells.register(cell)
        yield
    finally:
        for table, held in zip(tables, before, strict=True):
            table.clear()
            table.update(held)
