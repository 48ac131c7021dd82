"""Some of the tour's networks on one test, for the explorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from selfloop.data import Sequences
from selfloop.inside.explore.answers import Answers
from selfloop.inside.explore.explore import part_of, shown
from selfloop.inside.explore.subject import Subject
from selfloop.inside.explore.subjects import Case, layers_of
from selfloop.inside.tour.train import HIDDEN, TESTS, Recipe, flat_of, gradient_by_lag, scores_of, unseen
from selfloop.results.exploration import Exploration
from selfloop.results.tour import Trained
from selfloop.tasks.asked import Asked
from selfloop.tasks.inside import View
from selfloop.tasks.output import Classes
from selfloop.tasks.registry import task_for
from selfloop.tasks.task import Task
from selfloop.train.network import Network
from selfloop.words import percent

Learnt = tuple[Recipe, Trained, Network]


def look_inside(models: Sequence[Learnt], lag: int) -> Exploration:
    """These networks on one of the tests: of those of median length the one on which the chrono networks are surest."""
    tests = unseen(lag)
    one = tests.take([_telling(tests, models)])
    subjects = tuple(_subject(recipe, network, one) for recipe, _, network in models)
    case = Case(subjects, one, "", task_of(tests))
    exploration = shown(case, part_of(case))
    accuracies = [
        f"{subject.label}: right on {percent(trained.accuracy)} of {TESTS} tests"
        for subject, (_, trained, _) in zip(subjects, models, strict=True)
    ]
    traced = zip(exploration.models, models, strict=True)
    curved = tuple(replace(model, by_lag=gradient_by_lag(network, lag)) for model, (_, _, network) in traced)
    return replace(
        exploration, models=curved, data=f"recall over {lag} steps", facts=(f"{HIDDEN} hidden units each", *accuracies),
    )  # fmt: skip


@torch.no_grad()
def _telling(tests: Sequences, models: Sequence[Learnt]) -> int:
    """Which test: nobody learns from a sequence that a network happens to get wrong."""
    labels, lengths = tests.labels, tests.lengths
    assert labels is not None, "recall has classes"
    flat, every = flat_of(tests), torch.arange(len(tests))
    sure = np.ones(len(tests))
    for recipe, _, network in models:
        if recipe.start == "chrono":
            sure = np.minimum(
                sure, torch.softmax(scores_of(network, flat, every), dim=-1).numpy()[np.arange(len(tests)), labels]
            )
    middle = int(np.sort(lengths)[len(lengths) // 2])
    return max((k for k in range(len(tests)) if lengths[k] == middle), key=lambda k: float(sure[k]))


def _subject(recipe: Recipe, network: Network, one: Sequences) -> Subject:
    ours = recipe.start == "chrono"
    label = recipe.label if ours else f"{recipe.label}, torch’s start"
    inputs = torch.from_numpy(one.values).float()
    assert one.labels is not None, "recall has classes"
    name = recipe.cell if ours else f"{recipe.cell}-torch"
    view = View(one.values, one.channels, one.classes, truth=int(one.labels[0]))
    answers = Answers(network, Classes(len(one.classes)), view)
    return Subject(name, label, layers_of(network), inputs, one.channels, answers)


def task_of(tests: Sequences) -> Task:
    """What recalling asks: the task that suits its data."""
    return task_for(tests, None)[0].design(tests, None, Asked()).task
