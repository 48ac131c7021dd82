"""What tells of a study while it runs: bars on a terminal and in a notebook, lines elsewhere, or nothing."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from selfloop.errors import SettingsError
from selfloop.results.study import Candidate, Trial
from selfloop.study.bars import Bars, Lines
from selfloop.study.progress import Progress

EVERY = 0.2  # seconds between two pictures of a notebook's cell
PICTURE = (
    '<pre style="font-family: ui-monospace, Menlo, Consolas, monospace; line-height: 1.3; margin: 0; white-space: pre">'
    "{code}</pre>"
)


def listener(wanted: Progress | bool) -> Progress:
    """The listener that a user asked for: True for what suits the place, False for none.

    Raises:
        SettingsError: it is none of these.
    """
    if isinstance(wanted, Progress):
        return wanted
    if not isinstance(wanted, bool):
        raise SettingsError(f"progress is {wanted!r}; expected True, False, or a listener: leave it out.")
    if not wanted:
        return Progress()
    console = Console(stderr=True, highlight=False)
    if console.is_jupyter:
        return Cell()
    return Bars(console) if console.is_terminal else Lines(console)


class Cell(Bars):
    """Lines and bars in one output of a notebook's cell, drawn anew in place: no widgets are needed."""

    def __init__(self) -> None:
        super().__init__(Console(file=io.StringIO(), width=100, force_terminal=False, force_jupyter=False))
        self._lines: list[str] = []
        self._handle: Any = None
        self._drawn = 0.0

    def say(self, text: str) -> None:
        """A line above the bars."""
        self._lines.append(self.told(text))
        self.draw()

    def choosing(self, runs: int) -> None:
        """A bar for the choice of what the networks are shown."""
        super().choosing(runs)
        self.draw()

    def chose(self) -> None:
        """Fill it."""
        super().chose()
        self.draw(EVERY)

    def begin(self, totals: Mapping[Candidate, int], done: tuple[Trial, ...], workers: int) -> None:
        """Draw the bars."""
        super().begin(totals, done, workers)
        self.draw()

    def finished(self, trial: Trial) -> None:
        """Fill a bar."""
        super().finished(trial)
        self.draw(EVERY)

    def end(self) -> None:
        """Leave the bars as they are."""
        self.draw()

    def start(self) -> None:
        """Nothing moves by itself: `draw` does it."""

    def draw(self, every: float = 0.0) -> None:
        """Show lines and bars as they are, no sooner than so many seconds after the last time."""
        import IPython

        show: Any = IPython.display  # it has no annotations

        if time.monotonic() - self._drawn < every:
            return
        self._drawn = time.monotonic()
        console = Console(file=io.StringIO(), record=True, width=100, force_terminal=False, force_jupyter=False)
        for line in self._lines:
            console.print(line, style="dim", markup=False, highlight=False)
        console.print(self.picture())
        page = show.HTML(console.export_html(inline_styles=True, code_format=PICTURE))
        if self._handle is None:
            self._handle = show.display(page, display_id=True)
        else:
            self._handle.update(page)
