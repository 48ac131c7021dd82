"""Packages that can be called: `selfloop.compare(data)` is `selfloop.compare.compare(data)`.

A submodule and a function of one name would otherwise take each other's place in `selfloop`, depending on which was
loaded first. What such a package hands on is loaded when it is first used.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


class CallablePackage(ModuleType):
    """A package that is also its main function, the one of its own name."""

    _homes: Mapping[str, str]  # of each public name: the submodule where it lives

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """What the function of this name returns."""
        return _main(self)(*args, **settings)

    def __getattr__(self, name: str) -> Any:
        """Load a public name where it lives, once."""
        homes = vars(self)["_homes"]
        if name == "__signature__":  # for `help` and completion: what the call takes
            return inspect.signature(_main(self))
        if name not in homes:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = vars(self)[name] = getattr(import_module(f"{self.__name__}.{homes[name]}"), name)
        return value

    def __dir__(self) -> list[str]:
        """What there is, loaded or not."""
        return sorted({*vars(self), *vars(self)["_homes"]})


def _main(package: CallablePackage) -> Any:
    return getattr(package, package.__name__.rpartition(".")[2])


def make_callable(package: str, homes: Mapping[str, str]) -> None:
    """Turn a package into its main function, too.

    Args:
        package: its `__name__`.
        homes: the public names, each with the submodule where it lives; the package's own name is among them.
    """
    module = sys.modules[package]
    vars(module)["_homes"] = homes
    module.__class__ = CallablePackage
