"""The simple recurrent network: the only gate is the new state itself."""

from __future__ import annotations

from selfloop.kinds.colours import HIDDEN_STATE
from selfloop.kinds.kind import Gate, Kind

HIDDEN = Gate("hidden", "h", HIDDEN_STATE, "tanh")
RECTIFIED = Gate("hidden", "h", HIDDEN_STATE, "relu")

RNN = Kind(
    name="rnn",
    label="RNN",
    colour="#888888",
    dark="#A3A3A3",
    gates=(HIDDEN,),
    layer="RNN",
    mode="RNN_TANH",
    native=0,
    onnx=(HIDDEN,),
    formula="h<sub>t</sub> = tanh(W x + U h<sub>t−1</sub> + b)",
    source="Elman 1990",
    file="cells/rnn.py",
    equations="RNN",
    default=True,
)
RNN_RELU = Kind(
    name="rnn_relu",
    label="ReLU RNN",
    colour="#888888",
    dark="#A3A3A3",
    gates=(RECTIFIED,),
    layer="RNN",
    settings=(("nonlinearity", "relu"),),
    mode="RNN_RELU",
    native=1,
    formula="h<sub>t</sub> = max(0, W x + U h<sub>t−1</sub> + b)",
    source="Elman 1990",
    file="cells/rnn.py",
    equations="ReluRNN",
)
