"""The looks that all pages share: the report's style, and the candidates' colours in the light and in the dark."""

from __future__ import annotations

from selfloop.report.charts.looks import variables
from selfloop.report.web.sources import source


def page_style() -> str:
    """CSS of a whole page."""
    colours = colour_style()
    return (
        f":root {{ {colours['light']}}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {colours['dark']}}} }}\n{source('report.css')}"
    )


def colour_style() -> dict[str, str]:
    """Declarations of the candidates' colours, for "light" and "dark" pages."""
    return {
        scheme: "".join(f"{name}: {colour}; " for name, colour in colours.items())
        for scheme, colours in variables().items()
    }
