"""A report whose scores are shares: axes, bands and tables are in percentage points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import selfloop.report.charts.drawing as drawing_module
from report_samples import classify_page, classify_study, forecast_study
from selfloop.report.charts.cost import cost_picture
from selfloop.report.charts.looks import looks
from selfloop.report.charts.verdict import verdict_picture
from selfloop.results.study import StudyResult


def specs(monkeypatch: pytest.MonkeyPatch, picture: Any, result: StudyResult) -> dict[str, Any]:
    """The chart at its wide width, as Vega-Lite."""
    seen: dict[str, dict[str, Any]] = {}

    def kept(key: str, canvas: drawing_module.Canvas, draw: Any) -> drawing_module.Drawing:
        seen[canvas.name] = draw(canvas).to_dict()
        return drawing_module.Drawing(key, canvas, "<svg></svg>", {"data": []})

    with monkeypatch.context() as patched:
        patched.setattr(drawing_module, "_drawing", kept)
        assert picture(result, looks(result)) is not None
    return seen["wide"]


def parts(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every layer, however deep, with its records in place."""
    data = spec.get("datasets", {})

    def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "encoding" in node:
            named = node.get("data", {})
            yield {**node, "records": named.get("values", data.get(named.get("name"), []))}
        for key in ("layer", "hconcat", "vconcat"):
            for child in node.get(key, ()):
                yield from walk(child)

    yield from walk(spec)


def axis_of(spec: dict[str, Any]) -> dict[str, Any]:
    return next(p["encoding"]["x"] for p in parts(spec) if p["encoding"].get("x", {}).get("field") == "value")


def bands(spec: dict[str, Any], channel: str) -> list[dict[str, Any]]:
    return [record for p in parts(spec) if f"{channel}2" in p["encoding"] and p["mark"]["type"] == "rect"
            for record in p["records"]]  # fmt: skip


def test_the_forest_of_shares_is_in_points_around_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    result = classify_study()  # the margin is two points, the pick the summary
    spec = specs(monkeypatch, verdict_picture, result)
    x = axis_of(spec)
    assert x["axis"]["title"] == "accuracy against the pick’s  (better →), percentage points"
    assert x["axis"]["labelExpr"].startswith("datum.value === 0 ? '0' : format(100 * datum.value")
    assert x["scale"].get("type") in (None, "linear")
    low, high = x["scale"]["domain"]
    assert low < -0.02 < 0.02 < high < 0.5
    (band,) = bands(spec, "x")
    assert (band["from"], band["to"]) == (-0.02, 0.02)
    (middle,) = [p["encoding"]["x"]["datum"] for p in parts(spec) if "datum" in p["encoding"].get("x", {})]
    assert middle == 0
    pick = next(row.score for row in result.leaderboard if row.candidate.name == "summary")
    large = {p["label"]: p["value"] for part in parts(spec) if part["mark"]["type"] == "point" for p in part["records"]}
    assert pick is not None
    for row in result.leaderboard:
        if row.candidate.name != "majority":  # far off the scale
            assert row.score is not None
            assert large[row.candidate.label] == pytest.approx(row.score - pick, abs=1e-6)


def test_an_interval_is_turned_round_with_the_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim holds the pick against the other; the forest shows the other against the pick."""
    result = classify_study()
    claim = next(claim for claim in result.verdict.claims if claim.other == "gru")
    spec = specs(monkeypatch, verdict_picture, result)
    (gru,) = [r for p in parts(spec) if p["mark"]["type"] == "point" for r in p["records"] if r["name"] == "gru"]
    assert claim.interval is not None
    assert (gru["low"], gru["high"]) == pytest.approx((-claim.interval[1], -claim.interval[0]), abs=1e-6)
    assert gru["low"] < gru["value"] < gru["high"]


def test_the_forest_of_errors_is_of_ratios_around_one(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = specs(monkeypatch, verdict_picture, forecast_study())
    x = axis_of(spec)
    assert x["axis"]["title"] == "MASE against the pick’s  (← better)"
    assert x["scale"]["type"] == "log"
    (band,) = bands(spec, "x")
    assert (band["from"], band["to"]) == (0.97, 1.03)


def test_the_band_of_costs_is_as_many_points_below_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    result = classify_study()
    best = result.leaderboard[0].score
    (band,) = bands(specs(monkeypatch, cost_picture, result), "y")
    assert best is not None
    assert (band["score"], band["to"]) == pytest.approx((best - 0.02, best), abs=1e-12)


def test_where_all_are_level_there_is_still_an_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    """All the same in every fold, and of no mistakes a share is no margin."""
    result = classify_study()
    level = replace(
        result,
        trials=tuple(replace(t, metrics={"accuracy": 1.0, "log_loss": 0.1}) for t in result.trials),
        leaderboard=tuple(replace(row, score=1.0) for row in result.leaderboard),
        verdict=replace(
            result.verdict,
            margin=0.0,
            claims=tuple(replace(c, scores=(1.0, 1.0), effect=0.0, interval=None) for c in result.verdict.claims),
        ),
    )
    low, high = axis_of(specs(monkeypatch, verdict_picture, level))["scale"]["domain"]
    assert low < 0 < high
    assert verdict_picture(level, looks(level)) is not None


def test_tables_and_words_of_shares_are_in_points() -> None:
    page = " ".join(classify_page().replace("\N{NO-BREAK SPACE}", " ").split())
    result = classify_study()
    best, naive = result.leaderboard[0], result.leaderboard[-1]
    assert best.score is not None
    assert naive.score is not None
    assert f">+{100 * (best.score - naive.score):.1f} points<" in page
    assert "a difference under 2 percentage points is taken not to matter" in page
    assert "within 2 percentage points of the best" in page
