"""Forecasting: the next steps of one or many series, from every step on."""
