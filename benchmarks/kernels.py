"""How fast the kernels are: the tables in docs/kernels.md.

    python benchmarks/kernels.py                      # the grid and all else; a quarter of an hour on two cores
    python benchmarks/kernels.py --runs 3             # the grid three times: slower is what is slower in all of them
    python benchmarks/kernels.py --read A.json B.json # from runs of `selfloop bench --grid --json A.json`
    python benchmarks/kernels.py --only linear        # some tables: speed, grid, step, machine, linear, ...

For a machine that does nothing else. What is timed, and how, is `selfloop bench`'s; this script adds what is no ratio
to torch: time against length, a call right after torch's own product, and what recomputing costs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from kernels_alone import after_product, linear, recompute
from roofline import bound, rates
from tables import put, table

from selfloop import bench
from selfloop.bench.plan import CELLS, GRID, GRID_THREADS, MODES
from selfloop.bench.statistics import geometric_mean
from selfloop.cli.bench_progress import listener
from selfloop.cli.bench_table import figures
from selfloop.kinds import kind_of
from selfloop.results.study import from_json, to_json

PAGE = Path(__file__).resolve().parent.parent / "docs" / "kernels.md"
GOALS = {"gru": (4.5, 2.8), "rnn": (3.5, 2.3), "lstm": (2.0, 1.4)}  # training step, forward
WORST = 2  # points that a row of a table names
Runs = Sequence[bench.Bench]


def name_of(point: bench.Point) -> str:
    threads = f"{point.threads} thread{'s' if point.threads > 1 else ''}"
    return f"{kind_of(point.cell).label} {point.mode} {point.shape}, {threads}"


def speed(runs: Runs) -> str:
    """Geometric means, the middle one of all runs, beside what they should reach."""
    rows = []
    for cell, goals in GOALS.items():
        row = [kind_of(cell).label]
        for mode, goal in zip(("training", "forward"), goals, strict=True):
            for allocator in ("default", "tuned"):
                key = (cell, mode, allocator, None)
                found = [m.ratio for run in runs for m in run.means if (m.cell, m.mode, m.allocator, m.threads) == key]
                row.append(f"{median(found):.2f}" if found else "")
            row.append(f"{goal:.1f}")
        rows.append(row)
    headings = ["× torch", "training step", "tuned allocator", "goal", "forward", "tuned allocator", "goal"]
    return table(headings, rows)


def goals(runs: Runs) -> str:
    """Where the shares, the second thread and single points are, beside what they should reach."""
    points = [p for p in runs[-1].points if p.allocator == "default"]

    def share(text: str, least: float, mode: str, hidden: int, batch: int) -> list[str]:
        found = [p for p in points if p.mode == mode and p.shape.hidden >= hidden and p.shape.batch >= batch]
        return counted(text, least, [(p.share, name_of(p)) for p in found], "{:.0%}")

    rows = [
        share("share of the peak, training step, H ≥ 64, B ≥ 16", 0.65, "training", 64, 16),
        share("share of the peak, training step, H ≥ 256", 0.80, "training", 256, 1),
        share("share of the peak, forward, H ≥ 128, B ≥ 32", 0.80, "forward", 128, 32),
    ]
    known = {(p.cell, p.mode, p.shape, p.threads): p for p in points}
    twos = [p for p in points if p.threads == 2 and p.shape.batch >= 32]
    gains = [(known[p.cell, p.mode, p.shape, 1].milliseconds / p.milliseconds, name_of(p)) for p in twos]
    rows.append(counted("2 threads against 1, B ≥ 32", 1.8, gains, "{:.2f}"))
    steps = [p.milliseconds * 1e3 for p in points if p.mode == "step" and p.cell == "lstm"]
    rows.extend(["one step of LSTM(32, 128), B = 1, from Python", "8 µs", f"{took:.1f} µs", ""] for took in steps)
    losers = slower(runs)
    rows.append(
        [f"points slower than torch in {len(runs)} of {len(runs)} runs", "none", str(len(losers)), "; ".join(losers)]
    )
    return table(["what", "goal", "reached", "where not"], rows)


def counted(text: str, least: float, values: list[tuple[float, str]], style: str) -> list[str]:
    """How many of the points reach the goal, and the worst of the others; the grid has them all."""
    short = sorted((value, name) for value, name in values if value < least)
    said = [f"{name}: {style.format(value)}" for value, name in short[:WORST]]
    where = "; ".join([*said, f"and {len(short) - WORST} more"] if len(short) > WORST else said)
    return [text, style.format(least), f"{len(values) - len(short)} of {len(values)}", where]


def slower(runs: Runs) -> list[str]:
    """Points that were slower than torch in every run."""
    found = []
    for points in zip(*(run.points for run in runs), strict=True):
        if all(point.ratios[0].slower for point in points):
            each = ", ".join(f"{point.ratios[0].ratio:.2f}" for point in points)
            found.append(f"{name_of(points[0])}, {points[0].allocator} allocator: {each}")
    return found


def grid(runs: Runs) -> str:
    """Every point of the last run."""
    known = {(p.cell, p.mode, p.shape, p.threads, p.allocator): p for p in runs[-1].points}
    each = ["ms", "torch", "× torch", "95 %", "tuned", "peak", "torch's"]
    headings = ["B,T,I,H", *(f"{name}, {n} thr." if name == "ms" else name for n in GRID_THREADS for name in each)]
    parts = []
    for cell in CELLS:
        for mode in ("training", "forward"):
            rows = []
            for shape in GRID:
                row = [str(shape)]
                for threads in GRID_THREADS:
                    point = known[cell, mode, shape, threads, "default"]
                    ratio, tuned = point.ratios[0], known.get((cell, mode, shape, threads, "tuned"))
                    row += [figures(point.milliseconds), figures(ratio.milliseconds), f"**{ratio.ratio:.2f}**"]
                    row += [f"{ratio.low:.2f}–{ratio.high:.2f}", f"{tuned.ratios[0].ratio:.2f}" if tuned else ""]
                    row += [f"{point.share:.0%}", f"{ratio.share:.0%}"]
                rows.append(row)
            parts.append(f"**{kind_of(cell).label}, {mode}**\n\n{table(headings, rows)}")
    return "\n\n".join(parts)


def peers(runs: Runs) -> str:
    """Geometric means of the ratios to what else was installed."""
    points = [p for p in runs[-1].points if p.mode != "step"]
    names = list(dict.fromkeys(ratio.peer for p in points for ratio in p.ratios if ratio.peer != "torch"))
    rows = []
    for cell in CELLS:
        for mode in ("training", "forward"):
            row = [f"{kind_of(cell).label} {mode}"]
            for name in names:
                own = [p.against(name) for p in points if (p.cell, p.mode, p.allocator) == (cell, mode, "default")]
                found = [ratio for ratio in own if ratio is not None]
                mean = f"{geometric_mean(r.ratio for r in found):.2f}" if found else ""
                row.append(f"{mean} ({sum(r.slower for r in found)} of {len(found)} slower)" if found else "")
            rows.append(row)
    return table(["ours against", *names], rows) if names else "None was installed."


def step(runs: Runs) -> str:
    """Microseconds for one step from Python."""
    points = [p for p in runs[-1].points if p.mode == "step" and p.allocator == "default"]
    names = list(dict.fromkeys(ratio.peer for p in points for ratio in p.ratios))
    rows = []
    for point in points:
        shape = f"{kind_of(point.cell).label}({point.shape.inputs}, {point.shape.hidden}), B = {point.shape.batch}"
        found = [point.against(name) for name in names]
        times = [f"{r.milliseconds * 1e3:.1f} ({r.ratio:.1f} ×)" if r else "" for r in found]
        rows.append([shape, f"{point.milliseconds * 1e3:.1f}", *times])
    return table(["one step, µs", "selfloop", *names], rows)


def machine(runs: Runs) -> str:
    """Where, with what, and the peak."""
    last, seen = runs[-1].machine, runs[-1].peaks
    rows = [[f"{peak.threads}", f"{peak.torch:.0f}", f"{peak.native:.0f}", f"{peak.best:.0f}"] for peak in seen]
    versions = ", ".join(f"{name} {version}" for name, version in last.versions.items())
    said = f"{last.processor}, {last.cores} cores, {last.instructions}, {last.system}; {versions}."
    return said + "\n\n" + table(["threads", "torch's product, GFLOP/s", "our microkernel", "peak"], rows)


def roofline(runs: Runs) -> str:
    """What bounds each forward pass of one thread, and how near it comes."""
    found, last = rates(), runs[-1]
    peak = next(peak.best for peak in last.peaks if peak.threads == 1)
    known = {(p.cell, p.shape): p for p in last.points if (p.mode, p.threads, p.allocator) == ("forward", 1, "default")}
    rows = []
    for cell in CELLS:
        for shape in GRID:
            least, took = bound(cell, shape, peak, found), known[cell, shape].milliseconds
            each = [
                figures(part) if part else "0"
                for part in (least.products, least.weights, least.activations, least.total, took)
            ]
            rows.append([f"{kind_of(cell).label} {shape}", *each, f"{least.total / took:.0%}"])
    said = (
        f"Here: {peak:.0f} GFLOP/s, {found.far / 1e9:.0f} GB/s from beyond the second cache, {found.sigmoid / 1e9:.2f} "
        f"sigmoids and {found.tanh / 1e9:.2f} tanhs a nanosecond."
    )
    headings = ["one thread, ms", "products", "far weights", "activations", "bound", "measured", "of the bound"]
    return said + "\n\n" + table(headings, rows)


FROM_RUNS: dict[str, Callable[[Runs], str]] = {
    "speed": speed,
    "goals": goals,
    "grid": grid,
    "peers": peers,
    "step": step,
    "machine": machine,
    "roofline": roofline,
}
ITS_OWN: dict[str, Callable[[], str]] = {"linear": linear, "after-product": after_product, "recompute": recompute}


def measured(count: int, folder: Path) -> list[bench.Bench]:
    """Run the grid so often, each in the folder as soon as it is done."""
    plan = bench.Plan(bench.standard_grid(CELLS, MODES), threads=GRID_THREADS)
    runs = []
    for number in range(count):
        runs.append(bench.run(plan, command="selfloop bench --grid", progress=listener(quiet=False)))
        (folder / f"bench-{number + 1}.json").write_bytes(to_json(runs[-1]))
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--read", type=Path, nargs="+", help="files that `selfloop bench --grid --json` wrote")
    parser.add_argument("--only", nargs="+", choices=[*FROM_RUNS, *ITS_OWN], default=[*FROM_RUNS, *ITS_OWN])
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the runs' JSON")
    parser.add_argument("--print", action="store_true", help="write nothing to the page")
    given = parser.parse_args()
    runs: Runs = [from_json(file.read_bytes(), bench.Bench) for file in given.read or ()]
    if not runs and set(given.only) & set(FROM_RUNS):
        runs = measured(given.runs, given.out)
    for name in given.only:
        text = FROM_RUNS[name](runs) if name in FROM_RUNS else ITS_OWN[name]()
        print(f"\n{text}", flush=True)
        if not given.print:
            put(PAGE, f"kernels-{name}", text)


if __name__ == "__main__":
    main()
