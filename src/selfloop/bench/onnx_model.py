"""An ONNX model of one recurrent layer: ONNX's own RNN, GRU and LSTM. Needs `onnx`."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from selfloop.kinds import Kind

Floats = NDArray[np.float32]
IR_VERSION, OPSET = 8, 14  # of 2021, when the operators last changed their inputs: any runtime reads them


def model(kind: Kind, weights: dict[str, Floats], steps: int, batch: int) -> onnx.ModelProto:
    """A model with inputs x (T, B, I), h0 and for the LSTM c0 (1, B, H), and outputs y (T, 1, B, H), h_n, c_n.

    Args:
        kind: one that ONNX has.
        weights: of a torch layer with biases, by the names of its `state_dict`.
        steps: T.
        batch: B.
    """
    W, U = (_reordered(kind, weights[f"weight_{name}_l0"])[None] for name in ("ih", "hh"))
    b = np.concatenate([_reordered(kind, weights[f"bias_{name}_l0"]) for name in ("ih", "hh")])[None]
    hidden = U.shape[-1]
    states, after = kind.states, kind.reset is not None and kind.reset.after
    shapes = {"x": (steps, batch, W.shape[-1]), "y": (steps, 1, batch, hidden)}
    shapes |= {f"{state}{end}": (1, batch, hidden) for state in states for end in ("0", "_n")}
    inputs, outputs = ["x", *(f"{s}0" for s in states)], ["y", *(f"{s}_n" for s in states)]
    settings: dict[str, Any] = {"linear_before_reset": 1} if after else {}
    lengths = ""  # left out: all sequences have all steps
    read = ["x", "W", "R", "B", lengths, *inputs[1:]]
    graph = helper.make_graph(
        [helper.make_node(kind.layer, read, outputs, hidden_size=hidden, **settings)],
        kind.name,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in (("W", W), ("R", U), ("B", b))],
    )
    return helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)])


def _reordered(kind: Kind, weight: Floats) -> Floats:
    """Blocks of rows from torch's order of gates to ONNX's."""
    hidden = len(weight) // len(kind.gates)
    return np.concatenate([weight[kind.rows(gate, hidden)] for gate in kind.onnx])
