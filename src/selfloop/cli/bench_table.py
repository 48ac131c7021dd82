"""The end of `selfloop bench`: tables for 80 columns and for wider terminals; wide where there is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from math import floor, log10

from rich.console import Console
from rich.table import Table
from rich.text import Text

from selfloop.bench import Bench, Peak, Point, Ratio
from selfloop.bench.plan import MODE_LABELS, MODES
from selfloop.kinds import kind_of
from selfloop.results.bench import SLOWER, Allocator
from selfloop.words import percent

PIPED = 132  # columns where there is no terminal that has a width
WIDE = 112  # columns from which on there is room for both allocators in full
Pair = dict[Allocator, Point]  # one row: the same work under each setting


def show(bench: Bench) -> None:
    """Print what a run found to standard output."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPED)
    draw(bench, console)


def draw(bench: Bench, console: Console) -> None:
    """Print it there."""
    whole = [pair for pair in _pairs(bench.points) if _any(pair).mode != "step"]
    steps = [pair for pair in _pairs(bench.points) if _any(pair).mode == "step"]
    if whole:
        console.print(_board(whole, bench, wide=console.width >= WIDE))
        others = _others(whole)
        if others:
            console.print()
            console.print(others)
        if len({_any(pair).shape for pair in whole}) > 1:
            console.print()
            console.print(_means(bench))
    if steps:
        console.print()
        console.print(_steps(steps))
    console.print()
    for line in _footer(bench):
        console.print(Text(line, style="dim"))


def _pairs(points: Iterable[Point]) -> list[Pair]:
    """A row for each work and number of threads, in the order of cells, modes, shapes."""
    found: dict[tuple[object, ...], Pair] = {}
    for point in points:
        found.setdefault((point.cell, point.mode, point.shape, point.threads), {})[point.allocator] = point
    cells = list(dict.fromkeys(_any(pair).cell for pair in found.values()))
    return sorted(found.values(), key=lambda pair: (cells.index(_any(pair).cell), MODES.index(_any(pair).mode)))


def _any(pair: Pair) -> Point:
    """The default allocator's point, or whatever there is."""
    return pair.get("default") or next(iter(pair.values()))


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=True)
    return table


def _board(pairs: Sequence[Pair], bench: Bench, *, wide: bool) -> Table:
    """The main table: a group for each cell and mode."""
    first, *others = dict.fromkeys(point.allocator for point in bench.points)
    second = [] if not others else ["tuned: ms", "torch", "× torch", "95 %", "peak"] if wide else ["tuned"]
    table = _table("B,T,I,H", "threads", "ms", "torch", "× torch", "95 %", "peak", *second)

    def cells(pair: Pair) -> list[str | Text]:
        more = _timed(pair[others[0]]) if others else []
        return [*_timed(pair[first]), *(more if wide else more[2:3])]

    return _grouped(table, pairs, cells)


def _grouped(table: Table, pairs: Sequence[Pair], cells: Callable[[Pair], Sequence[str | Text]]) -> Table:
    """A title for each cell and mode, a row for each shape and number of threads."""
    for (cell, mode), rows in groupby(pairs, key=lambda pair: (_any(pair).cell, _any(pair).mode)):
        table.add_row(Text(f"{kind_of(cell).label} {mode}", style="bold"))
        before = None
        for pair in rows:
            point = _any(pair)
            table.add_row("" if point.shape == before else f"  {point.shape}", str(point.threads), *cells(pair))
            before = point.shape
    return table


def _timed(point: Point) -> list[str | Text]:
    """Milliseconds of both, the ratio, its interval, our share of the peak."""
    torch = _torch(point)
    interval = f"{torch.low:.2f}–{torch.high:.2f}"
    return [
        figures(point.milliseconds),
        figures(torch.milliseconds),
        _ratio(torch),
        interval,
        percent(point.share),
    ]


def _ratio(ratio: Ratio) -> Text:
    return Text(f"{ratio.ratio:.2f}*", style="red") if ratio.slower else Text(f"{ratio.ratio:.2f}", style="bold")


