"""What estimators are handed of a forecast: a window of the past a row, or the series as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from selfloop.data.sequences import Floats, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.design_matrix import Says
from selfloop.tasks.forecast import ridge
from selfloop.tasks.forecast.fitted import FittedTreatment
from selfloop.tasks.forecast.folds import ForecastFold
from selfloop.tasks.forecast.linear import learnable
from selfloop.tasks.forecast.scores import Scored
from selfloop.tasks.forecast.treatment import Treatment
from selfloop.tasks.places import Block

FORMS = ("windows", "histories")


class History(NamedTuple):
    """What is known of a series."""

    series: str
    values: Floats  # (steps,) of the target, in the user's units


@dataclass(frozen=True, eq=False)
class ForecastDesign:
    """What both forms share.

    Attributes:
        task: horizon and season.
        data: all series; nothing after `fold.train` is looked at to learn.
        fold: of them.
    """

    task: Scored
    data: Sequences
    fold: ForecastFold

    says: Says = "values"

    @property
    def facts(self) -> dict[str, int]:
        """Horizon and season."""
        return {"horizon": self.task.horizon, "season": self.task.season}

    @property
    def answers_each(self) -> int:
        """The horizon."""
        return self.task.horizon

    @property
    def valid(self) -> Block:
        """The origins that choices are made on."""
        return self.fold.valid

    def known(self) -> Sequences:
        """The steps before the test block."""
        return self.data.until(self.fold.train)

    def loss(self, answers: Floats) -> float:
        """MASE."""
        return self.task.yardstick(self.known(), self.fold.fit, self.fold.valid).mase(answers)


@dataclass(frozen=True, eq=False)
class WindowDesign(ForecastDesign):
    """Rows are origins: X is the last `window` steps of each channel as the networks are shown it, y what follows.

    Attributes:
        treatment: how series are shown, and what is asked: that of the study's networks, without their linear skip.
        window: steps.
    """

    treatment: Treatment | None = None
    window: int = 1

    @property
    def settings(self) -> dict[str, Setting]:
        """The window."""
        return {"window": self.window}

    @cached_property
    def fitted(self) -> FittedTreatment:
        """With the scales of the steps that are learnt from."""
        assert self.treatment is not None, "windows are made of treated series"
        return FittedTreatment.fit(self.treatment, self.known(), self.fold.fit)

    def learnt(self) -> tuple[Floats, Floats]:
        """(examples, features) and (examples, horizon), or (examples,) of one step."""
        known = self.known()
        shown = self.fitted.show(known)
        rows = learnable(self.task, known, shown, self.fold.fit)
        x = ridge.design(shown.inputs, shown.offsets, self._lagged(known), self.window, rows)
        y = shown.targets[rows]
        return x, y[:, 0] if self.task.horizon == 1 else y

    def rows(self, data: Sequences, where: Block) -> Iterator[Floats]:
        """(origins, features) of some origins after the others."""
        shown, flat, lagged = self._extended(data, where).see(data), where.flat(data), self._lagged(data)
        for part in ridge.blocks(len(flat), len(lagged) * self.window):
            yield ridge.design(shown.inputs, shown.offsets, lagged, self.window, flat[part])

    def answers(self, data: Sequences, where: Block, outputs: Floats) -> Floats:
        """(origins, horizon) in the user's units."""
        return self._extended(data, where).answer(data, where, outputs)

    def _extended(self, data: Sequences, where: Block) -> FittedTreatment:
        return self.fitted.extended(data, where.first + 1)

    def _lagged(self, data: Sequences) -> list[int]:
        return self.fitted.treatment.lagged(data.values.shape[1])


@dataclass(frozen=True, eq=False)
class HistoryDesign(ForecastDesign):
    """X is a list of histories: of each series to learn from, of each origin to answer. There is no y."""

    @property
    def settings(self) -> dict[str, Setting]:
        """None."""
        return {}

    def learnt(self) -> tuple[list[History], None]:
        """Each series up to the validation part."""
        target = self.data.target
        triples = zip(self.data.ids, self.data, self.fold.fit, strict=True)
        return [History(name, series[:stop, target].copy()) for name, series, stop in triples], None

    def rows(self, data: Sequences, where: Block) -> Iterator[list[History]]:
        """Each origin's series up to it, series by series."""
        for name, series, origins in zip(data.ids, data, where.steps(), strict=True):
            for part in ridge.blocks(len(origins), len(series)):
                # Copies: the future is not behind a view's end, and nobody's changes reach the data.
                yield [History(name, series[: origin + 1, data.target].copy()) for origin in origins[part]]

    def answers(self, data: Sequences, where: Block, outputs: Floats) -> Floats:
        """As they are."""
        return outputs


def designs(
    task: Any, data: Sequences, fold: ForecastFold, treatment: Treatment, reads: str, windows: tuple[int, ...]
) -> tuple[WindowDesign | HistoryDesign, ...]:
    """One for each window, or the histories.

    Args:
        task: the forecast.
        data: all series.
        fold: of them.
        treatment: how series are shown.
        reads: one of `FORMS`.
        windows: to choose from.
    """
    if reads == "histories":
        return (HistoryDesign(task, data, fold),)
    return tuple(WindowDesign(task, data, fold, treatment=treatment, window=window) for window in windows)
