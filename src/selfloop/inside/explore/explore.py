"""`selfloop.explore(model, sequence)`: look inside a model while it reads a sequence."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np

from selfloop.checked import whole_number
from selfloop.data import Missing, Sequences, time_text
from selfloop.data.zones import Zone
from selfloop.inside.explore.indicators import symbols_of
from selfloop.inside.explore.shown_steps import Part, choose
from selfloop.inside.explore.subjects import Case, case_of
from selfloop.inside.explore.text import facts_of, headline
from selfloop.inside.explore.view import Explorer
from selfloop.results.array import Array
from selfloop.results.exploration import Exploration


def explore(
    model: Any,
    sequence: Any,
    *,
    sequence_id: str | None = None,
    against: Sequence[Any] = (),
    first: int | None = None,
    steps: int | None = None,
    missing: Missing = "error",
    axes: str | None = None,
) -> Explorer:
    """Step through what a trained model does on a sequence: every gate, state, gradient and answer.

    In a notebook the result shows itself (with `pip install selfloop[notebook]`); `.to_html(path)` writes one file
    that needs nothing else.

    Args:
        model: a model that `selfloop compare` saved (a path, or a `Predictor` such as `Study.best_recurrent`), or one
            RNN, LSTM or GRU layer of `torch.nn` or `selfloop.nn`.
        sequence: anything that the model predicts on; for a layer, one array (steps, channels) as it is fed.
        sequence_id: which sequence of the data; the first one if left out.
        against: more models of the same task, shown beside it on the same steps.
        first: the first step shown, from 1; left out, the end of a sequence that is too long to be shown whole.
        steps: how many are shown; left out, as many as keep the page under 2 MB.
        missing: what to do about missing values.
        axes: of arrays, where their shape and the number of channels do not decide: "cases,steps,channels".

    Raises:
        SettingsError: the model has no recurrent layer, or there are no such steps.
        DataError: the data have other columns, or no such sequence.
        ModelFileError: the path is not one of a model.
    """
    exploration = exploration_of(
        model,
        sequence,
        sequence_id=sequence_id,
        against=against,
        first=first,
        steps=steps,
        missing=missing,
        axes=axes,
    )
    if importlib.util.find_spec("anywidget") is None:
        return Explorer(exploration)
    from selfloop.inside.explore.widget import ExplorerWidget

    return ExplorerWidget(exploration)


def exploration_of(
    model: Any,
    sequence: Any,
    *,
    sequence_id: str | None = None,
    against: Sequence[Any] = (),
    first: int | None = None,
    steps: int | None = None,
    missing: Missing = "error",
    axes: str | None = None,
) -> Exploration:
    """What `explore` shows, as data; errors are the same.

    Args:
        model: as `explore` takes it, and so are all others.
        sequence: to read.
        sequence_id: of a table with several.
        against: models beside it.
        first: step that is shown first.
        steps: how many are shown.
        missing: what is done about missing values.
        axes: of arrays.
    """
    first = None if first is None else whole_number("first", first, least=0)
    steps = None if steps is None else whole_number("steps", steps, least=0)
    case = case_of([model, *against], sequence, sequence_id, missing, axes)
    return shown(case, part_of(case, first, steps))


def part_of(case: Case, first: int | None = None, steps: int | None = None, *, beside: int = 0) -> Part:
    """Which steps are shown.

    Args:
        case: models and what they read.
        first: as `explore` takes it.
        steps: the same.
        beside: bytes that the page needs for other things.
    """
    weights = [subject.weigh() for subject in case.subjects]
    return choose(
        len(case.data.values),
        first=first,
        steps=steps,
        fixed=beside + sum(fixed for fixed, _ in weights),
        each=sum(each for _, each in weights) + 8 * case.data.values.shape[1],
        edges=tuple(sorted({edge for subject in case.subjects for edge in subject.edges})),
    )


def shown(case: Case, part: Part) -> Exploration:
    """A case on the steps of a part."""
    models = tuple(traced for subject in case.subjects for traced in subject.trace(part))
    data, answering = case.data, case.subjects[0].answering
    view, symbols = None if answering is None else answering.view, data.symbols
    truths = None if view is None else view.truths
    numbers = [k for k in range(len(data.channels)) if not (symbols and symbols[k])]
    return Exploration(
        data=data.name,
        sequence=data.ids[0],
        headline=headline(case, part, models),
        facts=facts_of(case, part),
        models=models,
        raw_names=tuple(data.channels[k] for k in numbers),
        raw=Array.of(data.values[part.first : part.stop, numbers]),
        time=_labels(data, part),
        first_step=part.first,
        total_steps=len(data.values),
        target_class=None if view is None else view.truth,
        targets=None if answering is None else answering.truth(part),
        asked="end" if view is None else view.asked,
        symbols=symbols_of(data)[part.first : part.stop],
        true_classes=() if truths is None else tuple(truths[part.first : part.stop].tolist()),
    )


def _labels(data: Sequences, part: Part) -> tuple[str, ...]:
    """A label for each step: its time, and its symbols."""
    times = _times(data.time, data.zone, part)
    columns = [(names, data.values[part.first : part.stop, k]) for k, names in enumerate(data.symbols) if names]
    if not columns:
        return times
    said = [
        ", ".join(each) for each in zip(*([names[int(v)] for v in values] for names, values in columns), strict=True)
    ]
    return tuple(f"{time}: {each}" for time, each in zip(times, said, strict=True)) if times else tuple(said)


def _times(time: Any, zone: Zone | None, part: Part) -> tuple[str, ...]:
    """A label for each step, without what is the same for all: no clock on days."""
    if time is None:
        return ()
    rows = time[part.first : part.stop]
    if zone is not None and not zone.local:
        return tuple(each.replace("T", " ") for each in time_text(rows, zone=zone))
    if not np.issubdtype(rows.dtype, np.datetime64):
        return tuple(str(each) for each in rows)
    for unit, cut in (("D", 10), ("m", 16), ("s", 19)):
        if (rows == rows.astype(f"datetime64[{unit}]")).all():
            return tuple(str(each)[:cut].replace("T", " ") for each in rows.astype("datetime64[s]"))
    return tuple(str(each).replace("T", " ") for each in rows)
