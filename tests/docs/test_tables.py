"""Tables can be read as text too: in an editor, in a terminal, in a diff."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")))
LONGEST = 200  # characters: the widest table of figures takes 190; what is longer is prose, for a list or a paragraph


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_rows_are_short_enough_to_read(page: Path) -> None:
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
    assert [(number, len(line)) for number, line in lines if line.startswith("|") and len(line) > LONGEST] == []
