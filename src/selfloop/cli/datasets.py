"""`selfloop datasets`: what is built in."""

from __future__ import annotations

import typer


def datasets() -> None:
    """List the built-in sets."""
    from selfloop.data import BUILTIN

    width = max(len(name) for name in BUILTIN)
    for name, description in BUILTIN.items():
        typer.echo(f"{name:<{width}}  {description}")
