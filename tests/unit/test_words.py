"""Numbers and lists as they stand in sentences, tables and charts."""

from __future__ import annotations

import math

import pytest

from selfloop import words
from selfloop.words import change, span


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.97, "0.970"),
        (1.0, "1.00"),
        (12.345, "12.3"),
        (99.96, "100"),
        (123.4, "123"),
        (999.4, "999"),
        (999.6, "1,000"),
        (4287.6, "4,288"),
        (-0.5, "−0.500"),
        (1.2e-7, "1.20 × 10⁻⁷"),
        (-3.456e12, "−3.46 × 10¹²"),
        (math.inf, "not finite"),
        (math.nan, "not finite"),
    ],
)
def test_three_significant_digits(value: float | None, text: str) -> None:
    assert words.three(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "–"),
        (math.nan, "not finite"),
        (0.0, "0 %"),
        (1e-9, "less than 0.1 %"),
        (0.00049, "less than 0.1 %"),
        (0.0005, "0.1 %"),
        (0.03, "3 %"),
        (0.07, "7 %"),
        (0.0423, "4.2 %"),
        (0.0994, "9.9 %"),
        (0.0995, "10 %"),
        (0.122, "12 %"),
        (0.8, "80 %"),
        (0.9949, "99 %"),
        (0.995, "99.5 %"),
        (0.9987, "99.9 %"),
        (0.9995, "over 99.9 %"),
        (1 - 1e-12, "over 99.9 %"),
        (1.0, "100 %"),
        (1.0002, "over 100 %"),
        (1.002, "100.2 %"),
        (1.51, "151 %"),
        (43.2, "4,320 %"),
    ],
)
def test_shares(share: float | None, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (change(1.0), "the same"),
        (change(0.88), "12 % lower"),
        (change(1.042), "4.2 % higher"),
        (change(0.9998), "less than 0.1 % lower"),
        (change(2.5), "2.50 times as high"),
        (span(0.84, 0.92), "8 % to 16 % lower"),
        (span(0.9, 1.05), "10 % lower to 5 % higher"),
        (span(1.02, 1.05), "2 % to 5 % higher"),
        (span(1.5, 2.5), "50 % higher to 2.50 times as high"),
        (span(7.2, 8.1), "7.20 to 8.10 times as high"),
        (span(0.5381, 0.5412), "46 % lower at both ends"),
    ],
)
def test_ratios_in_a_sentence(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (None, "–"),
        (1.0, "0 %"),
        (1.0004, "< +0.1 %"),
        (0.9996, "> −0.1 %"),
        (0.88, "−12 %"),
        (1.042, "+4.2 %"),
        (1.0996, "+10 %"),
        (1.9996, "× 2.00"),
        (2.5, "× 2.50"),
        (0.004, "× 0.00400"),
        (math.inf, "not finite"),
        (-0.1, "not finite"),
    ],
)
def test_ratios_in_a_table(ratio: float | None, text: str) -> None:
    assert words.gap(ratio) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.83, "0.830 s"), (12.34, "12.3 s"), (192.4, "3 min 12 s"), (7500.0, "2 h 5 min"), (math.nan, "not finite")],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (0.0, "0 percentage points"),
        (1e-300, "less than 0.1 percentage points"),
        (0.00049, "less than 0.1 percentage points"),
        (0.0005, "0.1 percentage points"),
        (0.01, "1 percentage point"),
        (0.0104, "1 percentage point"),
        (0.471, "47.1 percentage points"),
        (0.5, "50 percentage points"),
        (1.0, "100 percentage points"),
        (math.nan, "not finite"),
        (math.inf, "not finite"),
    ],
)
def test_differences_of_shares_are_points(difference: float, text: str) -> None:
    assert words.points(difference) == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (0.0, "the same"),
        (-0.0, "the same"),
        (0.012, "1.2 percentage points higher"),
        (-0.012, "1.2 percentage points lower"),
        (-1e-9, "less than 0.1 percentage points lower"),
        (0.01, "1 percentage point higher"),
    ],
)
def test_a_difference_of_shares_has_a_direction(difference: float, text: str) -> None:
    assert words.shift(difference) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.004, 0.012, "0.4 to 1.2 percentage points higher"),
        (-0.012, -0.004, "0.4 to 1.2 percentage points lower"),
        (-0.004, 0.012, "0.4 lower to 1.2 percentage points higher"),
        (0.0, 0.012, "0 to 1.2 percentage points higher"),
        (-0.012, 0.0, "0 to 1.2 percentage points lower"),
        (0.0001, 0.012, "less than 0.1 to 1.2 percentage points higher"),
        (-0.0001, 0.012, "less than 0.1 lower to 1.2 percentage points higher"),
        (-0.012, 0.0001, "1.2 lower to less than 0.1 percentage points higher"),
        (0.0101, 0.0104, "1 percentage point higher at both ends"),
        (0.003, 0.01, "0.3 to 1 percentage point higher"),
        (0.01, 0.02, "1 to 2 percentage points higher"),
        (-0.01, 0.02, "1 lower to 2 percentage points higher"),
        (0.0, 0.0, "the same at both ends"),
        (-0.0002, 0.0003, "less than 0.1 lower to less than 0.1 percentage points higher"),
    ],
)
def test_an_interval_of_differences(low: float, high: float, text: str) -> None:
    assert words.reach(low, high) == text


def test_a_small_p_is_no_certainty() -> None:
    assert [words.p_value(p) for p in (None, 0.0, 0.004, 0.314)] == ["–", "below 0.001", "0.004", "0.31"]


def test_the_hover_holds_every_digit() -> None:
    assert words.full(0.1234567890123) == "0.1234567890123"
    assert words.full(None) == ""


def test_charts_carry_six_digits_of_finite_values_only() -> None:
    assert words.finite(0.12345678) == 0.123457
    assert [words.finite(value) for value in (None, math.nan, math.inf)] == [None, None, None]


def test_counts_and_lists() -> None:
    assert [words.count(n, "fold") for n in (0, 1, 1234)] == ["0 folds", "1 fold", "1,234 folds"]
    assert [words.whole(n) for n in (7, 4288, 2 * 10**9)] == ["7", "4,288", "2.00 × 10⁹"]
    assert [words.listed(x) for x in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_sentences_begin_with_a_capital_and_keep_their_percent_signs_on_the_line() -> None:
    assert words.sentence("this LSTM is 3 % lower") == "This LSTM is 3 % lower"
    assert words.sentence("") == ""
    assert words.tied("3 % to 5 %") == "3\N{NO-BREAK SPACE}% to 5\N{NO-BREAK SPACE}%"


def test_settings() -> None:
    values = (None, True, False, 3, 0.03, 1e-5, "x")
    assert [words.setting(value) for value in values] == ["not set", "yes", "no", "3", "0.03", "1e-05", "x"]
