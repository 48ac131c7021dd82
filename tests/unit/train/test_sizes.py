"""Hidden sizes for the closest parameter counts, against trying them all."""

from collections.abc import Callable
from functools import partial
from itertools import product

import pytest

from selfloop.errors import SettingsError
from selfloop.train.sizes import ROOM, parameters, sizes
from train_samples import RECURRENT

SHAPES = [(1, 1, 1, False), (3, 12, 1, False), (9, 8, 1, True), (5, 24, 2, False), (4, 3, 3, True)]


def counts(shape: tuple[int, int, int, bool], names: tuple[str, ...] = RECURRENT) -> dict[str, Callable[[int], int]]:
    return {name: partial(parameters, name, shape) for name in names}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("budget", [500, 1234, 4000, 9999])
def test_no_other_sizes_near_the_budget_are_closer(shape: tuple[int, int, int, bool], budget: int) -> None:
    each = counts(shape)
    if budget < max(count(1) for count in each.values()):
        pytest.skip("not even one unit")
    found = sizes(each, budget)
    assert found.parameters == {name: each[name](h) for name, h in found.hidden.items()}
    assert found.gap == pytest.approx(max(found.parameters.values()) / min(found.parameters.values()) - 1)
    closest = [min(map(count, range(1, 400)), key=lambda c: (abs(c - budget), -c)) for count in each.values()]
    low, high = min((1 - ROOM) * budget, *closest), max((1 + ROOM) * budget, *closest)
    near = [[c for h in range(1, 400) if low <= (c := count(h)) <= high] for count in each.values()]
    best = min(max(combination) / min(combination) - 1 for combination in product(*near))
    assert found.gap == pytest.approx(best, abs=1e-12)
    assert all(low <= count <= high for count in found.parameters.values())


@pytest.mark.parametrize("budget", [4000, 40_000, 1_000_000])
def test_common_budgets_are_met_closely(budget: int) -> None:
    found = sizes(counts((3, 12, 1, False)), budget)
    assert found.gap < {4000: 0.08, 40_000: 0.03, 1_000_000: 0.01}[budget]
    assert all(abs(count / budget - 1) <= ROOM + 0.01 for count in found.parameters.values())


def test_one_candidate_alone_comes_closest_to_the_budget() -> None:
    found = sizes(counts((3, 12, 1, False), ("gru",)), 4000)
    count = partial(parameters, "gru", (3, 12, 1, False))
    assert abs(found.parameters["gru"] - 4000) == min(abs(count(h) - 4000) for h in range(1, 200))
    assert found.gap == 0


def test_too_small_a_budget_says_what_would_do() -> None:
    each = counts((3, 12, 1, False))
    least = each["lstm"](1)
    with pytest.raises(SettingsError) as caught:
        sizes(each, least - 1)
    assert str(caught.value) == (
        f"a budget of {least - 1} parameters is too small: one hidden unit already takes {least}; "
        f"give params={least * 4} or more."
    )
    sizes(each, least)
    sizes(each, least * 4)
