"""One side of a comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Side:
    """One way to compute a work.

    Attributes:
        name: "selfloop", or the peer's.
        call: what is timed; returns what it computed.
        read: what `call` returned, as arrays: "output" (T, B, H), "h_n" and "c_n" (B, H), and in training the gradient
            of every weight by its name; of one step "h_n" and "c_n" alone.
        backend: what ran it.
    """

    name: str
    call: Callable[[], Any]
    read: Callable[[Any], Arrays]
    backend: str
