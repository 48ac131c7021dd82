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


def choose(
    total: int, *, first: int | None, steps: int | None, fixed: int, each: int, edges: tuple[int, ...] = ()
) -> Part:
    """The part to show.

    Args:
        total: steps of the sequence, 1 or more.
        first: the user's choice, counted from 1; None: the end of the sequence, or its start.
        steps: the user's choice; None: as many as stay within the budget.
        fixed: bytes that do not depend on the steps: weights.
        each: bytes of a step, all models together.
        edges: where a part must begin, and the end of the last one: what the models answer is made of all steps of a
            part; empty: anywhere.

    Raises:
        SettingsError: there are no such steps.
    """
    if steps is not None and steps < 1:
        raise SettingsError(f"steps is {steps}; expected 1 or more.")
    if first is not None and not 1 <= first <= total:
        raise SettingsError(f"first is {first}; expected a step from 1 to {total:,}, those of the sequence.")
    if edges and first is not None and first - 1 not in edges[:-1]:
        raise SettingsError(_only_from(first, edges))
    room = max(FEWEST_STEPS, (BUDGET - fixed) * 3 // (4 * each))
    shown = min(total, steps if steps is not None else min(room, MOST_STEPS))
    if first is not None or edges:
        start = 0 if first is None else first - 1
        return Part(start, min([total, start + shown, *(edge for edge in edges if edge > start)]))
    return Part(total - shown, total)


def _only_from(first: int, edges: tuple[int, ...]) -> str:
    """Where a part can begin."""
    begins = [f"{edge + 1:,}" for edge in edges[:-1]]
    if len(begins) == 1:
        return f"first is {first}; expected 1, or nothing: this model answers from the mean over all steps so far."
    some = ", ".join(begins[:4]) + (", ..." if len(begins) > 4 else "")
    return (
        f"first is {first}; expected one of {some}: this model reads in both directions, long sequences in pieces that "
        "begin there."
    )
