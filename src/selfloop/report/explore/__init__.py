"""A page that steps through a model's numbers: `write_explorer` to a path, `render_explorer` as text.

Takes `exploration.Exploration` as data: no model, no data set and no torch is needed.
"""

from selfloop.report.explore.page import explorer_fragment, explorer_style, render_explorer, write_explorer
from selfloop.report.explore.widget import widget_facts, widget_module, widget_style

__all__ = [
    "explorer_fragment",
    "explorer_style",
    "render_explorer",
    "widget_facts",
    "widget_module",
    "widget_style",
    "write_explorer",
]
