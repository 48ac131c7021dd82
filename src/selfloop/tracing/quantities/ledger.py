"""The conveyor's ledger: which step wrote what is on the belt now."""

from __future__ import annotations

import numpy as np

from selfloop.tracing.quantities.lags import Floats


def ledger(
    keep: Floats,  # (T, H)
    wrote: Floats,  # (T, H)
    start: Floats,  # (H,)
) -> Floats:
    """c_T = Π f ⊙ c_0 + Σ_j (Π_{k>j} f_k) ⊙ i_j ⊙ g_j, term by term. It is algebra: the rows sum to c_T.

    The GRU's belt is h itself: it keeps z and writes (1 − z) ⊙ n.

    Args:
        keep: the LSTM's f, the GRU's z.
        wrote: the LSTM's i ⊙ g, the GRU's (1 − z) ⊙ n.
        start: the state before the first step.

    Returns:
        (T + 1, H): what is left of the start, then of what each step wrote.
    """
    after = np.cumprod(keep[::-1], axis=0)[::-1]  # Π_{k≥j} f_k
    left = np.concatenate([after, np.ones((1, keep.shape[1]))])
    return np.asarray(left * np.concatenate([start[None], wrote]))
