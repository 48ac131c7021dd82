"""All kinds of cells, in order, by name."""

from __future__ import annotations

from selfloop.errors import SettingsError, nearest
from selfloop.kinds.coupled import COUPLED_LSTM
from selfloop.kinds.gru import GRU, GRU_RESET_BEFORE
from selfloop.kinds.indrnn import INDRNN
from selfloop.kinds.kind import Kind
from selfloop.kinds.layernorm import LAYERNORM_LSTM
from selfloop.kinds.lstm import LSTM
from selfloop.kinds.mingru import MINGRU
from selfloop.kinds.peephole import PEEPHOLE_LSTM
from selfloop.kinds.rnn import RNN, RNN_RELU

OURS = (
    RNN, RNN_RELU, LSTM, GRU, GRU_RESET_BEFORE,
    LAYERNORM_LSTM, PEEPHOLE_LSTM, COUPLED_LSTM, MINGRU, INDRNN,
)  # fmt: skip
_KINDS = {kind.name: kind for kind in OURS}
NATIVE = tuple(sorted((kind for kind in OURS if kind.native is not None), key=lambda kind: kind.native or 0))


def kinds() -> tuple[Kind, ...]:
    """All of them: selfloop's, then those that were registered."""
    return tuple(_KINDS.values())


def default_kinds() -> tuple[Kind, ...]:
    """Those that take part in a comparison that names no candidates."""
    return tuple(kind for kind in kinds() if kind.default)


def kind_of(name: str) -> Kind:
    """The kind of this name.

    Raises:
        SettingsError: there is none.
    """
    kind = _KINDS.get(name)
    if kind is None:
        raise SettingsError(f"There is no cell {name!r}. {nearest(name, _KINDS)}")
    return kind


def cell_name(text: str) -> str:
    """The name of the cell that people may write with hyphens, too; any other name as it is."""
    name = text.replace("-", "_")
    return name if name in _KINDS else text


def kind_of_mode(mode: str) -> Kind:
    """The kind that a torch layer of this mode computes: "RNN_TANH", "RNN_RELU", "LSTM", "GRU"."""
    return next(kind for kind in OURS if kind.mode == mode)


def register(kind: Kind) -> Kind:
    """Add a kind of one's own, or change it where it was added before.

    `selfloop.cells.register` does this, and adds its equations.

    Raises:
        SettingsError: selfloop has a kind of that name itself.
    """
    if kind.name in {ours.name for ours in OURS}:
        raise SettingsError(f"{kind.name!r} is one of selfloop's own cells; give yours another name.")
    _KINDS[kind.name] = kind
    return kind
