"""What the page must know of the cells it shows: their kinds, and the lines of code that make each gate and state.

The lines are read from the package itself, so that they are never out of date.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from selfloop.kinds import Kind, Share, kind_of, kinds
from selfloop.kinds.kind import Activation, Past


@dataclass(frozen=True)
class Line:
    """One line, and the symbol that it makes."""

    symbol: str | None
    text: str


@dataclass(frozen=True)
class Equations:
    """The body of a cell's step.

    Attributes:
        file: as it is shown: a path in the package, or the name of a user's own.
        line: number of the first one.
        lines: none where nobody said where they stand.
    """

    file: str
    line: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class GateFacts:
    """A gate, as `kinds.Gate` has it."""

    symbol: str
    name: str
    colour: str
    share: bool
    activation: Activation
    meaning: str


@dataclass(frozen=True)
class ShareFacts:
    """A gate, or the rest that it leaves: `symbol` is the gate's, `text` is as in a formula."""

    symbol: str
    rest: bool
    text: str


@dataclass(frozen=True)
class ResetFacts:
    """The gate that resets the past, after the recurrent product or before it."""

    symbol: str
    after: bool


@dataclass(frozen=True)
class KindFacts:
    """A kind, as `kinds.Kind` has it; gates are referred to by their symbols.

    Attributes:
        gates: in the order of the weights' row blocks; of a cell without gates "h" alone.
        shown: symbols in reading order; none for a cell without gates.
        code: None where nobody said where the equations stand.
    """

    name: str
    label: str
    colour: str
    dark: str
    gates: tuple[GateFacts, ...]
    shown: tuple[str, ...]
    states: tuple[str, ...]
    carried: str
    keep: ShareFacts | None
    write: ShareFacts | None
    candidate: str | None
    reset: ResetFacts | None
    plain: bool
    past: Past
    peeps: bool
    formula: str
    account: str
    native: bool
    code: Equations | None


@dataclass(frozen=True)
class Facts:
    """What the page must know of the package: the kinds of cells, by their names."""

    kinds: dict[str, KindFacts]


def facts(names: Iterable[str] | None = None) -> Facts:
    """For the cells of these names; for all if none are given."""
    chosen = kinds() if names is None else tuple(kind_of(name) for name in names)
    return Facts({kind.name: _facts(kind) for kind in chosen})


def _facts(kind: Kind) -> KindFacts:
    code = equations(kind)
    return KindFacts(
        kind.name, kind.label, kind.colour, kind.dark,
        gates=tuple(
            GateFacts(gate.symbol, gate.name, gate.colour, gate.share, gate.activation, gate.meaning)
            for gate in kind.gates
        ),
        shown=tuple(gate.symbol for gate in kind.shown), states=kind.states, carried=kind.carried,
        keep=_share(kind.keep), write=_share(kind.write),
        candidate=None if kind.candidate is None else kind.candidate.symbol,
        reset=None if kind.reset is None else ResetFacts(kind.reset.gate.symbol, kind.reset.after),
        plain=kind.plain, past=kind.past, peeps=kind.peeps,
        formula=kind.formula, account=kind.account, native=kind.native is not None,
        code=code if code.lines else None,
    )  # fmt: skip


def _share(share: Share | None) -> ShareFacts | None:
    return None if share is None else ShareFacts(share.gate.symbol, share.rest, share.symbol)


@lru_cache
def equations(kind: Kind) -> Equations:
    """The statements of the cell's `step`, without its docstring and its return."""
    # By path, not as a module: importing the cells would load torch.
    own = Path(kind.file).is_absolute()
    source = Path(kind.file) if own else resources.files("selfloop") / kind.file
    name = source.name if own else f"selfloop/{kind.file}"
    if not kind.file or not source.is_file():
        return Equations(name, 0, ())
    text = source.read_text(encoding="utf-8")
    found = [node for node in ast.walk(ast.parse(text)) if getattr(node, "name", "") == kind.equations]
    steps = [step for node in found if (step := _step(node)) is not None]
    return _lines(name, text, steps[0]) if steps else Equations(name, 0, ())


def _step(node: ast.AST) -> ast.FunctionDef | None:
    """The step of a class: a cell's `step`, a module's `forward`; of a function itself."""
    if isinstance(node, ast.FunctionDef):
        return node
    own = node.body if isinstance(node, ast.ClassDef) else []
    return next((f for f in own if isinstance(f, ast.FunctionDef) and f.name in ("step", "forward")), None)


def _lines(file: str, text: str, step: ast.FunctionDef) -> Equations:
    """The body of a function."""
    body = [statement for statement in step.body if not isinstance(statement, ast.Return) and not _said(statement)]
    if not body:
        return Equations(file, 0, ())
    first, last = body[0].lineno, body[-1].end_lineno
    shown = textwrap.dedent("\n".join(text.splitlines()[first - 1 : last])).splitlines()
    symbols = {statement.lineno - first: _target(statement) for statement in body}
    return Equations(file, first, tuple(Line(symbols.get(place), each) for place, each in enumerate(shown)))


def _said(statement: ast.stmt) -> bool:
    """Whether it is a docstring."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _target(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None
