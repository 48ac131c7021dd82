"""The classifying baselines that need no network: the majority, and a linear model on summary features."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy import special

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.classify.task import Classify, ClassifyFold, labels_of

PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)  # scikit-learn's C: small is strong
ITERATIONS = 1000


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation of each channel over the training part."""

    mean: Floats  # (channels,)
    deviation: Floats  # (channels,)

    @classmethod
    def fit(cls, values: Floats) -> Scaler:
        """Measure (examples, channels)."""
        deviation = values.std(0)
        return cls(values.mean(0), np.where(deviation > 1e-12, deviation, 1.0))

    def scale(self, values: Floats) -> Floats:
        """(examples, channels), centred and scaled."""
        return (values - self.mean) / self.deviation


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

    def probabilities(self, data: Sequences, cases: Ints) -> Floats:
        """(cases, classes)."""
        return np.tile(self.shares, (len(cases), 1))


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

    def probabilities(self, data: Sequences, cases: Ints) -> Floats:
        """(cases, classes)."""
        x = self.scaler.scale(summary(data, cases))
        return np.asarray(special.softmax(x @ self.weight.T + self.bias, axis=1))


def summary(data: Sequences, cases: Ints) -> Floats:
    """(cases, 7 * channels + 1): a channel's mean, deviation, least, greatest, first, last, mean change; the length."""
    rows = []
    for k in cases:
        s = data[k]
        slope = (s[-1] - s[0]) / max(len(s) - 1, 1)
        rows.append(np.concatenate([s.mean(0), s.std(0), s.min(0), s.max(0), s[0], s[-1], slope, [len(s)]]))
    return np.array(rows)


def summary_features(channels: int) -> int:
    """Columns that `summary` makes of so many channels."""
    return 7 * channels + 1


def fit_summary(task: Classify, data: Sequences, fold: ClassifyFold) -> SummaryClassifier:
    """The penalty that validates best in log loss, learnt on `fold.fit`."""
    x, labels = summary(data, fold.fit), labels_of(data)[fold.fit]
    models = [_fit(x, labels, len(data.classes), penalty) for penalty in PENALTIES]
    losses = [task.score(data, fold.valid, m.probabilities(data, fold.valid))["log_loss"] for m in models]
    return models[int(np.argmin(losses))]


def refit_summary(data: Sequences, chosen: SummaryClassifier) -> SummaryClassifier:
    """The same penalty, learnt from all of `data`."""
    cases = np.arange(len(data))
    return _fit(summary(data, cases), labels_of(data), len(data.classes), chosen.penalty)


def _fit(x: Floats, labels: Ints, classes: int, penalty: float) -> SummaryClassifier:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    scaler = Scaler.fit(x)
    with warnings.catch_warnings():
        # A weak penalty may need more steps than are worth taking; validation judges the result as it is.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=penalty, max_iter=ITERATIONS).fit(scaler.scale(x), labels)
    weight, bias = model.coef_, model.intercept_
    if classes == 2:  # scikit-learn keeps one row for two classes: the difference of their scores
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return SummaryClassifier(scaler, weight, bias, penalty)
