"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from selfloop.errors import SettingsError, StudyError


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


def spare(out: Path, sources: Iterable[object]) -> None:
    """Refuse to write where something is read from.

    Args:
        out: the file to be written.
        sources: what it is made from; of these, paths of files that are there.

    Raises:
        SettingsError: it is one of them.
    """
    for source in sources:
        if not isinstance(source, str | Path):
            continue
        try:
            same = out.expanduser().samefile(Path(source).expanduser())
        except (OSError, ValueError):  # one of them is not there, or is a name that no file can have
            same = False
        if same:
            raise SettingsError(f"{out} would be replaced by what is made from it; expected another file's name.")


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
