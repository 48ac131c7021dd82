"""A treatment with the scales of the series it was fitted on: data in, what a forecaster works with out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.tasks.forecast.season import places
from selfloop.tasks.forecast.treatment import Scale, Treatment
from selfloop.tasks.places import Block


@dataclass(frozen=True)
class Seen:
    """All series as a forecaster sees them, flat as in `Sequences`."""

    inputs: Floats  # (steps, features)
    offsets: Ints  # (series + 1,)


@dataclass(frozen=True)
class Shown(Seen):
    """The same with what is asked at each step: what one learns from."""

    targets: Floats  # (steps, horizon), scaled; NaN where unknown


@dataclass(frozen=True, eq=False)
class Inverse:
    """How scaled outputs at the origins of a block become forecasts."""

    treatment: Treatment
    base: Floats  # (origins, horizon) of z, as `Treatment.base` gives it
    unit: Floats  # (origins, 1) what outputs are scaled by
    ceiling: Floats  # (origins, 1) the largest z

    def answer(self, outputs: Floats) -> Floats:
        """Forecasts in the user's units from scaled outputs, both (origins, horizon)."""
        return self.treatment.in_units(self.base + outputs * self.unit, self.ceiling)


@dataclass(frozen=True)
class FittedTreatment:
    """A treatment and, for each series by its id, the scale of its training part.

    Attributes:
        treatment: of all series.
        scales: by id.
        named: whether the user gave the ids. Those that were made up name the same series within the data that they
            were made up for, and nowhere else.
    """

    treatment: Treatment
    scales: Mapping[str, Scale]
    named: bool = True

    @classmethod
    def fit(cls, treatment: Treatment, data: Sequences, stops: Ints) -> FittedTreatment:
        """Measure each series on its steps before `stops`, (series,)."""
        scales = {
            name: treatment.measure(series[:stop]) for name, series, stop in zip(data.ids, data, stops, strict=True)
        }
        return cls(treatment, scales, data.named)

    def extended(self, data: Sequences, stops: Ints) -> FittedTreatment:
        """The same, with scales of series not met before, measured on their steps before `stops`."""
        known = dict(self.scales) if data.named == self.named else {}
        for name, series, stop in zip(data.ids, data, stops, strict=True):
            if name not in known:
                known[name] = self.treatment.measure(series[:stop])
        return FittedTreatment(self.treatment, known, data.named)

    def see(self, data: Sequences) -> Seen:
        """Inputs of every step."""
        firsts = places(data, self.treatment.season)
        inputs = [self.treatment.show(s, self.scales[n], k) for s, n, k in zip(data, data.ids, firsts, strict=True)]
        return Seen(np.concatenate(inputs), data.offsets)

    def show(self, data: Sequences) -> Shown:
        """Inputs and targets of every step."""
        targets = [self.treatment.ask(s, self.scales[name]) for s, name in zip(data, data.ids, strict=True)]
        return Shown(self.see(data).inputs, data.offsets, np.concatenate(targets))

    def answer(self, data: Sequences, block: Block, outputs: Floats) -> Floats:
        """Forecasts in the user's units from scaled outputs, (origins, horizon), at `block`."""
        return self.inverse(data, block).answer(outputs)

    def inverse(self, data: Sequences, block: Block) -> Inverse:
        """From scaled outputs at `block` to the user's units, found once for many outputs."""
        scales = [self.scales[name] for name in data.ids]
        bases = [
            self.treatment.base(series[:stop], scale)[first:stop]
            for series, scale, first, stop in zip(data, scales, block.first, block.stop, strict=True)
        ]
        pairs = np.array([(scale.answer, self.treatment.ceiling(scale)) for scale in scales])[block.series()]
        return Inverse(self.treatment, np.concatenate(bases), pairs[:, :1], pairs[:, 1:])
