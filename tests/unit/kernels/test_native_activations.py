"""Sigmoid and tanh within a few units in the last place, over the whole range. The oracle is mpmath, or float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from native_cases import Array

from selfloop.kernels.native import native

MOST = {"float32": {"sigmoid": 2.5, "tanh": 2.6}, "float64": {"sigmoid": 2.5, "tanh": 2.6}}  # ulp; docs/kernels.md
NAMES = ["sigmoid", "tanh"]


def computed(name: str, x: Array) -> Array:
    y = np.full_like(x, np.nan)
    getattr(native, name)(x, y)
    return y


def in_float64(name: str, x: Array) -> Array:
    """Off by a few 1e-16 of itself: nothing beside float32's 6e-8."""
    wide = x.astype(np.float64)
    with np.errstate(over="ignore"):
        return np.tanh(wide) if name == "tanh" else 1 / (1 + np.exp(-wide))


def in_mpmath(name: str, x: Array) -> list[Any]:
    with mpmath.workprec(200):
        function: Callable[[Any], Any] = mpmath.tanh if name == "tanh" else lambda v: 1 / (1 + mpmath.exp(-v))
        return [function(mpmath.mpf(float(v))) for v in x]


def every_exponent(dtype: str, per: int) -> Array:
    """Some of each power of two, of both signs, that is no denormal and not beyond what any activation still feels."""
    random = np.random.default_rng(0)
    low = int(np.finfo(dtype).minexp)
    powers = 2.0 ** np.arange(low, 11)
    values = powers[:, None] * random.uniform(1, 2, (len(powers), per))
    return np.concatenate([values.ravel(), -values.ravel()]).astype(dtype)


def near_one(dtype: str, count: int) -> Array:
    """Where values change most, and where tanh and sigmoid saturate."""
    random = np.random.default_rng(1)
    return np.concatenate([random.uniform(-low, low, count) for low in (1e-3, 1, 10, 25, 100)]).astype(dtype)


@pytest.mark.parametrize("name", NAMES)
def test_float32(name: str) -> None:
    x = np.concatenate([every_exponent("float32", 3000), near_one("float32", 400_000)])
    exact = in_float64(name, x)
    normal = np.abs(exact) >= np.finfo(np.float32).tiny
    ulp = np.spacing(np.abs(exact).astype(np.float32)).astype(np.float64)
    error = np.abs(computed(name, x) - exact) / ulp
    assert error[normal].max() <= MOST["float32"][name]
    assert np.abs(computed(name, x))[~normal].max(initial=0) <= np.finfo(np.float32).tiny


@pytest.mark.parametrize("name", NAMES)
def test_float64(name: str) -> None:
    x = np.concatenate([every_exponent("float64", 1), near_one("float64", 1500)])
    worst = 0.0
    for value, exact in zip(computed(name, x), in_mpmath(name, x), strict=True):
        if abs(exact) < np.finfo(np.float64).tiny:
            assert abs(value) <= np.finfo(np.float64).tiny
            continue
        with mpmath.workprec(200):
            worst = max(worst, float(abs(mpmath.mpf(float(value)) - exact) / mpmath.mpf(np.spacing(abs(float(exact))))))
    assert worst <= MOST["float64"][name]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_ends(dtype: str) -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e4, -1e4], dtype)
    sigmoid, tanh = computed("sigmoid", x), computed("tanh", x)
    assert np.array_equal(sigmoid, np.array([0.5, 0.5, 1, 0, np.nan, 1, 0], dtype), equal_nan=True)
    assert np.array_equal(tanh, np.array([0, 0, 1, -1, np.nan, 1, -1], dtype), equal_nan=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_they_rise_and_stay_within_their_range(name: str, dtype: str) -> None:
    x = np.sort(near_one(dtype, 50_000))
    y = computed(name, x)
    step = 3 * np.finfo(dtype).eps
    assert (np.diff(y) >= -step * np.abs(y[1:])).all()
    assert (np.abs(y) <= 1).all()
    assert (y >= 0).all() or name == "tanh"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tanh_is_odd(dtype: str) -> None:
    x = near_one(dtype, 10_000)
    assert np.abs(computed("tanh", x) + computed("tanh", -x)).max() <= 4 * np.finfo(dtype).eps


@pytest.mark.parametrize("length", range(40))
def test_any_length(length: int) -> None:
    x = np.linspace(-3, 3, length, dtype=np.float32)
    assert np.allclose(computed("sigmoid", x), in_float64("sigmoid", x), rtol=1e-6)
