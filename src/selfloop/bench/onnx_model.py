"""An ONNX model of one recurrent layer: ONNX's own RNN, GRU and LSTM. Needs `onnx`."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from selfloop.gates import (
    CANDIDATE,
    CELL_CANDIDATE,
    FORGET,
    GRU_GATES,
    INPUT,
    LSTM_GATES,
    OUTPUT,
    RESET,
    RNN_GATES,
    UPDATE,
    Gate,
    rows,
)

Floats = NDArray[np.float32]
IR_VERSION, OPSET = 8, 14  # of 2021, when the operators last changed their inputs: any runtime reads them
ORDER: dict[str, tuple[tuple[Gate, ...], tuple[Gate, ...]]] = {  # torch's order of gates, and ONNX's
    "rnn": (RNN_GATES, RNN_GATES),
    "gru": (GRU_GATES, (UPDATE, RESET, CANDIDATE)),
    "lstm": (LSTM_GATES, (INPUT, OUTPUT, FORGET, CELL_CANDIDATE)),
}


def model(cell: str, weights: dict[str, Floats], steps: int, batch: int) -> onnx.ModelProto:
    """A model with inputs x (T, B, I), h0 and for the LSTM c0 (1, B, H), and outputs y (T, 1, B, H), h_n, c_n.

    Args:
        cell: "rnn", "gru" (reset after the product, as torch) or "lstm".
        weights: of a torch layer with biases, by the names of its `state_dict`.
        steps: T.
        batch: B.
    """
    W, U = (_reordered(cell, weights[f"weight_{name}_l0"])[None] for name in ("ih", "hh"))
    b = np.concatenate([_reordered(cell, weights[f"bias_{name}_l0"]) for name in ("ih", "hh")])[None]
    hidden = U.shape[-1]
    states = ("h", "c") if cell == "lstm" else ("h",)
    shapes = {"x": (steps, batch, W.shape[-1]), "y": (steps, 1, batch, hidden)}
    shapes |= {f"{state}{end}": (1, batch, hidden) for state in states for end in ("0", "_n")}
    inputs, outputs = ["x", *(f"{s}0" for s in states)], ["y", *(f"{s}_n" for s in states)]
    settings: dict[str, Any] = {"linear_before_reset": 1} if cell == "gru" else {}
    lengths = ""  # left out: all sequences have all steps
    read = ["x", "W", "R", "B", lengths, *inputs[1:]]
    graph = helper.make_graph(
        [helper.make_node(cell.upper(), read, outputs, hidden_size=hidden, **settings)],
        cell,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in (("W", W), ("R", U), ("B", b))],
    )
    return helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)])


def _reordered(cell: str, weight: Floats) -> Floats:
    """Blocks of rows from torch's order of gates to ONNX's."""
    torchs, onnxs = ORDER[cell]
    hidden = len(weight) // len(torchs)
    return np.concatenate([weight[rows(torchs, gate, hidden)] for gate in onnxs])
