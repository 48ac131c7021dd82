"""The charts of an explanation in their order, each with its words: what it is, how it is reckoned, who found it."""

from __future__ import annotations

import math
import weakref
from dataclasses import dataclass

from selfloop.kinds import kind_of
from selfloop.report.charts.drawing import Picture
from selfloop.report.charts.gates import gates_picture
from selfloop.report.charts.gradient import gradient_picture
from selfloop.report.charts.horizon import horizon_picture
from selfloop.report.charts.ledger import ledger_picture, ledger_rows
from selfloop.report.charts.models import ModelLook, model_looks
from selfloop.report.charts.units import constants_picture, saturation_picture
from selfloop.results.explanation import Explanation, LagGradient, ModelInsight
from selfloop.words import count, three


@dataclass(frozen=True)
class Table:
    """Numbers behind a chart.

    Attributes:
        title: what opens it.
        head: names of the columns; the first one's are words.
        rows: texts, each with the full value for the hover, or empty.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True)
class Block:
    """A chart and what belongs to it.

    Attributes:
        key: an id.
        title: a heading.
        words: what it shows, for someone who has never seen an LSTM.
        picture: None where there is nothing to draw.
        said: sentences below it: what is missing, and why.
        formula: HTML.
        source: who described it.
        table: its numbers.
    """

    key: str
    title: str
    words: str
    picture: Picture | None
    said: tuple[str, ...]
    formula: str
    source: str
    table: Table | None = None


@dataclass(frozen=True)
class Blocks:
    """All of an explanation's blocks.

    Attributes:
        looks: of the models, by name.
        shared: of all models together.
        own: of each model, in the explanation's order.
    """

    looks: dict[str, ModelLook]
    shared: tuple[Block, ...]
    own: tuple[tuple[Block, ...], ...]


_drawn: dict[int, Blocks] = {}  # by id of an explanation that is still in use


def blocks(explanation: Explanation) -> Blocks:
    """The blocks of an explanation: drawn once, for its page, its plots and the report beside it."""
    key = id(explanation)
    if key not in _drawn:
        looks = model_looks(explanation)
        own = tuple(_blocks_of_model(explanation, model, looks[model.name]) for model in explanation.models)
        _drawn[key] = Blocks(looks, _blocks_of_all(explanation, looks), own)
        weakref.finalize(explanation, _drawn.pop, key).atexit = False
    return _drawn[key]


def _blocks_of_all(explanation: Explanation, looks: dict[str, ModelLook]) -> tuple[Block, ...]:
    """Horizon, gradient by lag, time constants: all models on one axis.

    A chart that no model has is left out where the findings say why.
    """
    known = {finding.sentence for model in explanation.models for finding in model.findings}
    blocks = (_horizon(explanation, looks), _gradient(explanation, looks), _constants(explanation, looks))
    return tuple(block for block in blocks if block.picture is not None or not known.issuperset(block.said))


def _blocks_of_model(explanation: Explanation, model: ModelInsight, look: ModelLook) -> tuple[Block, ...]:
    """Gates over time, saturation, ledger."""
    return (_gates(explanation, model, look), _saturation(model, look), _ledger(explanation, model, look))


def _horizon(explanation: Explanation, looks: dict[str, ModelLook]) -> Block:
    said = []
    for model in explanation.models:
        if model.horizon is None:
            said.append(model.no_horizon or f"No horizon was measured for this {looks[model.name].label}.")
        elif not any(map(math.isfinite, model.horizon.change)):
            said.append(f"The loss of this {looks[model.name].label} is not a finite number, so it has no horizon.")
    return Block(
        "explain-how-far", "How far back it reaches",
        "What if a model had read something else before the last k steps? Where its loss gets no worse, nothing older "
        "is of use to it. The smallest such k is its horizon. A short horizon is no fault where the answer "
        f"needs no more. The loss: {explanation.loss or 'the model’s own'}.",
        horizon_picture(explanation, looks), tuple(said),
        "ΔL(k) = L(history older than k replaced) − L(full), here as a share of the larger of L(full) and ΔL(0); the "
        "horizon is the smallest k from which on ΔL(k) stays below ε.",
        "Khandelwal et al. 2018",
    )  # fmt: skip


def _gradient(explanation: Explanation, looks: dict[str, ModelLook]) -> Block:
    said, rows = [], []
    for model in explanation.models:
        label, gradient = looks[model.name].label, model.gradient
        if gradient is None:
            said.append(model.no_horizon or f"The gradient of this {label} cannot be read.")
            continue
        if not any(value and math.isfinite(value) for value in gradient.values):
            said.append(f"This {label} has no gradient that is a finite number above 0.")
        broken = sum(value is None or not math.isfinite(value) for value in gradient.values)
        if 0 < broken < len(gradient.values):
            said.append(
                f"The gradient of this {label} is not finite at {broken} of {count(len(gradient.values), 'lag')}."
            )
        rows.append(_gradient_row(label, gradient))
    head = ("model", "factor a step", "grows, median", "grows, 99th percentile", "a batch’s norm", "losses")
    return Block(
        "explain-signal", "How much of the learning signal gets back",
        "Training tells each step how to change by sending a signal, the gradient, from the loss back through time. At "
        "every step on the way it is multiplied. Where the line has fallen below 1/10,000, next to nothing can be "
        "learnt from what is further back: the gradient has vanished. It may also grow on its way: ten or a hundred "
        "times is true of networks that learnt well, beyond a thousand it explodes.",
        gradient_picture(explanation, looks), tuple(said),
        "G(k) = mean ‖∂L<sub>t</sub> / ∂h<sub>t−k</sub>‖ over all layers, of c in place of h where a cell has one (the "
        "LSTM), drawn as G(k) / G(0); the "
        "factor a step is exp of the slope "
        "of log G; growth is a loss’s largest norm on its way back over its norm at the last step; a batch’s norm is "
        "the 90th percentile over batches of 16, of the gradient in all weights.",
        "Pascanu et al. 2013",
        Table("Its numbers: factor a step, growth, and a norm to clip at", head, tuple(rows)) if rows else None,
    )  # fmt: skip


def _gradient_row(label: str, gradient: LagGradient) -> tuple[tuple[str, str], ...]:
    factor = math.exp(min(gradient.slope, 700.0)) if gradient.slope is not None else None
    norms = (gradient.typical_growth, gradient.extreme_growth, gradient.batch_norm)
    return (
        (label, ""),
        (three(factor), "" if factor is None else repr(factor)),
        *((three(norm), "" if norm is None else repr(norm)) for norm in norms),
        (f"{gradient.losses:,}", ""),
    )


def _constants(explanation: Explanation, looks: dict[str, ModelLook]) -> Block:
    none = [looks[model.name].label for model in explanation.models if not model.time_constants]
    said = [f"This {label} has no gate that keeps, and so no time constants." for label in none]
    said += [
        f"Of this {looks[model.name].label}, {count(broken, 'time constant')} cannot be drawn: not a number."
        for model in explanation.models
        if (broken := sum(math.isnan(value) for value in model.time_constants))
    ]
    return Block(
        "explain-constants", "How long each unit keeps",
        "The keeping gate (the LSTM’s forget gate, the GRU’s update gate) says how much of a unit’s memory survives a "
        "step. From its mean follows how many steps the memory lasts. Read it beside the horizon and the gradient: it "
        "says what a unit could remember, not what the answers use.",
        constants_picture(explanation, looks), tuple(said),
        "τ = 1 / (1 − f̄), for the GRU 1 / (1 − z̄), in steps; f̄ and z̄ are means over steps and sequences.",
        "Tallec &amp; Ollivier 2018",
    )  # fmt: skip


def _gates(explanation: Explanation, model: ModelInsight, look: ModelLook) -> Block:
    kind = kind_of(model.cell)
    words = (
        f"This {look.label} has no gates: at every step its hidden state is written anew, from the input and from "
        "itself."
        if not kind.shown else
        "A gate is a number between 0 and 1 for each unit at each step, by which something is multiplied: 0 lets "
        "nothing through, 1 lets everything through. Look for columns where many gates change at once, and for what "
        "the input did there."
    )  # fmt: skip
    return Block(
        f"explain-over-time-{look.slug}", "The gates over time" if kind.shown else "The state over time", words,
        gates_picture(explanation.exploration, model, look), (), kind.formula, kind.source,
    )  # fmt: skip


def _saturation(model: ModelInsight, look: ModelLook) -> Block:
    picture, kind = saturation_picture(model, look), kind_of(model.cell)
    missing = (
        "No gates were counted."
        if kind.shown else f"This {look.label} has no gates, and so none that is shut or open."
    )  # fmt: skip
    return Block(
        f"explain-shut-or-open-{look.slug}", "How often gates are shut or open", kind.saturation, picture,
        () if picture else (missing,),
        "open: share of steps with the gate above 0.9; shut: below 0.1, for each unit.",
        "Karpathy et al. 2015",
    )  # fmt: skip


def _ledger(explanation: Explanation, model: ModelInsight, look: ModelLook) -> Block:
    picture, kind = ledger_picture(explanation.exploration, model, look), kind_of(model.cell)
    table = None
    if picture is not None and model.ledger is not None:
        rows = tuple(
            ((f"unit {row['unit']}", ""), (row["held"], row["exact"]), (row["when"], ""), (row["part"], ""))
            for row in ledger_rows(model.ledger, explanation.exploration)
        )
        table = Table("For each unit, the step that gave most", ("unit", "holds", "most of it from", "that part"), rows)
    missing = (
        f"This {look.label} has no belt: each step mixes all units anew, so what one step wrote cannot be told apart."
        if kind.belt is None else "No ledger was made for this sequence."
    )  # fmt: skip
    return Block(
        f"explain-who-wrote-{look.slug}", "Who wrote what is still there",
        "A memory is an account: at each step some of it is forgotten and something is written. What is held at the "
        f"end is the sum of what is left of every step. On sequence {explanation.exploration.sequence}:",
        picture, () if picture else (missing,), kind.account, "algebra of the cell’s own equations",
        table,
    )  # fmt: skip
