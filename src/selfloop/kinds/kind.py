"""What a cell is, as data: gates, states, what keeps and what writes, counts, colours, words. No torch, no NumPy.

Whoever wants to know something of a cell asks its `Kind`; nobody decides by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from selfloop.errors import SettingsError
from selfloop.kinds.colours import OTHER
from selfloop.kinds.weights import Weight, torchs

T = TypeVar("T")
N = TypeVar("N", bound=Any)  # a number, or an array of a library that this module does not load
Past = Literal["all", "own", "none"]
Activation = Literal["sigmoid", "tanh", "relu", "linear"]
NAME = re.compile(r"[a-z][a-z0-9_]*")  # of a file, of a CSS variable, on the command line
SYMBOL = re.compile(r"[a-z]\w*")


@dataclass(frozen=True)
class Gate:
    """One row block of a layer's weights.

    Attributes:
        name: a word: "forget".
        symbol: a letter: "f".
        colour: CSS.
        activation: what makes the gate's value of its sum.
        meaning: what its ends mean, below a picture of it; as short as a phone is wide.
    """

    name: str
    symbol: str
    colour: str
    activation: Activation = "sigmoid"
    meaning: str = ""

    @property
    def share(self) -> bool:
        """Whether it is a share between 0 and 1, by which something is multiplied."""
        return self.activation == "sigmoid"

    @property
    def title(self) -> str:
        """As a heading: "forget gate f", "candidate g"."""
        return f"{self.name} gate {self.symbol}" if self.share else f"{self.name} {self.symbol}"


@dataclass(frozen=True)
class Share:
    """How much of something: a gate, or the rest that a gate leaves, 1 less it."""

    gate: Gate
    rest: bool = False

    @property
    def symbol(self) -> str:
        """As in a formula: "f", "1 − z"."""
        return f"1 − {self.gate.symbol}" if self.rest else self.gate.symbol

    def factor(self, step: str = "") -> str:
        """In a product, at a step, HTML."""
        symbol = f"{self.symbol}<sub>{step}</sub>" if step else self.symbol
        return f"({symbol})" if self.rest else symbol

    def of(self, values: Mapping[str, N]) -> N:
        """Its values, from the gates' values by symbol."""
        gate = values[self.gate.symbol]
        return cast(N, 1 - gate) if self.rest else gate


