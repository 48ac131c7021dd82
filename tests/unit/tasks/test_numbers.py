"""Symbols are no sizes: tasks that read numbers refuse them."""

import polars as pl
import pytest

from selfloop.data import load
from selfloop.errors import SettingsError
from selfloop.study.experiment import make_experiment
from selfloop.study.settings import Settings

EVENTS = pl.DataFrame({"id": [1, 1, 2, 2], "w": ["a", "b", "b", "a"], "side": ["l"] * 4, "label": [0, 0, 1, 1]})


def test_a_forecast_of_symbols_is_refused() -> None:
    data = load(EVENTS, target="w")
    with pytest.raises(
        SettingsError, match=r"^'w' of frame holds symbols, and task forecast reads numbers; .* inputs="
    ):
        make_experiment(data, None, Settings(task="forecast"))


def test_symbols_of_whole_sequences_are_refused() -> None:
    data = load(EVENTS, label="label", inputs=("w", "side"))
    with pytest.raises(SettingsError, match=r"^'w' and 'side' of frame hold symbols, and task classify reads numbers"):
        make_experiment(data, None, Settings(task="classify"))
