"""Estimators in scikit-learn's manner over what a study does: one cell, or the whole comparison inside."""
