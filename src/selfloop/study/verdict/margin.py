"""How large a difference has to be to matter: fixed before anything runs, as a share of the error."""

from __future__ import annotations

from collections.abc import Sequence

from selfloop.results.study import Metric, Row

OF_AN_ERROR = 0.03  # of scores that are errors
OF_THE_MISTAKES = 0.10  # of scores that are shares found: 0.97 against 0.95 is 40 % fewer mistakes
LEAST = 0.005  # half a percentage point: less is nothing that anyone would act on


def margin(metric: Metric, board: Sequence[Row], wanted: float | None) -> float:
    """In the metric's unit: 0.03 is 3 % of an error, or 3 percentage points of a share that was found.

    Args:
        metric: that decides.
        board: best first; shares that are found are judged by what the best one misses.
        wanted: share of the error, as the user set it; None: the defaults above.
    """
    if metric.effect == "ratio":
        return OF_AN_ERROR if wanted is None else wanted
    missed = 1 - max((row.score for row in board if row.score is not None and row.unscored == 0), default=0.0)
    return max(OF_THE_MISTAKES * missed, LEAST) if wanted is None else wanted * missed
