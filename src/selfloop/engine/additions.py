"""What a user added to selfloop's tables, handed to processes that begin without it."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.cells import Cell, register
from selfloop.cells.registry import own_cells
from selfloop.tasks.model import Baseline
from selfloop.tasks.registry import ADDED, add_baseline


@dataclass(frozen=True)
class Additions:
    """Classes and rows by reference: a process imports the user's module to have them.

    Attributes:
        cells: registered with `selfloop.cells.register`.
        baselines: each with its task's name.
    """

    cells: tuple[type[Cell], ...]
    baselines: tuple[tuple[str, Baseline], ...]

    @classmethod
    def here(cls) -> Additions:
        """Of this process."""
        return cls(own_cells(), tuple(ADDED))

    def restore(self) -> None:
        """Add them to this process's tables."""
        for cell in self.cells:
            register(cell)
        for name, row in self.baselines:
            add_baseline(name, row)
