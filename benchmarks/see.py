"""What the quantities say where the truth is known: the tables in docs/see.md.

    python benchmarks/see.py           # both tables; a few minutes on two cores
    python benchmarks/see.py --print   # write nothing to the page

The first table has networks whose weights were set by hand, so that the answer is known by algebra, and networks that
learnt to recall a symbol over a known lag. The second asks of networks that learnt, and of networks that did not,
whether the verdicts raise an alarm where they should, and nowhere else.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tables import put, table

import selfloop
from selfloop.data.generators import recall
from selfloop.inside.explain.findings import findings_of, interval_of, knows_nothing, reach
from selfloop.inside.explain.measure import insight_of
from selfloop.inside.explain.sample import sampled
from selfloop.inside.tour.tour import CELLS
from selfloop.inside.tour.train import Recipe, begin, learn
from selfloop.kinds import kind_of
from selfloop.kinds.lstm import LSTM
from selfloop.results.explanation import HorizonCurve, LagGradient, ModelInsight
from selfloop.tasks.cases import CasePipeline
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.output import Classes
from selfloop.tasks.scaler import Scaler
from selfloop.tracing import quantities
from selfloop.train.model import NetworkModel
from selfloop.train.network import Network
from selfloop.words import three

PAGE = Path(__file__).resolve().parent.parent / "docs" / "see.md"
STEPS, BATCH, UNITS = 40, 3, 5
SMALL = 1e-4  # inputs and states so small that tanh is the identity to single precision


@dataclass(frozen=True)
class Known:
    """A case whose answer is known."""

    quantity: str
    case: str
    true: float
    measured: float
    within: float  # how far off it may be

    @property
    def right(self) -> bool:
        """Whether it came out."""
        return abs(self.measured - self.true) <= self.within


def known_answers() -> Iterator[Known]:
    """Networks with weights set by hand."""
    yield from linear_networks()
    yield from forced_gates()
    yield from books()


def linear_networks() -> Iterator[Known]:
    """h = a h₋₁ + x: the gradient by lag is a geometric series."""
    for factor, case in (
        (0.5, "eigenvalue 0.5"),
        (0.9, "eigenvalue 0.9"),
        (1.0, "eigenvalue 1"),
        (2.0, "gain 2: explodes"),
    ):
        values = _by_lag(_linear(factor), SMALL * 0.5**STEPS if factor > 1 else SMALL)
        slope = quantities.slope(values)
        yield Known("slope of the gradient by lag", f"RNN, {case}", float(np.log(factor)), number(slope), 1e-4)
    values = _by_lag(_linear(0.9), SMALL, steps=400)
    steps = quantities.truncation(values, 0.03)
    yield Known("steps that cover 97 % of the signal", "RNN, eigenvalue 0.9", 34, steps or 0, 0)  # 0.9^K <= 0.03


def number(slope: float | None) -> float:
    """NaN, which is never right, where there is none."""
    return np.nan if slope is None else slope


def _linear(factor: float) -> Any:
    layer: Any = selfloop.nn.RNN(UNITS, UNITS, bias=False)
    turned = torch.linalg.qr(torch.randn(UNITS, UNITS, generator=torch.Generator().manual_seed(0)))[0]
    with torch.no_grad():
        layer.weight_hh_l0.copy_(factor * turned)  # all singular values are the factor
        layer.weight_ih_l0.copy_(torch.eye(UNITS))
    return layer


def _by_lag(layer: torch.nn.RNNBase, size: float, steps: int = STEPS, state: str = "hidden") -> np.ndarray:
    x = size * torch.randn(steps, BATCH, UNITS, generator=torch.Generator().manual_seed(1))
    weight = torch.randn(BATCH, UNITS, generator=torch.Generator().manual_seed(2))
    with selfloop.trace(layer) as traced:
        (layer(x)[0][-1] * weight).sum().backward()
    gradient = traced[""].grad_hidden if state == "hidden" else traced[""].grad_cell
    return quantities.by_lag(gradient.double().norm(dim=-1).numpy(), np.full(BATCH, steps))


def forced_gates() -> Iterator[Known]:
    """LSTMs whose gates do not depend on what they read."""
    for keep, case in ((1.0, "forget gate forced open"), (0.5, "forget gate at ½"), (0.0, "forget gate forced shut")):
        layer = _forced(keep)
        values = _by_lag(layer, 1.0, state="cell")
        if keep > 0:
            slope = number(quantities.slope(values))
            yield Known("slope of the gradient by lag", f"LSTM, {case}", float(np.log(keep)), slope, 1e-4)
        else:
            yield Known("share of the gradient one step back", f"LSTM, {case}", 0.0, values[1] / values[0], 1e-6)
    with selfloop.trace(layer := _forced(0.9)) as traced:
        layer(torch.randn(STEPS, BATCH, UNITS))
    gates = {name: gate.detach().double().flatten(0, 1).numpy() for name, gate in traced[""].gates.items()}
    yield Known(
        "time constant", "LSTM, forget gate at 0.9", 10, quantities.time_constants(gates["forget"]).mean(), 1e-4
    )
    yield Known(
        "share of steps a gate is open",
        "LSTM, input gate at 0.95",
        1,
        quantities.saturation(gates["input"])[1].mean(),
        0,
    )


def _forced(keep: float) -> Any:
    """Input gate at 0.95, output gate at ½, forget gate as asked: its logit is its bias."""
    layer: Any = selfloop.nn.LSTM(UNITS, UNITS)
    logit = np.clip(np.log(keep / (1 - keep)) if 0 < keep < 1 else np.inf * (keep - 0.5), -200, 200)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        layer.weight_ih_l0[2 * UNITS : 3 * UNITS] = torch.eye(UNITS)  # the candidate reads the input
        layer.bias_ih_l0[:UNITS] = np.log(0.95 / 0.05)
        layer.bias_ih_l0[UNITS : 2 * UNITS] = logit
    return layer


def books() -> Iterator[Known]:
    """Sums that must come out, on networks with random weights."""
    generator = torch.Generator().manual_seed(3)
    layer: Any = selfloop.nn.LSTM(UNITS, UNITS)
    x = torch.randn(STEPS, BATCH, UNITS, generator=generator)
    start = torch.randn(1, BATCH, UNITS, generator=generator), torch.randn(1, BATCH, UNITS, generator=generator)
    with selfloop.trace(layer) as traced:
        layer(x, start)[0][-1].sum().backward()
    part = traced[""]
    gates = {name: gate[:, 0].double().numpy() for name, gate in part.gates.items()}
    written = quantities.ledger(gates["forget"], gates["input"] * gates["candidate"], start[1][0, 0].double().numpy())
    held = part.cell[-1, 0].double().numpy()
    off = np.abs(written.sum(axis=0) - held).max() / np.abs(written).sum(axis=0).max()
    yield Known("ledger: its sum against c, relative", f"LSTM, {STEPS} steps, random weights", 0, off, STEPS * 2**-24)
    grad_gates = {name: gate[:, 0].double().numpy() for name, gate in part.grad_gates.items()}
    grad_h, grad_c = (each[:, 0].double().numpy() for each in (part.grad_hidden, part.grad_cell))
    W_hh = layer.weight_hh_l0.detach().double().numpy()
    named, grad_named = (LSTM.by_symbol(each) for each in (gates, grad_gates))
    paths = quantities.gradient_paths(LSTM, W_hh, named, grad_named, grad_c)
    carried = np.sum([path for way, path in paths.items() if way != "belt"], axis=0)
    off = np.abs(carried[1:] - grad_h[:-1]).max() / np.abs(grad_h).max()
    yield Known("gradient paths: their sum against dL/dh, relative", "LSTM, random weights", 0, off, STEPS * 2**-24)


@dataclass(frozen=True)
class Verdict:
    """A network that was trained to recall, and what is said about it."""

    recipe: Recipe
    accuracy: float
    insight: ModelInsight

    exploding: bool = False  # it was made so

    @property
    def learnt(self) -> bool:
        """Whether it recalls."""
        return self.accuracy > 0.9

    @property
    def alarms(self) -> list[str]:
        """Names of the alarms that are raised."""
        window = self.horizon.horizon.window
        return [finding.alarm for finding in findings_of(self.insight, window) if finding.alarm]

    @property
    def horizon(self) -> HorizonCurve:
        """A recurrent network has one."""
        assert self.insight.horizon is not None
        return self.insight.horizon

    @property
    def gradient(self) -> LagGradient:
        """It can be read of every network here."""
        assert self.insight.gradient is not None
        return self.insight.gradient

    @property
    def fair(self) -> bool:
        """No alarm where it learnt; an alarm where it knows nothing. Between the two, either."""
        if self.exploding != ("exploding" in self.alarms):
            return False
        return (not self.alarms) if self.learnt else bool(self.alarms) or not knows_nothing(self.insight)


def judged(lags: tuple[int, ...]) -> Iterator[Verdict]:
    """Every cell, from torch's start and from chrono's, for each lag."""
    for lag in lags:
        for cell in CELLS:
            for start in ("chrono", "torch"):
                recipe = Recipe(cell, start, lag)
                trained, network = learn(None, recipe)
                yield Verdict(recipe, trained.accuracy, insight(network, lag, kind_of(cell).label))


def exploding(lags: tuple[int, ...]) -> Iterator[Verdict]:
    """RNNs that were not trained, their recurrent weights orthogonal and three times as large: chaos."""
    for lag in lags:
        recipe = Recipe("rnn", "torch", lag)
        network = begin(recipe, 2 * lag)
        torch.nn.init.orthogonal_(network.encoder.get_parameter("layers.0.weight_hh_l0"), gain=3)
        yield Verdict(recipe, 0.0, insight(network, lag, recipe.label), exploding=True)


def insight(network: Network, lag: int, label: str) -> ModelInsight:
    """Measured on sequences that it has not seen."""
    data = recall(lag=lag, cases=256, seed=3)
    channels = data.values.shape[1]
    as_they_are = CasePipeline(Scaler(np.zeros(channels), np.ones(channels)))
    model = NetworkModel(as_they_are, network, Classes(len(data.classes)))
    return insight_of(sampled(Classify("one", "last"), model, data, 500), "", label)


def horizon_text(each: Verdict) -> str:
    """Steps, and their interval where it is wider."""
    curve = each.horizon
    return f"{curve.horizon.steps}{interval_of(curve)}"


def answers_table(found: list[Known], verdicts: list[Verdict]) -> str:
    """Quantity, true value, measured value."""
    rows = [[each.quantity, each.case, three(each.true), three(each.measured)] for each in found]
    for each in verdicts:
        if each.learnt:
            case = f"{each.recipe.label} that recalls over {each.recipe.lag} steps ({each.accuracy:.1%} right)"
            rows.append(["perturbation horizon", case, str(each.recipe.lag), horizon_text(each)])
    return table(["quantity", "case", "true", "measured"], rows)


def alarms_table(verdicts: list[Verdict]) -> str:
    """Which alarms are raised, on networks that learnt and on others."""
    rows = []
    for each in verdicts:
        lost = reach(each.gradient)
        start = "gain 3, not trained" if each.exploding else each.recipe.start
        who = f"{each.recipe.label}, {start}, lag {each.recipe.lag}"
        grown = each.gradient.extreme_growth
        right = "—" if each.exploding else f"{each.accuracy:.1%}"
        far = "—" if lost is None else str(lost)
        said, fair = ", ".join(each.alarms) or "none", "yes" if each.fair else "**no**"
        rows.append([who, right, horizon_text(each), far, three(grown), said, fair])
    headings = [
        "network",
        "right",
        "horizon",
        "signal under 1/10,000 at",
        "growth, 99th percentile",
        "alarms",
        "as it should be",
    ]
    return table(headings, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", action="store_true", help="write nothing to the page")
    parser.add_argument("--lags", default="2,5,10,20,40")
    chosen = parser.parse_args()
    torch.manual_seed(0)
    found = list(known_answers())
    lags = tuple(map(int, chosen.lags.split(",")))
    verdicts = [*judged(lags), *exploding(lags[-2:])]
    for name, text in (("answers", answers_table(found, verdicts)), ("alarms", alarms_table(verdicts))):
        if chosen.print:
            print(f"\n{text}")
        else:
            put(PAGE, name, text)


if __name__ == "__main__":
    main()
