from __future__ import annotations

from io import StringIO
from typing import Literal

import pytest
from rich.console import Console

from bench_samples import bench
from selfloop.bench import Bench
from selfloop.cli.bench_table import draw, figures

PEERS = {"jax": 2.0, "onnxruntime": 0.5}


def drawn(found: Bench, width: int, *, terminal: bool = False) -> str:
    colours: Literal["standard"] | None = "standard" if terminal else None
    console = Console(file=StringIO(), width=width, force_terminal=terminal, highlight=False, color_system=colours)
    draw(found, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 120, 132])
@pytest.mark.parametrize("peers", [{}, PEERS])
def test_nothing_is_cut(width: int, peers: dict[str, float]) -> None:
    text = drawn(bench(whole_grid=True, peers=peers), width)
    assert "…" not in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width


def test_a_wide_terminal_shows_the_tuned_setting_in_full_and_a_narrow_one_its_ratio() -> None:
    found = bench(whole_grid=False)
    narrow, wide = drawn(found, 80).splitlines(), drawn(found, 120).splitlines()
    assert narrow[0].split() == ["B,T,I,H", "threads", "ms", "torch", "×", "torch", "95", "%", "peak", "tuned"]
    assert wide[0].split().count("peak") == 2
    assert narrow[1].strip() == "LSTM training"
    assert narrow[2].split() == ["3,5,7,17", "1", "0.00331", "0.00265", "0.80*", "0.78–0.82", "50", "%", "1.30"]
    assert narrow[3].split()[0] == "2"  # the shape is said once


def test_points_slower_than_torch_are_marked_and_the_mark_is_explained() -> None:
    found = bench(whole_grid=False)
    assert found.points[0].ratios[0].slower
    assert "0.80*" in drawn(found, 80)
    assert "* ours is slower: the interval of the ratio ends below 0.97." in drawn(found, 80)
    assert "\x1b[31m0.80*" in drawn(found, 80, terminal=True)


def test_the_grid_ends_with_geometric_means() -> None:
    lines = drawn(bench(whole_grid=True), 80).splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("geometric mean, threads:"))
    assert lines[start].split()[3:] == ["1", "2", "all", "tuned:", "1", "2", "all", "slower"]
    assert [line.split("  ")[0] for line in lines[start + 1 : start + 7]] == [
        f"{cell} {mode}" for cell in ("RNN", "GRU", "LSTM") for mode in ("training step", "forward")
    ]
    assert "geometric" not in drawn(bench(whole_grid=False), 80)  # of one shape


def test_others_have_a_table_of_their_own() -> None:
    text = drawn(bench(whole_grid=False, peers=PEERS), 80)
    assert "against others" in text
    assert "jax ms" in text
    assert "against others" not in drawn(bench(whole_grid=False), 80)


def test_one_step_is_in_microseconds() -> None:
    lines = drawn(bench(whole_grid=False), 80).splitlines()
    place = next(k for k, line in enumerate(lines) if line.startswith("one step"))
    assert lines[place].split() == ["one", "step:", "B,I,H", "µs", "torch", "µs", "×", "torch", "cell", "µs", "×"]
    flops = 2 * 3 * 4 * 17 * (7 + 17)
    assert lines[place + 1].split()[2] == f"{flops / 40e9 * 1e6:.3f}"


def test_three_digits() -> None:
    values = (0.00265, 0.0265, 0.3, 9.996, 12.34, 123.4, 1234.5)
    assert [figures(v) for v in values] == ["0.00265", "0.0265", "0.300", "10.00", "12.3", "123", "1,234"]


def test_the_machine_and_its_peak_are_named() -> None:
    text = drawn(bench(whole_grid=False), 132)
    assert "matrix peak, 1 thread: 80 GFLOP/s (torch's product 75, our microkernel 80)." in text
    assert "matrix peak, 2 threads: 160 GFLOP/s (torch's product 160, our microkernel 155)." in text
    assert "A processor, 2 cores, avx2; selfloop 1.2.3, torch 2.13.0." in text
    assert "jax is not installed: not timed." in text
