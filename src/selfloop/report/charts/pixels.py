"""Arrays as small PNG images: a heat map of 64 units and 200 steps is a few kilobytes, and crisp at every size.

Colours carry the value in their opacity, so that 0 is the page's own colour, on white, in the dark and on paper.
"""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

BROKEN = "#8A8F98"  # what is not finite
NEGATIVE, POSITIVE = "#2B6CB0", "#C53030"  # signed values: blue, the page, red
LEVELS = 31  # of opacity: more cannot be told apart, and fewer are smaller
MOST_ROWS = 64
MOST_CELLS = 16_000  # of one image: what keeps a page of three models small


@dataclass(frozen=True)
class Ramp:
    """Colours of 1 and of -1; 0 is clear."""

    positive: str
    negative: str


SIGNED = Ramp(POSITIVE, NEGATIVE)


def image(values: Numbers, ramp: Ramp) -> str:
    """A PNG as a data URI.

    Args:
        values: (rows, columns) between -1 and 1, what is beyond is drawn as the end; not finite is drawn grey.
        ramp: its colours.
    """
    finite = np.isfinite(values)
    level = np.rint(np.clip(np.where(finite, np.abs(values), 0), 0, 1) * LEVELS).astype(np.uint8)
    below = finite & (np.where(finite, values, 0) < 0) & (level > 0)
    index = np.where(finite, 1 + level + np.where(below, LEVELS, 0), 0).astype(np.uint8)
    opacities = [round(255 * k / LEVELS) for k in range(LEVELS + 1)]
    colours = _bytes(BROKEN) + _bytes(ramp.positive) * (LEVELS + 1)
    clear = [255, *opacities]
    if below.any():
        colours += _bytes(ramp.negative) * LEVELS
        clear += opacities[1:]
    return "data:image/png;base64," + base64.b64encode(_png(index, colours, bytes(clear))).decode("ascii")


def _png(index: npt.NDArray[np.uint8], colours: bytes, opacities: bytes) -> bytes:
    """Indexed colours, 8 bits each (W3C PNG, 11.2)."""
    height, width = index.shape
    lines = b"".join(b"\0" + row.tobytes() for row in index)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in [
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", colours),
            (b"tRNS", opacities),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        ]
    )


def _bytes(colour: str) -> bytes:
    return bytes.fromhex(colour.removeprefix("#"))


def bins(values: Numbers, size: int, how: Literal["mean", "sum"] = "mean") -> Numbers:
    """Every `size` rows as one; the last one may stand for fewer. What is not finite stays so."""
    if size == 1:
        return values
    starts = np.arange(0, len(values), size)
    sums = np.add.reduceat(values, starts, axis=0)
    if how == "sum":
        return sums
    counts = np.diff([*starts, len(values)])
    return np.asarray(sums / counts[:, None])


def bin_size(steps: int, rows: int) -> int:
    """Steps in a column, so that an image of `rows` rows stays small."""
    return max(1, -(-steps * min(rows, MOST_ROWS) // MOST_CELLS))


def largest(values: npt.NDArray[Any]) -> float:
    """The largest size among the finite values; 0 where there is none."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 0.0
