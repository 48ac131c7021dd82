"""Who takes part: the recurrent networks that were asked for, and the task's baselines that they have to beat."""

from __future__ import annotations

from dataclasses import replace

from selfloop.errors import SettingsError, nearest
from selfloop.kinds import default_kinds, kinds
from selfloop.results.study import Candidate
from selfloop.tasks.task import Task


def candidates(task: Task, wanted: tuple[str, ...]) -> tuple[Candidate, ...]:
    """The networks named, and all baselines that apply.

    Args:
        task: as it is set.
        wanted: names of recurrent candidates.

    Raises:
        SettingsError: an unknown name, or none.
    """
    labels = {kind.name: kind.label for kind in kinds() if kind.any_size}
    usual = ", ".join(kind.name for kind in default_kinds())
    for name in wanted:
        if name not in labels:
            raise SettingsError(f"candidate {name!r} is unknown; expected some of {usual}. {nearest(name, labels)}")
    if not wanted:
        raise SettingsError(f"no candidate is named; expected some of {usual}: leave --candidates out for all three.")
    streams = task.direction == "one"
    chosen = tuple(Candidate(n, label, "recurrent", streams) for n, label in labels.items() if n in wanted)
    rows = [row for row in task.baselines if row.applies(task)]
    return chosen + tuple(replace(row.candidate, streams=row.streams and not row.looks_ahead(task)) for row in rows)


def naive_names(task: Task) -> tuple[str, ...]:
    """The baselines that nobody should do worse than."""
    return tuple(row.name for row in task.baselines if row.naive)


def is_trained(task: Task, name: str) -> bool:
    """Whether a candidate is trained by the loop, with seeds; a closed form has nothing to draw."""
    return next((row.trained for row in task.baselines if row.name == name), True)
