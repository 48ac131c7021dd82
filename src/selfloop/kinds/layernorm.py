"""The LSTM whose sums are normalised over the layer's units at every step (Ba et al. 2016)."""

from __future__ import annotations

from dataclasses import replace

from selfloop.kinds.lstm import LSTM
from selfloop.kinds.weights import H, Size, Weight, torchs

LAYERNORM_LSTM = replace(
    LSTM,
    name="layernorm_lstm",
    label="LayerNorm LSTM",
    colour="#4477AA",
    dark="#8FBCE6",
    plain=False,
    other_weights=(
        *torchs(4),
        Weight("gain_ih", "gain_ih", (Size(hidden=4),), start="ones"),
        Weight("gain_hh", "gain_hh", (Size(hidden=4),), start="ones"),
        Weight("gain_c", "gain_c", (H,), start="ones"),
        Weight("b_c", "bias_c", (H,), bias=True, start="zeros"),
    ),
    # f ⊙ c₋₁, i ⊙ g, o ⊙ tanh(c); and of each of 4 + 4 + 1 numbers normalised: its square, by the deviation, the gain
    products=3 + 3 * 9,
    layer="",
    mode="",
    native=None,
    onnx=(),
    formula="c<sub>t</sub> = f ⊙ c<sub>t−1</sub> + i ⊙ g, h<sub>t</sub> = o ⊙ tanh(LN(c<sub>t</sub>)), the gates of "
    "LN(W x) + LN(U h<sub>t−1</sub>) + b",
    source="Ba et al. 2016",
    file="cells/layernorm.py",
    equations="LayerNormLSTM",
    default=False,
)
