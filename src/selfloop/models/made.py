"""Files of what a model made by itself."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from selfloop.errors import SettingsError
from selfloop.files import whole
from selfloop.tasks.continuation import Continued

FRAMES = (".csv", ".npz")


def check_name(made: Continued, out: Path | None) -> None:
    """Raise unless there is a file that can hold it, or it is a text, which needs none.

    Raises:
        SettingsError: frames have no file, or one of another kind.
    """
    if out is not None and out.is_dir():
        raise SettingsError(f"{out} is a folder; expected the name of a file. Give another --out.")
    if made.channels and (out is None or out.suffix.lower() not in FRAMES):
        got = "none" if out is None else str(out)
        raise SettingsError(
            f"this model makes frames, and --out is {got}; expected a file for them, its name ending in "
            f"{' or '.join(FRAMES)}: add --out made.csv."
        )


def write_text(made: Continued, out: Path) -> int:
    """Write prompt and text; returns the number of symbols."""
    pieces = [str(piece) for piece in made.pieces]
    with whole(out) as draft:
        draft.write_text(made.start + "".join(pieces) + "\n", encoding="utf-8")
    return len(pieces)


def write_frames(made: Continued, out: Path) -> int:
    """Write a row a frame, 0 or 1 for each channel; returns their number. In .npz: `frames`, (T, channels)."""
    frames = np.array(list(made.pieces)).astype(np.int64)
    with whole(out) as draft:
        if out.suffix.lower() == ".npz":
            held = io.BytesIO()
            np.savez_compressed(held, frames=frames, channels=np.array(made.channels))
            draft.write_bytes(held.getvalue())
        else:
            lines = [",".join(_quoted(name) for name in made.channels), *(",".join(map(str, row)) for row in frames)]
            draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(frames)


def _quoted(name: str) -> str:
    """A column's name as CSV holds it."""
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\n\r') else name
