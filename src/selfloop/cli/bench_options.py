"""What the options of `selfloop bench` mean."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from selfloop.bench.plan import (
    ALLOCATORS,
    CELLS,
    DTYPES,
    GRID_THREADS,
    MODES,
    OPTIONAL_PEERS,
    Peer,
    Plan,
    Work,
    combinations,
    one_of,
    positive,
    standard_grid,
)
from selfloop.errors import SettingsError
from selfloop.results.bench import Mode

DEFAULT_SIZES = {"batch": "32", "steps": "100", "inputs": "16", "hidden": "64"}
SECONDS, QUICK_SECONDS = 1.0, 0.2


def plan(
    *,
    grid: bool,
    quick: bool,
    cell: str,
    mode: str,
    sizes: Mapping[str, str | None],
    dtype: str,
    threads: str | None,
    against: str | None,
    allocator: str | None,
    seconds: float | None,
) -> Plan:
    """The plan that a command line describes.

    Args:
        grid: the standard shapes; sizes must not be given then.
        quick: less time, and the default allocator.
        cell: names, with commas.
        mode: the same.
        sizes: by dimension, numbers with commas; None takes the usual one.
        dtype: "float32" or "float64".
        threads: numbers with commas; None takes the usual ones.
        against: peers, with commas, beside torch.
        allocator: settings, with commas; None takes the usual ones.
        seconds: for each point; None takes the usual time.

    Raises:
        SettingsError: a name is unknown, a size is no positive whole number, or sizes were given with the grid.
    """
    cells, modes = one_of("cell", _words(cell), CELLS), one_of("mode", _words(mode), MODES)
    if seconds is not None and not 0 < seconds < float("inf"):
        raise SettingsError(f"seconds is {seconds:g}; expected a positive number.")
    works = _grid(cells, modes, sizes) if grid else _own(cells, modes, sizes)
    settings = allocator if allocator is not None else "default" if quick else ",".join(ALLOCATORS)
    return Plan(
        works,
        threads=GRID_THREADS if threads is None and grid else () if threads is None else _numbers("threads", threads),
        dtype=one_of("dtype", [dtype], DTYPES)[0],
        seconds=seconds if seconds is not None else QUICK_SECONDS if quick else SECONDS,
        peers=_peers(against),
        allocators=one_of("allocator", _words(settings), ALLOCATORS),
    )


def check_writable(file: Path | None) -> None:
    """Raise before minutes are spent, not after.

    Raises:
        SettingsError: the file cannot be written.
    """
    if file is None:
        return
    folder = file.parent
    if not folder.is_dir() or file.is_dir() or not os.access(file if file.exists() else folder, os.W_OK):
        raise SettingsError(f"cannot write {file}; expected a file in a folder that exists. Give another --json.")


def _grid(cells: tuple[str, ...], modes: tuple[Mode, ...], sizes: Mapping[str, str | None]) -> tuple[Work, ...]:
    given = [name for name, value in sizes.items() if value is not None]
    if given:
        raise SettingsError(f"--grid has shapes of its own; --{given[0]} was given too. Leave one of the two out.")
    return standard_grid(cells, modes)


def _own(cells: tuple[str, ...], modes: tuple[Mode, ...], sizes: Mapping[str, str | None]) -> tuple[Work, ...]:
    values = {name: _numbers(name, value or DEFAULT_SIZES[name]) for name, value in sizes.items()}
    return combinations(cells, modes, **values)


def _peers(against: str | None) -> tuple[Peer, ...] | None:
    if against is None:
        return None
    words = [word for word in _words(against) if word != "torch"]  # torch is always there
    return () if words in ([], ["none"]) else one_of("peer", words, OPTIONAL_PEERS)


def _numbers(name: str, text: str) -> tuple[int, ...]:
    try:
        return positive(name, [int(word) for word in _words(text)])
    except ValueError as error:
        if isinstance(error, SettingsError):
            raise
        raise SettingsError(f"{name} is {text!r}; expected whole numbers with commas: 32,64.") from None


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
