"""The LSTM that writes where it forgets: one gate and its rest (Greff et al. 2017, "CIFG")."""

from __future__ import annotations

from selfloop.kinds.colours import KEEPS
from selfloop.kinds.kind import Gate, Kind, Share
from selfloop.kinds.lstm import CELL_CANDIDATE, OUTPUT

FORGET = Gate("forget", "f", KEEPS, meaning="clear is 0: write the new · full is 1: keep the old")

COUPLED_LSTM = Kind(
    name="coupled_lstm",
    label="coupled LSTM",
    colour="#7A7A00",
    dark="#CFCF5E",
    gates=(FORGET, CELL_CANDIDATE, OUTPUT),
    states=("h", "c"),
    keep=Share(FORGET),
    write=Share(FORGET, rest=True),
    candidate=CELL_CANDIDATE,
    reading=(FORGET, OUTPUT, CELL_CANDIDATE),
    products=3,  # f ⊙ c₋₁, (1 − f) ⊙ g, o ⊙ tanh(c)
    formula="c<sub>t</sub> = f ⊙ c<sub>t−1</sub> + (1 − f) ⊙ g, h<sub>t</sub> = o ⊙ tanh(c<sub>t</sub>)",
    source="Greff et al. 2017",
    saturation="Over all steps seen: a unit whose forget gate is nearly always open keeps what it has and hardly ever "
    "writes; one whose output gate is nearly always shut shows nothing.",
    file="cells/coupled.py",
    equations="CoupledLSTM",
)
