"""Charts of units at their edges."""

from selfloop.report.charts.units import _areas
from selfloop.results.explanation import Saturation


def test_a_gate_that_is_shut_at_every_step_is_still_drawn() -> None:
    """A chart without a single layer has no width, and none of its page could be written."""
    drawn = _areas(Saturation("input", "i", shut=(1.0, 1.0), open=(0.0, 0.0)))
    assert list(drawn) == ["open"]
    assert {step["high"] for step in drawn["open"]} == {0.0}
