"""The metrics by name."""

from __future__ import annotations

from selfloop.results.study import Metric

MASE = Metric("mase", "MASE", True, "mean absolute error over that of the seasonal naive forecast on the training part")
MAE = Metric("mae", "MAE", True, "mean absolute error, in the target's own unit")
RMSE = Metric("rmse", "RMSE", True, "root mean squared error, in the target's own unit")
SMAPE = Metric("smape", "sMAPE", True, "symmetric mean absolute percentage error, 0 to 200")
ACCURACY = Metric("accuracy", "accuracy", False, "share of sequences whose class was found", "difference")
BALANCED_ACCURACY = Metric(
    "balanced_accuracy", "balanced accuracy", False, "mean over classes of the share found", "difference"
)
LOG_LOSS = Metric("log_loss", "log loss", True, "mean negative log probability of the true class")
