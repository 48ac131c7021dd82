"""The fast version of benchmarks/false_claims.py: verdicts on equals claim a difference in at most 5 % of studies."""

import math
from pathlib import Path

import false_claims
import known_studies
import numpy as np
import pytest
import tables

STUDIES = 250


def most(studies: int) -> float:
    """5 %, and three standard errors of a share of so many studies."""
    return 0.05 + 3 * math.sqrt(0.05 * 0.95 / studies)


@pytest.mark.parametrize(("candidates", "folds"), [(2, 5), (6, 10)])
def test_one_model_against_itself(candidates: int, folds: int) -> None:
    ours, _, _ = false_claims.false_differences(known_studies.itself_on_short_tests, candidates, folds, STUDIES, 0)
    assert ours.value <= most(STUDIES)


def test_ridge_regressions_of_equal_expected_skill() -> None:
    for name in ("ridge, irrelevant inputs (240 steps)", "ridge, equally relevant inputs (600 steps)"):
        ours, _, _ = false_claims.false_differences(false_claims.FAMILIES[name], 3, 5, 100, 3)
        assert ours.value <= most(100), name


def test_the_measurement_can_fail() -> None:
    """With the pick's own comparisons as the family, and no correction for overlap, six equals are too many."""
    ours, _, uncorrected = false_claims.false_differences(known_studies.itself, 6, 10, 600, 1)
    assert uncorrected.value > 0.05 + 2 * math.sqrt(0.05 * 0.95 / 600)
    assert ours.value <= 0.05


def test_a_true_difference_is_shown_about_as_often_as_the_verdict_says() -> None:
    """At the size that studies call detectable with 80 %; the correction for overlap, not needed here, adds some."""
    typical = false_claims.power(0.05, 0.03, 2, 10, 60, 7).detectable
    found = false_claims.power(typical, 0.03, 2, 10, STUDIES, 8).ours
    assert 0.7 <= found <= 1.0
    nothing = false_claims.power(1e-9, 0.03, 2, 10, STUDIES, 9).ours
    assert nothing <= most(STUDIES)


def test_the_margin_apart_is_not_called_equivalent() -> None:
    assert false_claims.false_equivalence(2, 10, STUDIES, 4).value <= most(STUDIES)


def test_expanding_windows_cover_the_second_half_once() -> None:
    windows = known_studies.expanding(241, 7)
    tested = np.concatenate([np.arange(start, stop) for start, stop in windows])
    np.testing.assert_array_equal(tested, np.arange(120, 241))


def test_the_page_has_the_markers(tmp_path: Path) -> None:
    source = Path(__file__).parents[3] / "docs" / "evidence.md"
    page = tmp_path / "evidence.md"
    page.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    tables.put(page, "false-claims", "| new |")
    tables.put(page, "false-claims", "| newer |")
    text = page.read_text(encoding="utf-8")
    assert "| newer |" in text
    assert "| new |" not in text
    assert text.startswith("# What a verdict is worth")
    assert text.rstrip().endswith("Biometrics 46 (1990).")
