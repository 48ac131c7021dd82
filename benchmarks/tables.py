"""What is measured, as tables between markers on the pages of docs/."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def put(path: Path, name: str, content: str) -> None:
    """Put a section between its markers on a page, at the end of the page if it is new."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    page = path.read_text(encoding="utf-8")
    if start not in page:
        page = f"{page.rstrip()}\n\n{start}\n{end}\n"
    path.write_text(f"{page[: page.index(start)]}{start}\n{content}\n{page[page.index(end) :]}", encoding="utf-8")
