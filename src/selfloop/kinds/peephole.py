"""The LSTM whose gates see the cell state, each unit its own (Gers & Schmidhuber 2000)."""

from __future__ import annotations

from dataclasses import replace

from selfloop.kinds.lstm import LSTM
from selfloop.kinds.weights import Size, Weight, torchs

PEEPHOLE_LSTM = replace(
    LSTM,
    name="peephole_lstm",
    label="peephole LSTM",
    colour="#117733",
    dark="#6FCB8D",
    plain=False,
    peeps=True,
    other_weights=(*torchs(4), Weight("p", "weight_peephole", (Size(hidden=3),))),  # i and f see c₋₁, o sees c
    products=6,  # f ⊙ c₋₁, i ⊙ g, o ⊙ tanh(c), and three peepholes
    layer="",
    mode="",
    native=None,
    onnx=(),
    formula="c<sub>t</sub> = f ⊙ c<sub>t−1</sub> + i ⊙ g, h<sub>t</sub> = o ⊙ tanh(c<sub>t</sub>), where i and f see "
    "c<sub>t−1</sub> and o sees c<sub>t</sub>",
    source="Gers &amp; Schmidhuber 2000",
    file="cells/peephole.py",
    equations="PeepholeLSTM",
    default=False,
)
