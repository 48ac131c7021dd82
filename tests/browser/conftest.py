"""One browser for all tests of a process, and the visits of one test to the pages that its file made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import Visit, chromium, opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def visit(browser: Any, pages: dict[str, Path]) -> Iterator[Callable[..., Visit]]:
    """Opens one of the file's `pages` by its name; at the end all must have gone well."""
    visits: list[Visit] = []

    def open_explorer(name: str, anchor: str = "", **context: Any) -> Visit:
        visits.append(opened(browser, pages[name], anchor, **{"reduced_motion": "reduce", **context}))
        return visits[-1]

    yield open_explorer
    for visited in visits:
        visited.went_well()
        visited.page.context.close()
