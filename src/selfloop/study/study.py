"""A finished study as Python holds it: its results, its verdict, its models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfloop.data.frames import Library, frame_of
from selfloop.errors import StudyError
from selfloop.models.predictor import Predictor
from selfloop.report.explain.page import EXPLANATION
from selfloop.results.explanation import Explanation
from selfloop.results.study import StudyResult, Verdict
from selfloop.study.board import text_of
from selfloop.study.folder import KeptFolder
from selfloop.study.tables import board_rows, columns_of, result_rows
from selfloop.train.saved import load_model

RESULTS, REPORT = "results.csv", "report.html"


@dataclass(frozen=True, eq=False)
class Study:
    """A finished comparison.

    Attributes:
        result: everything that was found, as data.
        folder: where store, models, report and results.csv are.
        explanation: what the recurrent models remember; None where it was not asked for, or there is no such model.
        library: that its frames are of: the user's.
    """

    result: StudyResult
    folder: Path
    explanation: Explanation | None = None
    library: Library = "polars"
    _kept: KeptFolder | None = None  # of a study without a folder of the user's

    @property
    def leaderboard(self) -> Any:
        """A frame of the user's own library, a row a candidate, best first; `result.leaderboard` has it as objects."""
        return frame_of(columns_of(board_rows(self.result)), self.library)

    @property
    def verdict(self) -> Verdict:
        """The pick, the claims, and both in words."""
        return self.result.verdict

    @property
    def best(self) -> Predictor:
        """The pick's model, refitted on all data; a baseline's where a baseline is the pick.

        Where the pick is an entry of your own, which no file can hold, the best of the others; the study says which.
        """
        return self._model("best_saved" if "best_saved" in self.result.models else "pick")

    @property
    def best_recurrent(self) -> Predictor:
        """The best recurrent model, refitted on all data."""
        return self._model("best_recurrent")

    @property
    def results(self) -> Any:
        """A frame of the user's own library, a row a trial, as in results.csv."""
        return frame_of(columns_of(result_rows(self.result)), self.library)

    def __repr__(self) -> str:
        """The leaderboard and the verdict, and where the rest is."""
        return f"{text_of(self.result)}\n\n{self._rest}"

    def _repr_html_(self) -> str:
        """The same as a notebook shows it."""
        from selfloop.report.study.cell import study_cell

        return study_cell(self.result, "" if self._kept else str(self.folder / REPORT))

    @property
    def _rest(self) -> str:
        if self._kept:
            return 'study.report("report.html") writes the whole report.'
        return f"The whole report is in {self.folder / REPORT}."

    def _model(self, role: str) -> Predictor:
        if role not in self.result.models:
            raise StudyError(f"this study saved no model as its {role.replace('_', ' ')}: its training diverged.")
        return load_model(self.folder / self.result.models[role])

    def report(self, path: str | Path) -> Path:
        """Write the report: one HTML file; beside it `explain.html`, which steps through the recurrent models."""
        from selfloop.report import write_explanation, write_report

        if self.explanation is not None:
            write_explanation(self.explanation, Path(path).with_name(EXPLANATION))
        return write_report(self.result, Path(path), self.explanation)
