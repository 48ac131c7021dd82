"""What `selfloop explain` found, as one HTML file that needs nothing else, or as a part of another page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from selfloop.files import write_page
from selfloop.report.charts.models import ModelLook, model_looks
from selfloop.report.explain.blocks import Block, blocks
from selfloop.report.explain.plots import write_plots
from selfloop.report.explore.page import explorer_fragment, explorer_style, shown_part
from selfloop.report.web.compact import once
from selfloop.report.web.sources import source
from selfloop.report.web.style import page_style
from selfloop.report.web.templates import template
from selfloop.results.explanation import Explanation, ModelInsight
from selfloop.words import listed

__all__ = [
    "EXPLANATION",
    "Fragment",
    "charts_fragment",
    "explanation_fragment",
    "render_explanation",
    "write_explanation",
    "write_plots",
]

EXPLANATION = "explain.html"  # the page's name where it stands beside a report


@dataclass(frozen=True)
class Fragment:
    """A part of a page that has the report's own style (`web/report.css` and the candidates' colours).

    Attributes:
        markup: HTML, its ids begin with "explain-" or belong to the explorer.
        css: what it needs beside the report's.
    """

    markup: str
    css: str


def write_explanation(explanation: Explanation, path: str | Path) -> Path:
    """Writes `render_explanation` to a file, whole or not at all; folders on the way are made.

    Args:
        explanation: what is shown.
        path: of the HTML file; one that exists is replaced.

    Returns:
        The path.

    Raises:
        StudyError: the file cannot be written.
    """
    return write_page(render_explanation(explanation), path, "explanation")


def render_explanation(explanation: Explanation) -> str:
    """The whole page: the message in words, charts that need no JavaScript, and the explorer, which does."""
    return template("explorer/explain.html.jinja").render(
        explanation=explanation,
        labels=listed([look.label for look in model_looks(explanation).values()]),
        parts=_parts(explanation, level=2),
        inside=_inside(explanation, level=2),
        css=f"{page_style()}\n{_style()}",
    )


def explanation_fragment(explanation: Explanation) -> Fragment:
    """All but headline and facts, its headings from h3 on: what was found, the charts, the explorer."""
    return Fragment(_parts(explanation, level=3).found + _inside(explanation, level=3), _style())


def charts_fragment(explanation: Explanation) -> Fragment:
    """The same without the explorer, which is most of the size: for a page that has other things to show."""
    return Fragment(_parts(explanation, level=3).found, source("explorer/explain.css"))


@dataclass(frozen=True)
class _Model:
    """What is said and shown of one model."""

    insight: ModelInsight
    look: ModelLook
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class _Parts:
    """The page from its headline to the explorer, and where one can jump to."""

    found: str
    links: tuple[tuple[str, str], ...]


def _parts(explanation: Explanation, *, level: int) -> _Parts:
    drawn = blocks(explanation)
    models = tuple(
        _Model(model, drawn.looks[model.name], own) for model, own in zip(explanation.models, drawn.own, strict=True)
    )
    markup = template("explorer/explain-parts.html.jinja").render(
        explanation=explanation,
        shared=drawn.shared,
        models=models,
        level=level,
        part=shown_part(explanation.exploration),
    )
    links = [
        ("explain-findings", "What was found"), *((block.key, block.title) for block in drawn.shared),
        *((f"explain-model-{model.look.slug}", f"Inside this {model.look.label}") for model in models),
        ("explain-inside", "Step through"),
    ]  # fmt: skip
    return _Parts(once(markup), tuple(links))


def _inside(explanation: Explanation, *, level: int) -> str:
    """The explorer under its heading."""
    exploration = explanation.exploration
    return template("explorer/explain-inside.html.jinja").render(
        exploration=exploration, level=level, part=shown_part(exploration), fragment=explorer_fragment(exploration)
    )


def _style() -> str:
    return f"{explorer_style()}\n{source('explorer/explain.css')}"
