"""The tagger: a label at each step, of words and of numbers."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from selfloop import Tagger
from selfloop.errors import DataError

WORDS = [["the", "cat", "sat"], ["a", "dog", "ran", "home"], ["the", "dog", "sat"], ["home", "ran", "a", "cat"]] * 8
KIND = {"the": "D", "a": "D", "cat": "N", "dog": "N", "home": "N", "sat": "V", "ran": "V"}
LABELS = [[KIND[word] for word in sentence] for sentence in WORDS]


def test_words_have_their_most_frequent_label() -> None:
    made = Tagger("of_symbol").fit(WORDS, LABELS)
    assert made.classes_.tolist() == ["D", "N", "V"]
    assert [each.tolist() for each in made.predict(WORDS[:2])] == LABELS[:2]
    assert made.score(WORDS, LABELS) == 1.0
    twice = pickle.loads(pickle.dumps(made))
    for one, other in zip(made.predict_proba(WORDS), twice.predict_proba(WORDS), strict=True):
        assert one.shape[1] == 3
        assert (one == other).all()


def test_steps_without_a_label_are_neither_learnt_nor_scored() -> None:
    wrong = [["V", *row[1:]] for row in LABELS]
    unknown: list[list[Any]] = [[None, *row[1:]] for row in LABELS]
    made = Tagger("of_symbol").fit(WORDS, LABELS)
    assert made.score(WORDS, unknown) == 1.0
    steps = sum(map(len, WORDS))
    assert made.score(WORDS, wrong) == pytest.approx(1 - sum(row[0] != "V" for row in LABELS) / steps)
    without = Tagger("of_symbol").fit(WORDS, unknown).predict([["the", "cat"]])[0]
    assert without.tolist() == ["N", "N"], "of the first words nothing is known but what is most frequent"


def test_numbers_and_a_network() -> None:
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(int(n), 2)) for n in rng.integers(4, 9, size=30)]
    y = [(case[:, 0] > 0).astype(int) + 7 for case in X]
    made = clone(Tagger("gru", epochs=30, params=800, learning_rates=0.03, direction="one")).fit(X, y)
    assert made.classes_.tolist() == [7, 8]
    assert made.n_features_in_ == 2
    assert made.score(X, y) > 0.8
    assert [len(found) for found in made.predict(X)] == [len(case) for case in X]


def test_rows_of_steps_give_a_frame() -> None:
    rows = [(k, word) for k, sentence in enumerate(WORDS) for word in sentence]
    frame = pd.DataFrame(rows, columns=["sentence", "word"]).assign(tag=[tag for row in LABELS for tag in row])
    made = Tagger("of_symbol", id="sentence", inputs="word", label="tag").fit(frame)
    found = made.predict(frame)
    assert isinstance(found, pd.DataFrame)
    assert found["label"].tolist() == frame["tag"].tolist()
    assert made.score(frame) == 1.0


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        ("the cat", [], "one text"),
        (WORDS, LABELS[:-1], "31 lists of labels for 32 sequences"),
        (WORDS, [row[:-1] for row in LABELS], "3 steps and 2 labels"),
        (WORDS, [[None] * len(row) for row in LABELS], "No step has a label"),
        (WORDS, None, "0 lists of labels for 32"),
        ([[], *WORDS[1:]], LABELS, "expected one or more steps"),
        ([["the", None, "sat"], *WORDS[1:]], LABELS, "has the step None"),
    ],
)
def test_what_cannot_be_learnt_is_refused(X: Any, y: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        Tagger("of_symbol").fit(X, y)
