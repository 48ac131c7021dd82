"""Numbers in JSON, bit for bit. No torch here."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from selfloop.errors import ShapeError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True)
class Array:
    """Numbers with all their bits, NaN and infinity included.

    Attributes:
        shape: sizes of its dimensions.
        dtype: as it was computed.
        base64: its values, row by row, each little-endian, as RFC 4648 base64.
    """

    shape: tuple[int, ...]
    dtype: Literal["float32", "float64"]
    base64: str

    def __post_init__(self) -> None:
        """The text must hold as many bytes as the shape says."""
        expected = math.prod(self.shape) * (4 if self.dtype == "float32" else 8)
        held = len(self.base64) // 4 * 3 - self.base64.count("=")
        if held != expected:
            raise ShapeError(
                f"An array of shape {self.shape} holds {held} bytes; expected {expected} of {self.dtype}. "
                "Make it with Array.of."
            )

    @classmethod
    def of(cls, values: npt.ArrayLike) -> Array:
        """From anything that NumPy reads; float32 stays float32, all else becomes float64."""
        import numpy as np  # imported here: the definition loads where nothing is installed

        array = np.asarray(values)
        dtype: Literal["float32", "float64"] = "float32" if array.dtype == np.float32 else "float64"
        little = np.ascontiguousarray(array, dtype="<f4" if dtype == "float32" else "<f8")
        return cls(tuple(array.shape), dtype, base64.b64encode(little.tobytes()).decode("ascii"))

    def numpy(self) -> np.ndarray[Any, Any]:
        """The values again, the same bits, read-only."""
        import numpy as np

        flat = np.frombuffer(base64.b64decode(self.base64), "<f4" if self.dtype == "float32" else "<f8")
        return flat.reshape(self.shape)

    def rows(self, first: int, stop: int) -> Array:
        """Steps `first` to `stop - 1` alone."""
        return Array.of(self.numpy()[first:stop])
