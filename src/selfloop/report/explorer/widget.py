"""What a notebook widget is made of: the same modules and the same facts as the page."""

from __future__ import annotations

from selfloop.report.explorer.equations import facts
from selfloop.report.explorer.modules import module
from selfloop.results import to_json


def widget_module() -> str:
    """An ES module with `render({model, el})`, as anywidget wants it.

    The widget's model holds two strings: "exploration", an `Exploration` as JSON, and "facts", `widget_facts()`.
    """
    return module("widget.js", ("render",))


def widget_facts() -> str:
    """JSON of what the page must know of the package."""
    return to_json(facts()).decode()
