"""Tools of torch's that look into layers: exported programs, per-sample gradients, counted operations, autocast.

The oracle is torch's own layer with the same weights; of counted operations, the products counted by hand.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils._per_sample_grad import call_for_per_sample_grads
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.flop_counter import FlopCounterMode

from selfloop import nn

T, B, I, H = 5, 3, 7, 9  # noqa: E741 (the input size's letter)
PAIRS: list[tuple[Any, Any]] = [(nn.RNN, torch.nn.RNN), (nn.LSTM, torch.nn.LSTM), (nn.GRU, torch.nn.GRU)]
GATES = {nn.RNN: 1, nn.LSTM: 4, nn.GRU: 3}
both = pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=["rnn", "lstm", "gru"])


def pair(ours: Any, theirs: Any, **options: Any) -> tuple[Any, Any]:
    torch.manual_seed(0)
    a, b = ours(I, H, **options), theirs(I, H, **options)
    b.load_state_dict(a.state_dict())
    return a, b


def flat(returned: Any) -> list[Tensor]:
    outputs, last = returned
    outputs = outputs.data if hasattr(outputs, "batch_sizes") else outputs
    return [outputs, *(last if isinstance(last, tuple) else (last,))]


class Three(torch.nn.Module):
    """One layer of each kind, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.ModuleList([nn.RNN(I, H), nn.LSTM(H, H), nn.GRU(H, H)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)[0]
        return x


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ours.pt2` of our layers, `known.pt` with what it reads and answers, `theirs.pt2` without any of ours."""
    folder, model, x = tmp_path_factory.mktemp("programs"), Three(), torch.randn(T, B, I)
    torch.export.save(torch.export.export(model, (x,)), folder / "ours.pt2")
    torch.save([x, model(x)], folder / "known.pt")
    torch.export.save(torch.export.export(torch.nn.Linear(I, 2), (x,)), folder / "theirs.pt2")
    return folder


def printed(*lines: str) -> str:
    """What a new process prints that runs these lines."""
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", "\n".join(lines)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.mark.parametrize("first", ["import selfloop, torch", "import torch._export.serde.serialize, torch, selfloop"])
def test_a_program_is_loaded_after_import_selfloop_alone(programs: Path, first: str) -> None:
    said = printed(
        first,
        f"x, y = torch.load({str(programs / 'known.pt')!r})",
        f"program = torch.export.load({str(programs / 'ours.pt2')!r})",
        "print(torch.equal(program.module()(x), y))",
    )
    assert said == "True"


def test_programs_of_others_are_loaded_where_the_kernels_are_not_built(programs: Path) -> None:
    said = printed(
        "import sys",
        "sys.modules['selfloop._native'] = None",  # as where it is missing
        "import selfloop, torch",
        f"program = torch.export.load({str(programs / 'theirs.pt2')!r})",
        "print(tuple(program.module()(torch.zeros(5, 3, 7)).shape))",
    )
    assert said == "(5, 3, 2)"


@both
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False}])
def test_expanded_weights(ours: Any, theirs: Any, options: dict[str, Any]) -> None:
    """As torch's layers have them: a gradient a sample in `grad_sample`."""
    x, found = torch.randn(B, T, I, dtype=torch.float64), []
    for layer in pair(ours, theirs, batch_first=True, dtype=torch.float64, **options):
        call_for_per_sample_grads(layer, batch_size=B)(x)[0].square().sum().backward()
        found.append([weight.grad_sample for weight in layer.parameters()])
    alone = pair(ours, theirs, batch_first=True, dtype=torch.float64, **options)[1]
    for b in range(B):  # and they are what each sample's own backward gives
        alone.zero_grad()
        alone(x[b : b + 1])[0].square().sum().backward()
        for mine, reference, own in zip(*found, alone.parameters(), strict=True):
            assert torch.equal(mine[b], reference[b])
            torch.testing.assert_close(mine[b], own.grad, rtol=1e-9, atol=1e-11)


@pytest.mark.filterwarnings("ignore:`torch.jit.:DeprecationWarning", "ignore::torch.jit.TracerWarning")
@both
def test_per_sample_gradients_by_transforms(ours: Any, theirs: Any) -> None:
    mine, reference = pair(ours, theirs, dtype=torch.float64)
    x, weights = torch.randn(T, B, I, dtype=torch.float64), dict(mine.named_parameters())

    def loss(weights: Any, x: Tensor) -> Tensor:
        y: Tensor = torch.func.functional_call(mine, weights, (x[:, None],))[0]
        return y.square().sum()

    found = torch.func.vmap(torch.func.grad(loss), (None, 1))(weights, x)
    for b in range(B):
        reference.zero_grad()
        reference(x[:, b : b + 1])[0].square().sum().backward()
        for name, weight in reference.named_parameters():
            torch.testing.assert_close(found[name][b], weight.grad, rtol=1e-9, atol=1e-11)


def counted(layer: Any, x: Tensor, **more: Any) -> tuple[int, int]:
    """Operations of forward, and of backward."""
    with FlopCounterMode(display=False) as ahead:
        total = flat(layer(x, **more))[0].square().sum()
    with FlopCounterMode(display=False) as back:
        total.backward()
    return ahead.get_total_flops(), back.get_total_flops()


@both
@pytest.mark.parametrize("asked", [True, False])
def test_operations_are_counted(ours: Any, theirs: Any, asked: bool) -> None:
    """Two for a multiply-add: W x and U h of every row; backward dh, both weights' gradients and, if asked for, dx."""
    layer, x = ours(I, H, num_layers=2, bidirectional=True), torch.randn(T, B, I, requires_grad=asked)
    each = 2 * T * B * GATES[ours] * H * 2  # of both directions
    lower, upper = each * I, each * 2 * H
    states = 2 * each * H
    ahead, back = counted(layer, x)
    assert ahead == lower + upper + states
    assert back == states + upper + (lower if asked else 0) + (lower + upper + states)


@pytest.mark.parametrize(("ours", "theirs"), [PAIRS[0], PAIRS[2]], ids=["rnn", "gru"])
def test_forward_is_counted_as_torch_counts_its_own(ours: Any, theirs: Any) -> None:
    """Its LSTM is oneDNN's, of which torch counts nothing."""
    mine, reference = pair(ours, theirs, num_layers=2, bidirectional=True)
    x = torch.randn(T, B, I)
    with FlopCounterMode(display=False) as ahead:
        mine(x)
    with FlopCounterMode(display=False) as torchs:
        reference(x)
    assert ahead.get_total_flops() == torchs.get_total_flops() > 0


@both
def test_rows_of_packed_sequences_are_counted(ours: Any, theirs: Any) -> None:
    layer, lengths = ours(I, H), [2, 5, 3]
    with FlopCounterMode(display=False) as ahead:
        layer(pack_padded_sequence(torch.randn(T, B, I), lengths, enforce_sorted=False))
    assert ahead.get_total_flops() == 2 * sum(lengths) * GATES[ours] * H * (I + H)


def dtypes(returned: Any) -> set[torch.dtype]:
    return {part.dtype for part in flat(returned)}


def states(layer: Any, dtype: torch.dtype | None) -> Any:
    if dtype is None:
        return None
    h = torch.zeros(layer.num_layers * (1 + layer.bidirectional), B, H, dtype=dtype)
    return (h, h.clone()) if isinstance(layer, torch.nn.LSTM) else h


@both
@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}])
def test_autocast_gives_torchs_own_dtypes(ours: Any, theirs: Any, half: torch.dtype, options: dict[str, Any]) -> None:
    """Of every dtype of inputs and of states to start from."""
    mine, reference = pair(ours, theirs, **options)
    x = torch.randn(T, B, I)
    exact = flat(mine(x))
    tried = 0
    for given in (torch.float32, half):
        for start in (None, torch.float32, half):
            with torch.autocast("cpu", dtype=half):
                returned = mine(x.to(given), states(mine, start))
                assert len(dtypes(returned)) == 1
                mine.zero_grad()
                flat(returned)[0].sum().backward()
                assert all(weight.grad.dtype is torch.float32 for weight in mine.parameters())
                for part, true in zip(flat(returned), exact, strict=True):
                    assert (part.float() - true).abs().max() < 0.02  # of a half, 8 bits and a few roundings
                if theirs is torch.nn.LSTM and given is torch.float32:  # oneDNN's, on processors that have it: half
                    assert dtypes(returned) == {half}
                    continue
                assert dtypes(returned) == dtypes(reference(x.to(given), states(reference, start)))
                tried += 1
    assert tried == (3 if theirs is torch.nn.LSTM else 6)


@both
def test_autocast_of_packed_sequences(ours: Any, theirs: Any) -> None:
    mine, reference = pair(ours, theirs)
    packed = pack_padded_sequence(torch.randn(T, B, I), [2, 5, 3], enforce_sorted=False)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = dtypes(mine(packed))
        expected = {torch.bfloat16} if theirs is torch.nn.LSTM else dtypes(reference(packed))
    assert found == expected
