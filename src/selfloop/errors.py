"""What selfloop says when something is wrong: what, expected, got, remedy, in one sentence."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from inspect import signature

from selfloop.voice import spoken


class SelfloopError(Exception):
    """Base of everything that selfloop raises on purpose; the command line prints it and exits with code 2.

    Messages name settings by their flags; whoever did not write a command line reads arguments instead.
    """

    def __str__(self) -> str:
        """The message, for its reader."""
        return spoken(super().__str__())


class DataError(SelfloopError, ValueError):
    """The user's data cannot be used as they are."""


class SettingsError(SelfloopError, ValueError):
    """A setting, alone or with the data, makes no sense."""


class StudyError(SelfloopError, RuntimeError):
    """A study's folder cannot be used: it belongs to another study, or is damaged."""


class EntryError(SelfloopError, ValueError):
    """An entry of the user's own does not answer what a study asks; it fails alone, and the study goes on."""


class ModelFileError(SelfloopError, ValueError):
    """A file is not a selfloop model, or does not fit the data it is asked about."""


class ShapeError(SelfloopError, ValueError):
    """A tensor does not fit the weights, the states or the other tensors that it is used with."""


class TraceError(SelfloopError, RuntimeError):
    """What is asked of a trace was not recorded, or there are several of it."""


class NativeModuleError(SelfloopError, ImportError):
    """The native module has not been built, or cannot run on this processor as it was asked to."""


class AgreementError(SelfloopError, ArithmeticError):
    """Two computations that should give the same do not: nothing that hangs on them was measured."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy that names the closest known name, or lists what there is."""
    options = list(known)
    lower = [option.lower() for option in options]  # "ot" is near "OT"
    close = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
    if close:
        return f"Did you mean {options[lower.index(close[0])]!r}?"
    return f"There is: {', '.join(options)}." if options else "There is none."


def refuse_unknown(function: Callable[..., object], given: Iterable[str]) -> None:
    """Raise where a keyword was given that a function does not take.

    Raises:
        SettingsError: one was; the message names the nearest that there is.
    """
    for name in given:
        known = [each.name for each in signature(function).parameters.values() if each.kind is each.KEYWORD_ONLY]
        raise SettingsError(f"{function.__name__} takes no {name!r}. {nearest(name, known)}")
