"""The table of tasks. One row each; the first that suits the data is taken where the user names none."""

from __future__ import annotations

from selfloop.data.sequences import Sequences
from selfloop.errors import SettingsError
from selfloop.tasks.classify.task import Classify
from selfloop.tasks.forecast.task import Forecast
from selfloop.tasks.model import Baseline, Fields, read_fields
from selfloop.tasks.next.task import Next
from selfloop.tasks.regress.task import Regress
from selfloop.tasks.tag.task import Tag
from selfloop.tasks.task import Task
from selfloop.voice import WORDS

TASKS: dict[str, type[Task]] = {task.name: task for task in (Next, Forecast, Regress, Classify, Tag)}
ADDED: list[tuple[str, Baseline]] = []  # what a worker process has to be told of
WORDS["task"] = TASKS


def register(task: type[Task]) -> type[Task]:
    """Add a task of one's own; usable as a decorator.

    Raises:
        SettingsError: there is one of that name.
    """
    if TASKS.get(task.name, task) is not task:
        raise SettingsError(f"task {task.name!r} is there already; expected a name of its own.")
    TASKS[task.name] = task
    return task


def add_baseline(name: str, row: Baseline) -> None:
    """Add a baseline of one's own to a task: from then on every study of it takes it in.

    Args:
        name: of the task.
        row: unlike every other's in name.

    Raises:
        SettingsError: there is no such task, or it has a baseline of that name.
    """
    if name not in TASKS:
        raise SettingsError(f"task is {name!r}; expected {' or '.join(TASKS)}.")
    task = TASKS[name]
    known = {each.name: each for each in task.baselines}
    if known.get(row.name, row) != row:
        raise SettingsError(f"task {name!r} has a baseline {row.name!r} already; expected a name of its own.")
    if row.name not in known:
        task.baselines = (*task.baselines, row)
        ADDED.append((name, row))


def task_for(data: Sequences, name: str | None) -> tuple[type[Task], str]:
    """The task that was asked for, or the one that suits the data; and why.

    Raises:
        SettingsError: there is no such task, or none suits.
    """
    if name is not None:
        if name not in TASKS:
            raise SettingsError(f"task is {name!r}; expected {' or '.join(TASKS)}.")
        return TASKS[name], "as asked"
    for task in TASKS.values():
        why = task.suits(data)
        if why is not None:
            return task, why
    raise SettingsError(f"no task suits {data.name}; name one with --task: {', '.join(TASKS)}.")


def restored(name: str, fields: Fields) -> Task:
    """A task as a model file describes it.

    Raises:
        KeyError, ValueError: there is no such task, or it cannot be set so.
    """
    kind = TASKS[name]
    return read_fields({field: fields[field] for field in kind.settings if field in fields}, kind)
