"""The GRU whose gate and candidate see the input alone (Feng et al. 2024)."""

from __future__ import annotations

from selfloop.kinds.colours import KEEPS, PROPOSES
from selfloop.kinds.kind import Gate, Kind, Share
from selfloop.kinds.weights import bias_ih, from_input

UPDATE = Gate("update", "z", KEEPS, meaning="clear is 0: write the new · full is 1: keep the old")
CANDIDATE = Gate("candidate", "n", PROPOSES, "linear", "what would be written: blue below 0, red above")

MINGRU = Kind(
    name="mingru",
    label="minGRU",
    colour="#AA4499",
    dark="#E394D6",
    gates=(UPDATE, CANDIDATE),
    keep=Share(UPDATE),
    write=Share(UPDATE, rest=True),
    candidate=CANDIDATE,
    plain=False,
    past="none",
    other_weights=(from_input(2), bias_ih(2)),  # nothing for h: the past comes in along the belt alone
    products=2,  # z ⊙ h₋₁, (1 − z) ⊙ n
    formula="h<sub>t</sub> = z ⊙ h<sub>t−1</sub> + (1 − z) ⊙ n, z = σ(W<sub>z</sub> x + b<sub>z</sub>), "
    "n = W<sub>n</sub> x + b<sub>n</sub>",
    source="Feng et al. 2024",
    saturation="Over all steps seen: a unit whose update gate is nearly always open keeps what it has and hardly ever "
    "writes.",
    file="cells/mingru.py",
    equations="MinGRU",
)
