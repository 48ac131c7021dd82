"""The built-in sets: real ones that ship with the package, and generators with a known answer."""

from __future__ import annotations

from importlib.resources import as_file, files
from types import MappingProxyType

import numpy as np

from selfloop.data.build import draft_table, finish
from selfloop.data.draft import channel_names
from selfloop.data.files import read_table
from selfloop.data.generators import adding, recall, temporal_order
from selfloop.data.roles import describe, resolve
from selfloop.data.sequences import Columns, Sequences
from selfloop.errors import SettingsError, nearest

BUILTIN = MappingProxyType(
    {
        "sunspots": "monthly mean sunspot number, 1749 to 1983: forecast, 2820 steps",
        "airline": "monthly airline passengers, 1949 to 1960: forecast, 144 steps",
        "japanese-vowels": "9 speakers saying two vowels: classify, 640 sequences of 7 to 29 steps, 12 channels",
        "japanese-vowels-train": "its first 270 sequences, 30 a speaker: the original training part",
        "japanese-vowels-test": "its other 370 sequences: the original test part",
        "recall": "generated: which of 8 symbols was marked, lag steps before the end",
        "adding": "generated: the sum of two marked numbers, lag steps before the end: regress",
        "temporal-order": "generated: in which order X and Y came, 40 to 100 steps before the end",
    }
)
"""Names of the built-in sets, and what each is, in one line."""
LAGGED = {"recall": recall, "adding": adding}
GENERATED = frozenset({*LAGGED, "temporal-order"})
"""Those that are generated to test memory."""

FILES = {"sunspots": "sunspots.csv", "airline": "airline.csv"}
VOWELS = {
    "japanese-vowels": range(640),
    "japanese-vowels-train": range(270),
    "japanese-vowels-test": range(270, 640),
}


def load_builtin(
    name: str,
    *,
    columns: Columns = Columns(),  # noqa: B008 - frozen
    lag: int | None = None,
    cases: int | None = None,
    seed: int | None = None,
) -> Sequences:
    """A built-in set, whatever files there are.

    Args:
        name: one of `BUILTIN`.
        columns: as for `load`; for the sets that are tables (sunspots, airline).
        lag: of "recall" and "adding", 20 by default.
        cases: of the generated sets, 2000 by default.
        seed: of the generated sets, 0 by default; the same seed gives the same data.

    Raises:
        SettingsError: there is no such set, or a setting does not go with it.
    """
    if name not in BUILTIN:
        raise SettingsError(f"There is no built-in set {name!r}. {nearest(name, BUILTIN)}")
    if lag is not None and name not in LAGGED:
        raise SettingsError(f"lag goes with the built-in sets 'recall' and 'adding'; expected none for {name!r}.")
    if (cases, seed) != (None, None) and name not in GENERATED:
        raise SettingsError(f"cases and seed go with generated sets; expected none for {name!r}.")
    if columns != Columns() and name not in FILES:
        raise SettingsError(
            f"Columns are named for {name!r}, which has none; leave --id, --time, --target and so on out."
        )
    if name in FILES:
        return _table(name, columns)
    if name in VOWELS:
        return _vowels(name)
    cases, seed = 2000 if cases is None else cases, 0 if seed is None else seed
    if name in LAGGED:
        return LAGGED[name](lag=20 if lag is None else lag, cases=cases, seed=seed)
    return temporal_order(cases=cases, seed=seed)


def _table(name: str, columns: Columns) -> Sequences:
    with as_file(files("selfloop.data") / "sets" / FILES[name]) as path:
        table = read_table(path)
    resolved = resolve(table, columns)
    draft = draft_table(table, resolved)
    return finish(draft, missing="error", columns=resolved, reading=describe(table, resolved), name=name)


def _vowels(name: str) -> Sequences:
    """The vowels are stored as whole millionths, which is what the original's six decimals are: dividing is exact."""
    import polars as pl

    with as_file(files("selfloop.data") / "sets" / "japanese-vowels.parquet") as path:
        frame = pl.read_parquet(path)
    case = frame["case"].to_numpy()
    chosen = VOWELS[name]
    rows = slice(int(np.searchsorted(case, chosen.start + 1)), int(np.searchsorted(case, chosen.stop + 1)))
    starts = np.searchsorted(case[rows], np.arange(chosen.start + 1, chosen.stop + 2)).astype(np.int64)
    speakers = frame["speaker"].to_numpy()[rows][starts[:-1]].astype(np.int64)
    return Sequences(
        name=name,
        values=frame.drop("case", "speaker")[rows].to_numpy().astype(np.float64, order="C") / 1e6,
        offsets=starts,
        channels=channel_names(12),
        ids=tuple(str(k) for k in range(1, len(chosen) + 1)),
        labels=speakers - 1,
        classes=tuple(str(k) for k in range(1, 10)),
        reading="using 12 channels and a label for each sequence",
        named=False,
    )
