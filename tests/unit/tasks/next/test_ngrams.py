"""Counts of n-grams against a textbook's, and what every model must be: a distribution."""

from __future__ import annotations

import numpy as np
import pytest

from ngram_oracle import Textbook
from selfloop.tasks.next.counts import padded
from selfloop.tasks.next.ngrams import NGrams, chosen, fitted, followers


def drawn(seed: int, lengths: tuple[int, ...], kinds: int) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """Sequences in which the last two symbols say something about the next."""
    rng, sequences = np.random.default_rng(seed), []
    for length in lengths:
        made = [int(rng.integers(kinds))]
        for _ in range(length - 1):
            usual = (made[-1] * 2 + (made[-2] if len(made) > 1 else 0)) % kinds
            made.append(usual if rng.random() < 0.7 else int(rng.integers(kinds)))
        sequences.append(made)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return np.concatenate(sequences).astype(np.int64), offsets, sequences


CODES, OFFSETS, LISTS = drawn(0, (60, 1, 37, 2), 5)
SIZE = 7  # two of them are never met


def at_all(model: NGrams, codes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    flat, places = padded(codes, offsets, SIZE, model.order - 1)
    return model.probabilities(flat, places[followers(offsets)])


@pytest.mark.parametrize("order", range(1, 7))
def test_it_agrees_with_a_textbook_on_texts_known_and_new(order: int) -> None:
    model, book = fitted(CODES, OFFSETS, SIZE, 6)[order - 1], Textbook(LISTS, SIZE, order)
    codes, offsets, lists = drawn(1, (15, 9), SIZE)
    found = at_all(model, codes, offsets)
    wanted = [
        [book.probability(symbol, sequence[:end]) for symbol in range(SIZE)]
        for sequence in lists
        for end in range(1, len(sequence))
    ]
    assert found == pytest.approx(np.array(wanted), rel=1e-12)


@pytest.mark.parametrize("order", range(1, 7))
@pytest.mark.parametrize("seed", range(4))
def test_probabilities_are_above_zero_and_sum_to_one(order: int, seed: int) -> None:
    codes, offsets, _ = drawn(seed, (40, 3, 25), 5)
    model = fitted(codes, offsets, SIZE, 6)[order - 1]
    for text, ends, _ in (drawn(seed, (40, 3, 25), 5), drawn(seed + 9, (30, 8), SIZE)):
        found = at_all(model, text, ends)
        assert found.min() > 0
        assert found.sum(1) == pytest.approx(np.ones(len(found)), rel=1e-12)


@pytest.mark.parametrize("order", range(1, 7))
def test_the_truth_alone_has_the_probability_that_it_has_among_all(order: int) -> None:
    model = fitted(CODES, OFFSETS, SIZE, 6)[order - 1]
    codes, offsets, _ = drawn(3, (50, 11), SIZE)
    flat, places = padded(codes, offsets, SIZE, order - 1)
    ends = places[followers(offsets)]
    all_of_them = model.probabilities(flat, ends)
    assert model.of_truth(flat, ends) == pytest.approx(all_of_them[np.arange(len(ends)), flat[ends]], rel=1e-12)


def test_validation_chooses_the_order_that_the_text_has() -> None:
    codes, offsets, _ = drawn(5, (4000,), 5)
    models = fitted(codes[:3000], np.array([0, 3000]), SIZE, 6)
    assert models[chosen(models, codes, offsets, np.arange(3000, 4000))].order == 3


def test_what_is_kept_is_counted() -> None:
    models = fitted(np.array([0, 1, 0, 1, 1]), np.array([0, 5]), 3, 2)
    assert models[0].parameters == 2  # 0 and 1 follow something
    assert models[1].parameters == 2 + 3  # and 0 1, 1 0, 1 1
    assert models[1].operations == 6
