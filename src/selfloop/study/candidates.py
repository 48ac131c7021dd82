"""Who takes part: the recurrent networks, and for each task the baselines that they have to beat."""

from __future__ import annotations

from selfloop.errors import SettingsError, nearest
from selfloop.kinds import default_kinds, kinds
from selfloop.results.study import Candidate

BASELINES = {
    "forecast": (
        Candidate("naive", "naive forecast", "baseline", streams=True),
        Candidate("seasonal_naive", "seasonal naive forecast", "baseline", streams=True),
        Candidate("ridge_ar", "ridge autoregression", "baseline", streams=True),
        Candidate("feed_forward", "feed-forward network", "baseline", streams=True),
    ),
    "classify": (
        Candidate("majority", "majority class", "baseline", streams=True),
        Candidate("summary", "linear model on summaries", "baseline", streams=True),
        Candidate("feed_forward", "feed-forward network", "baseline", streams=True),
    ),
}
NAIVE = {"forecast": ("naive", "seasonal_naive"), "classify": ("majority",)}
CLOSED_FORM = ("naive", "seasonal_naive", "ridge_ar", "majority", "summary")


def candidates(task: str, wanted: tuple[str, ...], season: int, recurrent_streams: bool) -> tuple[Candidate, ...]:
    """The candidates named, and all baselines of the task (no seasonal naive without a season).

    Args:
        task: "forecast" or "classify".
        wanted: names of recurrent candidates.
        season: steps in a season; 1 for none.
        recurrent_streams: whether the recurrent ones read in one direction only.

    Raises:
        SettingsError: an unknown name, or none.
    """
    labels = {kind.name: kind.label for kind in kinds()}
    usual = ", ".join(kind.name for kind in default_kinds())
    for name in wanted:
        if name not in labels:
            raise SettingsError(f"candidate {name!r} is unknown; expected some of {usual}. {nearest(name, labels)}")
    if not wanted:
        raise SettingsError(f"no candidate is named; expected some of {usual}: leave --candidates out for all three.")
    chosen = tuple(Candidate(n, label, "recurrent", recurrent_streams) for n, label in labels.items() if n in wanted)
    baselines = tuple(b for b in BASELINES[task] if season > 1 or b.name != "seasonal_naive")
    return chosen + baselines
