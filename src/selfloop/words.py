"""Numbers as a reader wants them: three significant digits, and the full value for whoever asks."""

from __future__ import annotations

import math
from collections.abc import Iterable

MISSING = "–"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def three(value: float | None) -> str:
    """Three significant digits: 0.970, 12.3, 4,288, 1.20 × 10⁻⁷; a dash for None."""
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e9 or size < 1e-4:
        digits, exponent = f"{value:.2e}".replace("-", "−", 1 if value < 0 else 0).split("e")
        return f"{digits} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    if size >= 999.5:
        return f"{value:,.0f}".replace("-", "−")
    return f"{value:#.3g}".removesuffix(".").replace("-", "−")


def full(value: float | None) -> str:
    """Every digit, for the hover; nothing for None."""
    return "" if value is None else repr(value)


def whole(value: int) -> str:
    """A count: 4,288."""
    return f"{value:,}" if abs(value) < 10**9 else three(float(value))


def percent(fraction: float | None) -> str:
    """A share: 0.8 is 80 %, 0.042 is 4.2 %, 0.9987 is 99.87 %; a dash for None."""
    if fraction is None:
        return MISSING
    if not math.isfinite(fraction):
        return "not finite"
    return f"{100 * fraction:.4g} %".replace("-", "−") if abs(fraction) >= 1e-5 else "0 %"


def gap(ratio: float | None) -> str:
    """A ratio as a difference: 0.88 is −12 %, 1.04 is +4 %, 2.5 is × 2.50; a dash for None."""
    if ratio is None:
        return MISSING
    if not math.isfinite(ratio) or ratio < 0:
        return "not finite"
    if ratio >= 2 or ratio < 0.01:
        return f"× {three(ratio)}"
    change = 100 * (ratio - 1)
    if abs(change) < 0.05:
        return "0 %"
    return f"{change:+.{0 if abs(change) >= 9.95 else 1}f} %".replace("-", "−")


def probability(p: float | None) -> str:
    """Never a certainty: 0.84, above 0.99, below 0.01; a dash for None."""
    if p is None:
        return MISSING
    if p > 0.99:
        return "above 0.99"
    return "below 0.01" if p < 0.01 else f"{p:.2f}"


def p_value(p: float | None) -> str:
    """Two digits: 0.31, 0.004, below 0.001; a dash for None."""
    if p is None:
        return MISSING
    return "below 0.001" if p < 0.001 else f"{p:.2g}"


def duration(seconds: float) -> str:
    """0.830 s, 12.3 s, 3 min 12 s, 2 h 5 min."""
    if not math.isfinite(seconds):
        return "not finite"
    if seconds < 60:
        return f"{three(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


def count(n: int, noun: str) -> str:
    """`1 fold`, `3 folds`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *start, last = [*parts]
    return f"{', '.join(start)} and {last}" if start else last


def finite(value: float | None) -> float | None:
    """The value to six digits, as charts carry it, or None where there is nothing to draw."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None
