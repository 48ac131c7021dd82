"""Train every candidate on the same folds and say what the evidence supports.

The package can be called: `selfloop.compare(data)` is `selfloop.compare.compare(data)`. A submodule and a function of
one name would otherwise take each other's place in `selfloop`, depending on which was loaded first.
"""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selfloop.compare.study import Study as Study
    from selfloop.compare.study import compare as compare

__all__ = ["Study", "compare"]


def __getattr__(name: str) -> Any:
    """Load a public name where it lives: the statistics are of use without torch."""
    if name == "__signature__":  # for `help` and completion: what the call takes
        return inspect.signature(__getattr__("compare"))
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.study"), name)
    return value


def __dir__() -> list[str]:
    """What there is, loaded or not."""
    return sorted({*globals(), *__all__})


class _CallablePackage(ModuleType):
    """A package that is also its main function."""

    def __call__(self, *args: Any, **settings: Any) -> Study:
        """`compare(*args, **settings)`."""
        study: Study = self.compare(*args, **settings)
        return study


sys.modules[__name__].__class__ = _CallablePackage
