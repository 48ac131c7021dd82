"""The files that pages are made of, as they lie in this folder."""

from __future__ import annotations

from importlib import resources


def source(name: str) -> str:
    """One of them as text: "report.css", "explorer/main.js"."""
    return (resources.files("selfloop.report") / "web" / name).read_text(encoding="utf-8")
