"""From a trained model and a user's sequence to the page that steps through its numbers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selfloop.explorer.exploring import exploration_of as exploration_of
    from selfloop.explorer.exploring import explore as explore

__all__ = ["exploration_of", "explore"]


def __getattr__(name: str) -> Any:
    """Load a public name where it lives: the command line names the package before it needs torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.exploring"), name)
    return value
