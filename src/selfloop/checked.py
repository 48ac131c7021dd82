"""Settings as people write them in Python, checked and converted: NumPy's numbers, 7.0 for 7, one name for a list."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from selfloop.errors import SettingsError

T = TypeVar("T")


def whole_number(name: str, value: Any, least: int = 1) -> int:
    """A whole number, of any library, or a decimal one that is whole.

    Raises:
        SettingsError: it is none, or too small.
    """
    number = _number(value)
    if number is None or not float(number).is_integer():
        raise SettingsError(
            f"{name} is {value!r}; expected a whole number, {least} or more. Give another {_flag(name)}."
        )
    if number < least:
        raise SettingsError(f"{name} is {int(number)}; expected {least} or more. Give another {_flag(name)}.")
    return int(number)


def decimal(name: str, value: Any) -> float:
    """A number, of any library.

    Raises:
        SettingsError: it is none.
    """
    number = _number(value)
    if number is None:
        raise SettingsError(f"{name} is {value!r}; expected a number. Give another {_flag(name)}.")
    return float(number)


def names(name: str, value: Any) -> tuple[str, ...]:
    """Names; one alone is a list of one.

    Raises:
        SettingsError: one is no text.
    """
    return _several(name, value, "a name or a list of names", _text)


def decimals(name: str, value: Any) -> tuple[float, ...]:
    """Numbers; one alone is a list of one.

    Raises:
        SettingsError: one is none.
    """
    return _several(name, value, "a number or a list of numbers", _decimal)


def _several(name: str, value: Any, expected: str, one: Callable[[Any], T | None]) -> tuple[T, ...]:
    many = isinstance(value, Iterable) and not isinstance(value, str | bytes) and getattr(value, "ndim", 1) > 0
    found = [one(each) for each in (value if many else [value])]
    several = tuple(each for each in found if each is not None)
    if len(several) < len(found):
        raise SettingsError(f"{name} is {value!r}; expected {expected}. Give another {_flag(name)}.")
    return several


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str) else None


def _decimal(value: Any) -> float | None:
    number = _number(value)
    return None if number is None else float(number)


def _number(value: Any) -> int | float | None:
    """A number that is neither text nor a truth value."""
    truth = isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool")
    if truth or isinstance(value, str | bytes) or getattr(value, "shape", ()) != ():
        return None
    for read in (operator.index, float):
        with suppress(TypeError, ValueError, OverflowError, RuntimeError):
            return read(value)
    return None


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
