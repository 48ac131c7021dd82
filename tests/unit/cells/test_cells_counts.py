"""Parameters against torch's, operations against what torch is seen to compute."""

from __future__ import annotations

from typing import Any

import pytest
from cell_cases import ALL, B, H, I, make
from torch.utils._python_dispatch import TorchDispatchMode

from selfloop.cells import Cell, cells_of


class MultiplyAdds(TorchDispatchMode):
    """Counts m·n·k for each matrix product and one for each element of an elementwise product."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch.utils._python_dispatch has no annotations
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        if name in ("mm", "addmm"):
            left, right = args[-2:]
            self.total += left.shape[0] * left.shape[1] * right.shape[1]
        elif name == "mul":
            self.total += result.numel()
        return result


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", ALL)
def test_operations_of_a_step(kind: type[Cell], bias: bool) -> None:
    case = make(kind, bias=bias)
    ((cell,),) = cells_of(kind, case.weights)
    with MultiplyAdds() as counted:
        cell.step(case.x[0], **{name[0]: state[0] for name, state in case.starts.items()})
    assert counted.total == B * kind.kind.operations(I, H)


@pytest.mark.parametrize("kind", ALL)
def test_parameters_are_torchs(kind: type[Cell]) -> None:
    assert kind.kind.parameters(I, H) == sum(weight.numel() for weight in make(kind).layer.parameters())


@pytest.mark.parametrize(("kind", "operations"), list(zip(ALL, [408, 408, 1683, 1275, 1275], strict=True)))
def test_operations_by_hand(kind: type[Cell], operations: int) -> None:
    # 7 inputs and 17 units: 17·24 = 408 for each gate, and 3·17 = 51 between gates and states.
    assert kind.kind.operations(7, 17) == operations
