"""`torch.compile` reads our layers as it reads any other module.

Dynamo refuses every instance of `torch.nn.RNN`, `LSTM` and `GRU`, subclasses too, unless its setting `allow_rnn` is
true: their loops would be unrolled. Ours are one operator. The setting is for the whole process and would unroll
torch's own layers, so it is made true only while Dynamo looks at a layer of ours. docs/kernels.md says why this and not
another base class. Where a later Dynamo has no such method, our layers run between graphs, as torch's do.

Importing Dynamo takes longer than importing torch, so the change waits until somebody else imports it.
"""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any

import torch

from selfloop.kernels.when_imported import when_imported

BUILDER = "torch._dynamo.variables.builder"


def let_dynamo_read(kind: type[torch.nn.Module]) -> None:
    """Have Dynamo read instances of this class, now or as soon as it is imported."""
    when_imported(BUILDER, partial(_allow, kind))


def _allow(kind: type[torch.nn.Module], builder: ModuleType) -> None:
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
