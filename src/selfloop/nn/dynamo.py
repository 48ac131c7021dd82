"""`torch.compile` reads our layers as it reads any other module.

Dynamo refuses every instance of `torch.nn.RNN`, `LSTM` and `GRU`, subclasses too, unless its setting `allow_rnn` is
true: their loops would be unrolled. Ours are one operator. The setting is for the whole process and would unroll
torch's own layers, so it is made true only while Dynamo looks at a layer of ours. docs/kernels.md says why this and not
another base class. Where a later Dynamo has no such method, our layers run between graphs, as torch's do.

Importing Dynamo takes longer than importing torch, so the change waits until somebody else imports it.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import torch

BUILDER = "torch._dynamo.variables.builder"


def let_dynamo_read(kind: type[torch.nn.Module]) -> None:
    """Have Dynamo read instances of this class, now or as soon as it is imported."""
    if BUILDER in sys.modules:
        _allow(sys.modules[BUILDER], kind)
    else:
        sys.meta_path.insert(0, _WhenImported(kind))


def _allow(builder: ModuleType, kind: type[torch.nn.Module]) -> None:
    """Wrap the method that refuses."""
    reader = getattr(builder, "VariableBuilder", None)
    refusing = getattr(reader, "wrap_module", None)
    if reader is None or refusing is None:
        return

    def wrap_module(self: Any, value: torch.nn.Module) -> Any:
        if not isinstance(value, kind):
            return refusing(self, value)
        with torch._dynamo.config.patch(allow_rnn=True):
            return refusing(self, value)

    reader.wrap_module = wrap_module


class _WhenImported(MetaPathFinder):
    """Finds one module once, as the finders behind it do, and changes it when it has been read."""

    def __init__(self, kind: type[torch.nn.Module]) -> None:
        self.kind = kind

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's own specification, with a loader that changes it."""
        if fullname != BUILDER:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Changing(spec.loader, self.kind)
        return spec


class _Changing(Loader):
    """A module's own loader, and the change after it."""

    def __init__(self, loader: Loader, kind: type[torch.nn.Module]) -> None:
        self.loader, self.kind = loader, kind

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the module's own loader does."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As the module's own loader does, which is its loader again afterwards; then the change."""
        spec = module.__spec__
        if spec is not None:
            spec.loader = self.loader
        module.__loader__ = self.loader
        self.loader.exec_module(module)
        _allow(module, self.kind)
