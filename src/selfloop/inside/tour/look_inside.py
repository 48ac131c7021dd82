"""Some of the tour's networks on one test, for the explorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from selfloop.data import Sequences
from selfloop.inside.explore.classifier import ClassifierSubject
from selfloop.inside.explore.explore import part_of, shown
from selfloop.inside.explore.subjects import Case
from selfloop.inside.tour.train import HIDDEN, TESTS, Recipe, flat_of, gradient_by_lag, unseen
from selfloop.nn.layers import Layer
from selfloop.results.exploration import Exploration
from selfloop.results.tour import Trained
from selfloop.train.classifying import SequenceClassifier

Learnt = tuple[Recipe, Trained, SequenceClassifier]


def look_inside(models: Sequence[Learnt], lag: int) -> Exploration:
    """These networks on one of the tests: of those of median length the one on which the chrono networks are surest."""
    tests = unseen(lag)
    one = tests.take([_telling(tests, models)])
    subjects = tuple(_subject(recipe, network, one) for recipe, _, network in models)
    case = Case(subjects, one, "", "classify")
    exploration = shown(case, part_of(case))
    accuracies = [
        f"{subject.label}: right on {_share(trained.accuracy)} of {TESTS} tests"
        for subject, (_, trained, _) in zip(subjects, models, strict=True)
    ]
    traced = zip(exploration.models, models, strict=True)
    curved = tuple(replace(model, by_lag=gradient_by_lag(network, lag)[0]) for model, (_, _, network) in traced)
    return replace(
        exploration, models=curved, data=f"recall over {lag} steps", facts=(f"{HIDDEN} hidden units each", *accuracies),
    )  # fmt: skip


@torch.no_grad()
def _telling(tests: Sequences, models: Sequence[Learnt]) -> int:
    """Which test: nobody learns from a sequence that a network happens to get wrong."""
    labels, lengths = tests.labels, tests.lengths
    assert labels is not None, "recall has classes"
    x, steps = flat_of(tests).batch(torch.arange(len(tests)), None)
    sure = np.ones(len(tests))
    for recipe, _, network in models:
        if recipe.start == "chrono":
            sure = np.minimum(sure, torch.softmax(network(x, steps), dim=-1).numpy()[np.arange(len(tests)), labels])
    middle = int(np.sort(lengths)[len(lengths) // 2])
    return max((k for k in range(len(tests)) if lengths[k] == middle), key=lambda k: float(sure[k]))


def _subject(recipe: Recipe, network: SequenceClassifier, one: Sequences) -> ClassifierSubject:
    ours = recipe.start == "chrono"
    label = recipe.label if ours else f"{recipe.label}, torch’s start"
    layers = tuple(layer for layer in network.encoder.layers if isinstance(layer, Layer))
    inputs = torch.from_numpy(one.values).float()
    assert one.labels is not None, "recall has classes"
    name = recipe.cell if ours else f"{recipe.cell}-torch"
    return ClassifierSubject(name, label, layers, inputs, one.channels, network, one.classes, int(one.labels[0]))


def _share(accuracy: float) -> str:
    return f"{100 * accuracy:.0f} %"
