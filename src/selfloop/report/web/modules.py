"""ES modules as one script that runs from a file, without a build step.

Each module becomes a function that returns what it exports, in the order in which they need each other; names stay
apart as they were.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selfloop.report.web.sources import source

_IMPORT = re.compile(
    r'^import (?:\{(?P<names>[^}]*)\}|\* as (?P<whole>\w+)) from "\./(?P<file>[\w-]+\.js)";\n', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class) (\w+))", re.MULTILINE)
_NOTHING = re.compile(r"^export \{\};\n", re.MULTILINE)
_COMMENT = re.compile(r"^ */\*\*.*?\*/\n|^ *// [^\n]*\n", re.MULTILINE | re.DOTALL)


@lru_cache(maxsize=4)
def script(entry: str) -> str:
    """A classic script that runs module `entry` and all that it imports; safe inside a script element."""
    joined = "\n".join(_wrapped(name) for name in _needed(entry))
    return f'(() => {{\n"use strict";\nconst modules = {{}};\n{joined}\n}})();'.replace("</script", "<\\/script")


@lru_cache(maxsize=4)
def module(entry: str, names: tuple[str, ...]) -> str:
    """The same as an ES module that exports `names` of module `entry`."""
    joined = "\n".join(_wrapped(name) for name in _needed(entry))
    return f'const modules = {{}};\n{joined}\nexport const {{ {", ".join(names)} }} = modules["{entry}"];\n'


def _needed(entry: str) -> list[str]:
    """The modules that `entry` needs and itself, each after what it imports."""
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"Modules import each other: {' -> '.join((*above, name))}.")
        if name not in order:
            for found in _IMPORT.finditer(source(f"explorer/{name}")):
                visit(found["file"], (*above, name))
            order.append(name)

    visit(entry, ())
    return order


def _wrapped(name: str) -> str:
    text = _NOTHING.sub("", _COMMENT.sub("", source(f"explorer/{name}")))
    exported = _EXPORT.findall(text)
    text = _EXPORT.sub("", _IMPORT.sub(_taken, text))
    return f'modules["{name}"] = (() => {{\n{text}return {{ {", ".join(exported)} }};\n}})();'


def _taken(found: re.Match[str]) -> str:
    whole = found["whole"]
    names = whole if whole else f"{{ {found['names'].strip().replace(' as ', ': ')} }}"
    return f'const {names} = modules["{found["file"]}"];\n'
