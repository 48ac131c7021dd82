"""The same in a notebook: an anywidget with the page's own modules. Needs `selfloop[notebook]`."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from selfloop.inside.explore.view import Explorer
from selfloop.report.explore import widget_facts, widget_module, widget_style
from selfloop.results.exploration import Exploration
from selfloop.results.study import to_json


class ExplorerWidget(Explorer, anywidget.AnyWidget):
    """An `Explorer` that shows itself. Its model holds two strings: the exploration and the facts, as JSON."""

    _esm = widget_module()
    _css = widget_style()
    exploration_json = traitlets.Unicode().tag(sync=True)
    facts_json = traitlets.Unicode().tag(sync=True)

    def __init__(self, exploration: Exploration, **options: Any) -> None:
        anywidget.AnyWidget.__init__(
            self, exploration_json=to_json(exploration).decode(), facts_json=widget_facts(), **options
        )
        Explorer.__init__(self, exploration)
