"""The frozen dataclasses that packages exchange, and their JSON. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeVar

from selfloop.errors import StudyError

Family = Literal["recurrent", "baseline", "entry"]
Status = Literal["ok", "diverged", "failed"]
Setting = str | int | float | bool | None
"""A value that a user can set or that validation chose; JSON as it stands."""


@dataclass(frozen=True)
class Metric:
    """How a score is read. The first metric of a task decides; the others are shown."""

    name: str  # lower case, as in results.csv: "mase"
    label: str  # as people write it: "MASE"
    lower_is_better: bool
    meaning: str  # one line for the report
    effect: Literal["ratio", "difference"] = "ratio"  # how two scores are compared; shares of cases by difference


@dataclass(frozen=True)
class Candidate:
    """Something that is trained and compared."""

    name: str  # "lstm", "ridge_ar": as in results.csv and on the command line
    label: str  # "LSTM", "ridge autoregression"
    family: Family
    streams: bool  # can answer after every new step, from its state alone
    saved: bool = True  # whether a model file can hold it; no file can hold an entry of the user's own


@dataclass(frozen=True)
class Curve:
    """Losses of one training run, an entry an epoch; epoch 0 is before the first update."""

    train: tuple[float | None, ...]  # None: not finite
    valid: tuple[float | None, ...]
    best_epoch: int


@dataclass(frozen=True)
class Trial:
    """One candidate, trained on one fold with one seed."""

    candidate: str
    fold: int
    seed: int
    status: Status
    metrics: dict[str, float]  # by Metric.name; empty when diverged or failed
    parameters: int | None  # None: nobody knows, of an entry of the user's own
    operations: (
        int | None
    )  # multiply-adds for one new step: the cost measure, the same on every machine; None: not known
    train_seconds: float  # of processor time, of the run that was kept
    step_microseconds: float | None  # None: not measured
    settings: dict[str, Setting]  # what validation chose: learning_rate, epochs, hidden_size, window, ...
    curve: Curve | None = None  # None for a closed-form fit
    search_seconds: float = 0.0  # of what was tried besides, to choose its settings
    start: float | None = None  # on the deciding metric, of the network before training, where that is a forecast
    capped: bool = False  # whether training ended at its most epochs, not by patience
    failure: str = ""  # the error of an entry of the user's own, in one line; empty unless the status is "failed"


@dataclass(frozen=True)
class Row:
    """One line of the leaderboard: means over folds of means over seeds."""

    candidate: Candidate
    score: float | None  # of the task's first metric; None: every trial diverged or failed
    spread: float | None  # standard deviation over folds (None: one fold)
    metrics: dict[str, float]
    relative: dict[str, float]  # each metric against the best naive baseline's, as `Metric.effect` says
    parameters: int | None  # None: not known
    operations: int | None
    train_seconds: float  # of processor time, for one run
    search_seconds: float  # the same, for all that was tried on a fold to choose its settings
    step_microseconds: float | None
    trials: int
    diverged: int
    failed: int = 0  # trials of an entry of the user's own that ended with an error
    failure: str = ""  # the first of these errors: "on fold 2: ValueError: ..."

    @property
    def unscored(self) -> int:
        """Trials without a score."""
        return self.diverged + self.failed


@dataclass(frozen=True)
class Claim:
    """What the evidence says about the pick against one other candidate, on the first metric.

    `effect`, `interval` and `smallest_detectable` are in one unit: ratios of scores (0.96 is 4 % lower), or
    differences (−0.04 is four percentage points lower), as `Metric.effect` says.
    """

    other: str  # Candidate.name
    outcome: Literal["better", "worse", "equivalent", "no difference found", "no claim"]
    scores: tuple[float, float] | None  # of the pick and of the other: means over the folds that both have
    effect: float | None  # the first of them against the second
    interval: tuple[float, float] | None  # 95 % interval of the effect
    p_value: float | None  # adjusted for the family, of the claim that was made or came nearest
    smallest_detectable: float | None  # difference that this study shows with 80 % power: 0.04 is 4 %, or 4 points
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """The pick, the claims, and both in words."""

    metric: Metric
    margin: float  # difference that matters: 0.03 is 3 %, or 3 points where scores are compared by difference
    pick: str  # Candidate.name
    best: str  # best mean score
    best_recurrent: str | None
    headline: str  # two sentences: which, by how much, how sure, at what cost
    pick_reason: str
    claims: tuple[Claim, ...]
    notes: tuple[str, ...]  # diverged runs, few folds, parameter gap, ...

    def __repr__(self) -> str:
        """In sentences."""
        return "\n".join((self.headline, self.pick_reason, *(f"· {claim.sentence}" for claim in self.claims)))


@dataclass(frozen=True)
class ForecastExample:
    """One series around the last test block: history, truth, and forecasts from a few origins."""

    series: str
    target: str
    time: tuple[str, ...]  # a label a step, ISO 8601 where the data have dates
    truth: tuple[float, ...]
    origins: tuple[int, ...]  # index into `time` of the last known step of each drawn forecast
    forecasts: dict[str, tuple[tuple[float, ...], ...]]  # candidate -> a path per origin, `horizon` long
    intervals: dict[str, dict[str, tuple[tuple[float, float], ...]]]
    # candidate -> level ("80", "95") -> (lower, upper) per step of the last origin


@dataclass(frozen=True)
class Coverage:
    """Share of test values inside the split-conformal intervals, and the intervals' mean width."""

    candidate: str
    level: float  # 0.8
    covered: float
    width: float


