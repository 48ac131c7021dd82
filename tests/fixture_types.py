"""The types of what fixtures hand to tests."""

from collections.abc import Callable
from pathlib import Path

Write = Callable[[str, str], Path]  # name and text of a file to make -> its path