def _others(pairs: Sequence[Pair]) -> Table | None:
    """The ratios to what else is installed."""
    names = list(dict.fromkeys(r.peer for pair in pairs for r in _any(pair).ratios if r.peer != "torch"))
    if not names:
        return None
    table = _table("against others", "threads", "ms", *(h for name in names for h in (f"{name} ms", "×")))
    known = [pair for pair in pairs if len(_any(pair).ratios) > 1]

    def cells(pair: Pair) -> list[str | Text]:
        return [figures(_any(pair).milliseconds), *(cell for name in names for cell in _against(_any(pair), name))]

    return _grouped(table, known, cells)


def _against(point: Point, peer: str) -> tuple[str | Text, str | Text]:
    ratio = point.against(peer)
    return ("", "") if ratio is None else (figures(ratio.milliseconds), _ratio(ratio))


def _steps(pairs: Sequence[Pair]) -> Table:
    """Microseconds for one step from Python."""
    names = list(dict.fromkeys(ratio.peer for pair in pairs for ratio in _any(pair).ratios))
    table = _table("one step: B,I,H", "µs", *(h for name in names for h in (f"{name} µs", "×")))
    for pair in pairs:
        point = _any(pair)
        shape = f"{point.shape.batch},{point.shape.inputs},{point.shape.hidden}"
        cells: list[str | Text] = []
        for name in names:
            ratio = point.against(name)
            cells += ["", ""] if ratio is None else [figures(ratio.milliseconds * 1e3), _ratio(ratio)]
        table.add_row(f"{kind_of(point.cell).label} {shape}", figures(point.milliseconds * 1e3), *cells)
    return table


def _means(bench: Bench) -> Table:
    """Geometric means over the shapes."""
    settings = list(dict.fromkeys(mean.allocator for mean in bench.means))
    threads = list(dict.fromkeys(mean.threads for mean in bench.means if mean.mode != "step"))
    threads.sort(key=lambda number: (number is None, number))
    headings = ["all" if number is None else str(number) for number in threads]
    tuned = [f"tuned: {headings[0]}", *headings[1:]] if len(settings) > 1 else []
    table = _table("geometric mean, threads:", *headings, *tuned, "slower")
    known = {(m.cell, m.mode, m.allocator, m.threads): m for m in bench.means if m.mode != "step"}
    for cell, mode in dict.fromkeys((key[0], key[1]) for key in known):
        row = [known[cell, mode, setting, number] for setting in settings for number in threads]
        slower = f"{sum(m.slower for m in row if m.threads is None)}"
        table.add_row(f"{kind_of(cell).label} {MODE_LABELS[mode]}", *(f"{m.ratio:.2f}" for m in row), slower)
    return table


def _footer(bench: Bench) -> list[str]:
    """What the numbers mean, and where they were measured."""
    machine = bench.machine
    lines = [_peak(peak) for peak in bench.peaks]
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    lines.append(f"{machine.processor}, {machine.cores} cores, {machine.instructions}; {versions}.")
    lines.append("× torch: torch's time over ours, median of pairs; peak: our share of the matrix peak.")
    if any(ratio.slower for point in bench.points for ratio in point.ratios):
        lines.append(f"* ours is slower: the interval of the ratio ends below {SLOWER}.")
    return [*lines, *bench.notes]


def _peak(peak: Peak) -> str:
    threads = f"{peak.threads} thread{'s' if peak.threads > 1 else ''}"
    parts = f"torch's product {peak.torch:.0f}, our microkernel {peak.native:.0f}"
    return f"matrix peak, {threads}: {peak.best:.0f} GFLOP/s ({parts})."


def _torch(point: Point) -> Ratio:
    found = point.against("torch")
    assert found is not None, "torch is always timed"
    return found


def figures(value: float) -> str:
    """A positive number with three significant digits."""
    decimals = 2 - floor(log10(value))
    return f"{value:,.{max(decimals, 0)}f}"
