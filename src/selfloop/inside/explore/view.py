"""What `selfloop.explore` returns where nothing shows widgets: it writes the page."""

from __future__ import annotations

from pathlib import Path

from selfloop.results.exploration import Exploration


class Explorer:
    """A model's numbers on a sequence.

    Attributes:
        exploration: everything that is shown, as data.
    """

    exploration: Exploration

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration

    def to_html(self, path: str | Path) -> Path:
        """Write one HTML file that needs nothing else, and return its path.

        Raises:
            StudyError: the file cannot be written.
        """
        from selfloop.report.explore import write_explorer

        return write_explorer(self.exploration, path)

    def __repr__(self) -> str:
        """What it is, and how to see it."""
        labels = ", ".join(model.label for model in self.exploration.models)
        return (
            f"Explorer of {labels} on {self.exploration.data}, sequence {self.exploration.sequence}, "
            f"{self.exploration.steps:,} steps: .to_html(path) writes it; pip install selfloop[notebook] shows it here."
        )
