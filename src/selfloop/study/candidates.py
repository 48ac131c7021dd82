"""Who takes part: the recurrent networks that were asked for, and the task's baselines that they have to beat."""

from __future__ import annotations

from dataclasses import replace

from selfloop.errors import SettingsError, nearest
from selfloop.kinds import default_kinds, kinds
from selfloop.results.study import Candidate
from selfloop.tasks.entry import Entry
from selfloop.tasks.task import Experiment, Task


def candidates(task: Task, wanted: tuple[str, ...], entries: tuple[Entry, ...] = ()) -> tuple[Candidate, ...]:
    """The networks named, the user's own entries, and all baselines that apply.

    Args:
        task: as it is set.
        wanted: names of recurrent candidates.
        entries: of the user's own.

    Raises:
        SettingsError: an unknown name, or none.
    """
    labels = {kind.name: kind.label for kind in kinds() if kind.any_size}
    usual = ", ".join(kind.name for kind in default_kinds())
    for name in wanted:
        if name not in labels:
            raise SettingsError(f"candidate {name!r} is unknown; expected some of {usual}. {nearest(name, labels)}")
    if not wanted and not entries:
        raise SettingsError(f"no candidate is named; expected some of {usual}: leave --candidates out for all three.")
    streams = task.direction == "one"
    chosen = tuple(Candidate(n, label, "recurrent", streams) for n, label in labels.items() if n in wanted)
    chosen += tuple(entry.candidate for entry in entries)
    rows = [row for row in task.baselines if row.applies(task)]
    return chosen + tuple(replace(row.candidate, streams=row.streams and not row.looks_ahead(task)) for row in rows)


def naive_names(task: Task) -> tuple[str, ...]:
    """The baselines that nobody should do worse than."""
    return tuple(row.name for row in task.baselines if row.naive)


def is_seeded(experiment: Experiment, name: str) -> bool:
    """Whether a candidate is run with every seed; where chance has no say, one run is all of them."""
    own = {entry.name: entry.seeded for entry in experiment.entries}
    trained = {row.name: row.trained for row in experiment.task.baselines}
    return {**trained, **own}.get(name, True)
