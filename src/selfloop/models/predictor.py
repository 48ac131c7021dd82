"""A trained model as its user holds it: data in, a table of predictions out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from selfloop.checked import decimal, whole_number
from selfloop.data import Missing, Sequences, load_like
from selfloop.data.came import given_back
from selfloop.data.sequences import Floats
from selfloop.errors import DataError, SettingsError
from selfloop.models import file
from selfloop.models.card import Card
from selfloop.tasks.continuation import Continuation, Continued, Continues
from selfloop.tasks.model import Model
from selfloop.tasks.task import Task


@dataclass(frozen=True, eq=False)
class Predictor:
    """A trained model with what it needs to read data and to say how sure it is.

    Attributes:
        card: what it is: task, candidate, columns, sizes.
        task: what it answers.
        model: the network or the baseline itself.
        half_widths: (levels, horizon) of a forecast's intervals, in units of each series' naive error; (levels,
            outcomes) of a regression's, in the outcomes' own; None for none.
    """

    card: Card
    task: Task
    model: Model
    half_widths: Floats | None = None

    def __repr__(self) -> str:
        """What it is, in one line."""
        card = self.card
        units = "" if card.hidden_size is None else f", {card.hidden_size} hidden units"
        channels = ", ".join(card.channels[:6]) + (", ..." if len(card.channels) > 6 else "")
        of = f"{card.columns.target} from " if card.columns.target else ""
        return f"Predictor({card.label}{units}, {self.model.parameters:,} parameters: {card.task} {of}{channels})"

    def predict(self, source: Any, *, missing: Missing = "error", axes: str | None = None) -> Any:
        """Predict on a file, frame, arrays or `Sequences`.

        A forecast starts after the last step of each series: columns `unique_id`, `ds`, `selfloop` and the bounds of
        its intervals. A classification gives `unique_id`, `label` and a probability for each class, a regression
        `unique_id` and each outcome under its own name, with the bounds of its intervals; tagging
        a row of classes for each step, with the `step`, from 0, or its time `ds`.

        It is a frame of the library that the data came in (Polars for files and arrays); ids, times and labels have the
        types that they came with.

        Args:
            source: anything that `selfloop.data.load` reads, with the columns that the model learnt from.
            missing: what to do about missing values.
            axes: of arrays, where their shape and the number of channels do not decide: "cases,steps,channels".

        Raises:
            DataError: columns are missing, or values are.
        """
        data = load_like(source, self.card, missing=missing, axes=axes)
        self.check(data)
        table = self.task.table(self.model, data, self.card.signature, self.half_widths)
        return given_back(table, data.ids, data.came, self.card.class_type)

    def score(
        self,
        source: Any,
        *,
        labels: Any = None,
        last: int | None = None,
        missing: Missing = "error",
        axes: str | None = None,
    ) -> dict[str, float]:
        """Every metric of the task, by name, on data that hold the truth.

        Whole sequences are all scored. A forecast is made from every step after which the truth of all
        its horizon is known, over the second half of each series or its last steps; MASE is relative to the naive
        forecast's error on the steps before them.

        Args:
            source: as for `predict`, with the true labels or what came.
            labels: a class, a number or a row of numbers for each array; for arrays only.
            last: of a forecast, so many steps at the end of each series; None: the second half.
            missing: what to do about missing values.
            axes: of arrays, as for `predict`.

        Raises:
            DataError: columns are missing, or values are, or the truth is.
            SettingsError: `last` makes no sense here.
        """
        data = load_like(source, self.card, labels=labels, missing=missing, axes=axes)
        self.check(data)
        return self.task.measure(self.model, data, None if last is None else whole_number("last", last))

    def generate(
        self,
        prompt: str = "",
        *,
        length: int = 500,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> Continued:
        """What the model makes by itself: each symbol or frame that it draws is the next that it reads.

        `"".join(model.generate("ROMEO:").pieces)` is a text; pieces are made as they are asked for.

        Args:
            prompt: text that it reads first; empty: a new line, or its first symbol. Frames begin with all off.
            length: symbols or frames.
            temperature: 1 as the model has it, below 1 closer to the likeliest, which 0 is, above 1 bolder.
            top_k: only so many of the likeliest are drawn from.
            top_p: only the likeliest that together have this probability are (nucleus sampling).
            seed: of the draws; the same seed makes the same again.

        Raises:
            SettingsError: the model does not say what comes next, or cannot be asked so.
        """
        if not isinstance(self.task, Continues):
            raise SettingsError(
                f"{self.card.label} answers to {self.card.task} and does not say what comes next; expected a model of "
                "--task next, which goes on by itself."
            )
        asked = Continuation(
            str(prompt),
            decimal("temperature", temperature),
            None if top_k is None else whole_number("top_k", top_k),
            None if top_p is None else decimal("top_p", top_p),
            whole_number("seed", seed, least=0),
        )
        count = whole_number("length", length)
        made = self.task.continued(self.model, self.card.signature, asked)
        return replace(made, pieces=islice(made.pieces, count))

    def save(self, path: str | Path) -> Path:
        """Write one safe file: safetensors, the description as JSON in its metadata."""
        widths = {} if self.half_widths is None else {"half_widths": self.half_widths}
        file.write(Path(path), self.card, {**self.model.arrays(), **widths})
        return Path(path)

    def check(self, data: Sequences) -> None:
        """Raise unless the model can answer on these data.

        Raises:
            DataError: they have other channels, or are not what its task needs.
        """
        if data.values.shape[1] != len(self.card.channels):
            raise DataError(
                f"{data.name} has {data.values.shape[1]} channels ({', '.join(data.channels)}); this model expects "
                f"{len(self.card.channels)} ({', '.join(self.card.channels)})."
            )
        self.task.check(data, self.card.signature)
