"""The .ts format of the UEA and UCR archives: a header of @words, then a case a line, channels between colons.

Format: https://www.aeon-toolkit.org/en/stable/api_reference/data_format.html
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from selfloop.data.draft import Draft, channel_names
from selfloop.data.outcomes import outcome_names
from selfloop.data.sequences import Floats, Ints
from selfloop.errors import DataError

COMMENTS = ("#", "%")


def draft_ts(path: Path) -> Draft:
    """A .ts file as a draft: unequal lengths, "?" and NaN for missing values, a class or a number last, or neither.

    Raises:
        DataError: the file is empty or is not such a file; says in which line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be opened ({error.strerror}); expected a file that you may read."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not a text file ({error.reason}); expected the .ts format in UTF-8."
        ) from error
    header, start = _header(lines, path.name)
    classes, numeric = _classes(header), _yes(header, "@targetlabel")
    cases: list[Floats] = []
    numbers: list[int] = []
    labels: list[str] = []
    targets: list[float] = []
    for number, line in enumerate(lines[start:], start=start + 1):
        if not line.strip() or line.lstrip().startswith(COMMENTS):
            continue
        parts = line.strip().split(":")
        where = f"{path.name}, line {number}"
        if numeric:
            targets.append(_target(parts.pop().strip(), where))
        elif classes is not None:
            labels.append(_label(parts.pop().strip(), classes, where))
        cases.append(_case(parts, where))
        numbers.append(number)
    _check(cases, numbers, header, path.name)
    offsets = np.concatenate([[0], np.cumsum([len(case) for case in cases])]).astype(np.int64)
    return Draft(
        name=path.name,
        values=np.concatenate(cases, axis=0),
        offsets=offsets,
        channels=channel_names(cases[0].shape[1]),
        ids=tuple(str(k) for k in range(1, len(cases) + 1)),
        place=lambda step: _place(step, offsets, numbers),
        labels=None if classes is None or numeric else tuple(labels),
        outcomes=np.array(targets)[:, None] if numeric else None,
        outcome_names=outcome_names(1) if numeric else (),
    )


def _header(lines: list[str], name: str) -> tuple[dict[str, list[str]], int]:
    """The @words, lower case, with what follows each; and the index of the line after @data."""
    header: dict[str, list[str]] = {}
    for index, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith(COMMENTS):
            continue
        word, *rest = line.split()
        if word.lower() == "@data":
            if header.get("@timestamps", ["false"])[0].lower() == "true":
                raise DataError(f"{name} has time stamps in its values; only files with @timeStamps false are read.")
            return header, index + 1
        if not word.startswith("@"):
            raise DataError(f"{name}, line {index + 1} holds values before @data; expected a header of @words first.")
        header[word.lower()] = rest
    what = "is empty" if not any(line.strip() for line in lines) else "has no @data line"
    raise DataError(f"{name} {what}; expected a .ts file: a header of @words, @data, then a case a line.")


def _yes(header: dict[str, list[str]], word: str) -> bool:
    return "".join(header.get(word, [])[:1]).lower() == "true"


def _classes(header: dict[str, list[str]]) -> list[str] | None:
    """The labels that the header allows (empty: any), or None where cases have no label."""
    words = header.get("@classlabel", ["false"])
    return words[1:] if words and words[0].lower() == "true" else None


def _target(text: str, where: str) -> float:
    try:
        return float("nan") if text == "?" else float(text)
    except ValueError:
        raise DataError(
            f"{where} ends in {text!r}, which is no number; expected the case's own one last, as @targetLabel says."
        ) from None


def _label(text: str, classes: Iterable[str], where: str) -> str:
    known = list(classes)
    if not text or (known and text not in known):
        raise DataError(f"{where} ends in the label {text!r}; expected one of @classLabel: {', '.join(known)}.")
    return text


def _case(parts: list[str], where: str) -> Floats:
    """(steps, channels) of one line."""
    try:
        channels = [[float("nan") if v.strip() == "?" else float(v) for v in part.split(",")] for part in parts]
    except ValueError as error:
        raise DataError(
            f"{where} holds something that is no number ({error}); expected values between commas."
        ) from None
    lengths = [len(channel) for channel in channels]
    if not lengths or min(lengths) != max(lengths):
        raise DataError(
            f"{where} has channels of {', '.join(map(str, lengths)) or 'no'} steps; expected the same number in each."
        )
    return np.array(channels, dtype=np.float64).T


def _check(cases: list[Floats], numbers: list[int], header: dict[str, list[str]], name: str) -> None:
    """All cases must have the channels that the header, or else the first case, has."""
    if not cases:
        raise DataError(f"{name} has no cases after @data; expected one a line.")
    said = header.get("@dimensions") or [str(cases[0].shape[1])]
    for case, number in zip(cases, numbers, strict=True):
        if str(case.shape[1]) != said[0]:
            raise DataError(
                f"{name}, line {number} has {case.shape[1]} channels; expected {said[0]}: channels stand between "
                "colons, the label last."
            )


def _place(step: int, offsets: Ints, numbers: list[int]) -> str:
    k = int(np.searchsorted(offsets, step, side="right")) - 1
    return f"line {numbers[k]}, step {step - offsets[k] + 1} (counted from 1)"
