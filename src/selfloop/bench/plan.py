"""What is to be timed: cells, shapes, modes, threads, and the arithmetic that each takes. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeVar, get_args

from selfloop.errors import SettingsError, nearest
from selfloop.kinds import Kind, default_kinds, kind_of
from selfloop.results.bench import Allocator, Dtype, Mode, Shape

Peer = Literal["torch", "torch cell", "jax", "onnxruntime"]

CELLS = tuple(kind.name for kind in sorted(default_kinds(), key=lambda kind: len(kind.gates)))  # smallest first
MODES: tuple[Mode, ...] = get_args(Mode)
DTYPES: tuple[Dtype, ...] = get_args(Dtype)
ALLOCATORS: tuple[Allocator, ...] = get_args(Allocator)
OPTIONAL_PEERS: tuple[Peer, ...] = ("jax", "onnxruntime")  # timed where installed; torch always is
MODE_LABELS: dict[str, str] = {"training": "training step", "forward": "forward", "step": "one step"}
Name = TypeVar("Name", bound=str)
LEAST_PAIRS = 6  # the fewest for which the range of the pairs holds their median with 95 %: 1 - 2 / 2**6


GRID = tuple(
    Shape(*sizes)
    for sizes in (
        (1, 100, 16, 64),
        (32, 100, 16, 32),
        (32, 100, 16, 64),
        (32, 100, 64, 128),
        (64, 100, 128, 256),
        (16, 50, 256, 512),
        (128, 28, 28, 128),
        (32, 1000, 16, 32),
        (256, 50, 32, 64),
        (8, 64, 512, 1024),
        (33, 57, 7, 45),
        (5, 211, 3, 17),
    )
)
GRID_THREADS = (1, 2)
STEP_SHAPE = Shape(batch=1, steps=1, inputs=32, hidden=128)  # of the grid's one step at a time


@dataclass(frozen=True)
class Work:
    """One thing to time.

    `mode` is "training" (forward, backward, the gradients of all parameters and none of the input), "forward" (without
    gradient), or "step" (one step at a time, from Python, the state carried; `shape.steps` is 1).
    """

    cell: str
    shape: Shape
    mode: Mode

    @property
    def kind(self) -> Kind:
        """Of its cell."""
        return kind_of(self.cell)


@dataclass(frozen=True)
class Plan:
    """Everything that one run times.

    Attributes:
        works: in the order of the table.
        threads: numbers of threads; none: one, and as many as torch takes by itself.
        seconds: time for each work, number of threads and allocator, shared by all sides.
        peers: of `OPTIONAL_PEERS`, those that must be timed; None: those that are installed.
        allocators: settings of the C library's allocator, each in processes of its own.
    """

    works: tuple[Work, ...]
    threads: tuple[int, ...] = ()
    dtype: Dtype = "float32"
    seconds: float = 1.0
    peers: tuple[Peer, ...] | None = None
    allocators: tuple[Allocator, ...] = ALLOCATORS


def standard_grid(cells: Sequence[str], modes: Sequence[Mode]) -> tuple[Work, ...]:
    """The standard grid; one step at a time is timed at a shape of its own."""
    works = [Work(cell, shape, mode) for cell in cells for shape in GRID for mode in modes if mode != "step"]
    return (*works, *(Work(cell, STEP_SHAPE, "step") for cell in cells if "step" in modes))


def combinations(
    cells: Sequence[str],
    modes: Sequence[Mode],
    *,
    batch: Sequence[int],
    steps: Sequence[int],
    inputs: Sequence[int],
    hidden: Sequence[int],
) -> tuple[Work, ...]:
    """Every combination of the given sizes, each once; of one step at a time the number of steps is 1.

    Args:
        cells: names.
        modes: what is timed of each.
        batch: B.
        steps: T.
        inputs: I.
        hidden: H.
    """
    shapes = [Shape(*sizes) for sizes in product(batch, steps, inputs, hidden)]
    single = dict.fromkeys(Shape(s.batch, 1, s.inputs, s.hidden) for s in shapes)
    works = [Work(cell, shape, mode) for cell in cells for shape in shapes for mode in modes if mode != "step"]
    return (*works, *(Work(cell, shape, "step") for cell in cells for shape in single if "step" in modes))


def flops(work: Work) -> int:
    """Floating-point operations of the matrix products, a multiplication and an addition counted as two.

    With R = T·B rows, a forward pass takes 2·R·G·H·(I + H). Backward takes as much for the weights' gradients, and
    2·R·G·H·H for that of the hidden state; nothing for the input's, which is not asked for: 2·R·G·H·(2·I + 3·H) in all.
    """
    shape = work.shape
    row = 2 * len(work.kind.gates) * shape.hidden
    sums = 2 * shape.inputs + 3 * shape.hidden if work.mode == "training" else shape.inputs + shape.hidden
    return shape.batch * shape.steps * row * sums


def one_of(kind: str, names: Sequence[str], known: Sequence[Name]) -> tuple[Name, ...]:
    """The names, each once, all of them known.

    Raises:
        SettingsError: there is none, or one is unknown.
    """
    if not names:
        raise SettingsError(f"no {kind} was given; expected one or more of {', '.join(known)}.")
    for name in names:
        if name not in known:
            raise SettingsError(f"{kind} {name!r} is unknown. {nearest(name, known)}")
    return tuple(dict.fromkeys(option for name in names for option in known if option == name))


def positive(name: str, values: Sequence[int]) -> tuple[int, ...]:
    """The numbers, each once, all of them 1 or more.

    Raises:
        SettingsError: there is none, or one is less than 1.
    """
    if not values or min(values) < 1:
        raise SettingsError(f"{name} is {', '.join(map(str, values)) or 'empty'}; expected whole numbers from 1 on.")
    return tuple(dict.fromkeys(values))
