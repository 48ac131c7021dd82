"""An exploration as one HTML file that needs nothing else, or as a part of another page."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from selfloop.files import write_page
from selfloop.kinds import kinds
from selfloop.kinds.colours import CELL_STATE, HIDDEN_STATE, KEEPS, WRITES
from selfloop.report.charts.looks import variables
from selfloop.report.explore.equations import facts
from selfloop.report.web.modules import script, source
from selfloop.results.exploration import Exploration
from selfloop.results.study import to_json
from selfloop.words import count, listed

if TYPE_CHECKING:
    import jinja2


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
    return template("explorer.html.jinja").render(
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
    return template("fragment.html.jinja").render(
        data=_embedded(to_json(exploration)), facts=_embedded(to_json(facts(cells))), script=script("page.js")
    )


def explorer_style() -> str:
    """CSS of the explorer and of what flows in it: each gate of each kind has a colour of its own."""
    colours = {f"--gate-{kind.name}-{gate.symbol}": gate.colour for kind in kinds() for gate in kind.gates}
    flows = {"--gate-keep": KEEPS, "--gate-write": WRITES, "--cell-state": CELL_STATE, "--hidden-state": HIDDEN_STATE}
    named = "".join(f"{name}: {colour}; " for name, colour in {**colours, **flows}.items())
    return f".explorer {{ {named}}}\n{source('explorer.css')}"


def page_style() -> str:
    """The report's looks, for a page of its own."""
    turned = variables()
    light, dark = (
        "".join(f"{key}: {colour}; " for key, colour in turned[scheme].items()) for scheme in ("light", "dark")
    )
    css = (resources.files("selfloop.report") / "web" / "report.css").read_text(encoding="utf-8")
    return f":root {{ {light}}}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}\n{css}"


def template(name: str) -> jinja2.Template:
    """A template of this folder."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source(name))


def _embedded(json: bytes) -> str:
    """No sequence of characters in here may end the script element or open a comment."""
    return json.decode().replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
