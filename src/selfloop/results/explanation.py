"""What `selfloop explain` found about models, over many sequences and on one. No torch here.

A tracer fills these dataclasses; the page, the plots and the terminal read them.
"""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.errors import ShapeError
from selfloop.results.array import Array
from selfloop.results.exploration import Exploration, Finding, Horizon


@dataclass(frozen=True)
class LagGradient:
    """How much of the learning signal at a step reaches the states before it (Pascanu et al. 2013).

    Attributes:
        values: G(k) for k = 0, 1, ...: mean over losses of ‖dL_t/dc_{t-k}‖, of h where there is no c, over all layers;
            None where it is not finite.
        slope: of log G per step, fitted over the lags: below 0 it shrinks, above 0 it grows. None: nothing to fit.
        losses: over how many.
        typical_growth: of a loss's gradient on its way back, its largest norm over that at the last step: the median.
        extreme_growth: the 99th percentile of the same.
        batch_norm: the 90th percentile of the norms of gradients in all weights, of batches of 16.
    """

    values: tuple[float | None, ...]
    slope: float | None
    losses: int
    typical_growth: float | None
    extreme_growth: float | None
    batch_norm: float | None


@dataclass(frozen=True)
class HorizonCurve:
    """How the loss changes when what was read before the last k steps is replaced (Khandelwal et al. 2018).

    Attributes:
        lags: k, growing.
        change: ΔL(k) = L(replaced) - L(full) for each k, as a share of the larger of L(full) and ΔL(0).
        low: lower ends of 95 % intervals, bootstrapped over sequences.
        high: upper ends.
        loss: L(full).
        horizon: the smallest k from which on the change stays below epsilon, with its interval.
        cases: over how many; fewer than the loss and the gradient are of, where all would take too long.
    """

    lags: tuple[int, ...]
    change: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    loss: float
    horizon: Horizon
    cases: int


@dataclass(frozen=True)
class Saturation:
    """How often a gate is nearly shut or nearly open, for each unit (Karpathy et al. 2015).

    Attributes:
        gate: its name, as gates.py has it: "forget".
        symbol: "f".
        shut: (H) share of steps below 0.1.
        open: (H) share of steps above 0.9.
    """

    gate: str
    symbol: str
    shut: tuple[float, ...]
    open: tuple[float, ...]


@dataclass(frozen=True)
class Ledger:
    """Which step wrote what is in a unit's memory at the end: the LSTM's c, the GRU's h; on the explored sequence.

    Attributes:
        units: which, counted from 0; those that hold most, first.
        written: (U, T + 1) what is left of the starting state, then of what each step wrote; a row sums to `held`.
        held: (U,) the state itself.
    """

    units: tuple[int, ...]
    written: Array
    held: Array


@dataclass(frozen=True)
class ModelInsight:
    """What was found about the last layer of one model, read forwards.

    Attributes:
        name: as in the exploration; of several layers the one that answers.
        label: as people write it: "LSTM".
        cell: which equations, by the name of their kind.
        hidden_size: H.
        loss: mean over the cases.
        uninformed: the same loss of `baseline`; None where it says nothing: no truth is known, or only one class.
        gradient: None where it cannot be read.
        horizon: None for a model that has none; `no_horizon` says why.
        no_horizon: a sentence, or empty.
        time_constants: (H) 1 / (1 - mean keeping gate) in steps, the LSTM's f, the GRU's z; empty for the RNN.
        saturation: for each gate that is a share; empty for the RNN.
        ledger: None for the RNN.
        findings: what the evidence says, most telling first.
        baseline: what does without the network: "forecasting no change", "guessing by the classes’ frequencies".
        each: what one loss is of, in words: "sequence", "forecast", "step".
    """

    name: str
    label: str
    cell: str
    hidden_size: int
    loss: float
    uninformed: float | None
    gradient: LagGradient | None
    horizon: HorizonCurve | None
    no_horizon: str
    time_constants: tuple[float, ...]
    saturation: tuple[Saturation, ...]
    ledger: Ledger | None
    findings: tuple[Finding, ...]
    baseline: str
    each: str = "sequence"


@dataclass(frozen=True)
class Explanation:
    """Models on one data set.

    Attributes:
        headline: the message in one sentence.
        facts: short remarks beside it: how many sequences, which loss.
        loss: what the loss is, in words: "cross-entropy of the answer at the end".
        models: in the order of the command, the first one first.
        findings: what the evidence says of all models together.
        exploration: one sequence through all of them; its models carry the same names.
        basis: which models these are, and what these data are to them: what their losses say; may be empty.
    """

    headline: str
    facts: tuple[str, ...]
    loss: str
    models: tuple[ModelInsight, ...]
    findings: tuple[Finding, ...]
    exploration: Exploration
    basis: str = ""

    def __repr__(self) -> str:
        """What was found, in sentences."""
        return "\n".join((self.headline, *(f.sentence for model in self.models for f in model.findings)))

    def __post_init__(self) -> None:
        """Every model that is explained can be seen."""
        shown = {model.name for model in self.exploration.models}
        hidden = [model.name for model in self.models if model.name not in shown]
        if hidden or not self.models:
            raise ShapeError(f"Nothing is shown of {hidden or 'any model'}; expected a traced layer for each.")
