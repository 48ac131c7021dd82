"""Each candidate on one fold: how it is built, trained, chosen on validation, and refitted. The same for every task."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from selfloop.data.sequences import Sequences
from selfloop.entries.estimator import Fitted, fit_estimator
from selfloop.results.study import Setting
from selfloop.tasks.entry import Entry
from selfloop.tasks.material import Material
from selfloop.tasks.model import Arrays, Baseline, ClosedForm, Model, Predicts, Signature, fed
from selfloop.tasks.output import Output
from selfloop.tasks.task import Task
from selfloop.train.budget import Budget, Option
from selfloop.train.carried import CarriedProblem
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.entered import EnteredNetwork, entered_network
from selfloop.train.front import front_of
from selfloop.train.loop import Problem, Schedule, TrainingRun, train, train_exactly
from selfloop.train.model import NetworkModel, Start
from selfloop.train.network import Network, build_encoder, readout_of
from selfloop.train.whole import EachStepProblem, WholeProblem


@dataclass(frozen=True, eq=False)
class Fitter:
    """Builds and trains candidates on one fold. Looks at nothing of its test part before `test`."""

    task: Task
    data: Sequences
    fold: Any
    budget: Budget
    entries: tuple[Entry, ...] = ()

    @cached_property
    def material(self) -> Material:
        """What networks learn from on this fold."""
        return self.task.material(self.data, self.fold, self.budget.variant)

    @property
    def output(self) -> Output:
        """What a network's scores mean."""
        return self.task.output(Signature.of(self.data))

    def entry(self, candidate: str) -> Entry | None:
        """The user's own; None for another candidate."""
        return next((entry for entry in self.entries if entry.name == candidate), None)

    def enter(self, entry: Entry, seed: int, chosen: dict[str, Setting] | None) -> Fitted:
        """An estimator of the user's own, fitted.

        Args:
            entry: that makes it.
            seed: for what chance has a say in.
            chosen: what validation chose with the first seed; None: this is the first.
        """
        window = (chosen or {}).get("window", self.budget.window)
        assert window is None or isinstance(window, int), "a window is a number of steps"
        reads = entry.reads or self.task.estimator_forms[0]
        return fit_estimator(entry, self.task.designs(self.data, self.fold, self.budget.variant, reads, window), seed)

    def baseline(self, candidate: str) -> Baseline | None:
        """The row of the task's table; None for a recurrent candidate."""
        return next((row for row in self.task.baselines if row.name == candidate), None)

    def closed_form(self, candidate: str) -> ClosedForm | None:
        """The same, where it is made without a training loop."""
        row = self.baseline(candidate)
        return row if isinstance(row, ClosedForm) else None

    def fit(self, row: ClosedForm) -> tuple[Model, dict[str, Setting]]:
        """A baseline without a training loop, and what validation chose for it."""
        model = row.fit(self.task, self.data, self.fold)
        return model, row.settings(model)

    def again(self, row: ClosedForm, model: Model) -> Model:
        """A baseline without a training loop once more, its settings known."""
        return row.again(self.task, self.task.training_part(self.data, self.fold), model)

    def options(self, candidate: str) -> tuple[tuple[Option, ...], tuple[float, ...]]:
        """What to try first, and the learning rates to try on the best of it."""
        if self.entry(candidate) is not None:
            return self.budget.rate_options, ()
        if self.baseline(candidate) is not None:
            windows = self.task.windows(self.data, self.fold)
            return self.budget.window_options(windows, self.task.window_sizes)
        return self.budget.recurrent_options(candidate), ()

    def train(self, candidate: str, option: Option, seed: int) -> tuple[NetworkModel, TrainingRun]:
        """Train a network with early stopping on the fold's validation part."""
        problem = self.problem(candidate, option, seed, self.material)
        budget = self.budget
        schedule = Schedule(budget.most_epochs, budget.patience, option.learning_rate, budget.decay)
        run = train(problem, schedule, seed)
        if isinstance(problem.network, EnteredNetwork) and not run.diverged:
            problem.network.try_out()  # it may have learnt to look where it must not
        return self._model(problem, self.material), run

    @property
    def start(self) -> Start:
        """What every network answers before its first update, where its scores begin at zero."""
        return Start(self.material.pipeline, self.output)

    def test(self, model: Predicts) -> tuple[dict[str, float], Arrays]:
        """The one look at the test part: every metric, and what was predicted."""
        return self.task.test(model, self.data, self.fold)

    def refit(self, candidate: str, option: Option, epochs: int, seed: int) -> tuple[NetworkModel, bool]:
        """Train a network on all data; and whether that helped, or it is as it started.

        Args:
            candidate: name.
            option: its size, its learning rate, and its window.
            epochs: how many.
            seed: of its first weights and of the order.
        """
        material = self.task.final_material(self.data, self.budget.variant)
        problem = self.problem(candidate, option, seed, material)
        helped = train_exactly(problem, option.learning_rate, epochs, seed, decay=self.budget.decay)
        return self._model(problem, material), helped

    def problem(self, candidate: str, option: Option, seed: int, material: Material) -> CarriedProblem | WholeProblem:
        """An untrained network and its losses.

        Args:
            candidate: name.
            option: its size, and its window.
            seed: of its first weights.
            material: what it learns from.
        """
        torch.manual_seed(seed)
        network = self.network(candidate, option, material)
        if self.task.truncation is not None:
            return CarriedProblem(network, self.output, material, self.task.truncation)
        kind = EachStepProblem if self.task.readout == "step" else WholeProblem
        return kind(network, self.output, material)

    def network(self, candidate: str, option: Option, material: Material) -> Network:
        """The untrained network."""
        columns, symbols, entry = material.inputs.shape[1], material.pipeline.symbols, self.entry(candidate)
        if entry is not None:
            return entered_network(entry, self.task, material, self.output)
        encoder = build_encoder(self.task, candidate, option, self.budget.layers, fed(columns, symbols))
        if isinstance(encoder, RecurrentEncoder):
            encoder.initialise(material.memory, self.budget.scheme)
        readout = readout_of(self.task, option.window)
        return Network(encoder, readout, self.output, front_of(columns, symbols), self.budget.dropout)

    def _model(self, problem: Problem, material: Material) -> NetworkModel:
        network = problem.network.eval()
        assert isinstance(network, Network), "that is what a problem was made of"
        return NetworkModel(material.pipeline, network, self.output)
