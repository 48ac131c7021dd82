"""A study's result as one HTML file that needs nothing else: no network, no other file, not even JavaScript."""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from selfloop.files import write_page
from selfloop.report.charts.confusion import ConfusionView, confusion_views
from selfloop.report.charts.cost import cost_picture
from selfloop.report.charts.coverage import coverage_picture
from selfloop.report.charts.curves import curves_picture
from selfloop.report.charts.drawing import Picture
from selfloop.report.charts.forecasts import forecast_pictures
from selfloop.report.charts.looks import Look, looks
from selfloop.report.charts.scores import scores_picture
from selfloop.report.charts.verdict import verdict_picture
from selfloop.report.explain.page import EXPLANATION, Fragment, charts_fragment
from selfloop.report.study.chosen import chosen
from selfloop.report.study.folds import fold_scores
from selfloop.report.web.sources import source
from selfloop.report.web.style import page_style
from selfloop.report.web.templates import embedded, template
from selfloop.results.explanation import Explanation
from selfloop.results.study import Coverage, StudyResult


def write_report(result: StudyResult, path: str | Path, explanation: Explanation | None = None) -> Path:
    """Writes `render_report` to a file, whole or not at all; folders on the way are made.

    Args:
        result: of a comparison; `results.from_json` reads a stored one.
        path: of the HTML file; one that exists is replaced.
        explanation: what its recurrent models remember; the page that steps through them stands beside the report.

    Returns:
        The path.

    Raises:
        StudyError: the file cannot be written.
    """
    return write_page(render_report(result, explanation), path, "report")


def render_report(result: StudyResult, explanation: Explanation | None = None) -> str:
    """The report as HTML: the verdict, then tables and charts, each readable without JavaScript.

    The same result gives the same text. Colours follow the reader's light or dark setting; charts get tooltips from
    Vega where JavaScript runs, unless the page would be larger than 2 MB with it. Everything that a user named is
    escaped.
    """
    look = looks(result)
    pictures = _Pictures.of(result, look)
    inside = None if explanation is None else charts_fragment(explanation)
    page = partial(_page, result, look, pictures, explanation, inside)
    live = page(_specifications(pictures.all()), _script())
    if len(live.encode()) < _MOST_BYTES:
        return live
    # Pictures and tables limit themselves; this is for names and settings that nobody foresaw.
    return page("", "")


def _page(
    result: StudyResult,
    look: dict[str, Look],
    pictures: _Pictures,
    explanation: Explanation | None,
    inside: Fragment | None,
    specifications: str,
    script: str,
) -> str:
    """`specifications` and `script` bring the charts to life; without them they stay drawings."""
    return template("report.html.jinja").render(
        result=result,
        explanation=explanation,
        inside=inside,
        stepping=EXPLANATION,
        looks=look,
        pictures=pictures,
        chosen=chosen(result, look),
        models=_models(result),
        missing=_missing(result, look),
        fold_numbers=sorted({trial.fold for trial in result.trials}),
        fold_table=_fold_table(result),
        coverage=_coverage(result),
        css=page_style() + ("" if inside is None else inside.css),
        script=script,
        specifications=specifications,
    )


@dataclass(frozen=True)
class _Pictures:
    """What there is to see; None or empty where the result has nothing for it."""

    verdict: Picture | None
    scores: Picture | None
    curves: Picture | None
    forecasts: tuple[tuple[str, Picture], ...]
    confusions: tuple[ConfusionView, ...]
    cost: Picture | None
    coverage: Picture | None

    @classmethod
    def of(cls, result: StudyResult, look: dict[str, Look]) -> _Pictures:
        return cls(
            verdict=verdict_picture(result, look),
            scores=scores_picture(result, look),
            curves=curves_picture(result, look),
            forecasts=forecast_pictures(result, look),
            confusions=confusion_views(result, look),
            cost=cost_picture(result, look),
            coverage=coverage_picture(result, look),
        )

    def all(self) -> tuple[Picture, ...]:
        one = (self.verdict, self.scores, self.curves, self.cost, self.coverage)
        several = (*(picture for _, picture in self.forecasts), *(view.picture for view in self.confusions))
        return (*(picture for picture in one if picture is not None), *several)


