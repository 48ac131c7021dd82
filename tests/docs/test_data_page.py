"""Every file that the page on data prints is read as the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from selfloop.data import load

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"`([\w.]+)`:\n\n```text\n(.*?)```", PAGE, flags=re.DOTALL))
READINGS = re.findall(r"```console\n\$ selfloop compare ([\w.]+)(.*?)\n(.*?)\n```", PAGE, flags=re.DOTALL)


def test_the_page_shows_each_kind() -> None:
    assert set(FILES) == {"runs.csv", "events.csv", "poem.txt", "news.conll"}
    assert {name for name, _, _ in READINGS} == {*FILES, "rolls.npz"}


@pytest.mark.usefixtures("command_line")
@pytest.mark.parametrize(("name", "options", "reading"), READINGS)
def test_readings(tmp_path: Path, name: str, options: str, reading: str) -> None:
    path = tmp_path / name
    if name in FILES:
        path.write_text(FILES[name], encoding="utf-8")
    else:
        _as_printed(path)
    words = shlex.split(options)
    named: dict[str, Any] = {
        word.removeprefix("--"): value for word, value in zip(words[::2], words[1::2], strict=True)
    }
    assert load(path, **named).reading == reading


def _as_printed(path: Path) -> None:
    (line,) = re.findall(r"```python\n(np\.savez.*?)```", PAGE, flags=re.DOTALL)
    pieces, last = [np.ones((k, 88)) for k in (3, 5)], np.zeros((4, 88))
    exec(line.replace("rolls.npz", str(path)), {"np": np, "pieces": pieces, "last": last})


def test_words_of_the_poem(tmp_path: Path) -> None:
    (said,) = re.findall(r"end of a line: ((?:`[^`]+` ?)+)", PAGE)
    (tmp_path / "poem.txt").write_text(FILES["poem.txt"], encoding="utf-8")
    data = load(tmp_path / "poem.txt", unit="word")
    words = [data.symbols[0][int(k)] for k in data.values[:, 0]]
    assert [word.replace("⏎", "\n") for word in re.findall(r"`([^`]+)`", said)] == words
