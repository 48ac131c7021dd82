"""What a forecaster is shown and asked: levels or changes, raw or logarithmic, scaled by the training part alone.

No single treatment is safe: a network that sees levels loses its way when a series drifts, one that sees changes
forgets where the level belongs. So the treatment is chosen on inner validation, the same for all networks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from selfloop.data.sequences import Floats
from selfloop.tasks.scaler import over, without_rounding

Kind = Literal["changes", "level", "both", "seasonal changes"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NOTHING = 1e-300  # what the logarithm takes for a series that has no positive value: zero, in any unit
FARTHEST = 85.0  # a forecast of the logarithm is this far above a series' mean at most: exp(85) times as large


@dataclass(frozen=True)
class Scale:
    """Statistics of one series' training part, per channel; 0 where it never changed: there is no scale then."""

    level: Floats  # (channels,) mean of z
    spread: Floats  # (channels,) standard deviation of z
    change: Floats  # (channels,) root mean square of z[t] − z[t−1]
    seasonal: Floats  # (channels,) root mean square of z[t] − z[t−season]
    answer: float  # root mean square of what is asked for
    floor: float  # smallest positive target seen: what the logarithm takes for anything lower


@dataclass(frozen=True)
class Treatment:
    """A way to show a series to a forecaster, and to read its answer back. z is the target or its logarithm.

    Attributes:
        kind: "changes" shows z[t] − z[t−1] and z[t] − z[t−season] and asks for z[t+k] − z[t];
            "level" shows and asks for z; "both" shows both and asks for z[t+k] − z[t];
            "seasonal changes" shows z[t] − z[t−season] and asks for z[t+k] less the last known value of its season.
        log: z is the logarithm of the target rather than the target.
        season: steps in a season; 1 for none. With one, its phase is shown as well.
        horizon: steps to forecast.
        target: the channel that is forecast.
    """

    kind: Kind
    log: bool
    season: int
    horizon: int
    target: int = 0

    def __str__(self) -> str:
        """As it is printed: "changes, logarithm"."""
        return f"{self.kind}, {'logarithm' if self.log else 'raw'}"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What each channel is shown as; the first of them is what a window of the past is made of."""
        seasonal = ("seasonal",) if self.season > 1 else ()
        by_kind: dict[Kind, tuple[str, ...]] = {
            "changes": ("change", *seasonal),
            "level": ("level",),
            "both": ("change", "level", *seasonal),
            "seasonal changes": ("seasonal",),
        }
        return by_kind[self.kind]

    def features(self, channels: int) -> int:
        """Columns that `show` makes of so many channels: `columns` of each, then the season's phase."""
        return channels * len(self.columns) + (2 if self.season > 1 else 0)

    def lagged(self, channels: int) -> list[int]:
        """Which columns of `show` a window of the past is made of: one a channel."""
        return [c * len(self.columns) for c in range(channels)]

    def z(self, values: Floats, floor: float) -> Floats:
        """(steps, channels), the target's logarithm taken where the treatment says so."""
        if not self.log:
            return values
        z = values.copy()
        z[:, self.target] = np.log(np.maximum(values[:, self.target], floor))
        return z

    def measure(self, values: Floats) -> Scale:
        """The scale of a series from its training part, `values`: (steps, channels)."""
        positive = values[values[:, self.target] > 0, self.target]
        floor = float(positive.min()) if len(positive) else NOTHING
        z = self.z(values, floor)
        level = z.mean(0)
        target = z[:, self.target]
        asked = _future(target, self.horizon) - self._base(target, level[self.target])
        sizes = np.abs(values).max(0)
        if self.log:
            sizes[self.target] = 1.0  # a difference of logarithms is relative as it is
        return Scale(
            level=level,
            spread=without_rounding(z.std(0), sizes),
            change=without_rounding(_rms(_difference(z, 1)), sizes),
            seasonal=without_rounding(_rms(_difference(z, self.season)), sizes),
            answer=float(without_rounding(_rms(asked.reshape(-1, 1)), sizes[self.target])[0]),
            floor=floor,
        )

    def show(self, values: Floats, scale: Scale, first: int = 0) -> Floats:
        """(steps, features): what a forecaster may see at each step. Changes from before the start are zero.

        Args:
            values: (steps, channels).
            scale: of the series' training part.
            first: the place of the first step in its season, 0 to season − 1.
        """
        z = self.z(values, scale.floor)
        shown = {name: self._scaled(name, z, scale) for name in self.columns}
        columns = [shown[name][:, c] for c in range(values.shape[1]) for name in self.columns]
        if self.season > 1:
            phase = 2 * np.pi * ((first + np.arange(len(z))) % self.season) / self.season
            columns += [np.sin(phase), np.cos(phase)]
        return np.column_stack(columns)

    def base(self, values: Floats, scale: Scale) -> Floats:
        """(steps, horizon) of z: what is added to a scaled answer; known at each step. NaN before the first season."""
        return self._base(self.z(values, scale.floor)[:, self.target], scale.level[self.target])

    def ask(self, values: Floats, scale: Scale) -> Floats:
        """(steps, horizon): the scaled answer that would be right. NaN where the series ends before it is known."""
        z = self.z(values, scale.floor)[:, self.target]
        asked = _future(z, self.horizon) - self._base(z, scale.level[self.target])
        # In place: a long series and horizon are large. Without a scale nothing is asked: what never changed stays.
        if scale.answer > 0:
            asked /= scale.answer
        else:
            asked *= 0.0
        return asked

    def answer(self, outputs: Floats, base: Floats, scale: Scale) -> Floats:
        """Forecasts in the user's units from scaled answers and their `base`, both (origins, horizon)."""
        return self.in_units(base + outputs * scale.answer, self.ceiling(scale))

    def ceiling(self, scale: Scale) -> float:
        """The largest z of a forecast that is answered."""
        return float(scale.level[self.target]) + FARTHEST

    def in_units(self, z: Floats, ceiling: Floats | float) -> Floats:
        """Forecasts in the user's units from those of z."""
        # A forecast of the logarithm far above anything seen would overflow before anyone could see it is absurd.
        return np.exp(np.minimum(z, ceiling)) if self.log else z

    def _scaled(self, name: str, z: Floats, scale: Scale) -> Floats:
        """(steps, channels) of one of `columns`."""
        if name == "level":
            return over(z - scale.level, scale.spread)
        if name == "change":
            return np.nan_to_num(over(_difference(z, 1), scale.change))
        return np.nan_to_num(over(_difference(z, self.season), scale.seasonal))

    def _base(self, z: Floats, level: float) -> Floats:
        """A view of `z` or of `level` where that will do, to be read only."""
        shape = len(z), self.horizon
        if self.kind == "level":
            return np.broadcast_to(level, shape)
        if self.kind == "seasonal changes":
            return _last_season(z, self.horizon, self.season)
        return np.broadcast_to(z[:, None], shape)


