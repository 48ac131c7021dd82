"""Symbols become vectors that are learnt; numbers pass; networks of numbers alone have no such part."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from selfloop.tasks.asked import Readout
from selfloop.tasks.model import Symbols, fed, numbers_of
from selfloop.tasks.output import Classes
from selfloop.train.encoder import RecurrentEncoder
from selfloop.train.front import Front, front_of
from selfloop.train.network import Encoder, Network
from selfloop.train.sizes import sizes
from selfloop.train.windows import LastWindowEncoder, WindowEncoder

T, B = 7, 3
SYMBOLS = (Symbols(1, 2, 6, 4), Symbols(3, 6, 9, 5))  # of six columns: 0 and 2 are numbers
COLUMNS = 6


def inputs(seed: int = 0) -> torch.Tensor:
    made = torch.Generator().manual_seed(seed)
    x = torch.randn(T, B, COLUMNS, generator=made)
    for each in SYMBOLS:
        for column in range(each.first, each.stop):
            x[..., column] = torch.randint(0, each.rows, (T, B), generator=made).float()
    return x


def by_hand(front: Front, x: torch.Tensor) -> np.ndarray:
    """Row by row, in NumPy."""
    tables = [table.detach().numpy() for table in front.parameters()]
    found = np.zeros((T, B, fed(COLUMNS, SYMBOLS)), dtype=np.float32)
    for t in range(T):
        for b in range(B):
            row = [float(x[t, b, 0]), float(x[t, b, 2])]
            row += tables[0][int(x[t, b, 1])].tolist()
            row += sum(tables[1][int(x[t, b, k])] for k in (3, 4, 5)).tolist()
            found[t, b] = row
    return found


def test_numbers_come_first_then_the_sum_of_each_tables_vectors() -> None:
    torch.manual_seed(0)
    front, x = Front(COLUMNS, SYMBOLS), inputs()
    assert front(x).detach().numpy() == pytest.approx(by_hand(front, x), rel=1e-6, abs=1e-6)
    assert numbers_of(COLUMNS, SYMBOLS) == [0, 2]
    assert front.names(("a", "word", "b", "part", "x", "y")) == (
        "a", "b", *(f"word {k}" for k in range(1, 5)), *(f"part {k}" for k in range(1, 6)),
    )  # fmt: skip


def test_nothing_and_what_was_never_met_add_nothing() -> None:
    front = Front(2, (Symbols(0, 2, 5, 3),))
    assert bool((front(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])) == 0).all())
    assert bool((front(torch.tensor([[2.0, 0.0]])) != 0).all())


def test_nothing_is_never_learnt_and_the_unknown_is() -> None:
    front = Front(1, (Symbols(0, 1, 4, 3),))
    front(torch.tensor([[0.0], [1.0], [3.0]])).square().sum().backward()
    front.zero_grad()
    (front(torch.tensor([[0.0], [1.0], [3.0]])) - 1).square().sum().backward()
    (table,) = front.tables
    gradient = table.weight.grad
    assert isinstance(gradient, torch.Tensor)
    assert [bool((row != 0).any()) for row in gradient] == [False, True, False, True]


@pytest.mark.parametrize(
    "encoder",
    [
        RecurrentEncoder("lstm", fed(COLUMNS, SYMBOLS), 5, 2, both=True),
        WindowEncoder(fed(COLUMNS, SYMBOLS), 5, 3),
        LastWindowEncoder(fed(COLUMNS, SYMBOLS), 5, 3),
    ],
    ids=lambda encoder: type(encoder).__name__,
)
def test_every_encoder_reads_what_the_front_makes(encoder: Encoder) -> None:
    torch.manual_seed(1)
    readout: Readout = "last" if isinstance(encoder, LastWindowEncoder) else "step"
    network = Network(encoder, readout, Classes(3), Front(COLUMNS, SYMBOLS))
    plain = Network(encoder, readout, Classes(3))
    plain.head.load_state_dict(network.head.state_dict())
    assert network.front is not None
    x = inputs(2)
    assert network.inputs == COLUMNS
    assert torch.equal(network(x)[0], plain(network.front(x))[0])
    assert network.operations == plain.operations, "to look a vector up costs no multiply-add"


def test_a_network_of_numbers_has_no_front_and_the_names_it_always_had() -> None:
    network = Network(RecurrentEncoder("gru", 2, 3, 1, both=False), "step", Classes(2), front_of(2, ()))
    assert network.front is None
    assert [name.split(".")[0] for name in network.state_dict()] == ["encoder"] * 4 + ["head"] * 2
    assert network.inputs == 2


def test_tables_count_in_every_candidates_parameters_and_hide_no_difference() -> None:
    each = {"a": lambda h: 7 * h + 1, "b": lambda h: 11 * h + 2}
    alone, beside = sizes(each, 500), sizes(each, 500, tables=100_000)
    assert beside.hidden == alone.hidden
    assert beside.parameters == {name: count + 100_000 for name, count in alone.parameters.items()}
