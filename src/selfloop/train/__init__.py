"""Networks, the training loop, and the models that come of it."""

from selfloop.train.predictor import Predictor, load_model

__all__ = ["Predictor", "load_model"]
