"""A layer of any registered cell, in plain torch: no kernel, but everything else that the others have."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from selfloop.cells import Cell, Unrolled, equations_of, run_layers
from selfloop.cells.layers import DIRECTIONS
from selfloop.errors import ShapeError
from selfloop.kernels import record
from selfloop.kernels.copies import held, writes_to
from selfloop.kernels.equations import transforming
from selfloop.kernels.rerun import Rerun, Watched
from selfloop.kinds import Kind, kind_of
from selfloop.nn.fallback import eagerly
from selfloop.nn.lengths import read_lengths


class EquationLayer(torch.nn.Module):
    """One layer of a cell, forwards or in both directions, by the cell's equations.

    Parameters are those of the cell's kind: where it says nothing else, torch's names and shapes ("weight_ih_l0",
    "bias_hh_l0_reverse"), which start as torch's do.

    Args:
        kind: the cell, or its name.
        input_size: I.
        hidden_size: H.
        bias: with b_ih and b_hh.
        bidirectional: read backwards, too; outputs are (T, B, 2*H) then.
        device: as for torch's layers.
        dtype: as for torch's layers.

    Raises:
        SettingsError: there is no such cell, or it has no equations.
    """

    num_layers, proj_size, batch_first = 1, 0, False

    def __init__(
        self,
        kind: Kind | str,
        input_size: int,
        hidden_size: int,
        *,
        bias: bool = True,
        bidirectional: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.cell_kind = kind if isinstance(kind, Kind) else kind_of(kind)
        self.input_size, self.hidden_size = input_size, hidden_size
        self.bias, self.bidirectional = bias, bidirectional
        self._make(device, dtype)
        self.reset_parameters()

    def _make(self, device: Any, dtype: torch.dtype | None) -> None:
        """The parameters."""
        assert self.equations, "raises where there are none"
        for direction in DIRECTIONS[: 2 if self.bidirectional else 1]:
            for weight in self.cell_kind.weights:
                if self.bias or not weight.bias:
                    shape = weight.sizes(self.input_size, self.hidden_size)
                    made = torch.nn.Parameter(torch.empty(shape, device=device, dtype=dtype))
                    self.register_parameter(f"{weight.parameter}_l0{direction}", made)

    @property
    def equations(self) -> type[Cell]:
        """What it runs by."""
        return equations_of(self.cell_kind)

    def weights(self, direction: str = "") -> dict[str, Tensor]:
        """One direction's ("", "_reverse"), by their names in the equations; biases only where it has them."""
        return {
            weight.name: getattr(self, f"{weight.parameter}_l0{direction}")
            for weight in self.cell_kind.weights
            if self.bias or not weight.bias
        }

    def reset_parameters(self) -> None:
        """As the cell's kind says; torch's weights as torch's layers start, uniform between -1/√H and 1/√H."""
        for direction in DIRECTIONS[: 2 if self.bidirectional else 1]:
            self.equations.start(self.weights(direction), self.input_size, self.hidden_size)

    def _named_weights(self) -> dict[str, Tensor]:
        """As they are for this call, by their names in a `state_dict`."""
        return {name: getattr(self, name) for name in self._parameters}

    @property
    def backend(self) -> str:
        """What runs its calls: always "cells", the equations in plain torch."""
        return "cells"

    def extra_repr(self) -> str:
        """Sizes, as torch's layers show them."""
        said = f"{self.cell_kind.name!r}, {self.input_size}, {self.hidden_size}"
        return said + ("" if self.bias else ", bias=False") + (", bidirectional=True" if self.bidirectional else "")

    def forward(
        self,
        input: Tensor,  # (T, B, I)
        hx: Any = None,  # (D, B, H), or a pair of them
        lengths: Any = None,  # (B,)
    ) -> tuple[Tensor, Any]:
        """Read sequences, time first.

        Args:
            input: all sequences, padded.
            hx: the states to start from, zeros if left out: h, for a cell that also has c the pair (h, c).
            lengths: integers from 0 to T, the valid steps of each sequence; all if left out. The backward direction
                starts at each sequence's own last step. Outputs beyond are zeros.

        Returns:
            The outputs, (T, B, D*H), and the last states as `hx`.

        Raises:
            ShapeError: something does not fit.
        """
        if torch.compiler.is_dynamo_compiling() and record.active is not None:
            return eagerly(self.forward, input, hx, lengths)  # type: ignore[no-any-return]
        if not isinstance(input, Tensor):
            raise ShapeError(
                f"input is a {type(input).__name__}; expected a tensor (T, B, I). Pad it, and give lengths."
            )
        if lengths is not None:
            lengths = read_lengths(lengths, input, self.batch_first)
        weights = self._named_weights()
        starts = self._starts(hx)
        named: dict[str, Any] = {f"{name}0": state for name, state in starts.items()}
        ran = run_layers(self.equations, weights, input, lengths=lengths, **named)
        outputs = (ran.outputs, *(ran.last[name] for name in self.cell_kind.states))
        if record.active is not None and (recorder := record.recorder_of(self)) is not None:
            outputs = self._recorded(recorder, Rerun(
                self, self.equations, held(input), writes_to(input), _copies(starts), lengths,
                dict(zip(weights, recorder.weights_of((id(self), 0), list(weights.values())), strict=True)),
                tuple(map(_detached, ran.runs)),
            ), outputs)  # fmt: skip
        y, *last = outputs
        return y, last[0] if len(last) == 1 else tuple(last)

    def _starts(self, hx: Any) -> dict[str, Tensor]:
        """The states that were given, by name."""
        names = self.cell_kind.states
        if hx is None:
            return {}
        given = hx if isinstance(hx, (tuple, list)) else (hx,)
        single = isinstance(hx, Tensor) == (len(names) == 1)
        if not single or len(given) != len(names) or not all(isinstance(state, Tensor) for state in given):
            raise ShapeError(
                f"hx is {type(hx).__name__} of {len(given)}; expected {' and '.join(names)} of {self.cell_kind.label}, "
                "(D, B, H) each: one tensor for one state, a pair for two. Leave hx out to start from zeros."
            )
        return dict(zip(names, given, strict=True))

    def _recorded(self, recorder: record.Recorder, call: Rerun, outputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The outputs, watched for what backward brings to them."""
        if transforming():
            recorder.miss(self, self.backend)
            return outputs
        recorder.add([call])
        return Watched.apply(call.gradients, *outputs)  # type: ignore[no-any-return, no-untyped-call]


def _copies(states: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: state.detach().clone() for name, state in states.items()}


def _detached(run: Unrolled) -> Unrolled:
    """What a direction did, without its graph."""
    states, last = ({name: each.detach() for name, each in found.items()} for found in (run.states, run.last))
    return Unrolled(states, {gate: each.detach() for gate, each in run.gates.items()}, last)
