"""Multinomial logistic regression on a window of steps: what a model without a memory makes of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.model import Arrays, Baseline, ClosedForm, Fields, Signature, floats, read_fields
from selfloop.tasks.places import Block
from selfloop.tasks.tag.folds import TagFold
from selfloop.tasks.tag.labels import tags_of
from selfloop.tasks.tag.material import until
from selfloop.tasks.tag.pipeline import TagPipeline, read_pipeline
from selfloop.tasks.tag.window import Window
from selfloop.tasks.window import Span

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from selfloop.tasks.tag.task import Tag

PENALTIES = (0.1, 1.0, 10.0)  # scikit-learn's C: small is strong
MIDDLE = 1.0
ITERATIONS = 100
NEVER = -30.0  # the score of a label that was not seen in training
LONGEST = 1000  # steps of a window in a model file, at most
AT_ONCE = 1 << 15  # steps whose rows are made at once


@dataclass(frozen=True)
class WindowRegression:
    """Probabilities of a step's labels from a window around it, or behind it."""

    window: Window
    weight: Floats  # (classes, columns)
    bias: Floats  # (classes,)
    penalty: float

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weight.size + self.bias.size

    @property
    def operations(self) -> int:
        """Multiply-adds for one new step: only what is there is multiplied."""
        return len(self.bias) * self.window.filled

    def predict(self, data: Sequences, where: Block) -> Floats:
        """(places, classes) probabilities."""
        steps = where.flat(data)
        parts = [self._said(self.window.rows(data, steps[k : k + AT_ONCE])) for k in range(0, len(steps), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.bias)))

    def _said(self, x: csr_matrix) -> Floats:
        return np.asarray(special.softmax(x @ self.weight.T + self.bias, axis=1))

    def step(self) -> Callable[[], object]:
        """The product with what is there of one row."""
        weight, x = self.weight[:, : self.window.filled].copy(), np.zeros(self.window.filled)
        return lambda: weight @ x + self.bias

    def fields(self) -> Fields:
        """Those of what is shown, the window and the penalty."""
        back, ahead = self.window.span
        return {**self.window.pipeline.fields(), "back": [back], "ahead": [ahead], "penalty": self.penalty}

    def arrays(self) -> Arrays:
        """Scaling and weights."""
        return {**self.window.pipeline.arrays(), "weight": self.weight, "bias": self.bias}


@dataclass(frozen=True)
class WindowFields:
    """What the description of a `WindowRegression` has beside that of what is shown."""

    back: tuple[int]
    ahead: tuple[int]
    penalty: float


def spans(task: Tag) -> tuple[Span, ...]:
    """Windows to try: of symbols a few steps, of numbers more; ahead only where networks look ahead, too."""
    reach = (0, 1, 2) if task.symbolic else (0, 4, 16)
    return tuple((k, k if task.direction == "both" else 0) for k in reach)


def fit_regression(data: Sequences, steps: Ints, window: Window, penalty: float) -> WindowRegression:
    """Learn the known labels of flat steps.

    Args:
        data: all sequences.
        steps: to learn from.
        window: what is seen.
        penalty: scikit-learn's C.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    tags = tags_of(data)
    steps = steps[tags[steps] >= 0]
    there, classes = np.unique(tags[steps]), len(data.classes)
    weight, bias = np.zeros((classes, window.columns)), np.full(classes, NEVER)
    bias[there] = 0.0
    if len(there) == 1:  # nothing to tell apart here: it is what is said
        return WindowRegression(window, weight, bias, penalty)
    with warnings.catch_warnings():
        # A weak penalty may need more steps than are worth taking; validation judges the result as it is.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=penalty, max_iter=ITERATIONS).fit(window.rows(data, steps), tags[steps])
    found, shift = model.coef_, model.intercept_
    if len(there) == 2:  # scikit-learn keeps one row for two classes: the difference of their scores
        found, shift = np.concatenate([-found, found]) / 2, np.concatenate([-shift, shift]) / 2
    weight[there], bias[there] = found, shift
    return WindowRegression(window, weight, bias, penalty)


@dataclass(frozen=True)
class LinearOnWindow(ClosedForm):
    """What a step and its neighbours are, whatever was before them."""

    def looks_ahead(self, task: Tag) -> bool:  # type: ignore[override]
        """Where networks do."""
        return task.direction == "both"

    def fit(self, task: Tag, data: Sequences, fold: TagFold) -> WindowRegression:
        """With the window that validates best at a middling penalty, and the penalty that does so with it."""
        steps = until(fold.fit).flat(data)
        pipeline, tags = TagPipeline.fit(data, steps, with_letters=True), tags_of(data)[fold.valid.flat(data)]

        def loss(model: WindowRegression) -> float:
            said = model.predict(data, fold.valid)[tags >= 0]
            return float(-np.log(np.maximum(said[np.arange(len(said)), tags[tags >= 0]], 2**-23)).mean())

        tried = [fit_regression(data, steps, Window(pipeline, span), MIDDLE) for span in spans(task)]
        best = min(tried, key=loss)
        rest = [fit_regression(data, steps, best.window, penalty) for penalty in PENALTIES if penalty != MIDDLE]
        return min([best, *rest], key=loss)

    def refit(self, task: Tag, data: Sequences) -> WindowRegression:
        """As validation chooses it, learnt from all."""
        return self.again(task, data, self.fit(task, data, task.whole(data)))

    def again(self, task: Tag, data: Sequences, chosen: WindowRegression) -> WindowRegression:
        """One window, one penalty."""
        steps = np.arange(len(data.values))
        window = Window(TagPipeline.fit(data, steps, with_letters=True), chosen.window.span)
        return fit_regression(data, steps, window, chosen.penalty)

    def read(self, task: Tag, fields: Fields, arrays: Arrays, signature: Signature) -> WindowRegression:
        """What is shown, window and weights."""
        said = read_fields(fields, WindowFields)
        span = said.back[0], said.ahead[0]
        if not all(0 <= steps <= LONGEST for steps in span):
            raise ValueError(f"a window of {span} steps")
        window = Window(read_pipeline(fields, arrays, len(signature.channels)), span)
        classes = len(signature.classes)
        weight, bias = floats(arrays, "weight", classes, window.columns), floats(arrays, "bias", classes)
        return WindowRegression(window, weight, bias, said.penalty)

    def settings(self, model: WindowRegression) -> dict[str, Setting]:
        """What validation chose."""
        return {"window": model.window.steps, "penalty": model.penalty}


LINEAR: Baseline = LinearOnWindow("linear_window", "linear model on a window")
