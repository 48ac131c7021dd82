"""What the page says before anything is touched: the message, and small print beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from selfloop.inside.explore.shown_steps import Part
from selfloop.inside.explore.subject import Subject
from selfloop.inside.explore.subjects import Case
from selfloop.results.exploration import TracedModel
from selfloop.words import listed, three

BOTH = "it reads in both directions: shown is the forward one, and the answer needs both"


def headline(case: Case, part: Part, models: Sequence[TracedModel]) -> str:
    """One sentence, from the models' own answers."""
    answering = [model for model in models if model.answers is not None and model.head is not None]
    if not answering:
        label = models[0].label
        return f"What this {label} carries from step to step, and what each gate keeps and throws away."
    if case.task == "classify":
        return _classified(case, part, answering)
    return _forecast(case, part, answering)


def facts_of(case: Case, part: Part) -> tuple[str, ...]:
    """Short remarks."""
    said = [case.place] if case.place else []
    said += [f"{_size(subject)}" for subject in case.subjects[:1]]
    if any(subject.both for subject in case.subjects):
        said.append(BOTH)
    if part.steps < len(case.data.values):
        said.append("as many steps as keep the page small, with the states that the whole sequence led to")
    return tuple(said)


def _size(subject: Subject) -> str:
    count, units = len(subject.layers), subject.layers[0].hidden_size
    return f"{units} hidden units" + (f" in each of {count} layers" if count > 1 else "")


def _classified(case: Case, part: Part, models: Sequence[TracedModel]) -> str:
    truth, whole = case.data.labels, part.stop == len(case.data.values)
    when = f"After all {part.stop:,} steps" if whole else f"After {part.stop:,} steps"
    if part.stop == 1:
        when = "After its one step"
    answers = [model.answers.numpy()[-1] for model in models if model.answers is not None]
    labels = models[0].head.labels if models[0].head else ()
    if truth is not None:
        right = int(truth[0])
        parts = listed([f"this {m.label} {_percent(a[right])}" for m, a in zip(models, answers, strict=True)])
        return f"{when} of sequence {case.data.ids[0]}, the probability of its true class, {labels[right]}: {parts}."
    parts = listed(
        [
            f"this {m.label} says {labels[int(a.argmax())]} ({_percent(a.max())})"
            for m, a in zip(models, answers, strict=True)
        ]
    )
    return f"{when} of sequence {case.data.ids[0]}, {parts}; its true class is not known."


def _percent(share: float) -> str:
    if not np.isfinite(share):
        return "NaN"
    shown = f"{100 * share:.0f} %"
    return {"0 %": "under 1 %", "100 %": "over 99 %"}.get(shown, shown) if share not in (0.0, 1.0) else shown


def _forecast(case: Case, part: Part, models: Sequence[TracedModel]) -> str:
    target, now = case.data.channels[0], case.data.values[part.stop - 1, 0]
    ahead = len(models[0].head.labels) if models[0].head else 1
    answers = [model.answers.numpy()[-1] for model in models if model.answers is not None]
    parts = listed([f"this {m.label} forecasts {three(float(a[-1]))}" for m, a in zip(models, answers, strict=True)])
    horizon = "one step later" if ahead == 1 else f"{ahead} steps later"
    return f"At step {part.stop:,} {target} is {three(float(now))}; for {horizon}, {parts}."
