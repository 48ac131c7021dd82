"""What a run tells while it goes on."""

from __future__ import annotations

from selfloop.results.bench import Point


class Progress:
    """Hears of every point; this one says nothing."""

    def say(self, text: str) -> None:
        """Something that the user should know now."""

    def begin(self, total: int) -> None:
        """So many points will be timed."""

    def next(self, what: str) -> None:
        """This is timed now."""

    def finished(self, point: Point) -> None:
        """A point is done; its shares of the peak are not known yet."""

    def stop(self) -> None:
        """No more points, because all are done or something went wrong."""
