"""The classifying baselines that need no network: the majority, and a linear model on summary features."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.cases import CaseFold, read_scaler, scaler_arrays
from selfloop.tasks.classify.labels import labels_of
from selfloop.tasks.features.summary import scaled_by, summary, summary_features
from selfloop.tasks.model import Arrays, ClosedForm, Fields, Signature, floats, read_fields
from selfloop.tasks.scaler import Scaler

if TYPE_CHECKING:
    from selfloop.tasks.classify.task import Classify

PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)  # scikit-learn's C: small is strong
ITERATIONS = 1000


@dataclass(frozen=True)
class Majority:
    """Says for every sequence how common each class was in training."""

    shares: Floats  # (classes,)
    parameters: int = 0
    operations: int = 0

    @classmethod
    def fit(cls, data: Sequences, cases: Ints) -> Majority:
        """Count the classes of the training cases."""
        counts = np.bincount(labels_of(data)[cases], minlength=len(data.classes))
        return cls(counts / counts.sum())

    def predict(self, data: Sequences, where: Ints) -> Floats:
        """(cases, classes) probabilities."""
        return np.tile(self.shares, (len(where), 1))

    def step(self) -> Callable[[], object] | None:
        """Nothing is computed."""
        return None

    def fields(self) -> Fields:
        """None."""
        return {}

    def arrays(self) -> Arrays:
        """The shares."""
        return {"shares": self.shares}


@dataclass(frozen=True)
class SummaryClassifier:
    """Multinomial logistic regression on summary features: where and how a sequence is, not in which order."""

    scaler: Scaler
    weight: Floats  # (classes, features)
    bias: Floats  # (classes,)
    penalty: float

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weight.size + self.bias.size

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step and an answer after it: running sums, then the linear model."""
        return int(self.weight.size + self.weight.shape[1])

    def predict(self, data: Sequences, where: Ints) -> Floats:
        """(cases, classes) probabilities."""
        x = self.scaler.scale(summary(data, where))
        return np.asarray(special.softmax(x @ self.weight.T + self.bias, axis=1))

    def step(self) -> Callable[[], object]:
        """The linear model's product."""
        x = np.zeros(self.weight.shape[1])
        return lambda: self.weight @ x + self.bias

    def fields(self) -> Fields:
        """The penalty."""
        return {"penalty": self.penalty}

    def arrays(self) -> Arrays:
        """Scaling and weights."""
        return {**scaler_arrays(self.scaler), "weight": self.weight, "bias": self.bias}


def fit_summary(task: Classify, data: Sequences, fold: CaseFold) -> SummaryClassifier:
    """The penalty that validates best in log loss, learnt on `fold.fit`."""
    x, labels = summary(data, fold.fit), labels_of(data)[fold.fit]
    models = [_fit(x, labels, len(data.classes), penalty) for penalty in PENALTIES]
    losses = [task.score(data, fold.valid, m.predict(data, fold.valid))["log_loss"] for m in models]
    return models[int(np.argmin(losses))]


def refit_summary(data: Sequences, chosen: SummaryClassifier) -> SummaryClassifier:
    """The same penalty, learnt from all of `data`."""
    cases = np.arange(len(data))
    return _fit(summary(data, cases), labels_of(data), len(data.classes), chosen.penalty)


def _fit(x: Floats, labels: Ints, classes: int, penalty: float) -> SummaryClassifier:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    scaler = scaled_by(x)
    with warnings.catch_warnings():
        # A weak penalty may need more steps than are worth taking; validation judges the result as it is.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=penalty, max_iter=ITERATIONS).fit(scaler.scale(x), labels)
    weight, bias = model.coef_, model.intercept_
    if classes == 2:  # scikit-learn keeps one row for two classes: the difference of their scores
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return SummaryClassifier(scaler, weight, bias, penalty)


@dataclass(frozen=True)
class MajorityClass(ClosedForm):
    """Every sequence is like the training cases."""

    def fit(self, task: Classify, data: Sequences, fold: CaseFold) -> Majority:
        """Count the training cases."""
        return Majority.fit(data, fold.fit)

    def refit(self, task: Classify, data: Sequences) -> Majority:
        """Count all."""
        return Majority.fit(data, np.arange(len(data)))

    def read(self, task: Classify, fields: Fields, arrays: Arrays, signature: Signature) -> Majority:
        """The shares."""
        return Majority(floats(arrays, "shares", len(signature.classes)))


@dataclass(frozen=True)
class SummaryFields:
    """What the description of a `SummaryClassifier` has."""

    penalty: float


@dataclass(frozen=True)
class LinearOnSummaries(ClosedForm):
    """Where and how a sequence is, not in which order."""

    def fit(self, task: Classify, data: Sequences, fold: CaseFold) -> SummaryClassifier:
        """With the penalty that validates best."""
        return fit_summary(task, data, fold)

    def refit(self, task: Classify, data: Sequences) -> SummaryClassifier:
        """With the penalty that validates best, learnt from all."""
        return self.again(task, data, fit_summary(task, data, task.whole(data)))

    def again(self, task: Classify, data: Sequences, chosen: SummaryClassifier) -> SummaryClassifier:
        """One penalty."""
        return refit_summary(data, chosen)

    def read(self, task: Classify, fields: Fields, arrays: Arrays, signature: Signature) -> SummaryClassifier:
        """Scaling and weights."""
        features, classes = summary_features(len(signature.channels)), len(signature.classes)
        weight, bias = floats(arrays, "weight", classes, features), floats(arrays, "bias", classes)
        penalty = read_fields(fields, SummaryFields).penalty
        return SummaryClassifier(read_scaler(arrays, features), weight, bias, penalty)

    def settings(self, model: SummaryClassifier) -> dict[str, Setting]:
        """What validation chose."""
        return {"penalty": model.penalty}


MAJORITY = MajorityClass("majority", "majority class", naive=True)
SUMMARY = LinearOnSummaries("summary", "linear model on summaries")
