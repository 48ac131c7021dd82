"""A trained model as its user holds it: data in, a table of predictions out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfloop.data import Missing, Sequences, load_like
from selfloop.data.sequences import Floats
from selfloop.errors import DataError
from selfloop.models import file
from selfloop.models.card import Card
from selfloop.tasks.model import Model
from selfloop.tasks.task import Task

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Predictor:
    """A trained model with what it needs to read data and to say how sure it is.

    Attributes:
        card: what it is: task, candidate, columns, sizes.
        task: what it answers.
        model: the network or the baseline itself.
        half_widths: (levels, horizon) of a forecast's intervals, in units of each series' naive error; None for none.
    """

    card: Card
    task: Task
    model: Model
    half_widths: Floats | None = None

    def predict(self, source: Any, *, missing: Missing = "error") -> pl.DataFrame:
        """Predict on a file, frame, arrays or `Sequences`.

        A forecast starts after the last step of each series: columns `unique_id`, `ds`, `selfloop` and the bounds of
        its intervals. A classification gives `unique_id`, `label` and a probability for each class.

        Args:
            source: anything that `selfloop.data.load` reads, with the columns that the model learnt from.
            missing: what to do about missing values.

        Raises:
            DataError: columns are missing, or values are.
        """
        import polars as pl

        card = self.card
        data = load_like(
            source, card.columns, channels=card.channels, classes=card.classes, missing=missing, every=card.every
        )
        self.check(data)
        return pl.DataFrame(self.task.table(self.model, data, self.card.signature, self.half_widths))

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
