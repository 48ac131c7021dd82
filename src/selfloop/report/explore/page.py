"""An exploration as one HTML file that needs nothing else, or as a part of another page."""

from __future__ import annotations

from pathlib import Path

from selfloop.files import write_page
from selfloop.kinds import kinds
from selfloop.kinds.colours import CELL_STATE, HIDDEN_STATE, KEEPS, WRITES
from selfloop.report.explore.equations import facts
from selfloop.report.web.modules import script
from selfloop.report.web.sources import source
from selfloop.report.web.style import page_style
from selfloop.report.web.templates import embedded, template
from selfloop.results.exploration import Exploration
from selfloop.results.study import to_json
from selfloop.words import count, listed


def write_explorer(exploration: Exploration, path: str | Path) -> Path:
    """Writes `render_explorer` to a file, whole or not at all; folders on the way are made.

    Args:
        exploration: what is shown.
        path: of the HTML file; one that exists is replaced.

    Returns:
        The path.

    Raises:
        StudyError: the file cannot be written.
    """
    return write_page(render_explorer(exploration), path, "explorer")


def render_explorer(exploration: Exploration) -> str:
    """The whole page as HTML: the message in words, the explorer, the findings."""
    labels = listed(dict.fromkeys(model.label for model in exploration.models))
    said = [(model.label if len(exploration.models) > 1 else "", model.findings) for model in exploration.models]
    return template("explorer/explorer.html.jinja").render(
        exploration=exploration,
        labels=labels,
        part=shown_part(exploration),
        fragment=explorer_fragment(exploration),
        findings=[(label, each) for label, each in [("", exploration.findings), *said] if each],
        css=f"{page_style()}\n{explorer_style()}",
    )


def shown_part(exploration: Exploration) -> str:
    """Which steps of the sequence are shown."""
    first, last = exploration.first_step + 1, exploration.first_step + exploration.steps
    if exploration.steps == exploration.total_steps:
        return f"all {count(exploration.total_steps, 'step')}"
    return f"steps {first:,} to {last:,} of {exploration.total_steps:,}"


def explorer_fragment(exploration: Exploration) -> str:
    """The explorer as a part of a page that holds `explorer_style` and the report's own CSS variables."""
    cells = tuple(dict.fromkeys(model.cell for model in exploration.models))
    return template("explorer/fragment.html.jinja").render(
        data=embedded(to_json(exploration).decode()),
        facts=embedded(to_json(facts(cells)).decode()),
        script=script("page.js"),
    )


def explorer_style() -> str:
    """CSS of the explorer and of what flows in it: each gate of each kind has a colour of its own."""
    colours = {f"--gate-{kind.name}-{gate.symbol}": gate.colour for kind in kinds() for gate in kind.gates}
    flows = {"--gate-keep": KEEPS, "--gate-write": WRITES, "--cell-state": CELL_STATE, "--hidden-state": HIDDEN_STATE}
    named = "".join(f"{name}: {colour}; " for name, colour in {**colours, **flows}.items())
    return f".explorer {{ {named}}}\n{source('explorer/explorer.css')}"
