"""An ONNX file of one recurrent layer, written without the `onnx` package: a few messages of protocol buffers.

Field numbers are those of onnx.proto; the operators are RNN, GRU and LSTM of opset 14.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from selfloop.kinds import Kind

Floats = NDArray[np.float32]
FLOAT, INT_ATTRIBUTE, IR_VERSION, OPSET = 1, 2, 8, 14


def model(kind: Kind, weights: dict[str, Floats], steps: int, batch: int) -> bytes:
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
    node = b"".join(_text(1, name) for name in ("x", "W", "R", "B", "", *inputs[1:]))
    node += b"".join(_text(2, name) for name in outputs) + _text(4, kind.layer)
    node += _bytes(5, _attribute("hidden_size", hidden))
    node += _bytes(5, _attribute("linear_before_reset", 1)) if after else b""
    graph = _bytes(1, node) + _text(2, kind.name)
    graph += b"".join(_bytes(5, _tensor(name, value)) for name, value in (("W", W), ("R", U), ("B", b)))
    graph += b"".join(_bytes(11, _value(name, shapes[name])) for name in inputs)
    graph += b"".join(_bytes(12, _value(name, shapes[name])) for name in outputs)
    return _integer(1, IR_VERSION) + _bytes(7, graph) + _bytes(8, _text(1, "") + _integer(2, OPSET))


def _reordered(kind: Kind, weight: Floats) -> Floats:
    """Blocks of rows from torch's order of gates to ONNX's."""
    hidden = len(weight) // len(kind.gates)
    return np.concatenate([weight[kind.rows(gate, hidden)] for gate in kind.onnx])


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _attribute(name: str, value: int) -> bytes:
    return _text(1, name) + _integer(3, value) + _integer(20, INT_ATTRIBUTE)


def _tensor(name: str, value: Floats) -> bytes:
    dims = b"".join(_integer(1, size) for size in value.shape)
    return dims + _integer(2, FLOAT) + _text(8, name) + _bytes(9, value.astype("<f4").tobytes())


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_bytes(1, _integer(1, size)) for size in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _integer(1, FLOAT) + _bytes(2, dims)))
