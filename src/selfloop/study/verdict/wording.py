"""Numbers and names as a careful person writes them; the sentences of a verdict are made of these."""

from __future__ import annotations

from collections.abc import Sequence

from selfloop.results.study import Candidate


def number(value: float) -> str:
    """Three significant digits: 0.970, 12.3, 4,288."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".removesuffix(".")


def percent(fraction: float) -> str:
    """A fraction, zero or more, as a percentage: 0.042 is 4.2 %, 0.12 is 12 %."""
    if fraction < 0.0005:
        return "less than 0.1 %"
    text = f"{100 * fraction:.1f}" if fraction < 0.0995 else f"{100 * fraction:,.0f}"
    return f"{text.removesuffix('.0')} %"


def change(ratio: float) -> str:
    """A ratio of scores as a difference: 0.88 is 12 % lower, 1.04 is 4 % higher, 2.5 is 2.5 times as high."""
    if ratio == 1:
        return "the same"
    if ratio < 1:
        return f"{percent(1 - ratio)} lower"
    return f"{percent(ratio - 1)} higher" if ratio < 2 else f"{number(ratio)} times as high"


def span(low: float, high: float) -> str:
    """An interval of ratios as differences, the smaller end first: 0.84 to 0.92 is "8 % to 16 % lower"."""
    near, far = (high, low) if high < 1 else (low, high)
    if change(near) == change(far):
        return f"{change(far)} at both ends"
    ending = next((end for end in (" lower", " higher", " times as high") if change(far).endswith(end)), "")
    first = change(near)
    return f"{first.removesuffix(ending) if ending else first} to {change(far)}"


def probability(p: float) -> str:
    """Two digits, and never a certainty: 0.84, above 0.99, below 0.01."""
    if p > 0.99:
        return "above 0.99"
    return "below 0.01" if p < 0.01 else f"{p:.2f}"


def the(candidate: Candidate) -> str:
    """How a sentence names it: "this LSTM", since another one could do otherwise; "the ridge autoregression"."""
    return f"{'this' if candidate.family == 'recurrent' else 'the'} {candidate.label}"


def sentence(text: str) -> str:
    """With a capital at its start, all else as it is."""
    return text[:1].upper() + text[1:]


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([*([", ".join(parts[:-1])] if len(parts) > 1 else []), parts[-1]])


def count(n: int, noun: str) -> str:
    """`1 fold`, `3 folds`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def cost(operations: int) -> str:
    """What one new step takes, in a measure that is the same on every machine."""
    return f"{count(operations, 'multiply-add')} a step"
