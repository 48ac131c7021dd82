"""Each classifying candidate on one fold: how it is built, trained, chosen on validation, and refitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from selfloop.data.sequences import Sequences
from selfloop.results.study import Setting
from selfloop.tasks.classify.baselines import Majority, Scaler, SummaryClassifier, fit_summary, refit_summary
from selfloop.tasks.classify.task import Classify, ClassifyFold
from selfloop.train.budget import Option, Plan
from selfloop.train.classifying import (
    Classifier,
    ClassifyProblem,
    NetworkClassifier,
    SequenceClassifier,
    WindowClassifier,
)
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.loop import Schedule, TrainingRun, train, train_exactly

SequenceModel = Majority | SummaryClassifier | NetworkClassifier
FEED_FORWARD_SIZES = (32, 128)
LONGEST_WINDOW = 1024


@dataclass(frozen=True, eq=False)
class ClassifyFitter:
    """Builds and trains candidates on one fold of a classification. Looks at no test case."""

    task: Classify
    data: Sequences
    fold: ClassifyFold
    plan: Plan

    @cached_property
    def scaler(self) -> Scaler:
        """Of the training cases."""
        return Scaler.fit(self.data.take(self.fold.fit).values)

    def closed_form(self, candidate: str) -> tuple[SequenceModel, dict[str, Setting]]:
        """A baseline without a training loop."""
        if candidate == "majority":
            return Majority.fit(self.data, self.fold.fit), {}
        model = fit_summary(self.task, self.data, self.fold)
        return model, {"penalty": model.penalty}

    def options(self, candidate: str) -> tuple[tuple[Option, ...], tuple[float, ...]]:
        """What to try first, and the learning rates to try on the best of it."""
        if candidate == "feed_forward":
            return self.plan.feed_forward_options(self._windows(), FEED_FORWARD_SIZES)
        return self.plan.recurrent_options(candidate), ()

    def train(self, candidate: str, option: Option, seed: int) -> tuple[NetworkClassifier, TrainingRun]:
        """Train a network with early stopping on the fold's validation part."""
        problem = self._problem(candidate, option, seed)
        run = train(problem, Schedule(self.plan.epochs, self.plan.patience, option.learning_rate), seed)
        return problem.model(), run

    def test(self, model: SequenceModel) -> tuple[dict[str, float], dict[str, NDArray[np.float32]]]:
        """The one look at the test cases: every metric, and the probabilities."""
        found = model.probabilities(self.data, self.fold.test)
        return self.task.score(self.data, self.fold.test, found), {"test": found.astype(np.float32)}

    def refit(self, candidate: str, option: Option, epochs: int, seed: int) -> NetworkClassifier:
        """Train on all of `data` for a given number of epochs."""
        everything = replace(self.fold, fit=np.arange(len(self.data)))
        problem = ClassifyFitter(self.task, self.data, everything, self.plan)._problem(candidate, option, seed)
        train_exactly(problem, option.learning_rate, epochs, seed)
        return problem.model()

    def refit_closed_form(self, candidate: str) -> SequenceModel:
        """The baseline as validation chooses it, learnt from all of `data`."""
        if candidate == "majority":
            return Majority.fit(self.data, np.arange(len(self.data)))
        return refit_summary(self.data, fit_summary(self.task, self.data, self.task.whole(self.data)))

    def network(self, candidate: str, option: Option) -> Classifier:
        """The untrained network."""
        channels, classes = self.data.values.shape[1], len(self.data.classes)
        if option.window is not None:
            return WindowClassifier(channels, option.hidden_size, option.window, classes)
        both = self.task.direction == "both"
        encoder = RecurrentEncoder(candidate, channels, option.hidden_size, self.plan.layers, both)
        encoder.initialise(int(self.data.lengths[self.fold.fit].max()), self.plan.scheme)
        return SequenceClassifier(encoder, self.task.pool, classes)

    def _problem(self, candidate: str, option: Option, seed: int) -> ClassifyProblem:
        torch.manual_seed(seed)
        return ClassifyProblem(self.task, self.data, self.fold, self.network(candidate, option), self.scaler)

    def _windows(self) -> tuple[int, ...]:
        """All of the longest training sequence, half and a quarter of it."""
        longest = min(int(self.data.lengths[self.fold.fit].max()), LONGEST_WINDOW)
        return tuple(dict.fromkeys(max(longest // part, 1) for part in (1, 2, 4)))
