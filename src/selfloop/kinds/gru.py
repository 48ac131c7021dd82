"""The gated recurrent unit, with the reset after the recurrent product (PyTorch) and before it (Cho et al. 2014).

In both z keeps and 1 − z writes: z has the forget gate's colour.
"""

from __future__ import annotations

from dataclasses import replace

from selfloop.kinds.colours import KEEPS, PROPOSES, RESETS
from selfloop.kinds.kind import Gate, Kind, Reset, Share

RESET = Gate("reset", "r", RESETS, meaning="clear is 0: propose without the past · 1: with it")
UPDATE = Gate("update", "z", KEEPS, meaning="clear is 0: write the new · full is 1: keep the old")
CANDIDATE = Gate("candidate", "n", PROPOSES, "tanh", "what would be written: blue −1, red +1")
_STEP = "h<sub>t</sub> = (1 − z) ⊙ n + z ⊙ h<sub>t−1</sub>, "

GRU = Kind(
    name="gru",
    label="GRU",
    colour="#882255",
    dark="#EC93B8",
    gates=(RESET, UPDATE, CANDIDATE),
    keep=Share(UPDATE),
    write=Share(UPDATE, rest=True),
    candidate=CANDIDATE,
    reset=Reset(RESET, after=True),
    products=3,  # r ⊙ (U h₋₁ + b'), (1 − z) ⊙ n, z ⊙ h₋₁
    layer="GRU",
    mode="GRU",
    native=3,
    onnx=(UPDATE, RESET, CANDIDATE),
    formula=f"{_STEP}n = tanh(W x + b + r ⊙ (U h<sub>t−1</sub> + b′))",
    source="Cho et al. 2014, as PyTorch has it",
    saturation="Over all steps seen: a unit whose update gate is nearly always open keeps what it has and hardly ever "
    "writes; one whose reset gate is nearly always shut never looks at the past when it proposes something new.",
    file="cells/gru.py",
    equations="GRU",
    default=True,
)
GRU_RESET_BEFORE = replace(
    GRU,
    name="gru_reset_before",
    label="GRU, reset before",
    reset=Reset(RESET, after=False),
    settings=(("reset_after", False),),
    mode="",
    native=4,
    formula=f"{_STEP}n = tanh(W x + U (r ⊙ h<sub>t−1</sub>))",
    source="Cho et al. 2014",
    equations="ChoGRU",
    default=False,
)
