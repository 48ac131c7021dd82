"""What units go along with: features and correlations by plain loops, and chance that is not taken for a finding."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from selfloop.data import Sequences
from selfloop.inside.explore.indicators import are_characters, indicators
from selfloop.inside.explore.responses import responses

TEXT = 'He said "no (9 it\'s)\n"Up".\n\n"Open\n\nend [a] B'


def text_of(*texts: str) -> Sequences:
    names = tuple(dict.fromkeys("".join(texts)))
    values = np.array([[float(names.index(each))] for text in texts for each in text])
    offsets = np.cumsum([0, *map(len, texts)])
    ids = tuple(str(k) for k in range(len(texts)))
    return Sequences("text", values, offsets, ("symbol",), ids, symbols=(names,))


def marked(text: str, marks: str) -> list[float]:
    """1 where a second line has a mark under the first."""
    return [float(each == "x") for each in marks.ljust(len(text))]


@pytest.mark.parametrize(
    ("name", "text", "marks"),
    [
        ("inside quotes", 'a "b c" d', "  xxxx   "),
        ("inside quotes", '"a\n\nb"', "xxx  x"),
        ("inside quotes", "\u201ca\u201d b", "xx   "),
        ("inside brackets", "a(b[c]d)e)f", " xxxxxx    "),
        ("just after a digit", "a1 23", " x xx"),
        ("just after an upper-case letter", "aBc D", " x  x"),
        ("just after a space", "a b ", " x x"),
    ],
)
def test_a_feature_of_a_text_is_what_it_is_called(name: str, text: str, marks: str) -> None:
    assert indicators(text_of(text + " \n"))[name][: len(text)].tolist() == marked(text, marks)


def test_places_count_from_where_a_line_or_a_word_or_a_sequence_begins() -> None:
    found = indicators(text_of("ab c\nd", "it's- x"))
    assert found["position in the line"].tolist() == [1, 2, 3, 4, 0, 1, 1, 2, 3, 4, 5, 6, 7]
    assert found["letters of the word so far"].tolist() == [1, 2, 0, 1, 0, 1, 1, 2, 3, 4, 5, 0, 1]
    before = found["before a space"]
    assert np.isnan(before[[5, 12]]).all()
    assert before[[0, 1, 2, 3, 4, 6, 10]].tolist() == [0, 1, 0, 0, 0, 0, 1]


def test_words_and_events_have_features_of_their_own() -> None:
    assert not are_characters(("a", "the"))
    assert not are_characters(("a", "b"))  # events named by letters are no text
    assert "inside quotes" in indicators(text_of(TEXT))


def test_correlations_are_pearson_s_over_the_steps_where_all_is_known() -> None:
    rng = np.random.default_rng(0)
    feature = (rng.random(900) < 0.3).astype(float)
    feature[:7] = np.nan
    values = rng.normal(size=(900, 3))
    values[:, 1] -= np.nan_to_num(feature) * 2
    found = responses(values, {"there": feature, "constant": np.ones(900), "rare": np.arange(900.0) == 5}, "h")
    assert found is not None
    assert (found.steps, found.features) == (893, 1)
    (first,) = found.found
    assert (first.unit, first.feature) == (1, "there")
    r = statistics.correlation(values[7:, 1].tolist(), feature[7:].tolist())
    assert first.r == pytest.approx(r, abs=893 * float(np.finfo(np.float32).eps))
    assert r < -0.5


def slow(rng: np.random.Generator, steps: int, count: int) -> np.ndarray:
    """Walks that forget 1 % a step: neighbours are alike, and two of them correlate by chance."""
    made = np.zeros((steps, count))
    for t in range(1, steps):
        made[t] = 0.99 * made[t - 1] + rng.normal(size=count)
    return made


def test_what_is_alike_by_chance_is_not_a_finding() -> None:
    """Walks that know nothing of each other: shuffled copies would let through nearly all of them."""
    passed = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        features = {str(k): each for k, each in enumerate(slow(rng, 2_000, 5).T)}
        found = responses(slow(rng, 2_000, 10), features, "h")
        assert found is not None
        assert found.limit > 0.25
        passed += bool(found.found)
    assert passed <= 4  # of 20, at 5 % each: more come with a probability of 0.3 %


def test_too_few_steps_say_nothing() -> None:
    rng = np.random.default_rng(0)
    feature = (np.arange(499) % 2).astype(float)
    assert responses(np.stack([feature, rng.normal(size=499)], 1), {"odd": feature}, "h") is None
    assert responses(rng.normal(size=(600, 2)), {"constant": np.zeros(600)}, "h") is None


def test_a_unit_that_never_moves_goes_along_with_nothing() -> None:
    feature = (np.random.default_rng(0).random(600) < 0.3).astype(float)
    found = responses(np.stack([np.full(600, 0.3), feature], 1), {"f": feature}, "c")
    assert found is not None
    assert [each.unit for each in found.found] == [1]
    assert found.found[0].r == pytest.approx(1, abs=1e-4)
