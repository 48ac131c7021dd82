"""Every chart of an explanation as an SVG and a PNG file of its own, for slides and papers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from selfloop.errors import StudyError
from selfloop.files import whole
from selfloop.report.charts.looks import variables
from selfloop.report.explain.blocks import Block, blocks
from selfloop.report.web.sources import source
from selfloop.results.explanation import Explanation

FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_MARGIN = 16
_TITLE = 32
_SCALE = 2.0  # pixels of a PNG for one of the page
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>')


def write_plots(explanation: Explanation, folder: str | Path) -> list[Path]:
    """Writes each chart as it looks on a wide, light page, in real colours, under its title.

    Args:
        explanation: what is drawn.
        folder: made where it is missing; files of the same names are replaced: `horizon.svg`, `horizon.png`,
            `gradient-by-lag.…`, `time-constants.…`, and `gates-…`, `saturation-…`, `ledger-…` of each model.

    Returns:
        The files, in the order of the page.

    Raises:
        StudyError: a file cannot be written.
    """
    import vl_convert

    folder, made = Path(folder), []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, svg in plots(explanation).items():
            drawn, dots = folder / f"{name}.svg", folder / f"{name}.png"
            with whole(drawn) as draft:
                draft.write_text(svg, encoding="utf-8")
            with whole(dots) as draft:
                draft.write_bytes(vl_convert.svg_to_png(svg, scale=_SCALE))
            made += [drawn, dots]
    except OSError as error:
        reason = error.strerror or error
        raise StudyError(f"The plots cannot be written to {folder} ({reason}); name a folder of yours.") from error
    return made


def plots(explanation: Explanation) -> dict[str, str]:
    """SVG by name, each a file that needs nothing else."""
    drawn = blocks(explanation)
    made = {}
    for block in drawn.shared:
        made.update(_plot(block, block.title))
    for model, own in zip(explanation.models, drawn.own, strict=True):
        for block in own:
            made.update(_plot(block, f"{block.title}: this {drawn.looks[model.name].label}"))
    return made


def _plot(block: Block, title: str) -> dict[str, str]:
    if block.picture is None:
        return {}
    svg = block.picture.drawings[0].svg
    found = _SIZE.search(svg)
    if found is None:
        raise ValueError(f"The drawing {block.picture.key} has no size.")
    width, height = float(found[1]) + 2 * _MARGIN, float(found[2]) + _TITLE + 2 * _MARGIN
    inner = f'<g transform="translate({_MARGIN},{_TITLE + _MARGIN})">{svg[found.end() : svg.rindex("</svg>")]}</g>'
    whole = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" font-family="{FONT}" role="img">'
        f"<title>{escape(title)}</title><desc>{escape(block.picture.alt)}</desc>"
        f'<rect width="{width:g}" height="{height:g}" fill="var(--paper)"/>'
        f'<text x="{_MARGIN}" y="{_MARGIN + 14}" font-size="16" font-weight="600" fill="var(--ink)">'
        f"{escape(title)}</text>"
        f"{inner}</svg>\n"
    )
    return {block.picture.key.removeprefix("explain-"): coloured(whole, light())}


def coloured(svg: str, colours: Mapping[str, str]) -> str:
    """CSS variables as the colours that they stand for.

    Raises:
        KeyError: a variable that the page does not have.
    """
    return re.sub(r"var\((--[\w-]+)\)", lambda found: colours[found[1]], svg)


@lru_cache(maxsize=1)
def light() -> Mapping[str, str]:
    """The light page's variables, from its own style."""
    css = source("report.css")
    return {**dict(re.findall(r"(--[\w-]+): (#\w+);", css[: css.index("@media")])), **variables()["light"]}
