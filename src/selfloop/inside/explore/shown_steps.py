"""Which steps of a sequence are shown: all of them where the page stays small, the last ones of a long sequence."""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.errors import SettingsError

BUDGET = 1_500_000  # bytes of base64 that numbers may take, so that a page stays under 2 MB
MOST_STEPS = 2000  # of narrow models: the page runs all of them again at every change
FEWEST_STEPS = 50  # of wide models, whose weights alone may exceed the budget


@dataclass(frozen=True)
class Part:
    """Steps first to stop − 1, counted from 0."""

    first: int
    stop: int

    @property
    def steps(self) -> int:
        """How many."""
        return self.stop - self.first


def choose(total: int, *, first: int | None, steps: int | None, fixed: int, each: int, from_start: bool) -> Part:
    """The part to show.

    Args:
        total: steps of the sequence, 1 or more.
        first: the user's choice, counted from 1; None: the end of the sequence, or its start.
        steps: the user's choice; None: as many as stay within the budget.
        fixed: bytes that do not depend on the steps: weights.
        each: bytes of a step, all models together.
        from_start: the models answer from the mean over all steps so far, so a part must begin at the start.

    Raises:
        SettingsError: there are no such steps.
    """
    if steps is not None and steps < 1:
        raise SettingsError(f"steps is {steps}; expected 1 or more.")
    if first is not None and not 1 <= first <= total:
        raise SettingsError(f"first is {first}; expected a step from 1 to {total:,}, those of the sequence.")
    if from_start and first not in (None, 1):
        raise SettingsError(
            f"first is {first}; expected 1, or nothing: this model answers from the mean over all steps so far."
        )
    room = max(FEWEST_STEPS, (BUDGET - fixed) * 3 // (4 * each))
    shown = min(total, steps if steps is not None else min(room, MOST_STEPS))
    if first is not None or from_start:
        start = 0 if first is None else first - 1
        return Part(start, min(total, start + shown))
    return Part(total - shown, total)
