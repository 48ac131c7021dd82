"""The table of docs/see.md: networks whose answers are known, through layers, trace and quantities together."""

from __future__ import annotations

import pytest
import torch
from see import exploding, judged, known_answers


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def test_networks_with_weights_set_by_hand():
    wrong = [each for each in known_answers() if not each.right]
    assert not wrong
    assert sum(1 for _ in known_answers()) == 12


def test_the_horizon_comes_out_at_the_lag():
    """Trained in a second or two each; torch's start and chrono's."""
    found = list(judged((5,)))
    horizons = {
        (each.recipe.cell, each.recipe.start): each.insight.horizon.horizon.steps for each in found if each.learnt
    }
    assert set(horizons.values()) == {5}
    assert len(horizons) >= 4
    assert all(each.fair for each in found)


def test_a_gradient_that_explodes_is_said():
    (found,) = exploding((40,))
    assert "exploding" in found.alarms
