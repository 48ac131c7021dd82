"""Whatever is in a file: sequences, or one clear sentence."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from selfloop.data import load
from selfloop.errors import SelfloopError

WORDS = ["a", "b", "y", "ds", "id", "label", "unique_id", "1", "-2.5", "1e3", "NA", "nan", "inf", "", " ", "2020-01-01"]
WORDS += [
    "2020-02",
    "2020-02-30",
    "2020-01-01T10:00Z",
    '"',
    '"x',
    "é",
    "\0",
    "0x1",
    "9" * 30,
    "@data",
    "?",
    "#",
    "007",
    "T",
]
NAMES = ["x.csv", "x.tsv", "x.ts", "x.parquet", "x.txt", "x.conllu", "x.bio", "x.mat", "x.npz"]
SIGNS = [
    ",",
    ",",
    ",",
    "\n",
    "\n",
    "\n",
    ";",
    "\t",
    ":",
    "\r\n",
    "@classlabel true x\n",
    "@timestamps",
    "@dimensions 2\n",
]


def check(name: str, content: bytes, **named: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        for missing in ("error", "drop", "interpolate"):
            try:
                data = load(path, missing=missing, **named)
            except SelfloopError as error:
                message = str(error)
                assert "\n" not in message.strip()
                assert name in message
                assert message.endswith((".", "?"))
            else:
                assert np.isfinite(data.values).all()
                assert (np.diff(data.offsets) > 0).all()
                assert data.offsets[-1] == len(data.values) > 0
                assert len(data.channels) == data.values.shape[1] > 0
                for names, values in zip(data.symbols, data.values.T, strict=False):
                    assert not names or set(values.tolist()) <= set(range(len(names)))
                if data.tags is not None:
                    assert len(data.tags) == len(data.values)
                    assert -1 <= data.tags.min() <= data.tags.max() < len(data.classes)


@settings(max_examples=250)
@given(st.sampled_from(NAMES), st.lists(st.sampled_from(WORDS + SIGNS), max_size=30))
def test_words(name: str, words: list[str]) -> None:
    check(name, "".join(words).encode())


@settings(max_examples=60)
@given(st.sampled_from(["x.csv", "x.ts", "x.txt", "x.conllu", "x.mat", "x.npz"]), st.binary(max_size=60))
def test_bytes(name: str, content: bytes) -> None:
    check(name, content)


@settings(max_examples=100)
@given(st.data())
def test_tables(data: st.DataObject) -> None:
    """Proper tables of improper cells."""
    names = data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True))
    rows = data.draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=len(names), max_size=len(names)), max_size=5))
    content = "\n".join(",".join(row) for row in [names, *rows]).encode()
    check("x.csv", content)
    check("x.csv", content, target=names[0])
    check("x.csv", content, label=names[-1])
    check("x.csv", content, label=names[-1], id=names[0], inputs=names[1:-1])
