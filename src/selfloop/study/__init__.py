"""Train every candidate on the same folds and say what the evidence supports: `selfloop.compare`."""
