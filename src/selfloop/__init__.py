"""Recurrent networks that you can see through, trust and run.

Everything here is loaded when it is first used: `import selfloop` alone loads neither torch nor NumPy.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selfloop import cells as cells
    from selfloop import data as data
    from selfloop import kinds as kinds
    from selfloop import nn as nn
    from selfloop.estimators.classifier import Classifier as Classifier
    from selfloop.estimators.forecaster import Forecaster as Forecaster
    from selfloop.estimators.next_symbol import NextSymbol as NextSymbol
    from selfloop.estimators.regressor import Regressor as Regressor
    from selfloop.estimators.tagger import Tagger as Tagger
    from selfloop.inside.explain.explain import explain as explain
    from selfloop.inside.explore.explore import explore as explore
    from selfloop.kernels.native import native_info as native_info
    from selfloop.nn.accelerate import accelerate as accelerate
    from selfloop.nn.accelerate import decelerate as decelerate
    from selfloop.study.compare import compare as compare
    from selfloop.study.study import Study as Study
    from selfloop.tracing.trace import trace as trace
    from selfloop.train.saved import load_model as load_model

__version__ = "0.1.0"

__all__ = [
    "Classifier",
    "Forecaster",
    "NextSymbol",
    "Regressor",
    "Study",
    "Tagger",
    "__version__",
    "accelerate",
    "cells",
    "compare",
    "data",
    "decelerate",
    "explain",
    "explore",
    "kinds",
    "load_model",
    "native_info",
    "nn",
    "trace",
]

_PACKAGES = ("cells", "data", "kinds", "nn")
_HANDED_ON = {
    "Classifier": "selfloop.estimators.classifier",
    "Forecaster": "selfloop.estimators.forecaster",
    "NextSymbol": "selfloop.estimators.next_symbol",
    "Regressor": "selfloop.estimators.regressor",
    "Tagger": "selfloop.estimators.tagger",
    "Study": "selfloop.study.study",
    "accelerate": "selfloop.nn.accelerate",
    "compare": "selfloop.study.compare",
    "decelerate": "selfloop.nn.accelerate",
    "explain": "selfloop.inside.explain.explain",
    "explore": "selfloop.inside.explore.explore",
    "load_model": "selfloop.train.saved",
    "native_info": "selfloop.kernels.native",
    "trace": "selfloop.tracing.trace",
}


def __getattr__(name: str) -> Any:
    """Load a public name where it lives, once: the import system and `globals` remember it."""
    if name in _PACKAGES:
        return import_module(f"{__name__}.{name}")
    if name in _HANDED_ON:
        value = globals()[name] = getattr(import_module(_HANDED_ON[name]), name)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What there is, loaded or not."""
    return sorted({*globals(), *__all__})


class _Operators:
    """Defines selfloop's operators when torch is about to read exported programs, which may call them.

    A finder of modules that finds none: it only sees that torch's reader of programs is being imported.
    """

    READER = "torch._export.serde.serialize"

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        """Nothing; the finders behind it find the module."""
        if fullname == self.READER:
            sys.meta_path.remove(self)
            _define_operators()


def _define_operators() -> None:
    from selfloop.errors import NativeModuleError

    try:
        import_module("selfloop.kernels.ops")
    except NativeModuleError:
        return  # programs without our operators can be read all the same; of others torch says what it misses


if _Operators.READER in sys.modules:
    _define_operators()
else:
    sys.meta_path.insert(0, _Operators())
