"""Regression: one number, or several, for a whole sequence, whatever its length."""

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
from selfloop.tasks.cases import FEW_FOLDS, CaseFold, CasePipeline, CaseTask, read_scaler
from selfloop.tasks.design_matrix import DesignMatrix
from selfloop.tasks.inside import View
from selfloop.tasks.intervals import LEVELS
from selfloop.tasks.material import Material
from selfloop.tasks.model import FEED_FORWARD, Arrays, Baseline, Fields, Model, Predicts, Signature
from selfloop.tasks.output import Output, Values
from selfloop.tasks.regress import evidence
from selfloop.tasks.regress.baselines import MEAN, RANDOM_CONVOLUTIONS, RIDGE_RAW, SUMMARY
from selfloop.tasks.regress.design_matrix import ValueDesign
from selfloop.tasks.regress.values import EndFrame, ValuePipeline, measured, outcomes_of, read_target, target_of
from selfloop.tasks.scaler import Scaler
from selfloop.tasks.stored import stored
from selfloop.tasks.task import Experiment, Predictions
from selfloop.words import listed, three

FEWEST = 6  # sequences: two to learn from, two to choose on, two to test on
MANY = 20  # different whole numbers: more are no classes, where they are more than half of the sequences as well
SEVERAL = "of several outcomes each over its standard deviation in training"
RMSE = Metric("rmse", "RMSE", True, f"root mean squared error, in the outcome's own unit; {SEVERAL}")
MAE = Metric("mae", "MAE", True, f"mean absolute error, in the outcome's own unit; {SEVERAL}")
R2 = Metric(
    "r2", "R²", False, "share of the outcomes' variance in the test part that is told; 0: their mean does as well",
    "difference",
)  # fmt: skip