def treatments(season: int, horizon: int, target: int = 0, *, positive: bool) -> tuple[Treatment, ...]:
    """All that make sense: no seasonal changes without a season, no logarithm unless every target is positive.

    Args:
        season: steps in a season; 1 for none.
        horizon: steps to forecast.
        target: the channel that is forecast.
        positive: whether all its values are above 0.
    """
    kinds = [kind for kind in KINDS if season > 1 or kind != "seasonal changes"]
    logs = (False, True) if positive else (False,)
    return tuple(Treatment(kind, log, season, horizon, target) for kind in kinds for log in logs)


def _future(z: Floats, horizon: int) -> Floats:
    """(steps, horizon) z[t + 1], ..., z[t + horizon], NaN beyond the end: a view."""
    padded = np.concatenate([z[1:], np.full(horizon, np.nan)])
    return np.lib.stride_tricks.sliding_window_view(padded, horizon)[: len(z)]


def _last_season(z: Floats, horizon: int, season: int) -> Floats:
    """(steps, horizon) the last known value of the season that each future step falls in; NaN before the start."""
    padded = np.concatenate([np.full(season - 1, np.nan), z])  # padded[p] is z[p - season + 1]
    out = np.empty((len(z), horizon))
    for k in range(horizon):
        first = k % season
        out[:, k] = padded[first : first + len(z)]
    return out


def _difference(z: Floats, lag: int) -> Floats:
    """z[t] − z[t−lag], NaN for the first `lag` steps."""
    out = np.full_like(z, np.nan)
    out[lag:] = z[lag:] - z[: max(len(z) - lag, 0)]
    return out


def _rms(values: Floats) -> Floats:
    known = ~np.isnan(values)
    squares = np.where(known, values, 0.0)
    squares *= squares
    return np.asarray(np.sqrt(squares.sum(0) / np.maximum(known.sum(0), 1)))
