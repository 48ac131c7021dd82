"""What a notebook widget is made of: the same modules and the same facts as the page."""

from __future__ import annotations

import re

from selfloop.report.explore.equations import facts
from selfloop.report.explore.page import explorer_style
from selfloop.report.web.modules import module
from selfloop.report.web.sources import source
from selfloop.report.web.style import colour_style
from selfloop.results.study import to_json


def widget_module() -> str:
    """An ES module with `render({model, el})`, as anywidget wants it.

    The widget's model holds two strings: "exploration_json", an `Exploration`, and "facts_json", `widget_facts()`.
    """
    return module("widget.js", ("render",))


def widget_facts() -> str:
    """JSON of what the page must know of the package."""
    return to_json(facts()).decode()


def widget_style() -> str:
    """CSS of the widget. The report's variables stand on the widget, so that nothing of the notebook changes."""
    # The page’s own colours, in the light and in the dark.
    light, dark = re.findall(r":root \{([^}]*)\}", source("report.css"))[:2]
    looks = colour_style()
    return (
        f".explorer {{ {light} {looks['light']} {_BASE} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ .explorer {{ {dark} {looks['dark']} }} }}\n"
        f".explorer .chip {{ {_CHIP} }}\n{explorer_style()}"
    )


_BASE = (
    "box-sizing: border-box; padding: 16px; background: var(--paper); color: var(--ink); "
    "font: 16px/24px system-ui, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere;"
)
_CHIP = "flex: none; border: 2px solid var(--look); border-radius: 50%; background: var(--look);"
