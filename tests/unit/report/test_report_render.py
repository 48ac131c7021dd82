"""The whole page as text: complete, escaped, whole, the same each time. The browser's view is in tests/browser."""

from __future__ import annotations

import html.parser
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import altair
import pytest
from vl_convert import vegalite_to_vega

import selfloop.report.charts.drawing as drawing_module
from report_samples import MASE, board, claims, classify_page, classify_study, forecast_page, forecast_study, trials
from selfloop.errors import StudyError
from selfloop.report import render_report, write_report
from selfloop.results.study import Candidate, Coverage, StudyResult

EVIL = "<script>alert('x')</script><!-- \"&{{ 7 * 7 }}</style>"


class Page(html.parser.HTMLParser):
    """What a reader without CSS and JavaScript gets, and the marks that hold it."""

    VOID = frozenset({"meta", "link", "br", "img", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id" and value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


@pytest.fixture(scope="module")
def forecast() -> str:
    return forecast_page()


@pytest.fixture(scope="module")
def classify() -> str:
    return classify_page()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take seconds; where only the words matter, one small stand-in is drawn instead."""

    def stand_in(key: str, canvas: drawing_module.Canvas, draw: Callable[..., Any]) -> drawing_module.Drawing:
        return drawing_module.Drawing(key, canvas, "<svg></svg>", {"data": []})

    monkeypatch.setattr(drawing_module, "_drawing", stand_in)


def headings(page: Page) -> list[int]:
    return [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]


@pytest.mark.parametrize("name", ["forecast", "classify"])
def test_the_page_is_whole_small_and_asks_for_nothing(name: str, request: pytest.FixtureRequest) -> None:
    text = request.getfixturevalue(name)
    page = Page(text)
    assert page.open == []
    assert len(text.encode()) < 2_000_000
    assert len(page.ids) == len(set(page.ids))
    named = {value for _, attrs in page.tags for key, value in attrs.items() if key == "aria-labelledby"}
    linked = {str(a["href"])[1:] for tag, a in page.tags if tag == "a"}
    assert named | linked <= set(page.ids)
    outside = [attrs for tag, attrs in page.tags if attrs.get("src") or (tag == "link" and attrs["href"] != "data:,")]
    assert outside == []
    assert "default-src 'none'" in text


@pytest.mark.parametrize("name", ["forecast", "classify"])
def test_headings_start_at_one_and_skip_no_level(name: str, request: pytest.FixtureRequest) -> None:
    levels = headings(Page(request.getfixturevalue(name)))
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", ["forecast", "classify"])
def test_every_table_has_a_caption_and_every_chart_says_what_it_shows(
    name: str, request: pytest.FixtureRequest
) -> None:
    page = Page(request.getfixturevalue(name))
    assert page.count("table") == page.count("caption") >= 5
    charts = [attrs for _, attrs in page.tags if "data-chart" in attrs]
    assert len(charts) >= 12
    assert all(attrs["role"] == "img" and len(str(attrs["aria-label"])) > 40 for attrs in charts)
    assert page.count("svg") == len(charts)  # each has its static drawing


def test_the_forecast_report_says_it_all(forecast: str) -> None:
    result = forecast_study()
    text = Page(forecast).text.replace("\N{NO-BREAK SPACE}", " ")
    for sentence in (
        result.verdict.headline,
        result.verdict.pick_reason,
        *result.verdict.notes,
        *result.choices,
        *(claim.sentence for claim in result.verdict.claims),
        result.command,
        result.fold_text,
        result.data.reading,
        result.data.fingerprint,
        "selfloop predict gru.safetensors NEW_DATA.csv --out forecasts.csv",
        "1 of 30",
        "Shown better",
        "No difference found",
        "A fold",
        *(str(value) for value in result.versions.values()),
        *result.settings,
    ):
        assert sentence in text
    assert forecast.index(result.verdict.headline.split(":")[0]) < forecast.index("<table>")
    row = result.leaderboard[0]
    assert f'title="{row.score!r}"' in forecast
    assert f'title="{row.step_microseconds!r}"' in forecast


def test_tables_keep_the_leaderboards_order(forecast: str) -> None:
    rows = re.findall(r'<th scope="row">.*?</th>', forecast)
    labels = [re.sub(r"<small>.*?</small>|<[^>]+>", "", row).strip() for row in rows]
    order = [row.candidate.label for row in forecast_study().leaderboard]
    count = len(order)
    assert labels[:count] == labels[count : 2 * count] == order  # the leaderboard, every metric
    assert labels[2 * count : 3 * count - 1] == order[1:]  # claims: all but the pick
    start = forecast.index('id="coverage-table"')
    covered = re.findall(r'<th scope="row">.*?</th>', forecast[start : forecast.index("</table>", start)])
    twice = [label for label in order for _ in range(2)]
    assert [re.sub(r"<small>.*?</small>|<[^>]+>", "", row).strip() for row in covered] == twice


def test_the_classify_report_shows_the_confusion_of_the_pick_and_of_the_best_recurrent(classify: str) -> None:
    assert re.findall(r'<figure id="(confusion-\d)">', classify) == ["confusion-0", "confusion-1"]
    assert "speaker 9" in classify
    assert "labels.csv" in classify
    assert "Forecasts against" not in classify


def test_the_same_result_gives_the_same_bytes(classify: str) -> None:
    assert render_report(classify_study()) == classify


def test_charts_are_valid_vega_lite(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def checked(key: str, canvas: drawing_module.Canvas, draw: Callable[..., Any]) -> drawing_module.Drawing:
        chart = draw(canvas)
        altair.Chart.from_dict(chart.to_dict()) if isinstance(chart, altair.Chart) else chart.to_dict()
        seen.append(key)
        return drawing_module.Drawing(key, canvas, "<svg></svg>", {"data": []})

    monkeypatch.setattr(drawing_module, "_drawing", checked)
    render_report(forecast_study())
    assert len(seen) == 12
    assert vegalite_to_vega({**altair.Chart().mark_point().to_dict(), "config": drawing_module._THEME})


def hostile(result: StudyResult) -> StudyResult:
    """Every name and sentence that a user can bring in, turned against the page."""

    def rename(candidate: Candidate) -> Candidate:
        return replace(candidate, label=EVIL + candidate.label)

    verdict = replace(result.verdict, headline=EVIL, pick_reason=EVIL, notes=(EVIL,))
    return replace(
        result,
        data=replace(result.data, name=EVIL, target=EVIL, reading=EVIL, fingerprint=EVIL),
        candidates=tuple(map(rename, result.candidates)),
        leaderboard=tuple(replace(row, candidate=rename(row.candidate)) for row in result.leaderboard),
        verdict=replace(verdict, claims=tuple(replace(claim, sentence=EVIL) for claim in verdict.claims)),
        settings={EVIL: EVIL},
        versions={EVIL: EVIL, "selfloop": EVIL},
        choices=(EVIL,),
        fold_text=EVIL,
        command=EVIL,
        models={EVIL: EVIL},
        trials=tuple(replace(trial, settings={EVIL: EVIL}) for trial in result.trials),
        examples=tuple(replace(example, series=EVIL, target=EVIL) for example in result.examples),
        confusions=tuple(replace(each, classes=tuple(EVIL + c for c in each.classes)) for each in result.confusions),
    )


@pytest.mark.parametrize("study", [forecast_study, classify_study], ids=["forecast", "classify"])
def test_what_a_user_named_is_never_markup(study: Callable[[], StudyResult]) -> None:
    result = hostile(study())
    text = render_report(result)
    page = Page(text)
    assert page.open == []
    assert page.count("script") == 2  # the charts' data, and the code
    assert page.count("style") == 1
    assert "<script>alert" not in text
    assert "{{ 7 * 7 }}" in page.text  # shown as it is, not computed
    data = re.search(r'id="specifications">(.*?)</script>', text, re.S)
    assert data is not None
    assert json.loads(data[1])["charts"].keys()


@pytest.mark.usefixtures("quick")
def test_a_link_is_never_made_of_a_name() -> None:
    page = Page(render_report(hostile(forecast_study())))
    assert {str(attrs["href"])[0] for tag, attrs in page.tags if tag == "a"} == {"#"}


@pytest.mark.usefixtures("quick")
def test_one_fold_has_a_pick_and_no_claim() -> None:
    result = forecast_study()
    first = tuple(trial for trial in result.trials if trial.fold == 0)
    rows = tuple(replace(row, spread=None) for row in result.leaderboard)
    bare = replace(result.verdict, claims=())
    one = replace(result, trials=first, leaderboard=rows, verdict=bare, folds=1, examples=(), coverage=(), models={})
    page = Page(render_report(one))
    assert "This study supports no claim." in page.text
    assert "No model was saved with this study." in page.text
    assert "±" not in page.text.replace("Mean over folds ± standard deviation", "")
    assert {"verdict", "scores", "cost", "curves"} <= set(page.ids)
    assert "coverage" not in page.ids
    assert "95 % interval" not in page.text


@pytest.mark.usefixtures("quick")
def test_where_everything_diverged_there_are_tables_and_no_charts() -> None:
    result = forecast_study()
    gone = tuple(replace(t, status="diverged", metrics={}, curve=None) for t in result.trials)
    rows = tuple(
        replace(row, score=None, spread=None, metrics={}, relative={}, diverged=row.trials)
        for row in result.leaderboard
    )
    verdict = replace(result.verdict, claims=(), best_recurrent=None)
    lost = replace(result, trials=gone, leaderboard=rows, verdict=verdict, examples=(), coverage=())
    page = Page(render_report(lost))
    assert page.count("figure") == 0
    assert page.text.count("30 of 30") == len(rows)


@pytest.mark.usefixtures("quick")
def test_a_single_candidate_has_nothing_to_be_compared_with() -> None:
    result = forecast_study()
    alone = replace(
        result,
        trials=tuple(trial for trial in result.trials if trial.candidate == "gru"),
        leaderboard=tuple(row for row in result.leaderboard if row.candidate.name == "gru"),
        verdict=replace(result.verdict, claims=()),
        coverage=(Coverage("gru", 0.8, float("nan"), float("inf")),),
    )
    page = Page(render_report(alone))
    assert "one candidate only" in page.text
    assert "not finite" in page.text
    assert "verdict" not in page.ids


def many_candidates(count: int) -> StudyResult:
    import numpy as np

    names = {
        Candidate(f"c{k}", f"a candidate with a long name, number {k}", "recurrent" if k % 2 else "baseline", True): 0.5
        + 0.02 * k
        for k in range(count)
    }
    made = trials(np.random.default_rng(3), names, (MASE,), folds=5, seeds=2, spread=0.05)
    rows = board(made, tuple(names), (MASE,), f"c{count - 1}")
    result = forecast_study()
    verdict = replace(result.verdict, pick="c0", best="c0", best_recurrent="c1", claims=claims(rows, "c0", MASE, 0.02))
    return replace(
        result, candidates=tuple(names), metrics=(MASE,), trials=made, leaderboard=rows, verdict=verdict, examples=(),
        coverage=(),
    )  # fmt: skip


def test_thirty_candidates_fit() -> None:
    text = render_report(many_candidates(30))
    page = Page(text)
    assert len(text.encode()) < 2_000_000
    assert all(f"a candidate with a long name, number {k}" in page.text for k in range(30))
    assert "12 of 30 candidates are drawn" in page.text


@pytest.mark.parametrize("factor", [1e300, 1e-300, 0.0])
def test_numbers_of_any_size_are_drawn(factor: float) -> None:
    result = forecast_study()
    scaled = tuple(
        replace(trial, metrics={key: value * factor for key, value in trial.metrics.items()}, curve=None)
        for trial in result.trials
    )
    rows = tuple(
        replace(row, score=(row.score or 0) * factor, operations=10**13, train_seconds=1e7)
        for row in result.leaderboard
    )
    page = Page(render_report(replace(result, trials=scaled, leaderboard=rows, examples=(), coverage=())))
    assert {"scores", "cost"} <= set(page.ids)
    assert "NaN" not in page.text


@pytest.mark.usefixtures("quick")
def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = write_report(classify_study(), tmp_path / "deep" / "down" / "report.html")
    assert path == tmp_path / "deep" / "down" / "report.html"
    before = path.read_bytes()
    assert write_report(classify_study(), str(path)).read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["report.html"]


@pytest.mark.usefixtures("quick")
def test_a_path_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(StudyError, match=r"cannot be written to .*file.report\.html \("):
        write_report(classify_study(), tmp_path / "file" / "report.html")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StudyError, match=r"cannot be written to .*folder \("):
        write_report(classify_study(), tmp_path / "folder")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder"]


def test_importing_the_report_loads_neither_torch_nor_the_charts() -> None:
    code = "import sys, selfloop.report; print(sorted({'torch', 'altair', 'vl_convert', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
