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
STEP_ACCURACY = Metric("accuracy", "accuracy", False, "share of steps whose label was found", "difference")
MACRO_F1 = Metric(
    "macro_f1", "macro F1", False, "mean F1 over the labels that are in the truth or in the answers", "difference"
)
ENTITY_F1 = Metric(
    "entity_f1",
    "entity F1",
    False,
    "F1 of entities, each found as a whole or not, as conlleval counts",
    "difference",
)
NATS = Metric(
    "nats", "loss in nats", True, "mean negative log-likelihood of what came; of a frame, of all its channels"
)
BITS = Metric("bits", "bits", True, "the same in bits: what a step takes in a file that is compressed by the model")
PERPLEXITY = Metric("perplexity", "perplexity", True, "e to the nats: as unsure as among so many alike")
FOUND = Metric(
    "accuracy",
    "accuracy",
    False,
    "share of steps whose likeliest symbol came; of a frame’s channels on or said to be on, those that are both",
    "difference",
)
