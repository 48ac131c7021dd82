"""Whole sequences as rows of numbers, and the linear models on them that several tasks have to beat."""
