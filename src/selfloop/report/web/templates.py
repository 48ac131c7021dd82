"""The pages' templates in one environment: what a user named is escaped, and numbers are written alike everywhere."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from selfloop import words
from selfloop.report.web.compact import compact
from selfloop.report.web.sources import source
from selfloop.results import differences

if TYPE_CHECKING:
    import jinja2


def template(name: str) -> jinja2.Template:
    """A template of this folder: "report.html.jinja"."""
    return _environment().get_template(name)


def embedded(json: str) -> str:
    """JSON for a script element: no sequence of characters in it may end the element or open a comment."""
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["count"] = words.count
    environment.filters.update(
        three=words.three,
        full=words.full,
        whole=words.whole,
        percent=words.percent,
        amount=differences.amount,
        short=differences.short,
        short_interval=differences.short_interval,
        p_value=words.p_value,
        duration=words.duration,
        setting=words.setting,
        tied=words.tied,
        compact=compact,
    )
    return environment
