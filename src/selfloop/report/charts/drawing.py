"""From an Altair chart to what the page holds: static SVG for everyone, a Vega specification for those with JavaScript.

Colours are CSS variables throughout: Vega hands them on unread, so that one drawing serves light, dark and paper.
Each picture is drawn twice, for a wide page and for a phone, since a chart that merely shrinks cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]

INK, MUTED, GRID, LINE = (f"var(--{name})" for name in ("ink", "muted", "grid", "line"))
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"


@dataclass(frozen=True)
class Canvas:
    """The room for one drawing, in px.

    Attributes:
        width: of the whole drawing.
        labels: for candidates' names beside it.
        columns: small multiples side by side.
    """

    name: str
    width: int
    labels: int
    columns: int


WIDE = Canvas("wide", 800, 192, 3)
NARROW = Canvas("narrow", 328, 112, 1)


@dataclass(frozen=True)
class Drawing:
    """One picture at one width.

    Attributes:
        svg: readable without JavaScript.
        vega: the same as a Vega specification, for tooltips.
    """

    key: str
    canvas: Canvas
    svg: str
    vega: Spec


@dataclass(frozen=True)
class Picture:
    """A chart with its words.

    Attributes:
        alt: what it shows, for those who cannot see it.
        caption: how to read it.
    """

    key: str
    alt: str
    caption: str
    drawings: tuple[Drawing, ...]


def picture(key: str, alt: str, caption: str, draw: Callable[[Canvas], Any]) -> Picture:
    """Draws a chart for both widths.

    Args:
        key: unlike every other picture's; an HTML id.
        alt: see `Picture`.
        caption: see `Picture`.
        draw: makes the Altair chart for a canvas.
    """
    return Picture(
        key, alt, caption, tuple(_drawing(f"{key}-{canvas.name}", canvas, draw) for canvas in (WIDE, NARROW))
    )


def _drawing(key: str, canvas: Canvas, draw: Callable[[Canvas], Any]) -> Drawing:
    import vl_convert
    from altair.utils.schemapi import debug_mode

    # The theme goes in here: Altair's own would be global. Validation is left to the tests: it takes half the time.
    with debug_mode(False):
        spec = {**draw(canvas).to_dict(validate=False), "config": _THEME}
    vega = vl_convert.vegalite_to_vega(spec)
    return Drawing(key, canvas, _tidy(key, vl_convert.vega_to_svg(vega, allowed_base_urls=[])), vega)


_NUMBERS = re.compile(r' (?:transform|d)="[^"]*"')
_DECIMALS = re.compile(r"\d+\.\d{2,}")
_TAG = re.compile(r"<[^>]+>")
# The figure is one image with one description, and what is whole or cannot be clicked need not say so.
_SAID = re.compile(r' (?:font-family|role|aria-[a-z]+|pointer-events)="[^"]*"| opacity="1"')


def _tidy(key: str, svg: str) -> str:
    """A third of the size and safe beside others: nothing invisible, nothing said twice, no pixel to ten digits.

    Clip paths get names of their own: every SVG counts them from where the last one stopped.
    """
    svg = re.sub(r'<path [^>]* (?:opacity="0"|display="none")/>', "", _TAG.sub(lambda tag: _SAID.sub("", tag[0]), svg))
    svg = _NUMBERS.sub(
        lambda found: _DECIMALS.sub(lambda n: f"{float(n[0]):.1f}".rstrip("0").rstrip("."), found[0]), svg
    )
    for place, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg))):
        svg = svg.replace(f'id="{name}"', f'id="{key}-{place}"').replace(f"url(#{name})", f"url(#{key}-{place})")
    return svg


_THEME: Spec = {
    "background": None,
    "aria": False,  # the figure carries one description; a label a dot would be noise, and half of the page
    "font": FONT,
    "padding": {"left": 0, "right": 8, "top": 4, "bottom": 4},
    "customFormatTypes": False,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "tickColor": LINE,
        "domainColor": LINE,
        "gridColor": GRID,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelPadding": 6,
        "titlePadding": 8,
        "domain": False,
        "ticks": False,
    },
    "title": {"color": INK, "fontSize": 13, "fontWeight": 600, "anchor": "start", "offset": 8},
    "text": {"color": INK, "fontSize": 12},
    "concat": {"spacing": 24},
}