@dataclass(frozen=True)
class Confusion:
    """Counts of true (row) against predicted (column) classes, summed over folds, averaged over finished runs."""

    candidate: str
    classes: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Sample:
    """A text that a candidate made by itself."""

    candidate: str  # Candidate.name
    text: str
    temperature: float  # that it was drawn at


@dataclass(frozen=True)
class Evidence:
    """What a task shows beside scores; empty where it has nothing of the kind."""

    examples: tuple[ForecastExample, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    notes: tuple[str, ...] = ()  # what the verdict must say of it
    sample: Sample | None = None


@dataclass(frozen=True)
class TaskWords:
    """A task as report and terminal name it."""

    title: str  # "Forecast of OT"
    target: str  # what is answered: the name of a column, or "label"
    file: str  # that predictions go to: "forecasts.csv"
    writes: str  # what is in it, one sentence
    unit: str = ""  # that widths of intervals are in; empty: the unit of the target


@dataclass(frozen=True)
class DataSummary:
    """What was read, in numbers and in the line that the user saw."""

    name: str
    sequences: int
    steps: int  # over all sequences
    shortest: int
    longest: int
    channels: tuple[str, ...]
    target: str
    fingerprint: str  # SHA-256 of the values: the same data or not
    reading: str  # "using time=date, target=OT; ignoring ..."


@dataclass(frozen=True)
class StudyResult:
    """Everything that a comparison found: enough to write its report, with no access to data or models."""

    task: str
    words: TaskWords
    data: DataSummary
    metrics: tuple[Metric, ...]  # the first decides
    candidates: tuple[Candidate, ...]
    folds: int
    seeds: int
    fold_text: str  # "10 expanding windows of 120 months, each 109 forecasts of 12 steps"
    choices: tuple[str, ...]  # what was inferred or chosen, a sentence each
    trials: tuple[Trial, ...]
    leaderboard: tuple[Row, ...]  # best first
    verdict: Verdict
    settings: dict[str, Setting]  # every setting of the study, defaults included
    command: str  # repeats the study
    versions: dict[str, str]
    seconds: float  # of processor time, over all sessions: choices, trials, and the models at the end
    examples: tuple[ForecastExample, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    sample: Sample | None = None
    models: dict[str, str] = field(default_factory=dict)  # "pick", "best_recurrent" -> file name
    remarks: tuple[str, ...] = ()  # what a user must know of the models

    def __repr__(self) -> str:
        """What was compared, and what was picked: all of it would be some megabytes."""
        names = ", ".join(candidate.name for candidate in self.candidates)
        return (
            f"StudyResult({self.words.title}, {self.data.name}: {names} on {self.folds} folds with {self.seeds} seeds; "
            f"the pick is {self.verdict.pick})"
        )


R = TypeVar("R")


def to_json(result: object) -> bytes:
    """Any of the dataclasses above as JSON, keys in the order of their definition."""
    import msgspec  # imported here: gates and results must load where only NumPy is installed

    return msgspec.json.encode(result)


def from_json(text: bytes | str, kind: type[R]) -> R:
    """The inverse of `to_json`.

    Raises:
        StudyError: the text is not JSON of that dataclass.
    """
    import msgspec

    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise StudyError(
            f"A stored {kind.__name__} cannot be read ({error}); delete the folder and run again."
        ) from error
