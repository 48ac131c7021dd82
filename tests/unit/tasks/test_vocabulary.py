"""Which symbols a model knows, and how a file holds them."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from selfloop.tasks.vocabulary import (
    FIRST,
    MANY,
    UNKNOWN,
    Vocabulary,
    read_vocabularies,
    vocabularies_of,
    vocabulary_fields,
)

ODD = ("", " ", "\0", '"', "\\", "\n", "None", "null", "1", "１", "é", "e\u0301", "😀", "\u2028", "</script>")


def test_few_symbols_are_all_known_and_others_are_unknown() -> None:
    known = Vocabulary.fit(("a", "b", "c"), np.array([2.0, 0.0, 0.0, 2.0]))
    assert known.names == ("a", "c"), "b is in no step of the training part"
    assert known.rows == FIRST + 2
    assert known.look(("c", "x", "a", "b"), np.array([0.0, 1.0, 2.0, 3.0])).tolist() == [3, UNKNOWN, 2, UNKNOWN]


def test_of_many_symbols_those_seen_once_teach_what_is_unknown() -> None:
    names = tuple(f"w{k}" for k in range(MANY + 1))
    values = np.concatenate([np.arange(MANY + 1), np.arange(1, MANY + 1)]).astype(np.float64)
    known = Vocabulary.fit(names, values)
    assert known.names == names[1:]
    assert known.look(names, values)[0] == UNKNOWN
    assert Vocabulary.fit(names, values[1:]).names == names[1:], "no more than MANY: all are kept"
    assert Vocabulary.fit(names[: MANY + 1], np.arange(MANY).astype(float)).names == names[:MANY]


def test_any_text_comes_back_from_a_file() -> None:
    known = (Vocabulary(ODD), None, Vocabulary(()))
    held = msgspec.json.decode(msgspec.json.encode(vocabulary_fields(known)))
    assert read_vocabularies(held, 3) == known


def test_a_channel_of_numbers_has_none() -> None:
    values = np.array([[0.0, 1.5], [1.0, 2.5]])
    assert vocabularies_of((("a", "b"), ()), values) == (Vocabulary(("a", "b")), None)
    assert vocabularies_of((), values) == (None, None)


@pytest.mark.parametrize(
    "held",
    [{}, {"vocabularies": []}, {"vocabularies": [["a"]]}, {"vocabularies": [["a", "a"], None]},
     {"vocabularies": [[1], None]}, {"vocabularies": "ab"}],
)  # fmt: skip
def test_a_damaged_description_is_refused(held: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"vocabularies|xpected"):
        read_vocabularies(held, 2)
