"""Kill a study with SIGKILL at random moments, finish it, and compare with an unbroken run.

    python benchmarks/kills.py [--kills 20] [--seed 0]

Fails unless every finished trial is in the store exactly once and results.csv equals the unbroken run's, times aside.
"""

from __future__ import annotations

import argparse
import csv
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from selfloop.study.tables import TIMES

COMMAND = ("compare", "airline", "--folds", "5", "--seeds", "3", "--epochs", "60", "--workers", "2", "--quiet")


def command(out: Path) -> list[str]:
    """The command line of a study in `out`."""
    return [sys.executable, "-c", "from selfloop.cli import main; main()", *COMMAND, "--out", str(out)]


def results(out: Path) -> list[dict[str, str]]:
    """results.csv without its times."""
    with (out / "results.csv").open(encoding="utf-8") as file:
        return [{k: v for k, v in row.items() if k not in TIMES} for row in csv.DictReader(file)]


def stored(out: Path) -> set[tuple[str, int, int]]:
    """Trials in the store, whatever state a kill left it in."""
    if not (out / "study.sqlite").is_file():
        return set()
    with closing(sqlite3.connect(out / "study.sqlite")) as db:  # left open, it would keep the next run out
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'trials'").fetchone():
            return set()
        return set(db.execute("SELECT candidate, fold, seed FROM trials"))


def run_killed(out: Path, kills: int, longest: float, rng: random.Random) -> list[int]:
    """Start a study and kill it, `kills` times; then let it finish. Returns how many trials each kill found stored.

    Raises:
        AssertionError: a kill lost a trial that had been stored.
    """
    found: list[int] = []
    before: set[tuple[str, int, int]] = set()
    for _ in range(kills):
        process = subprocess.Popen(command(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.1, longest))
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = stored(out)
        assert before <= now, f"lost {before - now}"
        found.append(len(now))
        before = now
    subprocess.run(command(out), check=True, stdout=subprocess.DEVNULL)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole, broken = Path(folder, "whole"), Path(folder, "broken")
        start = time.perf_counter()
        subprocess.run(command(whole), check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        # Longer than a start, much shorter than a study: kills fall among the trials, not after them.
        found = run_killed(broken, arguments.kills, 0.5 * seconds, random.Random(arguments.seed))
        print(f"an unbroken run takes {seconds:.1f} s; trials stored at each kill: {found}")
        if results(whole) != results(broken):
            sys.exit("the results differ from the unbroken run's")
        print(f"after {arguments.kills} kills: {len(results(broken))} trials, each once, equal to the unbroken run's")


if __name__ == "__main__":
    main()
