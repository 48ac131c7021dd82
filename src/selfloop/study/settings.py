"""Everything a user may set for a study; two studies with equal settings and equal data are the same study."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, get_args

from selfloop.checked import decimal, decimals, names, whole_number
from selfloop.errors import SettingsError
from selfloop.kinds import cell_name, default_kinds
from selfloop.results.study import Setting
from selfloop.tasks.asked import Asked, Direction, Pool, Short
from selfloop.tasks.registry import TASKS
from selfloop.train.budget import Scheme

Treatment = Literal["each", "first"]


def usual_candidates() -> tuple[str, ...]:
    """The recurrent networks that are compared where nobody names any."""
    return tuple(kind.name for kind in default_kinds())


@dataclass(frozen=True)
class Settings:
    """None means: inferred from the data, or the task's default."""

    task: str | None = None
    candidates: tuple[str, ...] = field(default_factory=usual_candidates)
    entries: tuple[Any, ...] = ()  # the user's own candidates, as they gave them
    horizon: int | None = None
    season: int | None = None
    direction: Direction | None = None
    pool: Pool | None = None
    folds: int | None = None
    seeds: int = 3
    params: int | None = None  # parameters that each recurrent candidate should have
    layers: int = 1
    init: Scheme = "chrono"
    window: int | None = None  # steps the feed-forward network sees; None: chosen on validation
    learning_rates: tuple[float, ...] = (1e-3, 3e-3, 1e-2)
    epochs: int | None = None
    patience: int | None = None
    dropout: float | None = None  # share that is left out at random in training
    treatment: Treatment = "first"  # on which folds it is chosen how the data are shown: each, or the first for all
    validation: float = 0.2  # share of each training part that choices are made on
    metric: str | None = None  # that decides
    margin: float | None = None  # difference that matters: a share of the error
    short: Short | None = None

    def __post_init__(self) -> None:
        """Refuse what can be refused without data."""
        choices = {"task": TASKS, "direction": get_args(Direction), "pool": get_args(Pool), "init": get_args(Scheme)}
        choices |= {"short": get_args(Short), "treatment": get_args(Treatment)}
        for name, known in choices.items():
            value = getattr(self, name)
            if value is not None and not (isinstance(value, str) and value in known):
                raise SettingsError(f"{name} is {value!r}; expected {' or '.join(known)}.")
        self._convert()
        if self.margin is not None and not 0 < self.margin < 1:
            raise SettingsError(f"margin is {self.margin:g}; expected a share between 0 and 1, such as 0.03 for 3 %.")
        if not 0 < self.validation <= 0.5:
            raise SettingsError(f"validation is {self.validation:g}; expected a share above 0, up to 0.5.")
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise SettingsError(
                f"dropout is {self.dropout:g}; expected a share from 0 to below 1. Give another --dropout."
            )
        if not self.learning_rates or not all(0 < rate < math.inf for rate in self.learning_rates):
            raise SettingsError(f"learning rates are {self.learning_rates}; expected one or more finite ones above 0.")

    def _convert(self) -> None:
        """What means the same in another type: NumPy's 3, 7.0 for 7, one name for a list of one."""
        readers: dict[Callable[[str, Any], object], tuple[str, ...]] = {
            whole_number: ("horizon", "season", "folds", "seeds", "params", "layers", "window", "epochs", "patience"),
            decimal: ("validation", "margin", "dropout"),
            decimals: ("learning_rates",),
            _cells: ("candidates",),
        }
        optional = {each.name for each in fields(self) if each.default is None}
        for read, settings in readers.items():
            for name in settings:
                value = getattr(self, name)
                if value is not None or name not in optional:
                    object.__setattr__(self, name, read(name, value))

    @property
    def asked(self) -> Asked:
        """What of it is the task's."""
        return Asked(self.horizon, self.season, self.direction, self.pool, self.folds, self.validation, self.short)

    def recorded(self) -> dict[str, Setting]:
        """As JSON and the report hold them."""
        plain = asdict(replace(self, entries=()))  # which an experiment names
        del plain["entries"]
        return {k: ",".join(map(str, v)) if isinstance(v, tuple) else v for k, v in plain.items()}


def _cells(name: str, value: Any) -> tuple[str, ...]:
    """Names of candidates; a cell's may have hyphens in the place of underscores."""
    return tuple(map(cell_name, names(name, value)))
