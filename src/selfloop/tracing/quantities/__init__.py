"""What can be read from a trace: small pure functions on NumPy arrays, each with its formula and its source.

T steps, B sequences, H hidden units. No torch here.
"""

from selfloop.tracing.quantities.gates import saturation, time_constants
from selfloop.tracing.quantities.horizon import horizon_curve, horizon_of, lag_grid, replaced
from selfloop.tracing.quantities.lags import by_lag, covered, growth, slope, truncation
from selfloop.tracing.quantities.ledger import ledger
from selfloop.tracing.quantities.paths import gradient_paths

__all__ = [
    "by_lag",
    "covered",
    "gradient_paths",
    "growth",
    "horizon_curve",
    "horizon_of",
    "lag_grid",
    "ledger",
    "replaced",
    "saturation",
    "slope",
    "time_constants",
    "truncation",
]
