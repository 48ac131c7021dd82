"""A cell from a few lines of torch: a function, a module or a module's class whose call is `step(x, state)`.

It becomes a `Cell` like any other; its weights are the module's parameters.
"""

from __future__ import annotations

import copyreg
import inspect
import re
from abc import ABCMeta
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.func import functional_call

from selfloop.cells.base import Cell, Step
from selfloop.cells.tried import Form, form_of, given, read
from selfloop.errors import SettingsError
from selfloop.kinds import Gate, Kind, kinds
from selfloop.kinds.colours import HIDDEN_STATE
from selfloop.kinds.kind import NAME
from selfloop.kinds.weights import Size, Weight

LOOKS = ("#117733", "#AA4499", "#999933", "#332288")  # of gates of which nobody said whether they keep or write
SHOWN = {"sigmoid": "clear is 0 · full is 1", "tanh": "blue −1, red +1", "linear": "blue below 0, red above"}
SMALL, LARGE = (3, 4), (5, 7)  # input and hidden sizes at which a class's weights are looked at


class StepMeta(ABCMeta):
    """Of cells made here: no module has them by name, so a process is handed what they are made of."""


class StepCell(Cell, metaclass=StepMeta):
    """A cell whose step is somebody's."""

    source: ClassVar[Any]  # the function, the module, or the module's class
    sizes: ClassVar[tuple[int, int] | None]  # I and H; None: any, because the source is a class

    @property
    def input_size(self) -> int:
        """I."""
        return self.sizes[0] if self.sizes else super().input_size

    @property
    def hidden_size(self) -> int:
        """H."""
        return self.sizes[1] if self.sizes else super().hidden_size

    def step(self, x: Tensor, **states: Tensor) -> Step:
        """One step, with the cell's weights in the place of the module's parameters."""
        state = given(tuple(states[name] for name in self.kind.states))
        if not self.kind.weights:
            returned = self.source(x, state)
        else:
            module = self.source if self.sizes else _built(self.source, self.input_size, self.hidden_size)
            own = {_module_name(weight): getattr(self, weight.name) for weight in self.kind.weights}
            returned = functional_call(module, own, (x, state))
        made = read(returned, len(self.kind.states), x, self.hidden_size, self.kind.label)
        after = dict(zip(self.kind.states, made.states, strict=True))
        if not self.kind.shown:
            return Step(after, {self.kind.gates[0]: after["h"]})
        if made.gates.keys() != {gate.name for gate in self.kind.gates}:
            raise SettingsError(
                f"A step of {self.kind.label} made gates {', '.join(made.gates) or 'none'}; expected the same at every "
                f"step: {', '.join(gate.name for gate in self.kind.gates)}."
            )
        return Step(after, {gate: made.gates[gate.name] for gate in self.kind.gates})

    @classmethod
    @torch.no_grad()
    def start(cls, weights: Mapping[str, Tensor], input_size: int, hidden_size: int) -> None:
        """As a new module of the class starts."""
        made = dict(made_of(cls.source, input_size, hidden_size).named_parameters())
        for weight in cls.kind.weights:
            weights[weight.name].copy_(made[_module_name(weight)])


def _reduced(cell: Any) -> Any:
    return cell_of, (cell.source, cell.sizes)


copyreg.pickle(StepMeta, _reduced)


def cell_of(source: Any, sizes: tuple[int, int] | None = None) -> type[Cell]:
    """The cell that takes these steps.

    Args:
        source: a function or a module, called as `step(x, state)`; or the class of such modules, which is called with
            (input_size, hidden_size) to make one.
        sizes: I and H of the function or module; None for a class.

    Raises:
        SettingsError: no step can be taken, it makes something else than states and gates, or its weights' shapes do
            not go with the sizes.
    """
    label = _label(source)
    I, H = sizes or SMALL  # noqa: E741 (the input size's letter)
    module = source if sizes else _built(source, I, H)
    weights = _weights(module, label) if sizes else _scaled(source, label)
    if isinstance(module, torch.nn.Module) and (buffers := dict(module.named_buffers())):
        raise SettingsError(
            f"{label} has buffers ({', '.join(buffers)}); expected parameters alone: make a constant of it, or a "
            "torch.nn.Parameter(..., requires_grad=False)."
        )
    dtype = next((p.dtype for p in module.parameters()), None) if isinstance(module, torch.nn.Module) else None
    form = form_of(module, label, I, H, dtype or torch.get_default_dtype())
    kind = _named(_kind(source, label, form, weights), sizes is not None)
    made: Any = StepMeta(label, (StepCell,), {"kind": kind, "source": staticmethod(source), "sizes": sizes})
    if not sizes:
        _check_sizes(made, weights)
    cell: type[Cell] = made
    return cell


def is_source(source: Any) -> bool:
    """Whether it is a class of modules."""
    return isinstance(source, type) and issubclass(source, torch.nn.Module)


@lru_cache
def _built(source: Any, input_size: int, hidden_size: int) -> Any:
    """A module of these sizes, whose parameters are never read; drawing them leaves torch's random numbers alone."""
    with torch.random.fork_rng(devices=[]):
        return made_of(source, input_size, hidden_size)


