"""Classification: one label for a whole sequence, whatever its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.results.study import Evidence, Metric, TaskWords, Trial
from selfloop.tasks import grouped
from selfloop.tasks.case_design import FORMS
from selfloop.tasks.cases import FEW_FOLDS, MANY_FOLDS, CaseFold, CaseTask
from selfloop.tasks.classify.baselines import MAJORITY, SUMMARY
from selfloop.tasks.classify.design_matrix import ClassDesign
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.classify.nearest import NEAREST
from selfloop.tasks.classify.ridges import RANDOM_CONVOLUTIONS, RIDGE_RAW
from selfloop.tasks.classify.text import headline
from selfloop.tasks.design_matrix import DesignMatrix
from selfloop.tasks.metrics import ACCURACY, BALANCED_ACCURACY, LOG_LOSS
from selfloop.tasks.model import FEED_FORWARD, Baseline, Model, Predicts, Signature
from selfloop.tasks.output import Classes, Output
from selfloop.tasks.task import Experiment, Predictions
from selfloop.words import percent

RARE = 0.1  # a class below this share, and half of an even one, makes balanced accuracy decide
FREQUENCIES = "guessing by the classes’ frequencies"


@dataclass(frozen=True)
class Classify(CaseTask):
    """The task; its fields are those of `CaseTask`."""

    name: ClassVar[str] = "classify"
    metrics: ClassVar[tuple[Metric, ...]] = (ACCURACY, BALANCED_ACCURACY, LOG_LOSS)
    baselines: ClassVar[tuple[Baseline, ...]] = (
        MAJORITY,
        SUMMARY,
        RIDGE_RAW,
        NEAREST,
        RANDOM_CONVOLUTIONS,
        FEED_FORWARD,
    )
    folds_are: ClassVar[str] = "stratified "
    estimator_forms: ClassVar[tuple[str, ...]] = FORMS

    @classmethod
    def suits(cls, data: Sequences) -> str | None:
        """Whatever has labels."""
        return "there are labels" if data.labels is not None else None

    @classmethod
    def answered(cls, data: Sequences) -> Sequences:
        """With labels alone."""
        return replace(data, outcomes=None, outcome_names=(), columns=replace(data.columns, outcomes=()))

    @classmethod
    def opening(cls, data: Sequences) -> Classify:
        """Both directions and the mean; what tests memory is read as it comes, or it would test nothing."""
        known_lag = data.name.startswith(("recall", "temporal-order"))
        return cls("one", "last") if known_lag else cls("both", "mean")

    def output(self, signature: Signature) -> Output:
        """A probability for each class."""
        return Classes(len(signature.classes))

    def wanted(self, data: Sequences) -> Ints:
        """(sequences,) class numbers."""
        return labels_of(data)

    def default_folds(self, data: Sequences) -> int:
        """Ten where they leave test parts of a hundred cases or more and every class in each, else five."""
        enough = super().default_folds(data) == MANY_FOLDS
        many = MANY_FOLDS if enough and np.bincount(labels_of(data)).min() >= 2 * MANY_FOLDS else FEW_FOLDS
        return many if data.groups is None else max(min(many, len(set(data.groups))), 2)

    def split(self, data: Sequences, folds: int) -> list[tuple[Ints, Ints]]:
        """Stratified; groups stay together.

        Raises:
            SettingsError: a class has fewer cases, or groups, than it takes.
        """
        from sklearn.model_selection import StratifiedKFold

        labels = labels_of(data)
        self._check_classes(data, labels, folds)
        if data.groups is not None:
            return grouped.split(data, labels, folds)
        splitter = StratifiedKFold(max(folds, FEW_FOLDS if folds == 1 else 2), shuffle=True, random_state=0)
        return list(splitter.split(labels, labels))[:folds]

    def hold_out(self, data: Sequences, train: Ints, index: int) -> tuple[Ints, Ints]:
        """A stratified part.

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
        if data.groups is not None:
            return grouped.hold_out(data, labels, train, self.validation, index)
        size = max(round(self.validation * len(train)), len(data.classes))
        fit, valid = train_test_split(train, test_size=size, stratify=labels, random_state=index)
        return fit, valid

    def concatenated(self, data: Sequences, test: Sequences) -> Sequences:
        """The sequences of both, `test` last.

        Raises:
            DataError: the test part has no labels.
        """
        if data.labels is not None and test.labels is None:
            raise DataError(f"{test.name} has no labels; a test part needs one for each sequence.")
        return super().concatenated(data, test)

    def designs(
        self, data: Sequences, fold: CaseFold, variant: str, reads: str, window: int | None
    ) -> tuple[DesignMatrix, ...]:
        """One of summaries, rows or arrays; see `Task.designs`."""
        return (ClassDesign(data, fold, reads),)

    def score(self, data: Sequences, cases: Ints, answers: Floats) -> dict[str, float]:
        """Every metric of (cases, classes) probabilities."""
        truth = labels_of(data)[cases]
        found = answers.argmax(1)
        # Twice float32's rounding: a probability of exactly zero for what happened would make every mean infinite.
        right = np.maximum(answers[np.arange(len(truth)), truth], 2**-23)
        return {
            "accuracy": float((found == truth).mean()),
            "balanced_accuracy": float(np.mean([(found[truth == c] == c).mean() for c in np.unique(truth)])),
            "log_loss": float(-np.log(right).mean()),
        }

    def judged(self, model: Predicts, data: Sequences, cases: Ints) -> tuple[dict[str, float], Floats]:
        """Every metric of a model's probabilities, and these."""
        found = model.predict(data, cases)
        return self.score(data, cases, found), found

    def measure(self, model: Model, data: Sequences, last: int | None) -> dict[str, float]:
        """Of all sequences; each needs its true label."""
        if data.labels is None:
            raise DataError(
                f"{data.name} has no labels; a score needs the true one of each sequence: add the column of labels "
                "that the model learnt from, or ask for predictions."
            )
        return super().measure(model, data, last)

    def deciding(self, data: Sequences) -> tuple[Metric, str]:
        """Accuracy; the balanced one where a class is rare, for whoever never says it is right nearly always."""
        shares = np.bincount(labels_of(data), minlength=len(data.classes)) / len(data)
        rarest = int(shares.argmin())
        if shares[rarest] >= min(RARE, 0.5 / len(shares)):  # of twenty classes each is below a tenth
            return ACCURACY, ""
        return BALANCED_ACCURACY, f"{percent(shares[rarest])} of the sequences are {data.classes[rarest]!r}"

    def right(self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial]) -> dict[str, Floats]:
        """Whose likeliest class was the true one."""
        from selfloop.tasks.classify.evidence import rightness

        return rightness(experiment, predictions, trials)

    def words(self, data: Sequences) -> TaskWords:
        """By label."""
        writes = "It writes the label of each sequence with its probabilities."
        return TaskWords("Classification by label", "label", "labels.csv", writes)

    def evidence(
        self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], drawn: Sequence[str]
    ) -> Evidence:
        """True against predicted classes."""
        from selfloop.tasks.classify.evidence import confusions

        return Evidence(confusions=confusions(experiment, predictions, trials, drawn))

    def table(self, model: Model, data: Sequences, signature: Signature, calibration: Floats | None) -> dict[str, Any]:
        """`unique_id`, `label` and a probability for each class."""
        found = model.predict(data, np.arange(len(data)))
        columns: dict[str, Any] = {
            "unique_id": list(data.ids),
            "label": [signature.classes[k] for k in found.argmax(1)],
        }
        for k, name in enumerate(signature.classes):
            columns[f"p_{name}"] = found[:, k]
        return columns

    def asked_of(self, model: Any, some: Sequences) -> tuple[NDArray[Any], NDArray[Any] | None, str, str]:
        """The true classes; where nobody knows them, the model's own answers."""
        of, truth = "cross-entropy of the answer at the end", some.labels
        if truth is not None:
            return truth, truth, of, FREQUENCIES
        own = model.predict(some, np.arange(len(some))).argmax(1)
        return own, None, f"{of}, against the model’s own answer: the true classes are not known", FREQUENCIES

    def headline(self, one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
        """What each network says, or how probable it finds the truth."""
        return headline(one, stop, labels, said)

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
