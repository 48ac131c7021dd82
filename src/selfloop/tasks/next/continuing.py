"""A model goes on by itself: each symbol or frame that is drawn is the next thing that it reads, its state carried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np

from selfloop.data.sequences import Floats
from selfloop.data.texts import words_of
from selfloop.errors import SettingsError
from selfloop.tasks.continuation import Continuation, Continued
from selfloop.tasks.model import Signature
from selfloop.tasks.next.pipeline import NextPipeline
from selfloop.tasks.next.sampling import Sampler
from selfloop.tasks.vocabulary import UNKNOWN
from selfloop.words import listed

NEW_LINE = "\n"
CLOSING = frozenset(".,;:!?)]}’”…%\n")
"""Words that are written without a space before them."""


@runtime_checkable
class Walks(Protocol):
    """A model that reads step by step."""

    @property
    def pipeline(self) -> NextPipeline:
        """What stands around it."""
        ...

    def walk(self) -> Callable[[Floats], Floats]:
        """Takes (T, I) inputs that follow those before, and gives (K,) what it says after the last."""
        ...


def continued(model: Any, signature: Signature, asked: Continuation) -> Continued:
    """See `Task.continued`."""
    sampler, rng = Sampler(asked.temperature, asked.top_k, asked.top_p), np.random.default_rng(asked.seed)
    assert isinstance(model, Walks), "every model of this task does"
    pipeline = model.pipeline
    if pipeline.target is None:
        if asked.prompt:
            raise SettingsError("a prompt is text, and this model makes frames, from silence on: leave --prompt out.")
        sampler.draw_on(np.full(1, 0.5), np.random.default_rng(0))  # refuses before anything is made
        return Continued("", (), frames(model, sampler, rng), signature.channels)
    others = [name for k, name in enumerate(signature.channels) if k != pipeline.target]
    others += ["the time between steps"] if pipeline.gap is not None else []
    if others:
        raise SettingsError(
            f"this model also reads {listed(others)}, which nobody knows of symbols that are made up; expected a model "
            f"of {signature.channels[pipeline.target]} alone: compare on that column alone to have one."
        )
    names = pipeline.names[1:]
    start = split(asked.prompt, names) or [usual_start(names)]
    known = set(names)
    unknown = tuple(dict.fromkeys(each for each in start if each not in known))
    return Continued(asked.prompt, unknown, _texts(model, start, sampler, rng, bool(asked.prompt)))


def are_letters(names: tuple[str, ...]) -> bool:
    """Whether symbols are single characters, which are written without a space between them."""
    return all(len(name) == 1 for name in names)


def split(text: str, names: tuple[str, ...]) -> list[str]:
    """A text as symbols: its characters, the parts between its spaces where these are known, or else its words."""
    if are_letters(names):
        return list(text)
    parts = text.split()
    return parts if set(parts) <= set(names) else words_of(text)


def usual_start(names: tuple[str, ...]) -> str:
    """What is read where there is no prompt: a new line where the model knows one, else its first symbol."""
    return "\n" if "\n" in names else names[0]


def symbols(model: Walks, start: list[str], sampler: Sampler, rng: np.random.Generator) -> Iterator[int]:
    """Places among the pipeline's names, without an end; what is unknown is never drawn.

    Args:
        model: says what comes next.
        start: symbols that it reads before.
        sampler: how boldly is drawn.
        rng: draws.
    """
    walk, names = model.walk(), model.pipeline.names
    rows = {name: row for row, name in enumerate(names[1:], start=UNKNOWN + 1)}
    inputs = np.array([[rows.get(name, UNKNOWN)] for name in start], dtype=np.float64)
    while True:
        place = sampler.draw(_among_known(walk(inputs), len(names)), rng)
        yield place
        inputs = np.array([[place + UNKNOWN]], dtype=np.float64)


def frames(model: Walks, sampler: Sampler, rng: np.random.Generator) -> Iterator[Floats]:
    """(channels,) frames, without an end, from one where all is off."""
    walk, frame = model.walk(), np.zeros(model.pipeline.size)
    while True:
        frame = sampler.draw_on(walk(frame[None]), rng)
        yield frame


def _texts(model: Walks, start: list[str], sampler: Sampler, rng: np.random.Generator, goes_on: bool) -> Iterator[str]:
    """Symbols as they are written behind each other; the first one behind the prompt where there is one."""
    names = model.pipeline.names
    letters = are_letters(names[1:])
    last = start[-1] if goes_on else NEW_LINE
    for place in symbols(model, start, sampler, rng):
        name = names[place]
        yield name if letters or last == NEW_LINE or name in CLOSING else f" {name}"
        last = name


def _among_known(probabilities: Floats, known: int) -> Floats:
    """Without what is unknown, and without what a network has an answer for and no name."""
    kept = probabilities.copy()
    kept[0] = kept[known:] = 0.0
    return np.asarray(kept / kept.sum())
