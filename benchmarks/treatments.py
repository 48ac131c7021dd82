"""Does it matter whether networks choose their input treatment on each fold, or on the first for all? docs/training.md.

    python benchmarks/treatments.py [--write]

Each set is compared twice, with `treatment="first"` and with `treatment="each"`, all else alike: four folds, one seed,
one learning rate. Two sets are generated: twenty shops with a yearly season and promotions, and an hourly load with a
day and a week. One process, a few minutes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from tables import put, table

import selfloop
from selfloop.study.settings import Treatment
from selfloop.words import percent, three

PAGE = Path(__file__).resolve().parent.parent / "docs" / "training.md"
SMALL: dict[str, Any] = {
    "folds": 4, "seeds": 1, "epochs": 12, "learning_rates": (0.003,), "workers": 1, "explain": False, "progress": False,
}  # fmt: skip
TREATMENTS: tuple[Treatment, Treatment] = ("first", "each")
WEEKS, SHOPS, HOURS = 150, 20, 24 * 45


def shops() -> pl.DataFrame:
    """Weekly sales of shops of unequal size."""
    rng, t = np.random.default_rng(3), np.arange(WEEKS)
    parts = []
    for k in range(SHOPS):
        promotion = rng.random(WEEKS) < 0.2
        season = 1 + 0.3 * np.sin(2 * np.pi * t / 52 + 0.3 * rng.normal())
        sales = np.exp(rng.normal(5, 0.8)) * (season + 0.1 * rng.normal(size=WEEKS) + 0.002 * t) * (1 + 0.4 * promotion)
        parts.append(pl.DataFrame({"shop": k, "week": t, "sales": sales, "promotion": promotion.astype(int)}))
    return pl.concat(parts)


def hours() -> pl.DataFrame:
    """An hourly load with a day, a week and a slow drift."""
    rng, h = np.random.default_rng(4), np.arange(HOURS)
    drift = 0.02 * np.cumsum(rng.normal(size=HOURS))
    load = 50 + 10 * np.sin(2 * np.pi * h / 24) + 5 * np.sin(2 * np.pi * h / 168) + drift + rng.normal(size=HOURS)
    return pl.DataFrame({"hour": h, "load": load})


SETS: dict[str, tuple[Any, dict[str, Any]]] = {
    "airline passengers": ("airline", {}),
    "twenty shops": (shops(), {"id": "shop", "time": "week", "target": "sales"}),
    "hourly load": (hours(), {"time": "hour", "target": "load"}),
}


def scores(source: Any, roles: dict[str, Any], treatment: Treatment) -> dict[str, float]:
    """MASE of each network, and of the ridge autoregression, which chooses on each fold always."""
    study = selfloop.compare(source, treatment=treatment, **roles, **SMALL)
    rows = study.result.leaderboard
    return {row.candidate.label: row.score for row in rows if row.score is not None}


def _against(score: float, other: float) -> str:
    if score == other:
        return "the same"
    return f"{percent(abs(score / other - 1))} {'more' if score > other else 'less'}"


def main() -> int:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table into docs/training.md")
    rows = []
    for name, (source, roles) in SETS.items():
        first, each = (scores(source, roles, treatment) for treatment in TREATMENTS)
        for label in ("RNN", "LSTM", "GRU", "feed-forward network", "ridge autoregression"):
            said = _against(each[label], first[label])
            rows.append((name, label, three(first[label]), three(each[label]), said))
    found = table(("data", "candidate", "on the first fold for all", "on each fold", "error with each"), rows)
    print(found)
    if parser.parse_args().write:
        put(PAGE, "treatments", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
