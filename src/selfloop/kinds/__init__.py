"""The one table of cells: what each is called, made of and drawn with. No torch, no NumPy.

    >>> kind = kind_of("gru")
    >>> kind.keep.symbol, kind.write.symbol
    ('z', '1 − z')

The objects themselves are in `kinds.rnn`, `kinds.lstm`, `kinds.gru` and so on.
"""

from selfloop.kinds.kind import Gate, Kind, Reset, Share
from selfloop.kinds.registry import NATIVE, cell_name, default_kinds, kind_of, kind_of_mode, kinds, register

__all__ = [
    "NATIVE",
    "Gate",
    "Kind",
    "Reset",
    "Share",
    "cell_name",
    "default_kinds",
    "kind_of",
    "kind_of_mode",
    "kinds",
    "register",
]
