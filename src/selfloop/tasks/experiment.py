"""What a study works on: a task, its data and folds, and the candidates that the user brought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Sequences
from selfloop.results.study import Metric
from selfloop.tasks.entry import Entry

if TYPE_CHECKING:
    from selfloop.tasks.task import Task


Predictions = Callable[[str, int, int], dict[str, NDArray[np.floating[Any]]]]
"""What a finished trial predicted, by candidate, fold and seed; empty when it diverged."""


@dataclass(frozen=True, eq=False)
class Experiment:
    """What a study works on; sent once to each worker process.

    Attributes:
        task: what is asked.
        data: all of it, the user's own test part included.
        folds: the parts of it; each task has its own kind: to learn from, to choose on, to be scored on once.
        inferred: what was decided for the user, a sentence each.
        fold_text: the folds in words.
        test_to_train: n_test / n_train, its mean over folds.
        metrics: the one that decides first; empty: as the task has them.
        entries: the user's own candidates.
    """

    task: Task
    data: Sequences
    folds: tuple[Any, ...]
    inferred: tuple[str, ...] = ()
    fold_text: str = ""
    test_to_train: float = 0.0
    metrics: tuple[Metric, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def ranked(self) -> tuple[Metric, ...]:
        """The metrics, the one that decides first."""
        return self.metrics or self.task.metrics

    @property
    def deciding(self) -> Metric:
        """The metric that decides."""
        return self.ranked[0]
