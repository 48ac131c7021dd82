"""A small study that kills itself at a given place, as SIGKILL from outside would, and tells what had finished.

    python tests/dying_study.py FOLDER WORKERS TRIALS

Dies in the choice of what networks are shown where TRIALS is 0, else as soon as so many are told to be in the store.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import selfloop
from selfloop.results.study import Trial
from selfloop.study.progress import Progress

SMALL: dict[str, Any] = {"folds": 2, "seeds": 2, "epochs": 4, "horizon": 6, "candidates": ("lstm", "gru")}


class Dies(Progress):
    """Writes candidate, fold and seed of each trial, and stays alive for so many."""

    def __init__(self, trials: int) -> None:
        self.left = trials

    def chose(self) -> None:
        self._die()

    def finished(self, trial: Trial) -> None:
        sys.stdout.write(f"{trial.candidate} {trial.fold} {trial.seed}\n")
        sys.stdout.flush()
        self.left -= 1
        self._die()

    def _die(self) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    out, workers, trials = sys.argv[1:]
    selfloop.compare("airline", out=out, workers=int(workers), progress=Dies(int(trials)), **SMALL)
