"""Long short-term memory."""

from __future__ import annotations

from selfloop.kinds.colours import KEEPS, PROPOSES, SHOWS, WRITES
from selfloop.kinds.kind import Gate, Kind, Share

INPUT = Gate("input", "i", WRITES, meaning="clear is 0: write nothing · full is 1: write all")
FORGET = Gate("forget", "f", KEEPS, meaning="clear is 0: forget · full is 1: keep")
CELL_CANDIDATE = Gate("candidate", "g", PROPOSES, "tanh", "what would be written: blue −1, red +1")
OUTPUT = Gate("output", "o", SHOWS, meaning="clear is 0: show nothing · full is 1: show all")

LSTM = Kind(
    name="lstm",
    label="LSTM",
    colour="#332288",
    dark="#A99CF0",
    gates=(INPUT, FORGET, CELL_CANDIDATE, OUTPUT),
    states=("h", "c"),
    keep=Share(FORGET),
    write=Share(INPUT),
    candidate=CELL_CANDIDATE,
    reading=(FORGET, INPUT, OUTPUT, CELL_CANDIDATE),
    products=3,  # f ⊙ c₋₁, i ⊙ g, o ⊙ tanh(c)
    layer="LSTM",
    mode="LSTM",
    native=2,
    onnx=(INPUT, OUTPUT, FORGET, CELL_CANDIDATE),
    formula="c<sub>t</sub> = f ⊙ c<sub>t−1</sub> + i ⊙ g, h<sub>t</sub> = o ⊙ tanh(c<sub>t</sub>)",
    source="Hochreiter &amp; Schmidhuber 1997, Gers et al. 2000",
    saturation="Over all steps seen: a unit whose input gate is nearly always shut is hardly ever written; one whose "
    "forget gate is nearly always open keeps what it has.",
    file="cells/lstm.py",
    equations="LSTM",
    default=True,
)
