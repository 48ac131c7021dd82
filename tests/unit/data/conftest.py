import os
from pathlib import Path

import pytest

from fixture_types import Write


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data that does not ship: SELFLOOP_SHARED_DATA, or shared/data beside the checkout."""
    beside = Path(__file__).parents[4] / "shared" / "data"
    folder = Path(os.environ.get("SELFLOOP_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set SELFLOOP_SHARED_DATA")
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write(name, text) -> the path of a new file."""

    def _write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return _write
