"""Progress of `selfloop bench` on standard error: a bar on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from selfloop.bench import Point, Progress
from selfloop.bench.plan import MODE_LABELS
from selfloop.kinds import kind_of


def listener(*, quiet: bool) -> Progress:
    """What suits the terminal."""
    console = Console(stderr=True, highlight=False)
    if quiet:
        return Progress()
    return Bar(console) if console.is_terminal else Lines(console)


class Bar(Progress):
    """One bar for all points, and what is timed now."""

    def __init__(self, console: Console) -> None:
        columns = (BarColumn(bar_width=28), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        self._bars = Bars(*columns, console=console, transient=True)
        self._task = self._bars.add_task("", total=None)

    def say(self, text: str) -> None:
        """A line above the bar."""
        self._bars.console.print(Text(text, style="dim"))

    def begin(self, total: int) -> None:
        """Draw it."""
        self._bars.update(self._task, total=total)
        self._bars.start()

    def next(self, what: str) -> None:
        """Say it beside the bar."""
        self._bars.update(self._task, description=what)

    def finished(self, point: Point) -> None:
        """Fill it."""
        self._bars.advance(self._task)

    def stop(self) -> None:
        """Take it away: the table comes."""
        self._bars.stop()


class Lines(Progress):
    """A line a point."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._done = self._total = 0

    def say(self, text: str) -> None:
        """A line."""
        self._console.print(Text(text), soft_wrap=True)

    def begin(self, total: int) -> None:
        """Say how much there is to do."""
        self._total = total
        self.say(f"{total} points")

    def finished(self, point: Point) -> None:
        """Say what came out."""
        self._done += 1
        threads = f"{point.threads} thread{'s' if point.threads > 1 else ''}"
        work = f"{kind_of(point.cell).label} {MODE_LABELS[point.mode]} {point.shape}"
        what = f"{work}, {threads}, {point.allocator} allocator"
        ratios = ", ".join(f"{ratio.ratio:.2f} × {ratio.peer}" for ratio in point.ratios)
        self.say(f"[{self._done}/{self._total}] {what}: {ratios}")
