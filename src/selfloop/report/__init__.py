"""A study's result as one HTML file: `write_report` to a path, `render_report` as text.

Takes `results.StudyResult` as data: no model, no data set and no torch is needed to write or rewrite a report.
"""

from selfloop.report.render import render_report, write_report

__all__ = ["render_report", "write_report"]