@dataclass(frozen=True)
class Regress(CaseTask):
    """The task; its fields are those of `CaseTask`."""

    name: ClassVar[str] = "regress"
    metrics: ClassVar[tuple[Metric, ...]] = (RMSE, MAE, R2)
    baselines: ClassVar[tuple[Baseline, ...]] = (MEAN, SUMMARY, RIDGE_RAW, RANDOM_CONVOLUTIONS, FEED_FORWARD)
    estimator_forms: ClassVar[tuple[str, ...]] = FORMS

    @classmethod
    def suits(cls, data: Sequences) -> str | None:
        """Numbers that can hardly be names of classes: several of them, fractions, or nearly all different."""
        if data.outcomes is None:
            return None
        if data.outcomes.shape[1] > 1:
            return f"there are {data.outcomes.shape[1]} numbers for each sequence"
        odd = data.outcomes[data.outcomes != np.rint(data.outcomes)]
        if len(odd):
            return f"labels are numbers such as {three(float(odd[0]))}"
        different = len(np.unique(data.outcomes))
        many = different > MANY and 2 * different > len(data)
        return f"labels are {different} different numbers" if many else None

    @classmethod
    def answered(cls, data: Sequences) -> Sequences:
        """With numbers alone."""
        columns = replace(data.columns, label=None)
        return replace(data, labels=None, classes=(), class_type="text", columns=columns)

    @classmethod
    def opening(cls, data: Sequences) -> Regress:
        """Both directions and the mean; what tests memory is read as it comes, or it would test nothing.

        Raises:
            DataError: there are no numbers, all of them are the same, or there are too few sequences.
        """
        outcomes = outcomes_of(data)
        same = np.flatnonzero(Scaler.fit(outcomes).deviation == 0)
        if len(same):
            raise DataError(
                f"{data.name}: {data.outcome_names[same[0]]!r} is {three(float(outcomes[0, same[0]]))} for all "
                f"{len(data)} sequences; nothing to tell: expected numbers that differ."
            )
        if len(data) < FEWEST:
            raise DataError(
                f"{data.name} has {len(data)} sequence{'s' if len(data) != 1 else ''}; expected {FEWEST} or more, to "
                "learn from, to choose on and to test on."
            )
        return cls("one", "last") if data.name.startswith("adding") else cls("both", "mean")

    def output(self, signature: Signature) -> Output:
        """A scaled value for each outcome."""
        return Values(len(signature.outcomes))

    def wanted(self, data: Sequences) -> NDArray[Any]:
        """(sequences, K)."""
        return outcomes_of(data)

    def default_folds(self, data: Sequences) -> int:
        """Ten where they leave test parts of a hundred cases or more, else five; fewer of few cases or groups."""
        many = min(super().default_folds(data), len(data) // 2)
        return many if data.groups is None else max(min(many, len(set(data.groups))), 2)

    def split(self, data: Sequences, folds: int) -> list[tuple[Ints, Ints]]:
        """Shuffled; groups stay together.

        Raises:
            SettingsError: there are too few cases, or groups.
        """
        if folds < 1:
            raise SettingsError(f"folds is {folds}; expected 1 or more.")
        if data.groups is not None:
            return grouped.split(data, np.zeros(len(data), dtype=np.int64), folds)
        if len(data) < 2 * folds:
            raise SettingsError(
                f"{data.name} has {len(data)} sequences; {folds} folds need {2 * folds}, two to test in each: --folds "
                f"{len(data) // 2} would do."
            )
        count = min(FEW_FOLDS, len(data) // 2) if folds == 1 else folds
        parts = np.array_split(np.random.default_rng(0).permutation(len(data)), count)
        return [(np.setdiff1d(np.arange(len(data)), part), np.sort(part)) for part in parts[:folds]]

    def hold_out(self, data: Sequences, train: Ints, index: int) -> tuple[Ints, Ints]:
        """A part that is drawn."""
        if data.groups is not None:
            same = np.zeros(len(train), dtype=np.int64)
            return grouped.hold_out(data, same, train, self.validation, index)
        shuffled = np.random.default_rng(index).permutation(train)
        size = min(max(round(self.validation * len(train)), 1), len(train) - 1)
        return shuffled[size:], shuffled[:size]

    def concatenated(self, data: Sequences, test: Sequences) -> Sequences:
        """The sequences of both, `test` last.

        Raises:
            DataError: the test part has no outcomes, or others.
        """
        _check_known(test, len(data.outcome_names), "a test part")
        return super().concatenated(data, test)

    def material(self, data: Sequences, fold: CaseFold, variant: str) -> Material:
        """Channels and outcomes scaled by the training cases."""
        found = super().material(data, fold, variant)
        assert isinstance(found.pipeline, CasePipeline), "it is the one of cases"
        target = Scaler.fit(outcomes_of(data)[fold.fit])
        pipeline = ValuePipeline(found.pipeline.scaler, target=target)
        return replace(found, pipeline=pipeline, wanted=target.scale(outcomes_of(data)))

    def pipeline(self, fields: Fields, arrays: Arrays, signature: Signature) -> ValuePipeline:
        """The scaling of channels and outcomes."""
        target = read_target(arrays, len(signature.outcomes))
        return ValuePipeline(read_scaler(arrays, len(signature.channels)), target=target)

    def designs(
        self, data: Sequences, fold: CaseFold, variant: str, reads: str, window: int | None
    ) -> tuple[DesignMatrix, ...]:
        """One of summaries, rows or arrays; see `Task.designs`."""
        return (ValueDesign(data, fold, reads),)

    def start(self, variant: str) -> str:
        """Scores of zero."""
        return "the mean of the training sequences"

    def judged(self, model: Predicts, data: Sequences, cases: Ints) -> tuple[dict[str, float], Floats]:
        """Every metric of a model's answers, and these."""
        found = model.predict(data, cases)
        return measured(outcomes_of(data)[cases], found, target_of(model)), found

    def test(self, model: Predicts, data: Sequences, fold: CaseFold) -> tuple[dict[str, float], Arrays]:
        """Every metric of the test cases, and the answers."""
        found, known = model.predict(data, fold.test), outcomes_of(data)
        # Of the fold, not of the model: one of the user's own has no scaling to be asked for.
        scores = measured(known[fold.test], found, Scaler.fit(known[fold.fit]))
        return scores, {"test": stored(found, *np.abs(outcomes_of(data)).max(0).tolist())}

    def measure(self, model: Model, data: Sequences, last: int | None) -> dict[str, float]:
        """Of all sequences; each needs its true outcomes."""
        _check_known(data, len(target_of(model).mean), "a score")
        return super().measure(model, data, last)

    def words(self, data: Sequences) -> TaskWords:
        """By the names of the outcomes."""
        named = listed(data.outcome_names)
        writes = f"It writes {named} of each sequence with the bounds of 80 % and 95 % intervals."
        unit = "" if len(data.outcome_names) == 1 else "in standard deviations of each of them"
        return TaskWords(f"Regression of {named}", named, "outcomes.csv", writes, unit)

    def evidence(
        self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], drawn: Sequence[str]
    ) -> Evidence:
        """What the intervals held, and answers against truth."""
        return evidence.evidence(experiment, predictions, trials, drawn)

    def calibration(
        self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], name: str
    ) -> Floats | None:
        """(levels, K) half widths from the errors on all test parts."""
        return evidence.widths(experiment, predictions, trials, name)

    def read_calibration(self, arrays: Arrays) -> Floats | None:
        """(levels, K) half widths."""
        return arrays.get("half_widths")

    def table(self, model: Model, data: Sequences, signature: Signature, calibration: Floats | None) -> dict[str, Any]:
        """`unique_id`, each outcome under its own name, and the bounds of its intervals."""
        found = model.predict(data, np.arange(len(data)))
        columns: dict[str, Any] = {"unique_id": list(data.ids)}
        for k, name in enumerate(signature.outcomes):
            columns[name] = found[:, k]
            for level, width in zip(LEVELS, () if calibration is None else calibration[:, k], strict=False):
                columns[f"{name}-lo-{level * 100:.0f}"] = found[:, k] - width
                columns[f"{name}-hi-{level * 100:.0f}"] = found[:, k] + width
        return columns

    def asked_of(self, model: Any, some: Sequences) -> tuple[NDArray[Any], NDArray[Any] | None, str, str]:
        """The true outcomes; where nobody knows them, the model's own answers."""
        target, of, baseline = target_of(model), "squared error of the scaled answer at the end", "answering the mean"
        if some.outcomes is not None:
            # Of the size of one, whatever the unit: what two models are asked is compared within a tolerance.
            return target.scale(some.outcomes), some.outcomes / np.abs(some.outcomes).max(), of, baseline
        own = target.scale(model.predict(some, np.arange(len(some))))
        return own, None, f"{of}, against the model’s own answer: the true numbers are not known", baseline

    def view(self, model: Any, one: Sequences, signature: Signature) -> View:
        """One sequence, scaled; its outcomes are the answers."""
        known = np.full(len(signature.outcomes), np.nan) if one.outcomes is None else one.outcomes[0]
        frame = EndFrame(target_of(model), known, len(one.values))
        inputs, said = model.pipeline.scaler.scale(one.values), "the scaled answer"
        first = said if len(known) == 1 else f"{said} for {signature.outcomes[0]}"
        return View(inputs, signature.channels, signature.outcomes, frame, loss_of=said, first_of=first)

    def headline(self, one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
        """What each network says of the outcomes, and the truth if it is known."""
        when = f"After {'all ' if stop == len(one.values) else ''}{stop:,} steps" if stop > 1 else "After its one step"
        parts = listed([f"this {label} says {_numbers(labels, answer)}" for label, answer in said])
        truth = (
            "the truth is not known" if one.outcomes is None else f"the truth is {_numbers(labels, one.outcomes[0])}"
        )
        return f"{when} of sequence {one.ids[0]}, {parts}; {truth}."


def _check_known(data: Sequences, count: int, what: str) -> None:
    found = 0 if data.outcomes is None else data.outcomes.shape[1]
    if found != count:
        numbers = f"{found or 'no'} number{'s' if (found or count) != 1 else ''}"
        true = f"true {count if count > 1 else 'one'} of each"
        raise DataError(
            f"{data.name} has {numbers} for each sequence; {what} needs the {true}: add the columns of labels that "
            "were learnt from, or give labels beside arrays."
        )


def _numbers(names: Sequence[str], values: Floats) -> str:
    return listed([f"{name} = {three(float(value))}" for name, value in zip(names, values, strict=True)])
