"""The layers take the place of torch's: constructor, repr, state_dict, errors, copies, values."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

from selfloop import nn
from selfloop.errors import SettingsError

T, B, I, H = 5, 3, 7, 17  # noqa: E741 (the input size's letter)
PAIRS = [(nn.RNN, torch.nn.RNN), (nn.LSTM, torch.nn.LSTM), (nn.GRU, torch.nn.GRU)]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"num_layers": 2, "bidirectional": True, "batch_first": True, "dropout": 0.25},
    {"bias": False, "dtype": torch.float64},
]


# Sums of at most 17 + 17 products near 1, over 5 steps and 2 layers: their rounding, with room for a few ulp of each
# activation; a wrong equation is off by 1e-2 and more.
TOLERANCE = {torch.float32: 1e-5, torch.float64: 2e-14}


def near(ours: Any, theirs: Any) -> bool:
    """Equal shapes and dtypes, and values within rounding."""
    pairs = list(zip(flat(ours), flat(theirs), strict=True))
    assert all(a.shape == b.shape and a.dtype == b.dtype for a, b in pairs)
    return all(float((a - b).detach().abs().max()) <= TOLERANCE[b.dtype] for a, b in pairs)


def flat(returned: Any) -> list[Tensor]:
    """The tensors of what a layer returned."""
    outputs, last = returned
    return [outputs, *(last if isinstance(last, tuple) else (last,))]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_made_shown_and_run_as_torchs(ours: Any, theirs: Any, options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    layer = ours(I, H, **options)
    torch.manual_seed(0)
    reference = theirs(I, H, **options)
    assert isinstance(layer, theirs)
    assert repr(layer) == repr(reference)
    assert layer.backend == "native"
    assert list(layer.state_dict()) == list(reference.state_dict())
    assert all(map(torch.equal, layer.parameters(), reference.parameters()))
    x = torch.randn(T, B, I, dtype=options.get("dtype"))
    torch.manual_seed(1)
    returned = layer(x)
    torch.manual_seed(1)
    assert near(returned, reference(x))


def test_the_rnns_relu_and_the_lstms_projections_are_passed_on() -> None:
    x = torch.randn(T, B, I)
    relu = nn.RNN(I, H, nonlinearity="relu")
    projected = nn.LSTM(I, H, proj_size=5, dtype=torch.float64)  # in float32 torch warns that it will be slow
    reference = torch.nn.RNN(I, H, nonlinearity="relu")
    reference.load_state_dict(relu.state_dict())
    assert near(relu(x), reference(x))
    assert projected.backend == "torch"
    assert projected(x.double())[0].shape == (T, B, 5)


def test_the_other_reset_is_shown() -> None:
    layer = nn.GRU(I, H, 2, bidirectional=True, reset_after=False)
    assert repr(layer) == "GRU(7, 17, num_layers=2, bidirectional=True, reset_after=False)"
    assert layer.backend == "native"
    assert list(layer.state_dict()) == list(torch.nn.GRU(I, H, 2, bidirectional=True).state_dict())


@pytest.mark.parametrize("reset_after", [0, None, "no"])
def test_a_reset_that_is_neither(reset_after: Any) -> None:
    with pytest.raises(SettingsError, match=r"reset_after is .*; expected True \(PyTorch's GRU\) or False"):
        nn.GRU(I, H, reset_after=reset_after)


def test_the_reset_is_keyword_only() -> None:
    with pytest.raises(TypeError):
        nn.GRU(I, H, 1, True, False, 0.0, False, None, None, False)


@pytest.mark.parametrize(
    ("args", "options"),
    [
        ((0, 17), {}),
        ((7, 0), {}),
        ((7.0, 17), {}),
        ((7, 17), {"num_layers": 0}),
        ((7, 17), {"dropout": 1.5}),
        ((7, 17), {"bias": 1}),
        ((7, 17), {"proj_size": 5}),
        ((7, 17), {"nonlinearity": "relu"}),
        ((7,), {}),
    ],
)
@pytest.mark.parametrize("reset_after", [True, False])
def test_refused_when_made_in_torchs_words(args: Any, options: dict[str, Any], reset_after: bool) -> None:
    with pytest.raises((ValueError, TypeError)) as theirs:
        torch.nn.GRU(*args, **options)
    with pytest.raises(theirs.type) as ours:
        nn.GRU(*args, **options, reset_after=reset_after)
    assert str(ours.value) == str(theirs.value)


def packed(*shape: int) -> Any:
    return torch.nn.utils.rnn.pack_padded_sequence(torch.zeros(*shape), [2, 5, 3], enforce_sorted=False)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(
    ("x", "hx"),
    [
        (torch.zeros(7), None),
        (torch.zeros(1, 5, 3, 7), None),
        (torch.zeros(5, 3, 6), None),
        (torch.zeros(5, 6), None),
        (torch.zeros(0, 0, 7), None),
        (torch.zeros(0, 7), None),
        (torch.zeros(5, 3, 7, dtype=torch.float64), None),
        (torch.zeros(5, 3, 7, dtype=torch.int64), None),
        (torch.zeros(5, 3, 7), torch.zeros(4, 17)),
        (torch.zeros(5, 3, 7), torch.zeros(4, 2, 17)),
        (torch.zeros(5, 3, 7), torch.zeros(3, 3, 17)),
        (torch.zeros(4, 4, 7), torch.zeros(4, 4, 17, dtype=torch.float64)),
        (torch.zeros(5, 3, 7), (torch.zeros(4, 3, 17),)),
        (torch.zeros(5, 7), torch.zeros(4, 1, 17)),
        (torch.zeros(5, 7), torch.zeros(4, 16)),
        (packed(5, 3, 6), None),
        (packed(5, 3, 7), torch.zeros(4, 2, 17)),
        (packed(5, 3, 7), torch.zeros(4, 3, 17, dtype=torch.float64)),
        ([[1.0]], None),
        (None, None),
    ],
)
def test_refused_when_run_in_torchs_words(x: Any, hx: Any, batch_first: bool) -> None:
    options: dict[str, Any] = {"num_layers": 2, "bidirectional": True, "batch_first": batch_first}
    with pytest.raises((ValueError, RuntimeError, AttributeError, IndexError)) as theirs:
        torch.nn.GRU(I, H, **options)(x, hx)
    for reset_after in (True, False):
        with pytest.raises(theirs.type) as ours:
            nn.GRU(I, H, **options, reset_after=reset_after)(x, hx)
        assert str(ours.value) == str(theirs.value)


def layers() -> list[torch.nn.RNNBase]:
    torch.manual_seed(0)
    return [
        nn.RNN(I, H),
        nn.LSTM(I, H),
        nn.GRU(I, H),
        nn.GRU(I, H, num_layers=2, bidirectional=True, reset_after=False),
    ]


def saved(layer: torch.nn.RNNBase) -> torch.nn.RNNBase:
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    loaded: torch.nn.RNNBase = torch.load(file, weights_only=False)
    return loaded


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, lambda layer: pickle.loads(pickle.dumps(layer)), saved])
@pytest.mark.parametrize("k", range(4))
def test_a_copy_is_the_same_layer(k: int, copied: Any) -> None:
    layer, x = layers()[k], torch.randn(T, B, I)
    twin = copied(layer)
    assert type(twin) is type(layer)
    assert repr(twin) == repr(layer)
    assert twin.backend == layer.backend
    assert all(map(torch.equal, flat(twin(x)), flat(layer(x))))


@pytest.mark.parametrize("k", range(4))
def test_weights_go_to_torchs_layer_and_back(k: int) -> None:
    layer = layers()[k]
    options = {"num_layers": layer.num_layers, "bidirectional": layer.bidirectional}
    theirs = {"RNN_TANH": torch.nn.RNN, "LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}[layer.mode](I, H, **options)
    theirs.load_state_dict(layer.state_dict())
    other = copy.deepcopy(layer)
    with torch.no_grad():
        for weight in other.parameters():
            weight.zero_()
    other.load_state_dict(theirs.state_dict())
    x = torch.randn(T, B, I)
    assert all(map(torch.equal, flat(other(x)), flat(layer(x))))


def test_a_pickled_state_of_torchs_gru_resets_after() -> None:
    reference = torch.nn.GRU(I, H)
    layer: Any = nn.GRU.__new__(nn.GRU)
    layer.__setstate__(reference.__getstate__())  # it has no entry for the reset
    assert layer.reset_after
    assert repr(layer) == repr(reference)
    x = torch.randn(T, B, I)
    assert near(layer(x), reference(x))
