"""What comes next: of texts, of words, of other symbols."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selfloop import NextSymbol
from selfloop.errors import DataError, SettingsError

TEXT = "the cat sat on the mat.\n" * 60


def test_characters() -> None:
    made = NextSymbol("ngrams").fit(TEXT)
    assert made.predict(["the ca", "on t"]).tolist() == ["t", "h"]
    found = made.predict_proba(["the ca"])
    assert found.shape == (1, len(made.classes_))
    assert found.sum() == pytest.approx(1.0)
    assert made.classes_[found[0].argmax()] == "t"
    assert -0.3 < made.score(TEXT) < 0
    assert made.score(TEXT[::-1]) < 4 * made.score(TEXT)
    assert made.generate("the", length=21, temperature=0) == " cat sat on the mat.\n"
    assert (pickle.loads(pickle.dumps(made)).predict_proba(["the ca"]) == found).all()


def test_words_are_written_as_they_are_read(tmp_path: Path) -> None:
    made = NextSymbol("ngrams", unit="word").fit(TEXT)
    assert made.predict(["the cat"]).tolist() == ["sat"]
    assert made.generate("sat on the mat.", length=8, temperature=0) == "\nthe cat sat on the mat."
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    again = NextSymbol("ngrams", unit="word").fit(path)
    assert again.score(path) == made.score(TEXT)


def test_other_symbols_and_their_frequencies() -> None:
    made = NextSymbol("frequencies").fit([[1, 2, 2, 3] * 6 for _ in range(12)])
    found = dict(zip(made.classes_.tolist(), made.predict_proba([[1, 2]])[0].tolist(), strict=True))
    assert found["2"] == pytest.approx(0.5, abs=0.03)
    assert made.score([[2, 2, 2, 2]]) == pytest.approx(math.log(found["2"]))


def test_a_network_learns_and_goes_on() -> None:
    made = NextSymbol("gru", epochs=3, params=3000, learning_rates=0.01).fit(TEXT)
    assert np.isfinite(made.score(TEXT))
    assert len(made.generate(length=12, seed=3)) == 12
    assert made.generate(length=12, seed=3) == made.generate(length=12, seed=3)


@pytest.mark.parametrize(
    ("X", "given", "kind", "words"),
    [
        (["abc", ""], {}, DataError, "Sequence 1 .* is empty"),
        (TEXT, {"unit": "letter"}, SettingsError, "unit is 'letter'"),
        ("ab", {}, SettingsError, "steps"),
    ],
)
def test_what_cannot_be_learnt_is_refused(X: Any, given: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        NextSymbol("ngrams", **given).fit(X)
