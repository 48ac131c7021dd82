"""What stands behind the pictures: folds, looks, ticks, labels, chosen settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from report_samples import ACCURACY, GRU, LSTM, MASE, classify_study, forecast_study
from selfloop.report.charts.cost import _place
from selfloop.report.charts.forecasts import _moment
from selfloop.report.charts.looks import looks, variable, variables
from selfloop.report.charts.parts import ratio_ticks, shown
from selfloop.report.study.chosen import chosen
from selfloop.report.study.folds import far, fold_gaps, fold_scores
from selfloop.results.study import Metric, StudyResult


def test_fold_scores_average_the_seeds_that_did_not_diverge() -> None:
    result = forecast_study()
    score = next(each for each in fold_scores(result) if (each.candidate, each.fold) == ("rnn", 6))
    runs = [t.metrics["mase"] for t in result.trials if (t.candidate, t.fold, t.status) == ("rnn", 6, "ok")]
    assert [seed for seed, _ in score.seeds] == [0, 2]
    assert score.mean == pytest.approx((runs[0] + runs[1]) / 2, rel=1e-15)


def test_scores_come_in_the_leaderboards_order() -> None:
    result = forecast_study()
    order = [row.candidate.name for row in result.leaderboard]
    assert list(dict.fromkeys(score.candidate for score in fold_scores(result))) == order
    assert list(looks(result)) == order


def test_gaps_are_against_the_picks_own_fold() -> None:
    gaps = fold_gaps(forecast_study())
    means = {(s.candidate, s.fold): s.mean for s in fold_scores(forecast_study())}
    assert {gap for _, gap in gaps["gru"]} == {1.0}
    assert gaps["naive"][3] == (3, means["naive", 3] / means["gru", 3])


def test_gaps_of_shares_are_differences_and_a_share_of_zero_has_one() -> None:
    result = classify_study()
    flat = tuple(replace(t, metrics={"accuracy": 0.0}) if t.candidate == "majority" else t for t in result.trials)
    gaps = fold_gaps(replace(result, trials=flat))
    means = {(s.candidate, s.fold): s.mean for s in fold_scores(result)}
    assert gaps["summary"] == tuple((fold, 0.0) for fold in range(5))
    assert gaps["majority"] == tuple((fold, -means["summary", fold]) for fold in range(5))
    assert gaps["lstm"][2] == (2, means["lstm", 2] - means["summary", 2])


def test_a_score_of_zero_has_no_ratio() -> None:
    result = forecast_study()
    flat = tuple(replace(t, metrics={"mase": 0.0}) if t.candidate == "gru" else t for t in result.trials)
    assert fold_gaps(replace(result, trials=flat)) == {}


def scored(scores: Mapping[str, tuple[float, ...]], metric: Metric = MASE, margin: float = 0.03) -> StudyResult:
    """A study of such scores, a run a fold; the first is the pick."""
    result = forecast_study() if metric is MASE else classify_study()
    rows, trials = [], []
    for name, folds in scores.items():
        candidate = replace(GRU, name=name)
        rows.append(replace(result.leaderboard[0], candidate=candidate, score=sum(folds) / len(folds)))
        for fold, score in enumerate(folds):
            trials.append(
                replace(result.trials[0], candidate=name, fold=fold, seed=0, metrics={metric.name: float(score)})
            )
    verdict = replace(result.verdict, pick=next(iter(scores)), margin=margin)
    return replace(result, trials=tuple(trials), leaderboard=tuple(rows), verdict=verdict, metrics=(metric,))


def test_only_what_would_squeeze_the_rest_is_far() -> None:
    near = {"a": (1.0, 2.0), "b": (1.05, 2.14), "c": (1.2, 2.4)}
    assert far(scored(near)) == frozenset()
    assert far(scored({**near, "d": (0.1, 0.2)})) == {"d"}
    assert far(scored({**near, "d": (0.1, 0.2), "e": (0.05, 0.1)})) == {"d", "e"}
    assert far(scored({"a": (1.0,), "d": (9.0,)})) == frozenset()


def test_shares_are_far_by_their_difference() -> None:
    near = {"a": (0.95, 0.94), "b": (0.96, 0.95), "c": (0.91, 0.90)}
    assert far(scored(near, ACCURACY, 0.01)) == frozenset()
    assert far(scored({**near, "d": (0.1, 0.2)}, ACCURACY, 0.01)) == {"d"}
    # Twice 0.04 is not fourfold: in ratios the same scores would be far apart.
    low = {"a": (0.01, 0.01), "b": (0.05, 0.05), "c": (0.13, 0.13)}
    assert far(scored(low, ACCURACY, 0.01)) == frozenset()


@pytest.mark.parametrize("metric", [MASE, ACCURACY])
def test_without_a_margin_the_nearest_gap_sets_the_scale(metric: Metric) -> None:
    """A margin of a share of no mistakes is 0."""
    assert far(scored({"a": (0.5,), "b": (0.49,), "c": (0.47,)}, metric, 0.0)) == frozenset()
    assert far(scored({"a": (0.9,), "b": (0.9,), "c": (0.89,), "d": (0.1,)}, metric, 0.0)) == {"d"}


def test_equal_labels_are_told_apart_and_baselines_are_hollow() -> None:
    result = forecast_study()
    twins = tuple(
        replace(row, candidate=replace(row.candidate, label="twin")) if row.candidate in (GRU, LSTM) else row
        for row in result.leaderboard
    )
    look = looks(replace(result, leaderboard=twins))
    assert (look["gru"].label, look["lstm"].label, look["naive"].label) == ("twin (gru)", "twin (lstm)", "naive")
    assert look["gru"].fill == look["gru"].colour == "var(--cell-gru)"
    assert look["naive"].fill == "var(--paper)"
    assert look["naive"].dash
    assert (look["gru"].area, look["naive"].area) == (look["gru"].colour, "var(--heat)")
    assert not look["gru"].dash


def test_a_middle_grey_is_no_ground_for_numbers() -> None:
    """Whichever cell has it: the ReLU RNN shares the RNN's."""
    result = forecast_study()
    names = ("rnn", "rnn_relu", "lstm")
    rows = tuple(
        replace(row, candidate=replace(row.candidate, name=name, family="recurrent"))
        for name, row in zip(names, result.leaderboard, strict=False)
    )
    areas = [look.area for look in looks(replace(result, leaderboard=rows)).values()]
    assert areas == ["var(--heat)", "var(--heat)", "var(--cell-lstm)"]


