"""The recurrent network whose units see their own last output alone (Li et al. 2018)."""

from __future__ import annotations

from selfloop.kinds.kind import Kind
from selfloop.kinds.rnn import RECTIFIED
from selfloop.kinds.weights import H, Weight, bias_ih, from_input

INDRNN = Kind(
    name="indrnn",
    label="IndRNN",
    colour="#8A5A2B",
    dark="#D9A878",
    gates=(RECTIFIED,),
    plain=False,
    past="own",
    other_weights=(from_input(1), Weight("u", "weight_hh", (H,), start="recurrent"), bias_ih(1)),
    products=1,  # u ⊙ h₋₁
    formula="h<sub>t</sub> = max(0, W x + u ⊙ h<sub>t−1</sub> + b)",
    source="Li et al. 2018",
    file="cells/indrnn.py",
    equations="IndRNN",
)
