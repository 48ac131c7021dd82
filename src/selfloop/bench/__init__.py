"""How fast the layers are, against torch's and whatever else is installed: `selfloop bench`.

    >>> works = combinations(["lstm"], ["training"], batch=[32], steps=[100], inputs=[16], hidden=[64])
    >>> bench = run(Plan(works))
    >>> bench.points[0].against("torch").ratio

All sides run in one process and take turns, after a check that they compute the same.
"""

from selfloop.bench.plan import Plan, Work, combinations, standard_grid
from selfloop.bench.progress import Progress
from selfloop.bench.run import run
from selfloop.results.bench import Bench, Mean, Peak, Point, Ratio, Shape

__all__ = [
    "Bench",
    "Mean",
    "Peak",
    "Plan",
    "Point",
    "Progress",
    "Ratio",
    "Shape",
    "Work",
    "combinations",
    "run",
    "standard_grid",
]
