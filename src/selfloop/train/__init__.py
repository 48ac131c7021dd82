"""Networks, the training loop, and the models that come of it."""