def made_of(source: Any, input_size: int, hidden_size: int) -> torch.nn.Module:
    """A new module of a class, of these sizes.

    Raises:
        SettingsError: the class takes something else.
    """
    try:
        made: torch.nn.Module = source(input_size, hidden_size)
    except TypeError as error:
        raise SettingsError(
            f"{_label(source)} cannot be made of (input_size, hidden_size): {error}; expected a class of modules that "
            "takes these two."
        ) from error
    return made


def _weights(module: Any, label: str) -> tuple[Weight, ...]:
    """A module's parameters, of the sizes that they have."""
    if not callable(module):
        raise SettingsError(f"{label} is no step; expected a function or a torch.nn.Module: step(x, state).")
    named = module.named_parameters() if isinstance(module, torch.nn.Module) else ()
    return tuple(_weight(name, tuple(Size(more=size) for size in each.shape)) for name, each in named)


def _weight(name: str, shape: tuple[Size, ...]) -> Weight:
    """The weight for a module's parameter; a dot ends no layer's parameter's name."""
    return Weight(f"cell.{name}", f"cell_{name.replace('.', '__')}", shape)


def _module_name(weight: Weight) -> str:
    return weight.name.removeprefix("cell.")


def _scaled(source: Any, label: str) -> tuple[Weight, ...]:
    """A class's parameters, whose sides are sums of so many times each size."""
    (I, H), (more_I, more_H) = SMALL, LARGE  # noqa: E741
    small, wide, tall, both = (
        {name: tuple(each.shape) for name, each in _built(source, *sizes).named_parameters()}
        for sizes in ((I, H), (more_I, H), (I, more_H), (more_I, more_H))
    )
    found = []
    for name, shape in small.items():
        others = [each.get(name, ()) for each in (wide, tall, both)]
        sides = [
            Size((tall - least) // (more_H - H), (wide - least) // (more_I - I))
            for least, wide, tall in zip(shape, *others[:2], strict=False)
        ]
        sides = [Size(s.hidden, s.inputs, least - s.of(I, H)) for s, least in zip(sides, shape, strict=False)]
        expected = [tuple(s.of(*sizes) for s in sides) for sizes in ((more_I, H), (I, more_H), (more_I, more_H))]
        if others != expected or not small.keys() == wide.keys() == tall.keys() == both.keys():
            raise SettingsError(
                f"{name} of {label} has shapes {shape}, {', '.join(map(str, others))} for growing sizes; expected "
                "sides that are multiples of input_size and hidden_size, and the same parameters for all."
            )
        found.append(_weight(name, tuple(sides)))
    return tuple(found)


def _check_sizes(cell: type[Cell], weights: tuple[Weight, ...]) -> None:
    """A layer's weights tell its sizes."""
    of = cell(*(torch.zeros(weight.sizes(*SMALL)) for weight in weights))
    if (of.input_size, of.hidden_size) != SMALL:
        raise SettingsError(
            f"The weights of {cell.kind.label} do not tell its sizes; expected a parameter with a side of multiples of "
            "input_size, and one of hidden_size. Give a module of one size to selfloop.nn.from_cell."
        )


def _kind(source: Any, label: str, form: Form, weights: tuple[Weight, ...]) -> Kind:
    """What is known of it: nothing of what keeps or writes."""
    symbols: list[str] = []
    for name in form.gates:
        symbols.append(_symbol(name, {*symbols, "h", "c"}, label))
    gates = tuple(
        Gate(name, symbol, LOOKS[k % len(LOOKS)], activation, SHOWN[activation])
        for k, ((name, activation), symbol) in enumerate(zip(form.gates.items(), symbols, strict=True))
    )
    found = source if inspect.isroutine(source) or isinstance(source, type) else type(source)
    try:
        file = inspect.getsourcefile(found) or ""
    except TypeError:  # made in a notebook
        file = ""
    short = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", label).lower()
    return Kind(
        name=short if NAME.fullmatch(short) else "cell", label=label,
        gates=gates or (Gate("hidden", "h", HIDDEN_STATE, "linear"),), states=("h", "c")[: form.states],
        plain=False, other_weights=weights, formula=_formula(form), source="yours",
        saturation="What a gate that is nearly always shut or open means, your code says." if gates else "",
        file=file if Path(file).is_file() else "", equations=getattr(found, "__name__", ""),
    )  # fmt: skip


def _formula(form: Form) -> str:
    state = "h<sub>t</sub>" if form.states == 1 else "(h<sub>t</sub>, c<sub>t</sub>)"
    return f"{state} = step(x<sub>t</sub>, {state.replace('sub>t<', 'sub>t−1<')})"


def _symbol(name: Any, taken: set[str], label: str) -> str:
    """The first letter of a gate's name that no other gate has; else the name."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise SettingsError(
            f"{label} has a gate {name!r}; expected names of small letters, digits and underscores, such as 'forget'."
        )
    return next((letter for letter in name if letter.isalpha() and letter not in taken), name)


def _label(source: Any) -> str:
    """As its author calls it."""
    name = getattr(source, "__name__", "") or type(source).__name__
    return name if name.isidentifier() else "cell"


def _named(kind: Kind, alone: bool) -> Kind:
    """The kind of one module under a name that nobody else has: two of one class may differ."""
    taken = {each.name: each for each in kinds()}
    if not alone:
        return kind
    names = (kind.name if k == 1 else f"{kind.name}_{k}" for k in count(1))
    return next(new for new in (replace(kind, name=name) for name in names) if taken.get(new.name, new) == new)
