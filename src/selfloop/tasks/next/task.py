"""What comes next: the next symbol of a text or of events, or the next frame of channels that are on or off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Sequences
from selfloop.errors import SettingsError
from selfloop.results.study import Evidence, Metric, TaskWords, Trial
from selfloop.tasks.asked import Asked, Readout
from selfloop.tasks.continuation import Continuation, Continued
from selfloop.tasks.design_matrix import DesignMatrix
from selfloop.tasks.material import Material, Regime
from selfloop.tasks.metrics import BITS, FOUND, NATS, PERPLEXITY
from selfloop.tasks.model import (
    FEED_FORWARD,
    Arrays,
    Baseline,
    Fields,
    Model,
    Predicts,
    Signature,
    Size,
    Symbols,
)
from selfloop.tasks.next import evidence, explain, table
from selfloop.tasks.next.baselines import FREQUENCIES, NGRAMS, ON_RATES, STAY_RATES
from selfloop.tasks.next.continuing import continued
from selfloop.tasks.next.design import Kind, are_frames, channel_of_symbols, design
from selfloop.tasks.next.design_matrix import NextDesign
from selfloop.tasks.next.folds import LONG, Cutter, NextFold
from selfloop.tasks.next.material import Asks, final_material, fold_material, looks_at_time, pipeline_of
from selfloop.tasks.next.pieces import answered
from selfloop.tasks.next.pipeline import NextPipeline, read_pipeline
from selfloop.tasks.next.scores import found_of, losses_of, metrics_of
from selfloop.tasks.output import Classes, OnOff, Output
from selfloop.tasks.places import Block
from selfloop.tasks.step_design import FORMS
from selfloop.tasks.task import Experiment, Predictions, Task

if TYPE_CHECKING:
    from selfloop.tasks.inside import Questions, View

UNITS = 40  # that a network has at least, as far as what it answers with is concerned: words are many answers
MUCH = Regime(parameters=250_000, updates=2_500, dropout=0.1)  # of a long text
BRIEF = 3  # steps that units remember at the start, of a long text; see docs/next.md


@dataclass(frozen=True)
class Next(Task):
    """The task. The first step of a sequence is not guessed: nothing came before it.

    Attributes:
        kind: what comes: "symbols" of one channel, or "frames" of all.
        size: numbers in an answer: known symbols and the unknown one, or channels.
        validation: share of a training part that inner validation takes.
    """

    kind: Kind
    size: Size
    validation: float = 0.2

    name: ClassVar[str] = "next"
    metrics: ClassVar[tuple[Metric, ...]] = (NATS, BITS, PERPLEXITY, FOUND)
    baselines: ClassVar[tuple[Baseline, ...]] = (FREQUENCIES, NGRAMS, ON_RATES, STAY_RATES, FEED_FORWARD)
    settings: ClassVar[tuple[str, ...]] = ("kind", "size")
    estimator_forms: ClassVar[tuple[str, ...]] = FORMS
    scores_probabilities: ClassVar[bool] = True  # nats are made of them
    folds_in_time = True  # of few long sequences; of cases it makes a claim no bolder than it should be
    window_sizes: ClassVar[tuple[int, ...]] = (128,)

    @classmethod
    def suits(cls, data: Sequences) -> str | None:
        """Symbols, or frames, with nothing to learn beside them."""
        if data.labels is not None or data.tags is not None or data.outcomes is not None:
            return None
        if channel_of_symbols(data) is not None:
            return "there are symbols and no labels"
        return "all channels are on or off, and there are no labels" if are_frames(data) else None

    @classmethod
    def design(cls, data: Sequences, test: Sequences | None, asked: Asked) -> Experiment:
        """Symbols or frames, and folds of the cases or of time; see `Task.design`."""
        return design(cls, data, test, asked)

    @property
    def readout(self) -> Readout:
        """Every step is followed by another."""
        return "step"

    @property
    def truncation(self) -> int:
        """Steps of a text's line, or of a piece of music."""
        return 64 if self.kind == "symbols" else 128

    def output(self, signature: Signature) -> Output:
        """A probability for each symbol, or for each channel."""
        return Classes(self.size) if self.kind == "symbols" else OnOff(self.size)

    def regime(self, data: Sequences, fold: NextFold) -> Regime:
        """Of a long text larger networks, for a number of updates that is known before."""
        usual, fewest = MUCH if int(fold.fit.sum()) > LONG / 2 else Regime(), UNITS * self.size
        return replace(usual, fewest=max(usual.fewest, fewest), parameters=max(usual.parameters, fewest))

    def asks(self, data: Sequences) -> Asks:
        """What is asked of these data."""
        return Asks(self.target_of(Signature.of(data)), self.size)

    def target_of(self, signature: Signature) -> int | None:
        """The channel of symbols; None for frames."""
        return signature.target if self.kind == "symbols" else None

    def whole(self, data: Sequences) -> NextFold:
        """Validation as always, nothing left to test."""
        return self._cutter.whole(data)

    def material(self, data: Sequences, fold: NextFold, variant: str) -> Material:
        """The steps before the test, or the other cases."""
        return fold_material(self.asks(data), data, fold, self._remembered(data, fold))

    def final_material(self, data: Sequences, variant: str) -> Material:
        """All steps."""
        whole = self.whole(data)
        return final_material(self.asks(data), data, whole, self._remembered(data, whole))

    def _remembered(self, data: Sequences, fold: NextFold) -> int:
        """Steps to remember from the start: of a long text a network learns where more pays."""
        long = self.kind == "symbols" and self.regime(data, fold).updates is not None
        return BRIEF if long else self.truncation

    def training_part(self, data: Sequences, fold: NextFold) -> Sequences:
        """Without what choices are made on."""
        return data.until(fold.fit)

    def windows(self, data: Sequences, fold: NextFold) -> tuple[int, ...]:
        """A few symbols, and a few more."""
        longest = int(fold.fit.max())
        return tuple(dict.fromkeys(min(window, longest) for window in (4, 12)))

    def designs(
        self, data: Sequences, fold: NextFold, variant: str, reads: str, window: int | None
    ) -> tuple[DesignMatrix, ...]:
        """One for each window; see `Task.designs`."""
        sizes = (window,) if window else self.windows(data, fold)
        return tuple(NextDesign(data, fold, (size - 1, 0), self.asks(data)) for size in sizes)

    def features(self, data: Sequences, variant: str) -> int:
        """The channels, and the time since the last step where it is looked at."""
        return int(data.values.shape[1]) + (self.kind == "symbols" and looks_at_time(data))

    def symbols(self, data: Sequences, fold: NextFold, variant: str) -> tuple[Symbols, ...]:
        """Of the fold's training part."""
        return pipeline_of(self.asks(data), data.until(fold.fit)).symbols

    def test(self, model: Predicts, data: Sequences, fold: NextFold) -> tuple[dict[str, float], Arrays]:
        """Every metric of the test part; the nats of each step and, of symbols, a few that the model makes itself."""
        pipeline = pipeline_of(self.asks(data), data.until(fold.fit))
        found, losses = self._score(model, data, fold.test, pipeline.wanted(data))
        return found, {"test": losses.astype(np.float32), **evidence.sample(model, pipeline)}

    def phrase(self, data: Sequences) -> str:
        """One text, or several sequences."""
        return "on this sequence" if len(data) == 1 else "on these sequences"

    def words(self, data: Sequences) -> TaskWords:
        """What comes next."""
        if self.kind == "frames":
            writes = "It writes, for each step, how probable it is that each channel is on at the next."
            return TaskWords("What comes next", "the next frame", "next.csv", writes)
        name = data.channels[data.target]
        writes = "It writes, for each step, the likeliest next symbol with its probability."
        return TaskWords(f"What comes next: {name}", name, "next.csv", writes)

    def evidence(
        self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], drawn: Sequence[str]
    ) -> Evidence:
        """What the best one makes by itself."""
        return evidence.evidence(experiment, predictions, trials, drawn)

    def pipeline(self, fields: Fields, arrays: Arrays, signature: Signature) -> NextPipeline:
        """Vocabularies and scales."""
        return read_pipeline(fields, arrays, signature, self.target_of(signature), self.size)

    def table(self, model: Model, data: Sequences, signature: Signature, calibration: Floats | None) -> dict[str, Any]:
        """A row a step: `unique_id`, `step`, and what comes after it."""
        return table.table(model, data, signature, self.size)

    def measure(self, model: Model, data: Sequences, last: int | None) -> dict[str, float]:
        """Of every step that follows another one."""
        if last is not None:
            raise SettingsError("last counts steps of a forecast; expected none here: leave --last out.")
        table.check_room(data)
        part = Block(np.zeros(len(data), dtype=np.int64), np.maximum(data.lengths - 1, 0))
        pipeline: NextPipeline = model.pipeline  # type: ignore[attr-defined]  # every model of this task has one
        return self._score(model, data, part, pipeline.wanted(data))[0]

    def continued(self, model: Model, signature: Signature, asked: Continuation) -> Continued:
        """Symbols, or frames, drawn one after the other."""
        return continued(model, signature, asked)

    def questions(self, model: Any, data: Sequences, most: int, seed: int) -> Questions:
        """Steps that something follows, spread over the data, or over their end where they are long."""
        return explain.questions(model.pipeline, data, most)

    def view(self, model: Any, one: Sequences, signature: Signature) -> View:
        """One sequence as it is fed."""
        return explain.view(model.pipeline, one, signature)

    def headline(self, one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
        """What each network finds likeliest."""
        return explain.headline(self.kind, one, stop, labels, said)

    @property
    def _cutter(self) -> Cutter:
        return Cutter(self.validation, self.size)

    def _score(
        self, model: Predicts, data: Sequences, block: Block, wanted: NDArray[Any]
    ) -> tuple[dict[str, float], Floats]:
        losses, found = [], []
        for part in answered(model, data, block, self.size):
            losses.append(losses_of(part.answers, wanted[part.steps]))
            found.append(found_of(part.answers, wanted[part.steps]))
        each = np.concatenate(losses)
        return metrics_of(each, found), each