@dataclass(frozen=True)
class _Model:
    """A saved model: what it is, and how to put it to work."""

    roles: str
    command: str


_MOST_BYTES = 2_000_000
_ROLES = {
    "pick": "The pick",
    "best_saved": "The best that a file can hold",
    "best_recurrent": "The best recurrent network",
}


def _models(result: StudyResult) -> list[_Model]:
    """One entry a file: the pick and the best recurrent network may be the same one."""
    labels = {candidate.name: candidate.label for candidate in result.candidates}
    chosen = {"pick": result.verdict.pick, "best_recurrent": result.verdict.best_recurrent}
    roles: dict[str, list[str]] = {}
    whose: dict[str, str] = {}
    for role, file in result.models.items():
        name = chosen.get(role) or Path(file).stem
        whose[file] = labels.get(name, name)
        roles.setdefault(file, []).extend([_ROLES[role]] if role in _ROLES else [])
    return [
        _Model(f"{_both(said)}: {whose[file]}" if said else whose[file], command)
        for file, said in roles.items()
        for command in [f"selfloop predict {shlex.quote(file)} NEW_DATA.csv --out {result.words.file}"]
    ]


def _missing(result: StudyResult, look: dict[str, Look]) -> list[str]:
    """What the reader would look for among the models and not find, in words."""
    own = {candidate.name for candidate in result.candidates if not candidate.saved}  # a remark says so
    names = {"pick": result.verdict.pick, "best_recurrent": result.verdict.best_recurrent}
    lost: dict[str, list[str]] = {}
    for role, name in names.items():
        if name in look and name is not None and name not in own and role not in result.models:
            lost.setdefault(name, []).append(_ROLES[role])
    return [
        f"{_both(roles)}, {look[name].label}, was not saved: its training on all data did not succeed."
        for name, roles in lost.items()
    ]


def _both(roles: list[str]) -> str:
    return ", also ".join([roles[0], *(each[0].lower() + each[1:] for each in roles[1:])])


def _fold_table(result: StudyResult) -> dict[str, dict[int, float | None]]:
    table: dict[str, dict[int, float | None]] = {}
    for score in fold_scores(result):
        table.setdefault(score.candidate, {})[score.fold] = score.mean
    return table


def _coverage(result: StudyResult) -> list[Coverage]:
    """In the leaderboard's order, levels rising."""
    order = {row.candidate.name: place for place, row in enumerate(result.leaderboard)}
    return sorted(result.coverage, key=lambda each: (order.get(each.candidate, len(order)), each.level))


@lru_cache(maxsize=1)
def _script() -> str:
    """Vega, once, and the few lines that put it to work; safe inside a script element."""
    import vl_convert

    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return f"{bundle}\n{source('report.js')}".replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _table(records: list[dict[str, Any]]) -> dict[str, Any]:
    names = list(dict.fromkeys(name for record in records for name in record))
    return {"names": names, "rows": [[record.get(name) for name in names] for record in records]}


def _specifications(pictures: tuple[Picture, ...]) -> str:
    """JSON of all charts: {"data": {name: table}, "charts": {key: Vega}}, data that charts share held once.

    A table is {"names": [...], "rows": [[...], ...]}: half the size of records that each repeat their names.
    """
    shared: dict[str, Any] = {}
    charts = {}
    for drawing in (drawing for picture in pictures for drawing in picture.drawings):
        tables = []
        for table in drawing.vega.get("data", []):
            if not table.get("values"):
                tables.append(table)
                continue
            text = json.dumps(table["values"], sort_keys=True)
            name = hashlib.sha256(text.encode()).hexdigest()[:16]
            shared[name] = _table(table["values"])
            tables.append({**table, "values": name})
        charts[drawing.key] = {**drawing.vega, "data": tables}
    text = json.dumps({"data": shared, "charts": charts}, separators=(",", ":"), ensure_ascii=False)
    return embedded(text)
