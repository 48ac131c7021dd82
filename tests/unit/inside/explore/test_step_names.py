"""What a page calls its steps."""

import numpy as np

from selfloop.data.zones import Zone
from selfloop.inside.explore.explore import _times
from selfloop.inside.explore.shown_steps import Part


def test_an_hour_that_a_clock_shows_twice_has_two_names() -> None:
    utc = np.array(["2021-10-30T23:00", "2021-10-31T00:00", "2021-10-31T01:00"], dtype="datetime64[us]")
    assert _times(utc, Zone("Europe/Berlin"), Part(1, 3)) == ("2021-10-31 02:00+02:00", "2021-10-31 02:00+01:00")
    assert _times(utc, None, Part(0, 1)) == ("2021-10-30 23:00",)
    assert _times(utc.astype("datetime64[D]"), Zone("Europe/Berlin", local=True), Part(0, 1)) == ("2021-10-30",)
    assert _times(None, None, Part(0, 1)) == ()
