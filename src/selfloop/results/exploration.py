"""What the explorer shows: models, one sequence through them, and every number on the way. No torch here.

A tracer fills these dataclasses; the page, the report and the notebook read them. `results.to_json` and
`results.from_json` write and read them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from selfloop.errors import ShapeError
from selfloop.kinds import Kind, kind_of
from selfloop.results.array import Array
from selfloop.results.responses import Responses


@dataclass(frozen=True)
class Head:
    """The linear layer after the cell, and what makes an answer of its scores.

    `scores = W h + b + others[t]`. Classes: the answer is softmax(scores). Values: it is
    `transform(scores * scale + shift + offset[t])`, in the user's units.

    Attributes:
        kind: what the answer is.
        pool: it reads h of the step, or the mean of h up to the step.
        W: (K, H).
        b: (K,).
        labels: K class names, or K names of values ("3 steps ahead").
        scale: K factors; empty means 1.
        shift: K terms; empty means 0.
        transform: undoes a logarithm, or nothing.
        offset: (T, K) what the answer stands on without the network: the last value where changes are forecast, the
            forecast of a linear model beside it.
        stands_on: what `offset` is, in words that follow "on": "the last value".
        others: (T, K) what is added to the scores by a reading that is not shown, the one backwards, if the sequence
            ended at each step; None where there is none.
    """

    kind: Literal["classes", "values"]
    pool: Literal["last", "mean"]
    W: Array
    b: Array
    labels: tuple[str, ...]
    scale: tuple[float, ...] = ()
    shift: tuple[float, ...] = ()
    transform: Literal["identity", "exp"] = "identity"
    offset: Array | None = None
    stands_on: str = ""
    others: Array | None = None


@dataclass(frozen=True)
class Gradients:
    """How a loss at one step pulls at every step before it.

    Attributes:
        of: the loss in words: "the cross-entropy of the answer at the last step".
        loss: cross-entropy against the target class; squared error of scaled values; or the score of `output` itself.
        step: where the loss is, counted from the first step shown.
        output: the target class, or the score that is derived.
        hidden: (T, H) dL/dh of each step, all paths together.
        cell: (T, H) dL/dc of each step, the LSTM's.
        paths: for "belt" (f of an LSTM) and each gate, (T,): the norm of what it carries from step t to step t - 1.
    """

    of: str
    loss: Literal["cross_entropy", "squared_error", "output"]
    step: int
    output: int
    hidden: Array
    cell: Array | None = None
    paths: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Horizon:
    """How far back the model's answer depends on what it read, by replacing older inputs (Khandelwal et al. 2018).

    Attributes:
        steps: beyond which a replaced past raises the loss by less than `epsilon`; None: no such step in the window.
        low: lower end of its interval.
        high: upper end of its interval.
        window: steps that were tried.
        epsilon: the share that counts as none.
        of: what it is a share of: the loss, or what the whole past is worth, ΔL(0), where that is more.
        falls: by what share the loss falls at most where what is older is replaced; 0 where by less than `epsilon`.
    """

    steps: int | None
    low: int | None
    high: int | None
    window: int
    epsilon: float
    of: Literal["loss", "past"] = "loss"
    falls: float = 0.0


@dataclass(frozen=True)
class Finding:
    """A sentence of evidence, and what to do next (empty: nothing).

    Attributes:
        sentence: what was found.
        next: what to do about it.
        alarm: the name of what seems wrong ("vanishing", "exploding", "unwritten"); empty: nothing does.
    """

    sentence: str
    next: str = ""
    alarm: str = ""


@dataclass(frozen=True)
class TracedModel:
    """One layer of a trained model, read in one direction, and what happened inside on the sequence.

    Attributes:
        name: unlike every other model's.
        label: as people write it: "LSTM".
        cell: which equations, by the name of their kind.
        layer: the layer shown, from 1.
        layers: how many the model has.
        input_names: I names of `inputs`.
        inputs: (T, I) as fed: scaled, or the lower layer's h.
        W_ih: (G*H, I); None, as the three below, where the cell's weights are not torch's four.
        W_hh: (G*H, H).
        b_ih: (G*H,), or None.
        b_hh: (G*H,), or None.
        h0: (H,) before the first step shown.
        c0: (H,), the LSTM's.
        gates: each gate's value by symbol, (T, H), as the forward made it; the RNN has none beside h.
        hidden: (T, H), h after each step.
        cell_state: (T, H), c after each step, the LSTM's.
        head: None where this layer does not feed the answer alone.
        answers: (T, K), as the model gave them: what the head would say if the sequence ended at each step.
        gradients: None where none was taken.
        by_lag: G(k) for k = 0, 1, ...: mean norm of dL_t/dc of step t - k, of all layers; dL_t/dh where there is no c.
        horizon: None where none was measured.
        findings: what the evidence says of this model.
        responses: what its units go along with in the text; None where that was not looked for.
    """

    name: str
    label: str
    cell: str
    layer: int
    layers: int
    input_names: tuple[str, ...]
    inputs: Array
    W_ih: Array | None
    W_hh: Array | None
    b_ih: Array | None
    b_hh: Array | None
    h0: Array
    c0: Array | None
    gates: dict[str, Array]
    hidden: Array
    cell_state: Array | None
    head: Head | None = None
    answers: Array | None = None
    gradients: Gradients | None = None
    by_lag: tuple[float | None, ...] = ()
    horizon: Horizon | None = None
    findings: tuple[Finding, ...] = ()
    responses: Responses | None = None

    def __post_init__(self) -> None:
        """All shapes fit together, so that no reader has to check them."""
        for name, array, shape in self._shapes():
            if array is not None and array.shape != shape:
                raise ShapeError(
                    f"{name} of {self.name!r} has shape {array.shape}; expected {shape} for {self.steps} steps, "
                    f"{self.input_size} inputs and {self.hidden_size} hidden units of cell {self.cell!r}."
                )
        if self.steps == 0:
            raise ShapeError(f"{self.name!r} was given no steps; expected 1 or more.")
        belted = "c" in self.kind.states
        if (self.c0 is None) == belted or (self.cell_state is None) == belted:
            raise ShapeError(
                f"{self.name!r} is of cell {self.cell!r}; c0 and cell_state belong to the LSTM, and to it alone."
            )
        expected = {gate.symbol for gate in self.kind.shown}
        if set(self.gates) != expected:
            raise ShapeError(f"gates of {self.name!r} are {sorted(self.gates)}; expected {sorted(expected)}.")

    @property
    def kind(self) -> Kind:
        """Of its cell."""
        return kind_of(self.cell)

    @property
    def steps(self) -> int:
        """T."""
        return self.inputs.shape[0]

    @property
    def input_size(self) -> int:
        """I."""
        return len(self.input_names)

    @property
    def hidden_size(self) -> int:
        """H."""
        return self.hidden.shape[-1]

    def _shapes(self) -> list[tuple[str, Array | None, tuple[int, ...]]]:
        T, I, H = self.steps, self.input_size, self.hidden_size  # noqa: E741
        rows, head, pull = len(self.kind.gates) * H, self.head, self.gradients
        K = 0 if head is None else len(head.labels)
        return [
            ("inputs", self.inputs, (T, I)),
            ("W_ih", self.W_ih, (rows, I)),
            ("W_hh", self.W_hh, (rows, H)),
            ("b_ih", self.b_ih, (rows,)),
            ("b_hh", self.b_hh, (rows,)),
            ("h0", self.h0, (H,)),
            ("c0", self.c0, (H,)),
            ("hidden", self.hidden, (T, H)),
            ("cell_state", self.cell_state, (T, H)),
            *((f"gates[{symbol!r}]", gate, (T, H)) for symbol, gate in self.gates.items()),
            ("head.W", None if head is None else head.W, (K, H)),
            ("head.b", None if head is None else head.b, (K,)),
            ("head.offset", None if head is None else head.offset, (T, K)),
            ("head.others", None if head is None else head.others, (T, K)),
            ("answers", self.answers, (T, K)),
            ("gradients.hidden", None if pull is None else pull.hidden, (T, H)),
            ("gradients.cell", None if pull is None else pull.cell, (T, H)),
            *((f"gradients.paths[{name!r}]", path, (T,)) for name, path in (pull.paths if pull else {}).items()),
        ]


@dataclass(frozen=True)
class Exploration:
    """One sequence through one or more models.

    Attributes:
        data: the data's name.
        sequence: the sequence's identifier.
        headline: the message in one sentence.
        facts: short remarks beside it.
        models: few units first; the page opens on the first.
        raw_names: the user's own channels of numbers.
        raw: (T, R), the user's own values.
        time: a label for each step, its time or its symbols; empty: steps are numbered.
        first_step: of the sequence, from 0, that is shown.
        total_steps: of the whole sequence.
        target_class: the true class where the answer is one.
        targets: (T, K) the true values where answers are values; NaN where unknown.
        findings: what the evidence says of all models together.
        asked: what an answer is of: the sequence as if it "end"ed there, the "step" itself, or what comes "after".
        symbols: the symbol of each step; empty: steps have none.
        true_classes: the true class of the answer at each step, −1 where it is not known; empty: steps have none.
    """

    data: str
    sequence: str
    headline: str
    facts: tuple[str, ...]
    models: tuple[TracedModel, ...]
    raw_names: tuple[str, ...]
    raw: Array
    time: tuple[str, ...]
    first_step: int
    total_steps: int
    target_class: int | None = None
    targets: Array | None = None
    findings: tuple[Finding, ...] = ()
    asked: Literal["end", "step", "after"] = "end"
    symbols: tuple[str, ...] = ()
    true_classes: tuple[int, ...] = ()

    def __repr__(self) -> str:
        """What it shows, in one line."""
        labels = ", ".join(model.label for model in self.models)
        return f"Exploration({labels} on {self.data}, sequence {self.sequence}, {self.raw.shape[0]:,} steps)"

    def __post_init__(self) -> None:
        """There is something to show, and all models read the same steps."""
        if not self.models:
            raise ShapeError("There is no model to explore; expected one or more.")
        steps = {model.name: model.steps for model in self.models}
        if len(steps) != len(self.models):
            raise ShapeError("Two models have one name; give each its own.")
        if set(steps.values()) != {self.raw.shape[0]} or len(self.time) not in (0, self.raw.shape[0]):
            raise ShapeError(
                f"The sequence has {self.raw.shape[0]} steps and {len(self.time)} time labels, and its models read "
                f"{steps}; expected the same number of steps everywhere. Trace all models on the same part."
            )
        for name, found in {"symbols": self.symbols, "true_classes": self.true_classes}.items():
            if len(found) not in (0, self.steps):
                raise ShapeError(
                    f"{name} has {len(found)} entries; expected one for each of {self.steps} steps, or none."
                )

    @property
    def steps(self) -> int:
        """T, shown."""
        return self.raw.shape[0]
