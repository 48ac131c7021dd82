"""What a verdict must say of how the networks were trained: ended too early, or worse than where they began."""

from __future__ import annotations

from collections.abc import Sequence

from selfloop.results.scores import score_of
from selfloop.results.study import Candidate, Metric, Trial
from selfloop.words import count, listed

WORSE = 1.1  # times the error of a network's own start: told


def of_training(trials: Sequence[Trial], candidates: Sequence[Candidate], metric: Metric) -> tuple[str, ...]:
    """A sentence for each.

    Args:
        trials: of the study.
        candidates: what was compared.
        metric: that decides.
    """
    capped = _counted(candidates, trials, [trial for trial in trials if trial.capped])
    worse = _counted(candidates, trials, [trial for trial in trials if _lost(trial, metric)])
    said = []
    if capped:
        said.append(
            f"Training was still getting better when its epochs ended: in {capped}. More --epochs may do better."
        )
    if worse:
        said.append(
            "Training made the test part worse than the answer that the network starts from, by over a tenth of the "
            f"error: in {worse}."
        )
    return (*said, *_copied(trials), *_thinned(trials))


def _copied(trials: Sequence[Trial]) -> list[str]:
    """Of entries that answer one number where several are asked for."""
    copies = {trial.candidate: trial.settings["copies"] for trial in trials if "copies" in trial.settings}
    return [
        f"{name} answers one number at a time: {count} copies of it learnt, one a number."
        for name, count in copies.items()
    ]


def _thinned(trials: Sequence[Trial]) -> list[str]:
    """Of entries that were handed a part of what there is to learn from."""
    most: dict[str, int] = {}
    for trial in trials:
        if "examples" in trial.settings:
            most[trial.candidate] = max(most.get(trial.candidate, 0), int(trial.settings["examples"] or 0))
    return [f"{name} learnt from {found:,} steps at most, evenly thinned out of more." for name, found in most.items()]


def _lost(trial: Trial, metric: Metric) -> bool:
    score = score_of(trial, metric.name)
    known = trial.start is not None and score is not None and metric.lower_is_better
    return known and score is not None and trial.start is not None and score > WORSE * trial.start


def _counted(candidates: Sequence[Candidate], trials: Sequence[Trial], some: Sequence[Trial]) -> str:
    """ "2 of 15 runs of the LSTM and 1 of 15 runs of the GRU"; nothing for none."""
    parts = []
    for candidate in candidates:
        found = sum(trial.candidate == candidate.name for trial in some)
        runs = sum(trial.candidate == candidate.name for trial in trials)
        if found:
            parts.append(f"{found} of {count(runs, 'run')} of the {candidate.label}")
    return listed(parts) if parts else ""
