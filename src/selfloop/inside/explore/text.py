"""What the page says before anything is touched: the message, and small print beside it."""

from __future__ import annotations

from collections.abc import Sequence

from selfloop.inside.explore.shown_steps import Part
from selfloop.inside.explore.subject import Subject
from selfloop.inside.explore.subjects import Case
from selfloop.results.exploration import TracedModel
from selfloop.tasks.places import LONGEST

BOTH = "it reads in both directions: shown is the forward one; the other adds its part to the scores"


def headline(case: Case, part: Part, models: Sequence[TracedModel]) -> str:
    """One sentence, from the models' own answers."""
    answering = [model for model in models if model.answers is not None and model.head is not None]
    if not answering:
        label = models[0].label
        return f"What this {label} carries from step to step, and what each gate keeps and throws away."
    head = answering[0].head
    assert case.task is not None, "what answers does a task"
    assert head is not None, "what answers has a head"
    said = [(model.label, model.answers.numpy()[-1]) for model in answering if model.answers is not None]
    return case.task.headline(case.data, part.stop, head.labels, said)


def facts_of(case: Case, part: Part) -> tuple[str, ...]:
    """Short remarks."""
    said = [case.place] if case.place else []
    sizes = [_size(subject) for subject in case.subjects]
    alike = len(set(sizes)) == 1
    said += sizes[:1] if alike else [f"{s.label}: {size}" for s, size in zip(case.subjects, sizes, strict=True)]
    if any(subject.both for subject in case.subjects):
        said.append(BOTH)
    if part.steps < len(case.data.values):
        said.append(_part(case, part))
    return tuple(said)


def _part(case: Case, part: Part) -> str:
    """What a part is of its sequence, and whether its answers are those that a prediction gives."""
    answering = case.subjects[0].answering
    if answering is None or not answering.network.looks_ahead:
        return "a part, from the state that all steps before it led to" if part.first else "its first steps"
    stop = min(edge for edge in case.subjects[0].edges if edge > part.first)
    if part.stop < stop:
        return f"its answers are as if step {part.stop:,} were the last: a prediction reads on to step {stop:,}"
    return f"one piece: long sequences are read, and predicted, in pieces of at most {LONGEST} steps, each by itself"


def _size(subject: Subject) -> str:
    count, units = len(subject.layers), subject.layers[0].hidden_size
    return f"{units} hidden units" + (f" in each of {count} layers" if count > 1 else "")
