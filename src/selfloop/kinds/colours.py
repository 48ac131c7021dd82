"""What a colour means, everywhere: report, plots, explorer (Okabe & Ito's palette, safe for colour-blind readers)."""

from __future__ import annotations

KEEPS = "#D55E00"  # vermilion: the forget gate, the GRU's z
WRITES = "#0072B2"  # blue: the input gate, the GRU's 1 − z
PROPOSES = "#CC79A7"  # mauve: candidates
SHOWS = "#009E73"  # green: the output gate
RESETS = "#44AA99"  # teal
CELL_STATE = "#E69F00"  # amber: the belt
HIDDEN_STATE = "#56B4E9"  # sky
# A light page's colour, and the same hue light enough to read on a dark one.
BASELINE = ("#888888", "#A3A3A3")
OTHER = ("#444444", "#D0D0D0")  # ink: a recurrent network without a colour of its own is not mistaken for one with
