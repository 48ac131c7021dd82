"""Whatever is in a table keeps the same promises: every cell, task, output, direction and engine, by being there.

A newcomer to a table is tested by this file as it is; what is measured of it elsewhere comes on top.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import selfloop
import toy_cell  # registers a cell from outside
from selfloop.data import Sequences, load
from selfloop.inside.explain.explain import explanation_of
from selfloop.kinds import kind_of, kinds
from selfloop.kinds.registry import OURS
from selfloop.models.predictor import Predictor
from selfloop.report.charts import drawing
from selfloop.report.charts.drawing import Drawing
from selfloop.report.explain.page import render_explanation
from selfloop.results.study import Candidate
from selfloop.study.progress import Progress
from selfloop.study.refit import card_of
from selfloop.study.tables import TIMES
from selfloop.tasks.asked import Asked
from selfloop.tasks.model import ClosedForm
from selfloop.tasks.output import Classes, OnOff, Output, Values
from selfloop.tasks.places import Block
from selfloop.tasks.registry import TASKS
from selfloop.tasks.task import Experiment
from selfloop.train.budget import Budget, Option
from selfloop.train.fitter import Fitter
from selfloop.train.model import NetworkModel
from selfloop.train.saved import load_model
from toy_output import Absolute

HIDDEN, EPOCHS = 5, 2
NAMES = tuple(kind.name for kind in kinds())
DIRECTIONS = {
    "next": ("one",),
    "forecast": ("one",),
    "regress": ("one", "both"),
    "classify": ("one", "both"),
    "tag": ("one", "both"),
}
WAYS = [(task, way) for task in TASKS for way in DIRECTIONS[task]]
# selfloop's cells without kernels are one layer to all that is above, which MGU stands for everywhere: they take turns
# at the two directions of the task with the shortest sequences.
PLAIN = [kind.name for kind in OURS if kind.native is None]
TURNS = {name: ("classify", DIRECTIONS["classify"][k % 2]) for k, name in enumerate(PLAIN)}
CASES = [(task, cell, way) for task, way in WAYS for cell in NAMES if TURNS.get(cell, (task, way)) == (task, way)]
OUTPUTS: tuple[Output, ...] = (Values(3), Classes(3), OnOff(3), Absolute(3))
OF_FRAMES = ("on_rates", "stay_rates")  # for other data than the contract's; see tests/unit/tasks/next


def test_the_tables_are_all_here() -> None:
    assert set(DIRECTIONS) == set(TASKS), "a new task says here in which directions it reads"
    assert toy_cell.MGU.kind.name in NAMES


@cache
def data_of(task: str) -> Sequences:
    """Small and of unequal lengths."""
    rng = np.random.default_rng(1)
    if task == "forecast":
        return load([np.cumsum(rng.normal(size=(n, 2)), 0) + 60 for n in (61, 74)])
    if task == "tag":
        return tagged(rng)
    if task == "next":
        codes, lengths = rng.integers(0, 4, size=(150, 1)).astype(float), rng.integers(3, 9, size=24)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        ids = tuple(str(k) for k in range(24))
        return Sequences("codes", codes[: offsets[-1]], offsets, ("code",), ids, symbols=(("a", "b", "c", "d"),))
    arrays = [rng.normal(size=(n, 2)) + k % 2 for k, n in enumerate(rng.integers(3, 9, size=24))]
    if task == "regress":
        numbers = np.array([[each[:, 0].max(), 1e6 * each[-1, 1]] for each in arrays])
        return TASKS[task].answered(load(arrays, labels=numbers, axes="steps,channels"))
    return load(arrays, labels=["even" if k % 2 == 0 else "odd" for k in range(24)], axes="steps,channels")


def tagged(rng: np.random.Generator) -> Sequences:
    """Words and a number at each step, with the parts of entities to find, some of them not known."""
    lengths = rng.integers(3, 9, size=24)
    values = np.stack([rng.integers(0, 5, size=lengths.sum()), rng.normal(size=lengths.sum())], axis=1)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tags = np.where(rng.random(lengths.sum()) < 0.1, -1, values[:, 0].astype(np.int64) % 3)
    ids, classes = tuple(f"s{k}" for k in range(24)), ("B-X", "I-X", "O")
    symbols = (("a", "b", "c", "d", "e"), ())
    return Sequences("tagged", values, offsets, ("word", "x"), ids, classes=classes, tags=tags, symbols=symbols)


def asked_of(task: str, way: Any) -> Asked:
    """What the user asks."""
    if task == "forecast":
        return Asked(horizon=2, season=4, folds=2)
    return Asked(direction=way, pool="mean" if task == "classify" else None, folds=2)


@cache
def fitter(task: str, way: Any) -> Fitter:
    data = data_of(task)
    experiment = TASKS[task].design(data, None, asked_of(task, way))
    variant = experiment.task.variants(data, experiment.folds[0])[0]
    budget = Budget(EPOCHS, EPOCHS, (0.01,), 1, "chrono", dict.fromkeys(NAMES, HIDDEN), variant)
    return Fitter(experiment.task, data, experiment.folds[0], budget)


@cache
def trained(task: str, cell: str, way: str, seed: int = 0) -> NetworkModel:
    return fitter(task, way).train(cell, Option(0.01, HIDDEN), seed)[0]


@cache
def predictor(task: str, cell: str, way: str) -> Predictor:
    fit, model = fitter(task, way), trained(task, cell, way)
    experiment = Experiment(fit.task, fit.data, (fit.fold,))
    candidate = Candidate(cell, kind_of(cell).label, "recurrent", way == "one")
    return Predictor(card_of(experiment, fit.budget, candidate, model, Option(0.01, HIDDEN)), fit.task, model)


def everywhere(task: str) -> Any:
    """Where answers are asked for."""
    data = data_of(task)
    if task in ("tag", "next"):
        return Block(np.zeros_like(data.lengths), data.lengths)
    return Block(data.lengths - 5, data.lengths) if task == "forecast" else np.arange(len(data))


def same_weights(a: NetworkModel, b: NetworkModel) -> bool:
    one, other = a.network.state_dict(), b.network.state_dict()
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(("task", "cell", "way"), CASES)
class TestEveryCellInEveryTask:
    def test_its_answers_have_the_tasks_shape_and_are_numbers(self, task: str, cell: str, way: str) -> None:
        where = everywhere(task)
        answers = trained(task, cell, way).predict(data_of(task), where)
        assert answers.shape == (len(where), trained(task, cell, way).output.size)
        assert np.isfinite(answers).all()

    def test_a_seed_is_a_network_and_another_seed_another(self, task: str, cell: str, way: str) -> None:
        again, _ = fitter(task, way).train(cell, Option(0.01, HIDDEN), 0)
        other, _ = fitter(task, way).train(cell, Option(0.01, HIDDEN), 1)
        assert same_weights(again, trained(task, cell, way))
        assert not same_weights(other, trained(task, cell, way))

    def test_what_else_is_read_changes_no_answer(self, task: str, cell: str, way: str) -> None:
        data, model, k = data_of(task), trained(task, cell, way), 1
        alone = data.take([k])
        at = everywhere(task)
        if isinstance(at, Block):
            whole = model.predict(data, at)[at.series() == k]
            found = model.predict(alone, Block(at.first[k : k + 1], at.stop[k : k + 1]))
        else:
            whole, found = model.predict(data, np.array([k])), model.predict(alone, np.array([0]))
        # A product's rows may be summed in another order where there are more of them.
        assert found == pytest.approx(whole, rel=1e-5, abs=1e-6)

    def test_it_counts_its_own_parameters_and_steps(self, task: str, cell: str, way: str) -> None:
        model, fit = trained(task, cell, way), fitter(task, way)
        directions, kind = 2 if way == "both" else 1, kind_of(cell)
        symbols, outputs = model.pipeline.symbols, model.output.size
        inputs = fit.material.inputs.shape[1] - sum(each.stop - each.first - each.width for each in symbols)
        around = outputs * (HIDDEN * directions + 1) + sum(each.rows * each.width for each in symbols)
        assert model.parameters == directions * kind.parameters(inputs, HIDDEN) + around + model.pipeline.parameters
        assert model.operations > 0
        with torch.no_grad():
            assert model.step()() is not None

    def test_a_file_brings_it_back_to_the_bit(self, task: str, cell: str, way: str, tmp_path: Path) -> None:
        saved = predictor(task, cell, way)
        again = load_model(saved.save(tmp_path / "model.safetensors"))
        assert (again.card, again.task) == (saved.card, replace(saved.task, validation=0.2))  # type: ignore[type-var]
        assert again.predict(data_of(task)).equals(saved.predict(data_of(task)))

    def test_a_trace_shows_the_gates_of_its_kind(self, task: str, cell: str, way: str) -> None:
        model = trained(task, cell, way)
        with selfloop.trace(model.network) as traced:
            model.predict(data_of(task), everywhere(task))
        part = traced["encoder.layers.0"].at(call=0)
        assert set(part.gates) == {gate.name for gate in kind_of(cell).shown}
        assert (part.cell is not None) == ("c" in kind_of(cell).states)
        assert bool(torch.isfinite(part.hidden).all())

    @pytest.mark.usefixtures("brief_horizons")
    def test_it_is_explained_and_stepped_through(
        self, task: str, cell: str, way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Charts know the cell and the direction, not the task: for the first task they are drawn, then only said."""
        if task != next(first for first, *rest in CASES if rest == [cell, way]):
            monkeypatch.setattr(drawing, "_drawing", lambda key, canvas, draw: Drawing(key, canvas, "<svg></svg>", {}))
        found = explanation_of([predictor(task, cell, way)], data_of(task), window=20)
        (model,) = found.models
        assert (model.cell, model.hidden_size) == (cell, HIDDEN)
        assert (model.horizon is None) == bool(model.no_horizon)
        assert (model.horizon is None) == (way == "both")
        assert (model.ledger is not None) == (kind_of(cell).belt is not None)
        page = render_explanation(found)
        assert kind_of(cell).label in page
        assert kind_of(cell).source in page


