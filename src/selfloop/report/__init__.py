"""A study's result as one HTML file: `write_report` to a path, `render_report` as text.

Takes `results.StudyResult` as data: no model, no data set and no torch is needed to write or rewrite a report.
`write_explanation` writes what its models remember, from `explanation.Explanation`.
"""

from selfloop.report.explain.page import render_explanation, write_explanation
from selfloop.report.study.page import render_report, write_report

__all__ = ["render_explanation", "render_report", "write_explanation", "write_report"]
