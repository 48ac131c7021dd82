"""Numbers as the report writes them."""

from __future__ import annotations

import math

import pytest

from selfloop import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.97, "0.970"),
        (12.345, "12.3"),
        (99.96, "100"),
        (999.4, "999"),
        (999.6, "1,000"),
        (4288.0, "4,288"),
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
    ("ratio", "text"),
    [
        (None, "–"),
        (1.0, "0 %"),
        (1.0004, "0 %"),
        (0.88, "−12 %"),
        (1.042, "+4.2 %"),
        (1.0996, "+10 %"),
        (2.5, "× 2.50"),
        (0.004, "× 0.00400"),
        (math.inf, "not finite"),
    ],
)
def test_a_ratio_reads_as_a_difference(ratio: float | None, text: str) -> None:
    assert words.gap(ratio) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.83, "0.830 s"), (12.34, "12.3 s"), (192.4, "3 min 12 s"), (7500.0, "2 h 5 min"), (math.nan, "not finite")],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (0.8, "80 %"), (0.9987, "99.87 %"), (0.0, "0 %"), (math.nan, "not finite")]
)
def test_shares(share: float | None, text: str) -> None:
    assert words.percent(share) == text


def test_nothing_is_ever_certain() -> None:
    assert [words.probability(p) for p in (None, 0.0, 0.5, 0.995)] == ["–", "below 0.01", "0.50", "above 0.99"]
    assert [words.p_value(p) for p in (None, 0.0, 0.004, 0.314)] == ["–", "below 0.001", "0.004", "0.31"]


def test_the_hover_holds_every_digit() -> None:
    assert words.full(0.1234567890123) == "0.1234567890123"
    assert words.full(None) == ""


def test_charts_carry_six_digits_of_finite_values_only() -> None:
    assert words.finite(0.12345678) == 0.123457
    assert [words.finite(value) for value in (None, math.nan, math.inf)] == [None, None, None]


def test_lists() -> None:
    assert [words.listed(x) for x in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