@cache
def closed(task: str, name: str) -> Predictor:
    """A baseline that needs no training loop, as a study leaves it."""
    fit = fitter(task, DIRECTIONS[task][-1])
    row = next(row for row in fit.task.baselines if row.name == name)
    assert isinstance(row, ClosedForm)
    model = row.refit(fit.task, fit.data)
    card = card_of(Experiment(fit.task, fit.data, (fit.fold,)), fit.budget, row.candidate, model, None)
    return Predictor(card, fit.task, model)


@pytest.mark.parametrize(
    ("task", "name"),
    [
        (task, row.name)
        for task, kind in TASKS.items()
        for row in kind.baselines
        if isinstance(row, ClosedForm) and row.name not in OF_FRAMES
    ],
)
class TestEveryBaselineWithoutATrainingLoop:
    def test_its_answers_are_numbers_and_the_same_every_time(self, task: str, name: str) -> None:
        where, model = everywhere(task), closed(task, name).model
        answers = model.predict(data_of(task), where)
        assert answers.shape == (len(where), fitter(task, DIRECTIONS[task][-1]).output.size)
        assert np.isfinite(answers).all()
        assert np.array_equal(answers, model.predict(data_of(task), where))
        assert model.parameters >= 0
        assert model.operations >= 0

    def test_a_file_brings_it_back_to_the_bit(self, task: str, name: str, tmp_path: Path) -> None:
        saved = closed(task, name)
        again = load_model(saved.save(tmp_path / "model.safetensors"))
        assert again.predict(data_of(task)).equals(saved.predict(data_of(task)))
        assert (again.model.parameters, again.model.operations) == (saved.model.parameters, saved.model.operations)

    def test_only_what_streams_answers_alone_from_its_state(self, task: str, name: str) -> None:
        row = next(row for row in TASKS[task].baselines if row.name == name)
        assert row.candidate.streams == row.streams
        step = closed(task, name).model.step()
        assert (step is None) == (closed(task, name).model.operations == 0)

    def test_it_is_scored_on_data_that_hold_the_truth(self, task: str, name: str) -> None:
        found = closed(task, name).score(data_of(task))
        assert set(found) == {metric.name for metric in TASKS[task].metrics}
        assert np.isfinite(list(found.values())).all()


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.name)
class TestEveryOutput:
    def wanted(self, output: Output, *shape: int) -> torch.Tensor:
        made = torch.Generator().manual_seed(3)
        if output.wanted == "class":
            return torch.randint(0, output.size, shape, generator=made)
        return torch.randn(*shape, output.size, generator=made)

    def test_its_loss_is_the_mean_of_its_losses_and_has_a_gradient(self, output: Output) -> None:
        scores = torch.randn(7, output.size, generator=torch.Generator().manual_seed(4), requires_grad=True)
        wanted = self.wanted(output, 7)
        losses = output.losses(scores, wanted)
        assert losses.shape == (7,)
        loss = output.loss(scores, wanted)
        assert float(loss.detach()) == pytest.approx(float(losses.detach().mean()), rel=1e-6)
        (gradient,) = torch.autograd.grad(loss, scores)
        assert bool(torch.isfinite(gradient).all())
        assert float(gradient.norm()) > 0

    def test_what_is_not_known_does_not_count(self, output: Output) -> None:
        scores = torch.randn(4, 3, output.size, generator=torch.Generator().manual_seed(5))
        wanted = self.wanted(output, 4, 3)
        shape = wanted.shape
        known = torch.ones(shape)
        full = output.known_loss(scores, wanted, known, known.sum())
        assert float(full) == pytest.approx(float(output.loss(scores.flatten(0, 1), wanted.flatten(0, 1))), rel=1e-6)
        known[1:] = 0
        some = output.known_loss(scores, wanted * known.to(wanted.dtype), known, known.sum())
        assert float(some) == pytest.approx(float(output.loss(scores[0], wanted[0])), rel=1e-6)

    def test_what_it_says_has_the_shape_of_its_scores(self, output: Output) -> None:
        said = output.link(torch.randn(5, output.size))
        assert said.shape == (5, output.size)
        if output.wanted == "class":
            assert said.sum(-1) == pytest.approx(np.ones(5), rel=1e-5)


class Stops(Progress):
    """Raises after so many trials, as Ctrl-C would."""

    def __init__(self, after: int) -> None:
        self.left = after

    def finished(self, trial: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.usefixtures("charts_left_out")
@pytest.mark.parametrize("task", TASKS)
def test_a_stopped_study_of_every_task_goes_on_to_the_same_end(task: str, tmp_path: Path) -> None:
    small: dict[str, Any] = {
        "folds": 2, "seeds": 2, "epochs": 1, "params": 300, "candidates": ["gru"], "workers": 1, "explain": False,
        "learning_rates": (0.01,), "window": 3,
    }  # fmt: skip
    if task == "forecast":
        small |= {"horizon": 2, "season": 1}
    whole = selfloop.compare(data_of(task), out=tmp_path / "whole", **small).results
    with pytest.raises(KeyboardInterrupt):
        selfloop.compare(data_of(task), out=tmp_path / "part", progress=Stops(3), **small)
    found = selfloop.compare(data_of(task), out=tmp_path / "part", **small).results
    assert found.drop(TIMES).equals(whole.drop(TIMES))