def test_a_cells_colour_never_takes_the_place_of_the_pages_own() -> None:
    """A user's cell may be called "ink", "paper" or "baseline"."""
    names = set(variables()["light"]) - {"--baseline", "--other"}
    assert names
    assert all(name.startswith("--cell-") for name in names)
    assert variable("ink") == "--cell-ink"


def test_each_colour_has_a_companion_for_the_dark() -> None:
    both = variables()
    assert list(both["light"]) == list(both["dark"])


@pytest.mark.parametrize(("page", "paper"), [("light", "#ffffff"), ("dark", "#14161a")])
def test_candidates_colours_stand_out_from_the_page(page: str, paper: str) -> None:
    for colour in variables()[page].values():
        assert contrast(colour, paper) >= 3  # WCAG 2.2, 1.4.11: graphics


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(c * w for c, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_picture_shows_the_pick_and_the_best_recurrent_network_however_far_down() -> None:
    result = forecast_study()
    rows = tuple(
        replace(row, candidate=replace(row.candidate, name=f"{row.candidate.name}{k}"))
        for k in range(3)
        for row in result.leaderboard
    )
    last = replace(result, leaderboard=rows, verdict=replace(result.verdict, pick="naive2", best_recurrent="rnn2"))
    names = shown(last, [row.candidate.name for row in rows])
    assert len(names) == 12
    assert names[-2:] == ("rnn2", "naive2")
    assert names[0] == "gru0"


def test_ticks_keep_the_pick_and_their_distance() -> None:
    assert ratio_ticks(0.9, 1.9, 300) == [1, 1.2, 1.5]
    assert 1 in ratio_ticks(0.999, 1.001, 100)
    assert ratio_ticks(0.9999, 1.0001, 400) == [1]


def test_labels_meet_neither_dots_nor_each_other() -> None:
    dots = [(100.0, 100.0), (110.0, 104.0), (390.0, 20.0)]
    places = _place(["first", "second one", "third"], dots, 400)
    assert places[2] is not None
    assert places[2][0] == "right"  # no room on the right
    assert places[0] != places[1]
    crowd = [(200.0, 150.0 + k / 100) for k in range(40)]
    assert None in _place(["x" * 12] * 40, crowd, 400)


@pytest.mark.parametrize(
    ("label", "milliseconds"),
    [
        ("1970-01-02", 86_400_000.0),
        ("1970-01-01T00:00:01+00:00", 1000.0),
        ("20240101", None),
        ("-3", None),
        ("Q1", None),
    ],
)
def test_dates_are_told_from_counts(label: str, milliseconds: float | None) -> None:
    assert _moment(label) == milliseconds


def test_chosen_settings_are_counted() -> None:
    result = forecast_study()
    changed = tuple(
        replace(t, settings={"learning_rate": 0.01 if t.fold < 2 else 0.003, "epochs": 10 * t.fold + t.seed})
        for t in result.trials
        if t.candidate == "gru"
    )
    lines = chosen(replace(result, trials=changed), looks(result))
    assert [(each.candidate, each.setting, each.values) for each in lines] == [
        ("GRU", "learning_rate", "0.003 (in 24), 0.01 (in 6)"),
        ("GRU", "epochs", "0 to 92.0"),
    ]


def test_samples_are_the_same_each_time() -> None:
    assert forecast_study() == forecast_study()
    assert classify_study() == classify_study()
