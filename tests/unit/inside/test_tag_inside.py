"""A tagger looked into: what is shown and measured at a step is what it predicts there."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from selfloop.data import Sequences
from selfloop.errors import SettingsError
from selfloop.inside.explain.sample import cases_of
from selfloop.inside.explore.explore import exploration_of
from selfloop.kinds import kind_of
from selfloop.models.predictor import Predictor
from selfloop.results.study import Candidate
from selfloop.study.refit import card_of
from selfloop.tasks.asked import Asked
from selfloop.tasks.places import LONGEST
from selfloop.tasks.tag.folds import whole
from selfloop.tasks.tag.task import Tag
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option
from selfloop.train.fitter import Fitter
from tag_samples import tagged, worded

SENTENCES = ("he/P sees/V the/D dog/N ./.", "the/D dog/ sees/V him/P", "dogs/N see/V", "see/V")


def data_of(what: str) -> Sequences:
    return worded(SENTENCES * 4) if what == "words" else tagged([LONGEST + 60, 5, 7] * 4)


@cache
def predictor(what: str, direction: Any, cell: str = "gru") -> Predictor:
    data = data_of(what)
    experiment = Tag.design(data, None, Asked(direction=direction, folds=2))
    fit = Fitter(experiment.task, data, experiment.folds[0], Budget(2, 2, (0.01,), 1, "chrono", {cell: 4}))
    model, _ = fit.train(cell, Option(0.01, 4), 0)
    candidate = Candidate(cell, kind_of(cell).label, "recurrent", direction == "one")
    card = card_of(Experiment(fit.task, data, (fit.fold,)), fit.budget, candidate, model, Option(0.01, 4))
    return Predictor(card, fit.task, model)


def predicted(what: str, direction: Any) -> np.ndarray:
    data = data_of(what)
    return predictor(what, direction).model.predict(data, whole(data, np.arange(len(data))))


@pytest.mark.parametrize("direction", ["one", "both"])
def test_the_page_shows_what_is_predicted_and_the_words_that_are_read(direction: Any) -> None:
    data = data_of("words")
    found = exploration_of(predictor("words", direction), data)
    (model,) = found.models
    assert model.answers is not None
    assert model.answers.numpy() == pytest.approx(predicted("words", direction)[:5], abs=1e-6)
    assert found.time == found.symbols == ("he", "sees", "the", "dog", ".")
    assert [data.classes[k] for k in found.true_classes] == ["P", "V", "D", "N", "."]
    assert found.asked == "step"
    assert found.raw_names == ()
    assert found.raw.shape == (5, 0)
    assert len(model.input_names) == model.inputs.shape[1] == 16
    assert model.input_names[0] == "word 1"
    assert found.headline.startswith(
        "At step 5 of sequence text 0 (.), the probability of its true label, .: this GRU "
    )
    assert model.gradients is not None
    assert model.gradients.of.endswith("against the true class, .")


def test_a_step_whose_label_is_not_known_is_shown_so() -> None:
    data = data_of("words")
    found = exploration_of(predictor("words", "one"), data, sequence_id="text 1", steps=2, first=1)
    assert "its true label is not known" in found.headline
    (model,) = found.models
    assert model.gradients is not None
    assert "against its own answer" in model.gradients.of


def test_a_piece_that_is_read_in_both_directions_is_shown_as_it_is_predicted() -> None:
    half = (LONGEST + 60) // 2
    for first, stop in ((None, half), (half + 1, 2 * half)):
        found = exploration_of(predictor("numbers", "both"), data_of("numbers"), first=first)
        (model,) = found.models
        assert model.answers is not None
        begin = 0 if first is None else first - 1
        assert (found.first_step, found.steps) == (begin, half)
        assert model.answers.numpy() == pytest.approx(predicted("numbers", "both")[begin:stop], abs=1e-6)
        assert found.facts[-1].startswith("one piece: ")
        assert found.models[0].gradients is not None


def test_a_part_of_a_piece_says_that_a_prediction_reads_on() -> None:
    found = exploration_of(predictor("numbers", "both"), data_of("numbers"), steps=90)
    assert found.facts[-1] == "its answers are as if step 90 were the last: a prediction reads on to step 280"
    with pytest.raises(SettingsError, match="first is 5; expected one of 1, 281: this model reads in both directions"):
        exploration_of(predictor("numbers", "both"), data_of("numbers"), first=5)


@pytest.mark.parametrize("window", [3, 500])
@pytest.mark.parametrize("direction", ["one", "both"])
@pytest.mark.parametrize("what", ["words", "numbers"])
def test_what_is_explained_is_the_loss_of_what_is_predicted(what: str, direction: Any, window: int) -> None:
    data = data_of(what)
    cases = cases_of(predictor(what, direction), data, window)
    said, tags = predicted(what, direction), np.array(data.tags)
    asked = np.sort(np.random.default_rng(0).permutation(np.flatnonzero(tags >= 0))[:256])
    with torch.no_grad():
        losses = cases.losses().numpy()
    assert losses == pytest.approx(-np.log(said[asked, tags[asked]]), abs=2e-5)
    assert cases.each == "step"
