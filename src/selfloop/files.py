"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selfloop.errors import StudyError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A draft beside `path` to write to: it takes the path's place when the block ends, and goes if it fails."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield draft
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):  # there may be no folder to clean; the first error is the one to tell
            draft.unlink(missing_ok=True)
        raise


def write_page(text: str, path: str | Path, what: str) -> Path:
    """Writes a page to a file, whole or not at all; folders on the way are made, a file that exists is replaced.

    Args:
        text: the page.
        path: of the file.
        what: names it in the error: "report".

    Returns:
        The path.

    Raises:
        StudyError: the file cannot be written.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise StudyError(
            f"The {what} cannot be written to {path} ({reason}); name a file in a folder of yours."
        ) from error
    return path
