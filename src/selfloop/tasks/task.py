"""The one protocol between a user's question and everything that trains, compares, explains and reports.

A task is a room of its own: `tasks/NAME/`. Nobody outside asks which task it is; they ask the task.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from selfloop.data.sequences import Floats, Sequences
from selfloop.errors import SettingsError
from selfloop.results.study import Evidence, Metric, Setting, TaskWords, Trial
from selfloop.tasks.asked import Asked, Direction, Readout
from selfloop.tasks.design_matrix import DesignMatrix
from selfloop.tasks.experiment import Experiment as Experiment
from selfloop.tasks.experiment import Predictions as Predictions
from selfloop.tasks.inside import Questions, View
from selfloop.tasks.material import Material, Regime
from selfloop.tasks.model import Arrays, Baseline, Fields, Model, Pipeline, Predicts, Signature, Symbols
from selfloop.tasks.output import Output


class Task(ABC):
    """What is asked of sequences. Each task is a frozen dataclass whose fields a model file holds."""

    name: ClassVar[str]  # on the command line
    metrics: ClassVar[tuple[Metric, ...]]  # the first one decides, unless `deciding` or the user says otherwise
    baselines: ClassVar[tuple[Baseline, ...]]
    settings: ClassVar[tuple[str, ...]] = ()  # of `Asked`, those that it reads beside folds and validation
    validated_by: ClassVar[str] = ""  # what validation loss is, in words; empty: the first metric
    folds_in_time: bool = False  # whether a fold is a later part of the same sequences than the one before
    window_sizes: ClassVar[tuple[int, ...]] = (32, 128)  # hidden units to try of a network that sees a window
    estimator_forms: ClassVar[tuple[str, ...]] = ()  # in which an estimator can have the data, the usual one first
    scores_probabilities: ClassVar[bool] = False  # whether an estimator without them cannot be scored

    # What is asked, and of what.

    @classmethod
    @abstractmethod
    def suits(cls, data: Sequences) -> str | None:
        """Why these data ask for this task, where nobody says which one; None: they do not."""

    @classmethod
    def answered(cls, data: Sequences) -> Sequences:
        """The data with the answers that this task learns and no others: one column may be read as several kinds."""
        return data

    @classmethod
    @abstractmethod
    def design(cls, data: Sequences, test: Sequences | None, asked: Asked) -> Experiment:
        """Decide on everything that is left open, and on the folds.

        Args:
            data: to learn from; without `test`, to test on as well.
            test: the user's own test part.
            asked: what the user said.

        Raises:
            SettingsError, DataError: these data cannot be asked so.
        """

    @classmethod
    def alone(cls, data: Sequences, asked: Asked) -> Experiment:
        """The same for one model that is fitted for good: its one fold learns from all there is, and tests nothing.

        Raises:
            SettingsError, DataError: these data cannot be asked so.
        """
        found = cls.design(data, None, asked)
        return replace(found, folds=(found.task.whole(found.data),))

    @property
    @abstractmethod
    def readout(self) -> Readout:
        """What an answer of a recurrent network is made of."""

    @property
    def direction(self) -> Direction:
        """How recurrent networks read."""
        return "one"

    @property
    def truncation(self) -> int | None:
        """Steps that a gradient travels back where the state is carried on; None: sequences are read whole."""
        return None

    def regime(self, data: Sequences, fold: Any) -> Regime:
        """How networks are trained where the user does not say."""
        return Regime()

    @abstractmethod
    def output(self, signature: Signature) -> Output:
        """What a network's scores mean that learns from data of this signature."""

    @abstractmethod
    def whole(self, data: Sequences) -> Any:
        """The fold that learns from all there is: validation as always, nothing left to test."""

    # What networks learn from.

    @abstractmethod
    def material(self, data: Sequences, fold: Any, variant: str) -> Material:
        """What a network is fed and asked on a fold. Looks at nothing of its test part."""

    @abstractmethod
    def final_material(self, data: Sequences, variant: str) -> Material:
        """The same for all of `data`, nothing held out."""

    def training_part(self, data: Sequences, fold: Any) -> Sequences:
        """What a fold learns from, validation apart; for what one fit costs."""
        return data

    def examples(self, data: Sequences, fold: Any) -> int:
        """Sequences that a fold learns from, where they are read to their ends."""
        return len(fold.fit)

    @abstractmethod
    def windows(self, data: Sequences, fold: Any) -> tuple[int, ...]:
        """Steps that a network without a self loop may see: a few to try."""

    @abstractmethod
    def features(self, data: Sequences, variant: str) -> int:
        """Columns of a material's inputs."""

    def symbols(self, data: Sequences, fold: Any, variant: str) -> tuple[Symbols, ...]:
        """Those of a material's inputs that are looked up in a table, as its pipeline has them."""
        return ()

    def variants(self, data: Sequences, fold: Any) -> tuple[str, ...]:
        """Ways to show the data to networks, one of which is chosen once for all of them; one: there is no choice."""
        return ("",)

    def designs(
        self, data: Sequences, fold: Any, variant: str, reads: str, window: int | None
    ) -> tuple[DesignMatrix, ...]:
        """What an estimator of the user's own may be handed of a fold: validation chooses among several.

        Args:
            data: all of it; nothing of the fold's test part is looked at.
            fold: one of the task's.
            variant: how the networks are shown the data.
            reads: one of `estimator_forms`.
            window: steps of the past, where they are known already.
        """
        raise SettingsError(
            f"the task {self.name} hands nothing to an estimator; enter a factory of torch modules, or leave it out."
        )

    def choosing_folds(self, data: Sequences, first: Any) -> list[Any]:
        """Where the variants are tried: inside the training part of the first fold."""
        return [first]

    def safety(self, variant: str) -> int:
        """Of variants that do about equally well, the one with the lowest is taken."""
        return 0

    def describe(self, variant: str) -> str:
        """A variant in words: what "networks are shown"."""
        return variant

    def start(self, variant: str) -> str:
        """What a network answers before it has learnt anything, in words."""
        return "an untrained network"

    # What comes of it.

    @abstractmethod
    def test(self, model: Predicts, data: Sequences, fold: Any) -> tuple[dict[str, float], Arrays]:
        """The one look at a fold's test part: every metric, and what was predicted, in float32 where that holds it."""

    def deciding(self, data: Sequences) -> tuple[Metric, str]:
        """The metric that decides where the user names none; and why, where that is not the usual one."""
        return self.metrics[0], ""

    def right(self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial]) -> dict[str, Floats]:
        """By candidate, the share of its runs that were right about each test case of all folds.

        Empty where an answer is not right or wrong.
        """
        return {}

    @abstractmethod
    def phrase(self, data: Sequences) -> str:
        """What a verdict holds for: "on this series"."""

    @abstractmethod
    def words(self, data: Sequences) -> TaskWords:
        """What report and terminal say of the task."""

    def evidence(
        self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], drawn: Sequence[str]
    ) -> Evidence:
        """What the report shows beside scores.

        Args:
            experiment: of the study.
            predictions: what each trial predicted.
            trials: all of them.
            drawn: the candidates that are worth drawing, best first.
        """
        return Evidence()

    def calibration(
        self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], name: str
    ) -> Floats | None:
        """What a saved model needs to say how sure it is; None: nothing.

        Args:
            experiment: of the study.
            predictions: what each trial predicted.
            trials: all of them.
            name: of the candidate.
        """
        return None

    # What a saved model is and does.

    def recorded(self) -> dict[str, Setting]:
        """What was inferred or left to a default: part of what makes a study the same study."""
        return {name: getattr(self, name) for name in self.settings}

    @abstractmethod
    def pipeline(self, fields: Fields, arrays: Arrays, signature: Signature) -> Pipeline:
        """The pipeline of a network, from a model file.

        Raises:
            ValueError, KeyError: the numbers do not fit the description.
        """

    def check(self, data: Sequences, signature: Signature) -> None:
        """Raise unless a model that learnt from data of this signature can answer on these.

        Raises:
            DataError: it cannot.
        """
        return

    @abstractmethod
    def table(self, model: Model, data: Sequences, signature: Signature, calibration: Floats | None) -> dict[str, Any]:
        """What the user gets: columns of predictions, by name.

        Args:
            model: makes them.
            data: of the user's.
            signature: of the data that it learnt from.
            calibration: as `calibration` gave it.
        """

    @abstractmethod
    def measure(self, model: Model, data: Sequences, last: int | None) -> dict[str, float]:
        """Every metric of a saved model's answers to data that hold the truth.

        Args:
            model: answers.
            data: of the user's.
            last: of forecasts, so many steps at the end of each series that are forecast; None: the second half.

        Raises:
            DataError: they do not hold it, or too little of it.
            SettingsError: `last` makes no sense here.
        """

    def read_calibration(self, arrays: Arrays) -> Floats | None:
        """Of a model file; None where it has none."""
        return None

    # What can be looked into.

    @abstractmethod
    def questions(self, model: Any, data: Sequences, most: int, seed: int) -> Questions:
        """Losses of a trained network on data, spread over all of them.

        Args:
            model: with the network.
            data: not seen in training.
            most: how many losses.
            seed: of what is drawn.

        Raises:
            DataError: the data are too short for one.
        """

    @abstractmethod
    def view(self, model: Any, one: Sequences, signature: Signature) -> View:
        """One sequence as a network reads it that learnt from data of this signature."""

    @abstractmethod
    def headline(self, one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
        """What networks say after `stop` steps of one sequence, in one sentence.

        Args:
            one: the sequence alone.
            stop: steps that they have read.
            labels: names of what is answered.
            said: the label and the (K,) answer of each network.
        """
