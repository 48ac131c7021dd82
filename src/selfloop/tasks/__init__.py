"""What is asked of sequences: targets, folds, metrics, what a forecaster is shown, and the simple baselines."""
