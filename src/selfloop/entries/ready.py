"""Rivals by name: of other packages, there as soon as the package is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from selfloop.data.sequences import Floats
from selfloop.errors import SettingsError


@dataclass(frozen=True)
class Ready:
    """A candidate of another package.

    Attributes:
        label: as people write it.
        package: to import, and to install.
        values: makes an estimator that answers numbers; None: it does not.
        classes: makes one that answers classes; None: it does not.
        reads: the form in which it wants the data; None: the task's usual one.
    """

    label: str
    package: str
    values: Callable[[], Any] | None = None
    classes: Callable[[], Any] | None = None
    reads: str | None = None

    def maker(self, name: str, *, classes: bool) -> Callable[[], Any]:
        """What makes a new one for such answers.

        Raises:
            SettingsError: its package is not installed, or it gives no such answers.
        """
        if find_spec(self.package) is None:
            raise SettingsError(f"candidate {name!r} needs the package {self.package}: pip install {self.package}.")
        make = self.classes if classes else self.values
        if make is None:
            answers, asked = ("numbers", "classes") if classes else ("classes", "numbers")
            raise SettingsError(
                f"candidate {name!r} answers {answers}, and this task asks for {asked}; leave it out of --candidates."
            )
        return make


class SeriesForecaster:
    """A model of statsforecast for each series: fitted once, then applied to each history as it is.

    Attributes:
        kind: name of its class in `statsforecast.models`.
        horizon: steps ahead.
        season: steps in a season.
    """

    def __init__(self, kind: str, horizon: int = 1, season: int = 1) -> None:
        self.kind, self.horizon, self.season = kind, horizon, season
        self._fitted: dict[str, Any] = {}

    def fit(self, histories: Sequence[Any]) -> SeriesForecaster:
        """On (name, values) of each series."""
        from statsforecast import models

        for name, values in histories:
            self._fitted[name] = getattr(models, self.kind)(season_length=self.season).fit(values)
        return self

    def predict(self, histories: Sequence[Any]) -> Floats:
        """(histories, horizon) what follows each."""
        return np.array([self._fitted[name].forward(values, self.horizon)["mean"] for name, values in histories])


def _boosted(kind: str) -> Any:
    import lightgbm

    return getattr(lightgbm, kind)(n_jobs=1, verbose=-1)


def _rocket() -> Any:
    from aeon.classification.convolution_based import MiniRocketClassifier

    return MiniRocketClassifier(n_jobs=1)


READY: dict[str, Ready] = {
    "lightgbm": Ready("LightGBM", "lightgbm", partial(_boosted, "LGBMRegressor"), partial(_boosted, "LGBMClassifier")),
    "minirocket": Ready("MiniRocket", "aeon", None, _rocket, "arrays"),
    "autoets": Ready("AutoETS", "statsforecast", partial(SeriesForecaster, "AutoETS"), None, "histories"),
    "autotheta": Ready("AutoTheta", "statsforecast", partial(SeriesForecaster, "AutoTheta"), None, "histories"),
}
