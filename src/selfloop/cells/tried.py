"""One step of somebody's few lines of torch, taken to see what it makes: how many states, and which gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from selfloop.errors import SettingsError
from selfloop.kinds.kind import Activation

BATCH, FEW = 5, 2  # sequences of the step that is tried, and how many of them are tried alone
FAR = 30.0  # times an ordinary input: a sigmoid is 0 or 1 there, and what has no bounds is beyond 1
CLOSE = 1e-4  # of a product's rows, summed in another order; float32
Call = Callable[[Tensor, Any], Any]  # step(x, state)


@dataclass(frozen=True)
class Made:
    """What a step returned: its states, and its gates by the names that they were given."""

    states: tuple[Tensor, ...]
    gates: dict[str, Tensor]


@dataclass(frozen=True)
class Form:
    """What a step is like: how many states it has, and what range each of its gates has."""

    states: int
    gates: dict[str, Activation]


def form_of(call: Call, label: str, input_size: int, hidden_size: int, dtype: torch.dtype) -> Form:
    """Take a step with one state and, where that does not work, with a pair.

    Args:
        call: the step.
        label: whose, for errors.
        input_size: I.
        hidden_size: H.
        dtype: of the numbers that it is given.

    Raises:
        SettingsError: no step can be taken, or it makes something else than states and gates.
    """
    made = torch.Generator().manual_seed(0)
    x = torch.randn(BATCH, input_size, generator=made, dtype=dtype)
    pair = tuple(torch.randn(BATCH, hidden_size, generator=made, dtype=dtype) for _ in range(2))
    refused: list[SettingsError] = []
    raised: list[Exception] = []
    for states in (pair[:1], pair):
        try:
            return _form(
                lambda x, *each: read(call(x, given(each)), len(each), x, hidden_size, label), x, states, label
            )
        except SettingsError as error:
            refused.append(error)
        except Exception as error:  # whatever somebody's code raises
            raised.append(error)
    if refused:
        raise refused[0]
    said = "; ".join(dict.fromkeys(f"{type(error).__name__}: {error}" for error in raised))
    raise SettingsError(
        f"A step of {label} cannot be taken ({said}); expected step(x, state) with x (B, {input_size}) and state "
        f"(B, {hidden_size}), or a pair of states."
    ) from raised[0]


def given(states: tuple[Tensor, ...]) -> Any:
    """States as a step takes them: one alone, or the pair."""
    return states[0] if len(states) == 1 else states


def read(returned: Any, states: int, x: Tensor, hidden_size: int, label: str) -> Made:
    """What a step returned, `state` or `(state, gates)`.

    Args:
        returned: anything.
        states: how many are expected.
        x: (B, I), what it read.
        hidden_size: H.
        label: whose step it was.

    Raises:
        SettingsError: it is something else.
    """
    gates: Any = {}
    if isinstance(returned, (tuple, list)) and len(returned) == 2 and isinstance(returned[1], Mapping):
        returned, gates = returned
    found = (returned,) if isinstance(returned, Tensor) else returned
    shape = (len(x), hidden_size)
    good = isinstance(found, (tuple, list)) and len(found) == states
    if not good or not all(isinstance(each, Tensor) and each.shape == shape for each in (*found, *gates.values())):
        wanted = "the new state" if states == 1 else "the pair of new states"
        raise SettingsError(
            f"A step of {label} returned {_shown(returned)}{f' and gates {_shown(gates)}' if gates else ''}; expected "
            f"{wanted}, {shape} each for {shape[0]} sequences, alone or with a dict of gates of that shape."
        )
    return Made(tuple(found), dict(gates))


def _form(call: Callable[..., Made], x: Tensor, states: tuple[Tensor, ...], label: str) -> Form:
    """Of a step that can be taken."""
    with torch.no_grad():
        made, again = call(x, *states), call(x, *states)
        few = call(x[:FEW], *(state[:FEW] for state in states))
        far = call(FAR * x, *(FAR * state for state in states))
    for name, one, other, part in zip(_names(made), _all(made), _all(again), _all(few), strict=True):
        if not bool(torch.isfinite(one).all()):
            raise SettingsError(f"{name} of {label} has NaN or infinity after one ordinary step; expected numbers.")
        if not torch.equal(one, other):
            raise SettingsError(
                f"{name} of {label} is another one each time that the same step is taken; expected the same: leave "
                "dropout and noise to the layers around it."
            )
        if not torch.allclose(one[:FEW], part, rtol=CLOSE, atol=CLOSE):
            raise SettingsError(
                f"{name} of {label} depends on which other sequences are in the batch; expected each sequence by "
                "itself: do not mix along the first axis."
            )
    return Form(len(states), {name: _range(made.gates[name], far.gates[name]) for name in made.gates})


def _range(near: Tensor, far: Tensor) -> Activation:
    """Which activation has the range that a gate was seen in."""
    least, most = float(torch.minimum(near, far).min()), float(torch.maximum(near, far).max())
    if least >= 0 and most <= 1:
        return "sigmoid"
    return "tanh" if least >= -1 and most <= 1 else "linear"


def _names(made: Made) -> list[str]:
    return [*("the state" for _ in made.states), *(f"gate {name!r}" for name in made.gates)]


def _all(made: Made) -> list[Tensor]:
    return [*made.states, *made.gates.values()]


def _shown(value: Any) -> str:
    """Whatever it is, in a few words."""
    if isinstance(value, Tensor):
        return f"a tensor {tuple(value.shape)}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(each)}" for key, each in value.items())
    if isinstance(value, (tuple, list)) and len(value) <= 3 and all(isinstance(each, Tensor) for each in value):
        return " and ".join(map(_shown, value)) or "nothing"
    return f"something else ({type(value).__name__})"
