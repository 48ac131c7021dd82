"""Tagging: a label at each step of a sequence, such as the part of speech of each word or the state of a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from selfloop.data.sequences import Floats, Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.results.study import Evidence, Metric, TaskWords, Trial
from selfloop.tasks.asked import Asked, Direction, Readout
from selfloop.tasks.design_matrix import DesignMatrix
from selfloop.tasks.inside import Questions, View
from selfloop.tasks.material import Material
from selfloop.tasks.metrics import ENTITY_F1, MACRO_F1, STEP_ACCURACY
from selfloop.tasks.model import FEED_FORWARD, Arrays, Baseline, Fields, Model, Predicts, Signature, Symbols
from selfloop.tasks.output import Classes, Output
from selfloop.tasks.places import LONGEST
from selfloop.tasks.step_design import FORMS
from selfloop.tasks.tag import folds, inside, material
from selfloop.tasks.tag.baselines import MOST_FREQUENT, OF_SYMBOL
from selfloop.tasks.tag.design import design
from selfloop.tasks.tag.design_matrix import TagDesign
from selfloop.tasks.tag.entities import are_entities
from selfloop.tasks.tag.folds import TagFold
from selfloop.tasks.tag.labels import tags_of
from selfloop.tasks.tag.letters import COLUMNS
from selfloop.tasks.tag.linear import LINEAR
from selfloop.tasks.tag.pipeline import TagPipeline, read_pipeline, words_in
from selfloop.tasks.tag.scores import score
from selfloop.tasks.tag.table import table
from selfloop.tasks.task import Experiment, Predictions, Task

TRUNCATION = 100  # steps that a gradient travels back where the state is carried on
WORDS, LETTERS = "words", "words and letters"
SAID = {WORDS: "words", LETTERS: "words with their first and last letters and their shape"}


@dataclass(frozen=True)
class Tag(Task):
    """The task.

    Attributes:
        direction: how a network reads ("both": also backwards).
        folds_in_time: whether a fold tests later parts of the sequences that it learns from.
        symbolic: whether a channel holds symbols.
        validation: share of a training part that inner validation takes.
    """

    direction: Direction = "both"
    folds_in_time: bool = False
    symbolic: bool = False
    validation: float = 0.2

    name: ClassVar[str] = "tag"
    validated_by: ClassVar[str] = "cross-entropy"
    metrics: ClassVar[tuple[Metric, ...]] = (STEP_ACCURACY, MACRO_F1, ENTITY_F1)
    baselines: ClassVar[tuple[Baseline, ...]] = (MOST_FREQUENT, OF_SYMBOL, LINEAR, FEED_FORWARD)
    settings: ClassVar[tuple[str, ...]] = ("direction", "folds_in_time", "symbolic")
    estimator_forms: ClassVar[tuple[str, ...]] = FORMS

    @classmethod
    def suits(cls, data: Sequences) -> str | None:
        """Whatever has labels of steps."""
        return "there are labels of steps" if data.tags is not None else None

    @classmethod
    def design(cls, data: Sequences, test: Sequences | None, asked: Asked) -> Experiment:
        """Direction and folds; see `Task.design`."""
        return design(cls, data, test, asked)

    @property
    def readout(self) -> Readout:
        """Every step is answered."""
        return "step"

    @property
    def truncation(self) -> int | None:
        """Where long sequences are read as they come, the state is carried on."""
        return TRUNCATION if self.folds_in_time and self.direction == "one" else None

    def output(self, signature: Signature) -> Output:
        """A probability for each class."""
        return Classes(len(signature.classes))

    def whole(self, data: Sequences) -> TagFold:
        """Choose on a part of the sequences, or on their ends."""
        everything = np.arange(len(data))
        units = len(data) if data.groups is None else len(set(data.groups))
        if self.folds_in_time or units < folds.FEW:
            fit, valid = folds.end_held_out(data.lengths, self.validation)
            return TagFold(0, fit, valid, folds.whole(data, everything[:0]))
        return folds.split(data, 0, everything, everything[:0], self.validation)

    def measures(self, data: Sequences) -> tuple[Metric, ...]:
        """That of entities only where labels are parts of such."""
        return self.metrics if are_entities(data.classes) else self.metrics[:2]

    def deciding(self, data: Sequences) -> tuple[Metric, str]:
        """Accuracy; of entities, of which each is found as a whole or not, their F1."""
        if are_entities(data.classes):
            return ENTITY_F1, "the labels are parts of entities"
        return STEP_ACCURACY, ""

    # What networks learn from.

    def material(self, data: Sequences, fold: TagFold, variant: str) -> Material:
        """The steps that the fold learns from and chooses on."""
        pipeline, tags = self._pipeline(data, fold, variant), tags_of(data)
        longest = min(int(fold.fit.max()), LONGEST)
        if self.truncation is not None:
            return material.carried(data, tags, fold, pipeline, min(longest, self.truncation))
        return material.in_pieces(data, tags, fold, pipeline, longest)

    def final_material(self, data: Sequences, variant: str) -> Material:
        """All steps."""
        everything = folds.whole(data, np.arange(len(data)))
        return self.material(data, TagFold(0, data.lengths, everything, everything), variant)

    def training_part(self, data: Sequences, fold: TagFold) -> Sequences:
        """The steps that are fitted."""
        there = np.flatnonzero(fold.fit)
        return data.take(there).until(fold.fit[there])

    def examples(self, data: Sequences, fold: TagFold) -> int:
        """Sequences, long ones in pieces."""
        return len(material.cut(data, material.until(fold.fit)))

    def windows(self, data: Sequences, fold: TagFold) -> tuple[int, ...]:
        """Of symbols a few steps, of numbers more; as far ahead as back where networks read in both directions."""
        longest = int(fold.fit.max())
        known = (1, 3, 5) if self.symbolic else (1, 9, 33)
        return tuple(dict.fromkeys(min(each, longest) for each in known))

    def designs(
        self, data: Sequences, fold: TagFold, variant: str, reads: str, window: int | None
    ) -> tuple[DesignMatrix, ...]:
        """One for each window, around the step or up to it; see `Task.designs`."""
        both = self.direction == "both"
        sizes = (window,) if window else self.windows(data, fold)
        return tuple(TagDesign(data, fold, ((w - 1) // 2, w // 2) if both else (w - 1, 0)) for w in sizes)

    def features(self, data: Sequences, variant: str) -> int:
        """The channels, and the columns of letters."""
        lettered = words_in(data) if variant == LETTERS else ()
        return len(data.channels) + COLUMNS * len(lettered)

    def symbols(self, data: Sequences, fold: TagFold, variant: str) -> tuple[Symbols, ...]:
        """Of the fold's own vocabulary."""
        return self._pipeline(data, fold, variant).symbols

    def variants(self, data: Sequences, fold: TagFold) -> tuple[str, ...]:
        """Words alone, or with their letters."""
        return (WORDS, LETTERS) if words_in(data) else ("",)

    def describe(self, variant: str) -> str:
        """What is shown."""
        return SAID.get(variant, variant)

    def _pipeline(self, data: Sequences, fold: TagFold, variant: str) -> TagPipeline:
        return TagPipeline.fit(data, material.until(fold.fit).flat(data), with_letters=variant == LETTERS)

    # What comes of it.

    def test(self, model: Predicts, data: Sequences, fold: TagFold) -> tuple[dict[str, float], Arrays]:
        """Every metric of the test steps, and the class that was said at each."""
        found = model.predict(data, fold.test)
        return score(data, tags_of(data), fold.test, found), {"test": found.argmax(1).astype(np.float32)}

    def measure(self, model: Model, data: Sequences, last: int | None) -> dict[str, float]:
        """Of all steps whose label is known."""
        if last is not None:
            raise SettingsError("last counts steps of a forecast; expected none for labels of steps: leave --last out.")
        if data.tags is None or not (data.tags >= 0).any():
            raise DataError(
                f"{data.name} has no labels of steps; a score needs the true ones: add the column of labels that the "
                "model learnt from, or ask for predictions."
            )
        where = folds.whole(data, np.arange(len(data)))
        return score(data, data.tags, where, model.predict(data, where))

    def phrase(self, data: Sequences) -> str:
        """One sequence, or several."""
        return "on this sequence" if len(data) == 1 else "on these sequences"

    def words(self, data: Sequences) -> TaskWords:
        """By step."""
        name = data.columns.label or "label"
        writes = "It writes a row a step: its label with the probabilities."
        return TaskWords("Labels of steps", name, "tags.csv", writes)

    def evidence(
        self, experiment: Experiment, predictions: Predictions, trials: Sequence[Trial], drawn: Sequence[str]
    ) -> Evidence:
        """True against predicted labels of steps."""
        from selfloop.tasks.tag.evidence import confusions

        return Evidence(confusions=confusions(experiment, predictions, trials, drawn))

    # What a saved model is and does.

    def pipeline(self, fields: Fields, arrays: Arrays, signature: Signature) -> TagPipeline:
        """Scaling and vocabularies."""
        return read_pipeline(fields, arrays, len(signature.channels))

    def table(self, model: Model, data: Sequences, signature: Signature, calibration: Floats | None) -> dict[str, Any]:
        """A row a step: `unique_id`, `step` or `ds`, `label` and a probability for each class."""
        return table(model, data, signature)

    # What can be looked into.

    def questions(self, model: Any, data: Sequences, most: int, seed: int) -> Questions:
        """Steps whose label is known, spread over all of them."""
        return inside.questions(model, data, most, seed, self.direction == "both")

    def view(self, model: Any, one: Sequences, signature: Signature) -> View:
        """One sequence as it is fed."""
        return inside.view(model, one, signature)

    def headline(self, one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
        """What each network says of the last step that was read."""
        return inside.headline(one, stop, labels, said)