@dataclass(frozen=True)
class Reset:
    """The gate by which the past is multiplied before the candidate sees it.

    Attributes:
        gate: which one.
        after: it multiplies the recurrent product, r ⊙ (U h₋₁ + b'); otherwise the state, U (r ⊙ h₋₁) + b'.
    """

    gate: Gate
    after: bool


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of cell.

    W_ih, W_hh, b_ih and b_hh, where it has them, have a block of H rows for each gate. Words that are HTML are put into
    pages as they are.

    Attributes:
        name: in files and on the command line.
        label: as people write it.
        colour: of its lines on a light page.
        dark: the same on a dark page.
        gates: in the order of the weights' row blocks. The only gate of a cell without gates is its state h itself.
        states: ("h",), or ("h", "c"): what a step hands to the next.
        keep: how much of the carried state a step keeps; None where no gate says so.
        write: how much of the candidate it adds; None where no gate says so.
        candidate: what it adds. With all three, carried = keep ⊙ carried₋₁ + write ⊙ candidate.
        reset: acts on what the candidate sees of the past.
        reading: the gates in the order in which they are shown; left out, as in `gates`.
        plain: each gate is its activation of W x + b + U h₋₁ + b', but for what `reset` says. So are the paths known
            that a gradient takes through it.
        past: whose h of the step before a unit's gates see: that of "all" units, its "own" alone, or "none".
        peeps: its gates see its own c, too.
        other_weights: all that a layer has, where those are not torch's four.
        products: multiply-adds of a step outside the matrices, for each hidden unit.
        layer: its class in torch.nn and selfloop.nn; empty: it runs by its equations in plain torch.
        settings: what that class is given.
        mode: of torch's layer that computes the same; empty: torch has none.
        native: its number in native code; None: it has no kernel.
        onnx: its gates in ONNX's order; empty: ONNX has no such operator.
        formula: of a step, HTML.
        source: who described it, HTML.
        saturation: what a gate that is nearly always shut or open means, HTML.
        file: where its equations stand: a path in the package, or a whole one (`__file__`); empty: they are not shown.
        equations: their class in that file.
        default: it takes part in a comparison that names no candidates.

    Raises:
        SettingsError: the parts do not fit together.
    """

    name: str
    label: str
    gates: tuple[Gate, ...]
    colour: str = OTHER[0]
    dark: str = OTHER[1]
    states: tuple[str, ...] = ("h",)
    keep: Share | None = None
    write: Share | None = None
    candidate: Gate | None = None
    reset: Reset | None = None
    reading: tuple[Gate, ...] = ()
    plain: bool = True
    past: Past = "all"
    peeps: bool = False
    other_weights: tuple[Weight, ...] | None = None
    products: int = 0
    layer: str = ""
    settings: tuple[tuple[str, Any], ...] = ()
    mode: str = ""
    native: int | None = None
    onnx: tuple[Gate, ...] = ()
    formula: str = ""
    source: str = ""
    saturation: str = ""
    file: str = ""
    equations: str = ""
    default: bool = False

    def __post_init__(self) -> None:
        """What refers to a gate refers to one of its own."""
        symbols = [gate.symbol for gate in self.gates]
        if not NAME.fullmatch(self.name) or not all(map(SYMBOL.fullmatch, symbols)):
            raise SettingsError(
                f"The cell {self.name!r} has gates {symbols}; expected a name of small letters, digits and "
                "underscores, and symbols that begin with a small letter: files and pages use them as names."
            )
        if len(set(symbols)) != len(symbols) or not symbols:
            raise SettingsError(f"The cell {self.name!r} has gates {symbols}; expected one or more, each once.")
        if self.states not in (("h",), ("h", "c")):
            raise SettingsError(f"The cell {self.name!r} has states {self.states}; expected ('h',) or ('h', 'c').")
        for what, gate in self._named():
            if gate not in self.gates:
                raise SettingsError(
                    f"{what} of the cell {self.name!r} is gate {gate.symbol!r}; expected one of its gates: "
                    f"{', '.join(symbols)}."
                )
        if self.plain and self.other_weights is not None:
            raise SettingsError(
                f"The cell {self.name!r} has weights of its own; expected torch's four where each gate is its "
                "activation of W x + b + U h₋₁ + b'. Say plain=False."
            )
        if self.reading and set(self.reading) != set(self.gates):
            raise SettingsError(f"reading of the cell {self.name!r} leaves gates out; expected each of them once.")

    @property
    def weights(self) -> tuple[Weight, ...]:
        """What one layer and direction has, in the order of its parameters."""
        return torchs(len(self.gates)) if self.other_weights is None else self.other_weights

    @property
    def any_size(self) -> bool:
        """Whether a layer of it can be made in any size; otherwise it is one of somebody's, as it is."""
        return any(side.hidden for weight in self.weights for side in weight.shape)

    @property
    def carried(self) -> str:
        """The state that rides the belt: "c" where there is one, else "h"."""
        return self.states[-1]

    @property
    def shown(self) -> tuple[Gate, ...]:
        """The gates in reading order; none where the only gate is the state itself."""
        gates = self.reading or self.gates
        return tuple(gate for gate in gates if gate.symbol not in self.states)

    @property
    def coupled(self) -> bool:
        """Whether what it keeps and what it writes is one gate and its rest."""
        return self.keep is not None and self.write == Share(self.keep.gate, not self.keep.rest)

    @property
    def belt(self) -> tuple[Share, Share, Gate] | None:
        """What it keeps, how much it writes, and of what; None where the equations are not of that form."""
        if self.keep is None or self.write is None or self.candidate is None:
            return None
        return self.keep, self.write, self.candidate

    @property
    def account(self) -> str:
        """What the belt holds at the end as a sum over the steps, HTML; empty where there is no belt."""
        if self.belt is None:
            return ""
        keep, write, candidate = self.belt
        state = self.carried
        return (
            f"{state}<sub>T</sub> = Π {keep.factor()} ⊙ {state}<sub>0</sub> + Σ<sub>j</sub> (Π<sub>k&gt;j</sub> "
            f"{keep.factor('k')}) ⊙ {write.factor('j')} ⊙ {candidate.symbol}<sub>j</sub>"
        )

    @property
    def longer(self) -> str:
        """What makes it keep longer, as advice; empty where no gate keeps."""
        if self.keep is None:
            return ""
        if self.keep.rest:
            return f"a smaller {self.keep.gate.name} bias"
        return f"a larger {self.keep.gate.name} bias" if self.coupled else f"a {self.keep.gate.name} bias of 1 to 2"

    def parameters(self, input_size: int, hidden_size: int) -> int:
        """Weights and biases of one layer and direction; both of torch's biases count."""
        return sum(weight.count(input_size, hidden_size) for weight in self.weights)

    def operations(self, input_size: int, hidden_size: int) -> int:
        """Multiply-adds of one step of one sequence: the matrices, and the products between gates and states.

        Bias, lone additions and activations are not counted.
        """
        matrices = (weight for weight in self.weights if len(weight.shape) > 1)
        return sum(weight.count(input_size, hidden_size) for weight in matrices) + hidden_size * self.products

    def by_symbol(self, values: Mapping[str, T]) -> dict[str, T]:
        """Values by the gates' names as values by their symbols; gates without one are left out."""
        return {gate.symbol: values[gate.name] for gate in self.gates if gate.name in values}

    def rows(self, gate: Gate, hidden_size: int) -> slice:
        """The rows of a layer's weights, or the columns of a (B, G*H) block, that belong to a gate.

        Raises:
            ValueError: the cell has no such gate.
        """
        start = [known.symbol for known in self.gates].index(gate.symbol) * hidden_size  # torch.compile reads strings
        return slice(start, start + hidden_size)

    def _named(self) -> list[tuple[str, Gate]]:
        """What refers to gates."""
        found: list[tuple[str, Gate | None]] = [
            ("keep", self.keep.gate if self.keep else None),
            ("write", self.write.gate if self.write else None),
            ("candidate", self.candidate),
            ("reset", self.reset.gate if self.reset else None),
            *(("reading", gate) for gate in self.reading),
            *(("onnx", gate) for gate in self.onnx),
        ]
        return [(what, gate) for what, gate in found if gate is not None]
