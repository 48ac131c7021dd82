"""Whether this is a script that processes of its own would run again from its first line."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import FrameType

GUARD = 'if __name__ == "__main__":'


def unguarded() -> bool:
    """Whether the running call stands in a script outside of every `if` of its outermost level.

    A process that begins anew imports the script that began it, to find the user's functions: what stands there under
    no guard runs once more, and would start processes in turn. Notebooks and interactive sessions are not imported.
    """
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    frame = _outermost(vars(main)) if main is not None and file else None
    if frame is None or not file:
        return False
    try:
        statements = ast.parse(Path(file).read_bytes()).body
    except (OSError, SyntaxError, ValueError):  # no longer there, or never Python's text
        return False
    here = [each for each in statements if each.lineno <= frame.f_lineno <= (each.end_lineno or each.lineno)]
    return bool(here) and not any(isinstance(each, ast.If) for each in here)


def _outermost(names: dict[str, object]) -> FrameType | None:
    """The frame that runs the script itself, where it is on the way to this call."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals is names:
            return frame
        frame = frame.f_back
    return None
