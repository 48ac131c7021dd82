"""Drawing symbols: temperature, the likeliest few, the nucleus; and what cannot be asked."""

from __future__ import annotations

import numpy as np
import pytest

from selfloop.errors import SettingsError
from selfloop.tasks.next.sampling import Sampler

P = np.array([0.1, 0.4, 0.05, 0.3, 0.15])


def test_a_temperature_divides_the_logarithms() -> None:
    assert Sampler().weights(P) == pytest.approx(P)
    for temperature in (0.5, 2.0):
        wanted = P ** (1 / temperature)
        assert Sampler(temperature).weights(P) == pytest.approx(wanted / wanted.sum())
    assert Sampler(0.0).weights(P).tolist() == [0, 1, 0, 0, 0]
    assert Sampler(1e-4).weights(P) == pytest.approx([0, 1, 0, 0, 0])


def test_the_likeliest_few_keep_their_proportions() -> None:
    assert Sampler(top_k=2).weights(P) == pytest.approx([0, 4 / 7, 0, 3 / 7, 0])
    assert Sampler(top_k=99).weights(P) == pytest.approx(P)


def test_the_nucleus_is_the_smallest_set_that_has_the_share() -> None:
    assert Sampler(top_p=0.4).weights(P) == pytest.approx([0, 1, 0, 0, 0])
    assert Sampler(top_p=0.41).weights(P) == pytest.approx([0, 4 / 7, 0, 3 / 7, 0])
    assert Sampler(top_p=0.8).weights(P) == pytest.approx(np.array([0, 0.4, 0, 0.3, 0.15]) / 0.85)
    assert Sampler(top_p=1.0).weights(P) == pytest.approx(P)
    assert Sampler(top_k=3, top_p=0.5).weights(P) == pytest.approx([0, 4 / 7, 0, 3 / 7, 0])


def test_draws_come_as_often_as_they_should_and_what_cannot_come_never_does() -> None:
    rng, p = np.random.default_rng(0), np.array([0.0, 0.25, 0.0, 0.75, 0.0])
    drawn = [Sampler().draw(p, rng) for _ in range(2000)]
    assert set(drawn) == {1, 3}
    assert np.mean(np.array(drawn) == 3) == pytest.approx(0.75, abs=0.03)  # three standard errors
    frames = np.array([Sampler().draw_on(np.array([0.1, 0.9]), rng) for _ in range(2000)])
    assert frames.mean(0) == pytest.approx([0.1, 0.9], abs=0.021)
    assert Sampler(0.0).draw_on(np.array([0.4, 0.6]), rng).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"temperature": -0.1}, "temperature is -0.1; expected 0 or more"),
        ({"temperature": float("nan")}, "temperature is nan; expected 0 or more"),
        ({"temperature": float("inf")}, "temperature is inf; expected 0 or more"),
        ({"top_k": 0}, "top_k is 0; expected 1 or more"),
        ({"top_p": 0.0}, "top_p is 0; expected a share above 0"),
        ({"top_p": 1.2}, "top_p is 1.2; expected a share above 0, up to 1"),
    ],
)
def test_bad_settings_are_one_sentence(asked: dict[str, float], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Sampler(**asked)  # type: ignore[arg-type]
