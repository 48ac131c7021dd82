"""What all estimators share: from settings and data to a predictor, and from that to one safe file, as in a pickle."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from selfloop.checked import whole_number
from selfloop.data import Sequences
from selfloop.errors import SettingsError
from selfloop.kinds.gru import GRU
from selfloop.models.predictor import Predictor
from selfloop.results.study import Trial
from selfloop.study.compare import compare
from selfloop.study.settings import Settings
from selfloop.study.single import fit_one
from selfloop.study.study import Study
from selfloop.train.saved import load_model
from selfloop.voice import spoken

COMPARE = "compare"
USUAL_CELL = GRU.name
ASKED = (
    "horizon", "season", "direction", "pool", "folds", "seeds", "params", "layers", "init", "learning_rates", "epochs",
    "patience", "validation", "short",
)  # fmt: skip
"""What a study and an estimator call by the same name."""
ROLES = ("id", "time", "target", "label", "inputs", "groups", "time_format", "timezone")
"""Columns of a frame, as `selfloop.data.load` names them."""
LARGEST_SEED = 2**31 - 1


class Estimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A task's models with `fit`; a further one names its task and says what X, y and answers are.

    Attributes:
        predictor_: the fitted model, as `selfloop.load_model` gives it.
        trial_: how its settings were chosen, and its scores on the part that they were chosen on; of one cell.
        study_: the comparison, with cell="compare"; a pickle keeps what it says, not its folder.
        n_features_in_: columns of a two-dimensional X, else channels.
    """

    task: ClassVar[str]

    predictor_: Predictor
    trial_: Trial
    study_: Study

    def _learn(self, data: Sequences) -> None:
        for earlier in ("predictor_", "trial_", "study_"):
            self.__dict__.pop(earlier, None)
        if not isinstance(self.cell, str):
            raise SettingsError(f"cell is {self.cell!r}; expected the name of a candidate, or {COMPARE!r}.")
        asked = {name: getattr(self, name) for name in ASKED if hasattr(self, name)}
        if self.cell == COMPARE:
            self._compare(data, asked)
        else:
            self._fit_one(data, Settings(task=self.task, **asked))

    def _compare(self, data: Sequences, asked: dict[str, Any]) -> None:
        if self.hidden_size is not None:
            raise SettingsError(
                f"hidden_size is {self.hidden_size!r} with cell={COMPARE!r}, where sizes are chosen together; expected "
                "None: give --params."
            )
        workers = 1 if self.n_jobs is None else None if self.n_jobs == -1 else whole_number("n_jobs", self.n_jobs)
        self.study_ = compare(data, task=self.task, workers=workers, progress=False, explain=False, **asked)
        self.predictor_ = self.study_.best

    def _fit_one(self, data: Sequences, settings: Settings) -> None:
        hidden = None if self.hidden_size is None else whole_number("hidden_size", self.hidden_size)
        found = fit_one(data, self.cell, settings, hidden_size=hidden, seed=seed_of(self.random_state))
        self.predictor_, self.trial_ = found.predictor, found.trial
        if found.remark:
            warnings.warn(spoken(found.remark), ConvergenceWarning, stacklevel=4)  # of the line that calls fit

    def _roles(self, **others: Any) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ROLES if hasattr(self, name)} | others

    def save(self, path: str | Path) -> Path:
        """Write the model as one safe file, which `selfloop.load_model` and the command line read."""
        check_is_fitted(self)
        return self.predictor_.save(path)

    def __sklearn_is_fitted__(self) -> bool:
        """Whether there is a model."""
        return hasattr(self, "predictor_")

    def __getstate__(self) -> dict[str, Any]:
        """With the bytes of the model's file in the place of the model."""
        state = dict(super().__getstate__())
        if "predictor_" in state:
            state["predictor_"] = _packed(state["predictor_"])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The inverse."""
        if "predictor_" in state:
            state = {**state, "predictor_": _unpacked(state["predictor_"])}
        super().__setstate__(state)


def seed_of(random_state: Any) -> int:
    """A whole number as it is; else one that scikit-learn's random state draws."""
    state = check_random_state(random_state)
    named = random_state is not None and random_state is not state
    return int(random_state) if named else int(state.randint(LARGEST_SEED))


def _packed(predictor: Predictor) -> bytes:
    with TemporaryDirectory() as folder:
        return predictor.save(Path(folder) / "model").read_bytes()


def _unpacked(raw: bytes) -> Predictor:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        path.write_bytes(raw)
        return load_model(path)
