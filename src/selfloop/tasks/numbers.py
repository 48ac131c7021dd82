"""Tasks that read numbers alone."""

from __future__ import annotations

from selfloop.data.sequences import Sequences
from selfloop.errors import SettingsError
from selfloop.words import listed


def check_numbers(data: Sequences, task: str) -> None:
    """Raise where a channel holds symbols: their indices are no sizes.

    Args:
        data: to learn from.
        task: its name.

    Raises:
        SettingsError: one does.
    """
    named = [repr(name) for name, symbols in zip(data.channels, data.symbols, strict=False) if symbols]
    if named:
        raise SettingsError(
            f"{listed(named)} of {data.name} hold{'s' if len(named) == 1 else ''} symbols, and task {task} reads "
            "numbers; expected columns of numbers: name them with --inputs, or choose another task with --task."
        )
