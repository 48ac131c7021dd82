"""Train every candidate on the same folds and say what the evidence supports.

The package can be called: `selfloop.compare(data)` is `selfloop.compare.compare(data)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from selfloop.packages import make_callable

if TYPE_CHECKING:
    from selfloop.compare.study import Study as Study
    from selfloop.compare.study import compare as compare

__all__ = ["Study", "compare"]

make_callable(__name__, {"Study": "study", "compare": "study"})  # the statistics are of use without torch
