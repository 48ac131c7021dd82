"""The sides of a work: our layer, torch's, and what else is installed."""

from __future__ import annotations

from functools import partial

import torch

from selfloop.bench.inputs import Inputs, torch_layer
from selfloop.bench.jax_side import jax_side
from selfloop.bench.native import step_side
from selfloop.bench.plan import Work
from selfloop.bench.side import Side
from selfloop.bench.torch_side import of_cell, of_layer
from selfloop.nn.layers import CLASSES


def ours(work: Work, inputs: Inputs) -> Side:
    """Our layer; for one step at a time the kernels' `Step` on NumPy arrays."""
    if work.mode == "step":
        return step_side(work, inputs)
    return of_layer("selfloop", partial(CLASSES[work.kind.layer], **dict(work.kind.settings)), inputs, work.mode)


def peers(work: Work, inputs: Inputs, threads: int, wanted: tuple[str, ...]) -> list[Side]:
    """torch's layer, for one step its cell too, and of the optional ones those that can do it and are wanted.

    Args:
        work: what is timed.
        inputs: what all sides compute on.
        threads: how many each may use.
        wanted: names of the optional ones.
    """
    found = [of_layer("torch", torch_layer(work.kind), inputs, work.mode)]
    if work.mode == "step":
        found.append(of_cell(work, inputs))
    if "jax" in wanted and work.mode != "step":
        found.append(jax_side(work, inputs))
    if "onnxruntime" in wanted and work.mode != "training" and inputs.x.dtype == torch.float32:
        from selfloop.bench.onnx_side import onnx_side  # loads onnx, which need not be there

        found.append(onnx_side(work, inputs, threads))
    return found
