"""What the layers share: which way a call goes, and how it goes through the kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import dropout
from torch.nn.utils.rnn import PackedSequence

from selfloop.errors import SettingsError
from selfloop.kernels import record
from selfloop.kernels.call import CHECKPOINTS, GATES, HAS_C, NOTHING, REALS, Call
from selfloop.kernels.equations import equations, transforming
from selfloop.kernels.ops import layer
from selfloop.kernels.run import Outputs
from selfloop.kinds import NATIVE, Kind
from selfloop.nn.dynamo import let_dynamo_read
from selfloop.nn.fallback import as_leaf, autocast_to, cast, eagerly, expanded, given_as, repacked, wants_torch
from selfloop.nn.lengths import padded_by_torch, read_lengths

Backend = Literal["native", "torch", "cells"]
Runner = Callable[[Call], Outputs]
MODES = {kind.mode: number for number, kind in enumerate(NATIVE) if kind.mode}


class Recurrent(torch.nn.RNNBase):
    """A layer of torch's with a forward pass of ours. It stands before torch's class in its own class's bases."""

    recompute: bool = False  # on the class: torch's layers, turned into ours, have no such entry
    _ran: Backend | None = None

    def __init__(self, *args: Any, recompute: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not isinstance(recompute, bool):
            raise SettingsError(
                f"recompute is {recompute!r}; expected True (keep no gates, compute them again) or False. Leave it out "
                "to keep them."
            )
        if recompute:
            self.recompute = True

    @property
    def backend(self) -> Backend:
        """What ran the last call; before the first one, what will run it on a tensor of the weights' kind.

        "native" is selfloop's kernels. "torch" is its own forward pass: other devices and dtypes, projections, empty
        batches, tracing into TorchScript or ONNX. "cells" is the equations in plain torch: while a `torch.func`
        transform or a forward-mode level is active, and for the GRU that resets before the product where the kernels
        cannot run, because torch has none. Calls inside `torch.compile` are not noted.
        """
        return self._ran or self._natural(self._weights()[0])

    def extra_repr(self) -> str:
        """torch's, and what torch does not have."""
        return super().extra_repr() + (", recompute=True" if self.recompute else "")

    # lengths is not keyword only, because export to ONNX hands all arguments over by their place.
    def forward(self, input: Any, hx: Any = None, lengths: Any = None) -> Any:
        """Read sequences, as torch's layer does.

        Args:
            input: (T, B, I), with `batch_first` (B, T, I), unbatched (T, I), or a PackedSequence.
            hx: the states to start from, zeros if left out: (L*D, B, H), unbatched (L*D, H); for the LSTM two of them.
            lengths: (B,) integers from 0 to T, the valid steps of each sequence of padded input; all if left out. The
                backward direction starts at each sequence's own last step. The rest takes no time and its outputs are
                zeros; a sequence of no steps ends in the state that it started from.

        Returns:
            The outputs, (..., D*H) in the layout of the input, and the last states in the layout of `hx`.

        Raises:
            ValueError, RuntimeError: as torch's layer raises them.
            ShapeError: `lengths` do not fit.
        """
        if torch.compiler.is_dynamo_compiling() and record.active is not None:
            return eagerly(self.forward, input, hx, lengths=lengths)
        weights = self._weights()
        half = autocast_to(weights[0], input)
        if half is not None:
            returned = self._rounded_to(*given_as(input, hx, half), half)
            with torch.autocast("cpu", enabled=False):
                input, hx = cast((input, hx), half, torch.float32)
                return cast(self.forward(input, hx, lengths), None, returned)
        suits = self._suits(input, hx, weights[0])
        backend = self._backend_of(weights, suits)
        if not torch.compiler.is_compiling() and self._ran != backend:
            self.__dict__["_ran"] = backend
        if record.active is not None and backend != "native" and (recorder := record.recorder_of(self)) is not None:
            recorder.miss(self, backend)
        if backend == "torch":
            if isinstance(input, torch.fx.Proxy):
                return as_leaf(self, input, hx, lengths)
            return self._by_torch(input, hx, lengths, suits)
        if not suits:
            self._torchs(input, hx)  # refuses in its own words; what it does not refuse, the equations read
        return self._laid_out(input, hx, lengths, weights, layer if backend == "native" else equations)

    @property
    def cell_kind(self) -> Kind:
        """What its cell is: gates, states, what keeps and what writes."""
        return NATIVE[self._cell]

    @property
    def _cell(self) -> int:
        """The cell, as native code counts them."""
        return MODES[self.mode]

    @property
    def _torch_has_it(self) -> bool:
        """Whether torch's forward pass computes the same function."""
        return True

    def _weights(self) -> list[Any]:
        """As they are for this call: parameters, or what a parametrisation or `functional_call` put in their place."""
        own = self._parameters
        return [own[name] if name in own else getattr(self, name) for name in self._flat_weights_names]

    def _suits(self, input: Any, hx: Any, weight: Tensor) -> bool:
        """Whether torch has nothing to say against the call, and there is something to read."""
        packed = isinstance(input, PackedSequence)
        x = input.data if packed else input
        if not isinstance(x, Tensor) or x.layout is not torch.strided or x.is_nested:
            return False
        if not (x.dim() == 2 or (x.dim() == 3 and not packed)) or 0 in x.shape:
            return False
        if x.shape[-1] != self.input_size or x.dtype != weight.dtype or x.device != weight.device:
            return False
        if hx is None:
            return True
        if x.dim() == 3:
            batch: tuple[int, ...] = (x.shape[0 if self.batch_first else 1],)
        else:
            batch = (int(input.batch_sizes[0]),) if packed else ()
        shape = (self.num_layers * self._directions, *batch, self.hidden_size)
        two = HAS_C[self._cell]
        if two and not (isinstance(hx, (tuple, list)) and len(hx) == 2):
            return False
        return all(
            isinstance(state, Tensor) and state.shape == shape and state.dtype == x.dtype and state.device == x.device
            for state in (hx if two else (hx,))
        )

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _natural(self, weight: Tensor) -> Backend:
        """What runs calls that nothing stands against."""
        if weight.is_cpu and weight.dtype in REALS and not self.proj_size:
            return "native"
        return "torch" if self._torch_has_it else "cells"

    def _rounded_to(self, x: torch.dtype, state: torch.dtype | None, half: torch.dtype) -> torch.dtype:
        """What torch's layer returns under autocast, of what it is given.

        Args:
            x: the input's dtype.
            state: that of the states to start from; None: none are given.
            half: autocast's.
        """
        return half

    def _backend_of(self, weights: list[Any], suits: bool) -> Backend:
        """What runs this call."""
        theirs = self._torch_has_it and not torch.compiler.is_compiling() and expanded(weights)
        if self._torch_has_it and (not suits or self.proj_size or wants_torch() or theirs):
            return "torch"
        if not suits or transforming() or wants_torch():
            return "cells"
        return self._natural(weights[0])

    def _torchs(self, input: Any, hx: Any) -> Any:
        """torch's own forward pass. Under `torch.compile` outside the graph, where torch's layers run, too."""
        if torch.compiler.is_dynamo_compiling() and not torch.compiler.is_exporting():
            return eagerly(super().forward, input, hx)
        return super().forward(input, hx)

    def _by_torch(self, input: Any, hx: Any, lengths: Any, suits: bool) -> Any:
        """The same, with lengths."""
        if lengths is None or not suits:
            returned = self._torchs(input, hx)
            if lengths is None:
                return returned
        lengths = read_lengths(lengths, input, self.batch_first)
        if not len(lengths):  # torch packs no empty batch
            return self._torchs(input, hx)
        return padded_by_torch(self._torchs, input, hx, lengths, self.batch_first)

    def _laid_out(self, input: Any, hx: Any, lengths: Any, weights: list[Tensor], run: Runner) -> Any:
        """From the user's layout to time first, through all layers, and back."""
        if lengths is not None:
            lengths = read_lengths(lengths, input, self.batch_first)
        if isinstance(input, PackedSequence):
            sizes, order = input.batch_sizes, input.sorted_indices
            batch = int(sizes[0]) if order is None else order.shape[0]  # the first would end a graph of torch.compile
            hx = None if hx is None else self.permute_hidden(hx, order)
            y, last = self._stack(input.data, hx, batch, None, sizes, weights, run, input.unsorted_indices)
            return repacked(input, y), self.permute_hidden(last, input.unsorted_indices)
        if input.dim() == 2:
            hx = None if hx is None else _each(hx, lambda state: state.unsqueeze(1))
            y, last = self._stack(input.unsqueeze(1), hx, 1, None, None, weights, run)
            return y.squeeze(1), _each(last, lambda state: state.squeeze(1))
        x = input.transpose(0, 1) if self.batch_first else input
        y, last = self._stack(x, hx, x.shape[1], lengths, None, weights, run)
        return y.transpose(0, 1) if self.batch_first else y, last

    def _stack(
        self,
        x: Tensor,  # (T, B, I), or packed (rows, I)
        hx: Any,
        batch: int,
        lengths: Tensor | None,
        batch_sizes: Tensor | None,
        weights: list[Tensor],
        run: Runner,
        places: Tensor | None = None,  # (B,) where the user's sequences stand in the packed ones
    ) -> tuple[Tensor, Any]:
        """All layers of the stack, with dropout between them in training."""
        states: Sequence[Tensor | None] = (None,) if hx is None else hx if HAS_C[self._cell] else (hx,)
        h0, c0 = (*states, None)[:2]
        recorder = record.recorder_of(self) if run is layer else None
        keep = self._keep([x, h0, c0, *weights]) if recorder is None else GATES
        D, each = self._directions, len(weights) // self.num_layers
        last: list[tuple[Tensor, Tensor | None]] = []
        records: list[record.Record] = []
        for depth in range(self.num_layers):
            if depth and self.dropout and self.training:
                x = dropout(x, self.dropout)
            part = slice(D * depth, D * (depth + 1))
            start_h, start_c = (state if state is None or self.num_layers == 1 else state[part] for state in (h0, c0))
            own = weights[each * depth : each * (depth + 1)]
            call = Call(self._cell, D, keep, batch, x, start_h, start_c, lengths, batch_sizes, own)
            x, hn, cn, kept = run(call)
            last.append((hn, cn))
            if recorder is not None:
                records.append(recorder.record(self, depth, call, (x, hn, cn, kept), places))
        if recorder is not None:
            recorder.add(records)
        hn = _join([hn for hn, _ in last])
        return x, (hn, _join([cn for _, cn in last if cn is not None])) if HAS_C[self._cell] else hn

    def _keep(self, given: list[Tensor | None]) -> int:
        """What forward keeps for backward."""
        if not torch.is_grad_enabled() or not any(tensor is not None and tensor.requires_grad for tensor in given):
            return NOTHING
        return CHECKPOINTS if self.recompute else GATES

    def __getstate__(self) -> dict[str, Any]:
        """torch's; what ran last is no part of a copy."""
        state: dict[str, Any] = super().__getstate__()  # type: ignore[no-untyped-call]
        state.pop("_ran", None)
        return state


def _each(states: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """One state, or the LSTM's two, changed."""
    return tuple(map(change, states)) if isinstance(states, (tuple, list)) else change(states)


def _join(states: list[Tensor]) -> Tensor:
    """(L*D, B, H) of the layers' (D, B, H)."""
    return states[0] if len(states) == 1 else torch.cat(states)


let_dynamo_read(Recurrent)
