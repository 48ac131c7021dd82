"""Classification: one label for a whole sequence, whatever its length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.results.study import Metric
from selfloop.tasks.metrics import ACCURACY, BALANCED_ACCURACY, LOG_LOSS

Direction = Literal["one", "both"]
Pool = Literal["last", "mean"]

MANY_FOLDS, FEW_FOLDS = 10, 5
MANY_CASES = 100  # test cases a fold that ten folds must leave


@dataclass(frozen=True)
class ClassifyFold:
    """Learn from the cases `fit`, choose on `valid`, be scored once on `test`."""

    index: int
    fit: Ints
    valid: Ints
    test: Ints


@dataclass(frozen=True)
class Classify:
    """The task. `direction`: how a network reads ("both": also backwards). `pool`: what its answer is made of."""

    direction: Direction = "both"
    pool: Pool = "mean"
    validation: float = 0.2  # share of a training part that inner validation takes

    name: ClassVar[Literal["classify"]] = "classify"
    metrics: ClassVar[tuple[Metric, ...]] = (ACCURACY, BALANCED_ACCURACY, LOG_LOSS)

    def default_folds(self, data: Sequences) -> int:
        """Ten where they leave test parts of a hundred cases or more and every class in each, else five."""
        labels = labels_of(data)
        enough = len(labels) >= MANY_FOLDS * MANY_CASES and np.bincount(labels).min() >= 2 * MANY_FOLDS
        return MANY_FOLDS if enough else FEW_FOLDS

    def folds(self, data: Sequences, folds: int) -> tuple[ClassifyFold, ...]:
        """Stratified folds, the same for every seed; with one fold, a fifth of the cases is tested.

        Raises:
            SettingsError: a class has fewer cases than it takes.
        """
        from sklearn.model_selection import StratifiedKFold

        labels = labels_of(data)
        self._check_classes(data, labels, folds)
        splitter = StratifiedKFold(max(folds, FEW_FOLDS if folds == 1 else 2), shuffle=True, random_state=0)
        splits = list(splitter.split(labels, labels))[:folds]
        return tuple(self.fold(data, k, train, test) for k, (train, test) in enumerate(splits))

    def fold(self, data: Sequences, index: int, train: Ints, test: Ints) -> ClassifyFold:
        """The fold that tests the cases `test`; inner validation is a stratified part of the cases `train`.

        Raises:
            SettingsError: a class has fewer than two cases to learn from.
        """
        from sklearn.model_selection import train_test_split

        labels = labels_of(data)[train]
        counts = np.bincount(labels, minlength=len(data.classes))
        if counts.min() < 2:
            rarest = int(counts.argmin())
            raise SettingsError(
                f"class {data.classes[rarest]!r} has {counts[rarest]} case{'s' if counts[rarest] != 1 else ''} to "
                "learn from; expected 2 or more, one to validate on; more cases of it, or leaving it out, would do."
            )
        classes = len(data.classes)
        size = max(round(self.validation * len(train)), classes)
        fit, valid = train_test_split(train, test_size=size, stratify=labels, random_state=index)
        return ClassifyFold(index, np.sort(fit), np.sort(valid), np.asarray(test))

    def whole(self, data: Sequences) -> ClassifyFold:
        """The fold that learns from all there is: nothing is left to test."""
        return self.fold(data, 0, np.arange(len(data)), np.zeros(0, dtype=np.int64))

    def score(self, data: Sequences, cases: Ints, probabilities: Floats) -> dict[str, float]:
        """Every metric of (cases, classes) probabilities."""
        truth = labels_of(data)[cases]
        found = probabilities.argmax(1)
        # Twice float32's rounding: a probability of exactly zero for what happened would make every mean infinite.
        right = np.maximum(probabilities[np.arange(len(truth)), truth], 2**-23)
        return {
            "accuracy": float((found == truth).mean()),
            "balanced_accuracy": float(np.mean([(found[truth == c] == c).mean() for c in np.unique(truth)])),
            "log_loss": float(-np.log(right).mean()),
        }

    def _check_classes(self, data: Sequences, labels: Ints, folds: int) -> None:
        if folds < 1:
            raise SettingsError(f"folds is {folds}; expected 1 or more.")
        counts = np.bincount(labels, minlength=len(data.classes))
        rarest = int(counts.argmin())
        parts = FEW_FOLDS if folds == 1 else folds
        least = max(parts, 3)  # a class must also be in the inner validation part
        if counts[rarest] < least:
            most = int(counts[rarest])
            remedy = f"--folds {most} would do" if most >= 3 else "more cases of it, or leaving it out, would do"
            raise SettingsError(
                f"class {data.classes[rarest]!r} has {counts[rarest]} case{'s' if counts[rarest] != 1 else ''}; "
                f"{folds} fold{'s' if folds > 1 else ''} need{'s' if folds == 1 else ''} {least} of each; {remedy}."
            )


def labels_of(data: Sequences) -> Ints:
    """(sequences,) class numbers.

    Raises:
        DataError: the data have no labels, or only one class.
    """
    if data.labels is None:
        raise DataError(
            f"{data.name} has no labels; a classification needs one a sequence: name the column with --label."
        )
    if len(data.classes) < 2:
        raise DataError(
            f"{data.name} has only one class, {data.classes[0]!r}; nothing to tell apart: expected two or more."
        )
    return data.labels
