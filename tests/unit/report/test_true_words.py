"""What pages say beside their charts is so: which models are drawn, what is saved, what was measured on what."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from explain_samples import sample_explanation
from report_samples import GRU, LSTM, RNN, forecast_example, forecast_study
from selfloop.inside.explain import findings
from selfloop.inside.explore.text import facts_of
from selfloop.report.charts.forecasts import forecast_pictures
from selfloop.report.charts.looks import looks
from selfloop.report.explain.page import render_explanation
from selfloop.report.study import page as study_page
from selfloop.report.study.page import render_report
from selfloop.results.study import StudyResult
from selfloop.study.look_inside import LEARNT_FROM
from selfloop.study.run import DRAWN, _drawn

ALL = ("gru", "lstm", "rnn", "ridge_ar", "feed_forward", "naive", "seasonal_naive")


def text_of(html: str) -> str:
    bare = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).replace("\u00a0", " ").split())


def ordered(result: StudyResult, names: tuple[str, ...]) -> StudyResult:
    """The same with its leaderboard in this order."""
    rows = {row.candidate.name: row for row in result.leaderboard}
    return replace(result, leaderboard=tuple(rows[name] for name in names))


@pytest.mark.parametrize("pick", ["ridge_ar", "gru"])
def test_every_recurrent_network_is_drawn_before_another_baseline(pick: str) -> None:
    order = ("feed_forward", "ridge_ar", "gru", "lstm", "naive", "seasonal_naive", "rnn")
    result = ordered(forecast_study(), order)
    example = forecast_example(np.random.default_rng(0), ALL)
    result = replace(result, examples=(example,), verdict=replace(result.verdict, pick=pick))
    ((_, drawn),) = forecast_pictures(result, looks(result))
    others = {"ridge_ar"} if pick == "ridge_ar" else {"feed_forward"}
    names = {name for name in ALL if re.search(rf"\b{re.escape(looks(result)[name].label)}\b", drawn.alt)}
    assert names == {"gru", "lstm", "rnn"} | others
    assert "4 of 7 candidates are drawn" in drawn.caption


def test_what_is_drawn_is_kept_by_the_study_wherever_it_stands() -> None:
    rows = ordered(
        forecast_study(), ("feed_forward", "ridge_ar", "gru", "naive", "seasonal_naive", "lstm", "rnn")
    ).leaderboard
    assert len(rows) > DRAWN
    assert _drawn(rows) == [row.candidate.name for row in rows]  # the RNN, too, though it is the seventh
    unfinished = [replace(row, score=None) if row.candidate == RNN else row for row in rows]
    assert _drawn(unfinished) == [row.candidate.name for row in rows[:-1]]


def test_saved_models_bear_their_own_names() -> None:
    result = forecast_study()
    verdict = replace(result.verdict, pick="rnn", best_recurrent="gru")
    models = {"pick": "rnn.safetensors", "best_recurrent": "gru.safetensors", "lstm": "lstm.safetensors"}

    def said(**more: str) -> list[str]:
        found = replace(result, models={**models, **more}, verdict=verdict)
        return [each.roles for each in study_page._models(found)]

    assert said() == ["The pick: RNN", "The best recurrent network: GRU", "LSTM"]
    assert said(rnn="rnn.safetensors") == ["The pick: RNN", "The best recurrent network: GRU", "LSTM"]
    page = text_of(render_report(replace(result, models={**models, "rnn": "rnn.safetensors"}, verdict=verdict)))
    for label in (each.label for each in (RNN, LSTM, GRU)):
        assert f"also {label[0].lower()}{label[1:]}" not in page


def test_report_and_page_say_the_same_of_what_was_measured_on_which_data() -> None:
    basis = LEARNT_FROM.format(data="waves")
    explanation = replace(sample_explanation(T=12), basis=basis)
    report, page = text_of(render_report(forecast_study(), explanation)), text_of(render_explanation(explanation))
    for said in (report, page):
        assert said.count(basis) == 1
    for needed in ("training loss", "learnt from", "not seen", "scores in the report"):
        assert needed in basis


def test_a_rise_on_the_way_back_is_called_what_the_findings_call_it() -> None:
    """Tenfold and a hundredfold are healthy; an alarm is raised above a thousandfold, and the page says the same."""
    page = text_of(render_explanation(sample_explanation(T=12)))
    assert "Where it rises, it explodes" not in page
    assert "beyond a thousand it explodes" in page
    assert findings.GROWS == 1000
    assert "below 1/10,000" in page
    assert findings.LOST == 1e-4


def test_sizes_are_told_of_every_model_where_they_differ() -> None:
    def subject(label: str, *units: int) -> Any:
        return SimpleNamespace(label=label, both=False, layers=[SimpleNamespace(hidden_size=each) for each in units])

    def said(*subjects: Any) -> tuple[str, ...]:
        case = SimpleNamespace(place="", subjects=subjects, data=SimpleNamespace(values=[0] * 9))
        return facts_of(cast(Any, case), cast(Any, SimpleNamespace(steps=9)))

    assert said(subject("RNN", 32), subject("GRU", 19)) == ("RNN: 32 hidden units", "GRU: 19 hidden units")
    assert said(subject("RNN", 8), subject("GRU", 8)) == ("8 hidden units",)
    assert said(subject("RNN", 8, 8)) == ("8 hidden units in each of 2 layers",)
