"""Numbers and lists as a careful person writes them; whoever asks for every digit gets them by `full`."""

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


def whole(value: int | None) -> str:
    """A count: 4,288; a dash for None."""
    if value is None:
        return MISSING
    return f"{value:,}" if abs(value) < 10**9 else three(float(value))


def percent(share: float | None) -> str:
    """A share, zero or more: 0.042 is 4.2 %, 0.12 is 12 %, 0.998 is 99.8 %; a dash for None.

    0 % and 100 % are said of nothing else: what is next to them is "less than 0.1 %" and "over 99.9 %".
    """
    if share is None:
        return MISSING
    if not math.isfinite(share):
        return "not finite"
    if 0 < share < 0.0005:
        return "less than 0.1 %"
    if share != 1 and 0.9995 <= share < 1.0005:
        return "over 99.9 %" if share < 1 else "over 100 %"
    tenths = share < 0.0995 or (share != 1 and 0.995 <= share < 1.005)
    return f"{f'{100 * share:.1f}'.removesuffix('.0') if tenths else f'{100 * share:,.0f}'} %"


def change(ratio: float) -> str:
    """A ratio of scores as a difference: 0.88 is 12 % lower, 1.04 is 4 % higher, 2.5 is 2.50 times as high."""
    if ratio == 1:
        return "the same"
    if ratio < 1:
        return f"{percent(1 - ratio)} lower"
    return f"{percent(ratio - 1)} higher" if ratio < 2 else f"{three(ratio)} times as high"


def points(difference: float) -> str:
    """A difference of two shares, zero or more: 0.471 is 47.1 percentage points."""
    if not math.isfinite(difference):
        return "not finite"
    if 0 < difference < 0.0005:
        return "less than 0.1 percentage points"
    said = f"{100 * difference:.1f}".removesuffix(".0")
    return f"{said} percentage point{'' if said == '1' else 's'}"


def shift(difference: float) -> str:
    """A difference of two shares with its direction: 0.471 is 47.1 percentage points higher."""
    if difference == 0:
        return "the same"
    return f"{points(abs(difference))} {'higher' if difference > 0 else 'lower'}"


def reach(low: float, high: float) -> str:
    """An interval of differences, the smaller end first: "0.4 to 1.2 percentage points higher"."""
    near, far = (high, low) if high <= 0 else (low, high)
    if shift(near) == shift(far):
        return f"{shift(far)} at both ends"
    first = points(abs(near)).partition(" percentage")[0]
    return f"{first}{' lower' if near < 0 < far else ''} to {shift(far)}"


def span(low: float, high: float) -> str:
    """An interval of ratios as differences, the smaller end first: 0.84 to 0.92 is "8 % to 16 % lower"."""
    near, far = (high, low) if high < 1 else (low, high)
    if change(near) == change(far):
        return f"{change(far)} at both ends"
    ending = next((end for end in (" lower", " higher", " times as high") if change(far).endswith(end)), "")
    first = change(near)
    return f"{first.removesuffix(ending) if ending else first} to {change(far)}"


def gap(ratio: float | None) -> str:
    """`change` where there is little room: 0.88 is −12 %, 1.04 is +4 %, 2.5 is × 2.50; a dash for None.

    A difference that is less than 0.1 % is "> −0.1 %" or "< +0.1 %".
    """
    if ratio is None:
        return MISSING
    if not math.isfinite(ratio) or ratio < 0:
        return "not finite"
    if ratio >= 1.9995 or ratio < 0.01:
        return f"× {three(ratio)}"
    if ratio == 1:
        return "0 %"
    said = percent(abs(ratio - 1)).removeprefix("less than ")
    if abs(ratio - 1) < 0.0005:
        return f"> −{said}" if ratio < 1 else f"< +{said}"
    return f"{'−' if ratio < 1 else '+'}{said}"


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


def sentence(text: str) -> str:
    """With a capital at its start, all else as it is."""
    return text[:1].upper() + text[1:]


def tied(text: str) -> str:
    """No line ends between a number and its percent sign."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def setting(value: str | int | float | None) -> str:
    """A setting of a study, or what validation chose for it."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) and 1e-4 <= abs(value) < 1e9 else str(value)


def finite(value: float | None) -> float | None:
    """The value to six digits, as charts carry it, or None where there is nothing to draw."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None
