"""Small files, small functions, and no long list of arguments without a word on each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ROOT / "src" / "selfloop"
FILE, FUNCTION = 300, 40  # lines
FEW = 3  # arguments that a docstring's sentence may leave to their names

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """A function, and where it is defined."""

    path: Path
    inside: tuple[ast.AST, ...]  # classes and functions, outermost first
    node: Definition

    @property
    def name(self) -> str:
        names = [each.name for each in (*self.inside, self.node) if isinstance(each, Definition | ast.ClassDef)]
        return f"{self.path.relative_to(CODE)}:{self.node.lineno} {'.'.join(names)}"

    @property
    def command(self) -> bool:
        """Its arguments are a table of options, each with its help."""
        return self.path.parent.name == "cli" and "typer" in ast.dump(self.node.args)

    @property
    def public(self) -> bool:
        """No underscore on the way to it; a constructor's arguments are its class's to say."""
        names = [each.name for each in (*self.inside, self.node) if isinstance(each, Definition | ast.ClassDef)]
        nested = any(isinstance(each, Definition) for each in self.inside)
        return not nested and not any(name.startswith("_") for name in names)

    @property
    def lines(self) -> int:
        """Of its body: its arguments and what documents it are for other rules."""
        rest = self.node.body[1:] if ast.get_docstring(self.node) is not None else self.node.body
        return _span(rest[0].lineno, rest[-1].end_lineno) if rest else 0

    @property
    def arguments(self) -> list[str]:
        """All but the instance or the class."""
        of = self.node.args
        found = [*of.posonlyargs, *of.args, *([of.vararg] if of.vararg else []), *of.kwonlyargs]
        names = [each.arg for each in (*found, *([of.kwarg] if of.kwarg else []))]
        bound = bool(self.inside) and isinstance(self.inside[-1], ast.ClassDef)
        return names[1:] if bound and names[:1] in (["self"], ["cls"]) else names

    @property
    def unsaid(self) -> list[str]:
        """Arguments that have no line of their own below "Args:"."""
        _, _, said = (ast.get_docstring(self.node) or "").partition("Args:\n")
        known = {name for line in said.splitlines() for name in line.partition(":")[0].replace("*", "").split(", ")}
        return [name for name in self.arguments if name not in {each.strip() for each in known}]


def _name(base: ast.expr) -> str:
    """Of a class that is inherited from: `module.Base[Of]` is Base."""
    inner = base.value if isinstance(base, ast.Subscript) else base
    return inner.attr if isinstance(inner, ast.Attribute) else inner.id if isinstance(inner, ast.Name) else ""


def overrides(each: Function) -> bool:
    """Whether a class that its own inherits from has the same method, whose words hold for both."""
    methods: dict[str, set[str]] = {}
    bases: dict[str, list[str]] = {}
    for other in functions():
        if other.inside and isinstance(other.inside[-1], ast.ClassDef):
            methods.setdefault(other.inside[-1].name, set()).add(other.node.name)
            bases[other.inside[-1].name] = [_name(base) for base in other.inside[-1].bases]
    waiting = (
        [_name(base) for base in each.inside[-1].bases]
        if each.inside and isinstance(each.inside[-1], ast.ClassDef)
        else []
    )
    while waiting:
        base = waiting.pop()
        if each.node.name in methods.get(base, set()):
            return True
        waiting.extend(bases.get(base, []))
    return False


def _span(first: int, last: int | None) -> int:
    assert last is not None
    return last - first + 1


def inside(path: Path, outer: tuple[ast.AST, ...]) -> Iterator[Function]:
    for node in ast.iter_child_nodes(outer[-1]):
        if isinstance(node, Definition):
            yield Function(path, outer[1:], node)
        yield from inside(path, (*outer, node))


@cache
def functions() -> tuple[Function, ...]:
    files = sorted(CODE.rglob("*.py"))
    return tuple(each for path in files for each in inside(path, (ast.parse(path.read_text(encoding="utf-8")),)))


def listed(what: str, offenders: list[str]) -> str:
    return "\n".join([f"{len(offenders)} {what}:", *offenders])


def test_files() -> None:
    kinds = {CODE: ("py", "js"), ROOT / "native": ("h", "cpp")}
    files = [path for folder, ends in kinds.items() for end in ends for path in sorted(folder.rglob(f"*.{end}"))]
    assert {path.suffix for path in files} == {".py", ".js", ".h", ".cpp"}
    lines = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    long = [f"{path}: {count} lines" for path, count in lines.items() if count > FILE]
    assert not long, listed(f"files of more than {FILE} lines", long)


def test_functions() -> None:
    assert len(functions()) > 500
    long = [f"{each.name}: {each.lines} lines" for each in functions() if each.lines > FUNCTION]
    assert not long, listed(f"functions of more than {FUNCTION} lines", long)


def test_arguments_are_said() -> None:
    many = [each for each in functions() if each.public and not each.command and len(each.arguments) > FEW]
    assert len(many) > 50
    silent = [f"{each.name}: {', '.join(each.unsaid)}" for each in many if each.unsaid and not overrides(each)]
    assert not silent, listed("arguments without a line below 'Args:'", silent)
