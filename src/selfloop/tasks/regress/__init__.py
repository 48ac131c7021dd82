"""Regression: one number, or several, for a whole sequence."""
