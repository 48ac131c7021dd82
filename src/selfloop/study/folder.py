"""A folder for a study that has none of the user's."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path


class KeptFolder:
    """Is there as long as somebody holds it; goes without a word, unlike `tempfile.TemporaryDirectory`.

    Attributes:
        path: where it is.
    """

    path: Path

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="selfloop-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
