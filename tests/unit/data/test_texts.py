"""Files of text: characters and words, and what strangers call text."""

import gzip
import re
from pathlib import Path

import numpy as np
import pytest

from fixture_types import Write
from selfloop.data import Columns, Sequences, load, load_like
from selfloop.data.texts import words_of
from selfloop.errors import DataError, SettingsError

POEM = "To be, or not to be:\nthat's it.\n"


def test_characters(write: Write) -> None:
    path = write("poem.txt", POEM)
    data = load(path)
    (names,) = data.symbols
    assert names == tuple(sorted(set(POEM)))
    assert "".join(names[int(k)] for k in data.values[:, 0]) == POEM
    assert (data.channels, data.offsets.tolist(), data.name, data.named) == (("symbol",), [0, len(POEM)], "poem", False)
    assert data.reading == "using 32 characters: 17 symbols"
    assert data.columns == Columns(symbols=("symbol",), unit="character")
    assert repr(data) == "Sequences(poem: 1 of 32 steps, channels symbol, 17 symbols)"
    assert load(path, unit="character").fingerprint == data.fingerprint


def test_words(write: Write) -> None:
    data = load(write("poem.txt", POEM), unit="word")
    (names,) = data.symbols
    said = [names[int(k)] for k in data.values[:, 0]]
    assert said == ["To", "be", ",", "or", "not", "to", "be", ":", "\n", "that's", "it", ".", "\n"]
    assert names == tuple(sorted(set(said)))
    assert data.reading == "using 13 words: 11 symbols"
    assert data.columns.unit == "word"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  a\t b \n\n", ["a", "b", "\n", "\n"]),
        ("well-known (3.5%)", ["well", "-", "known", "(", "3", ".", "5", "%", ")"]),
        ("d’accord 'so' dogs'", ["d’accord", "'", "so", "'", "dogs", "'"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("ja 😀😀", ["ja", "😀", "😀"]),
    ],
)
def test_words_of(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_all_planes_of_unicode(write: Write) -> None:
    text = "z😀é\U0010ffff z"
    data = load(write("x.txt", text))
    assert data.symbols == ((" ", "z", "é", "😀", "\U0010ffff"),)
    assert data.values[:, 0].tolist() == [1, 3, 2, 4, 0, 1]


@pytest.mark.parametrize(
    ("content", "text", "note"),
    [
        (b"\xef\xbb\xbfab\n", "ab\n", ""),
        (b"a\r\nb\r\n", "a\nb\n", "; line ends of Windows are read as plain ones"),
        ("née\n".encode("cp1252"), "née\n", "; it is no UTF-8: read as Latin-1"),
        (b"a \nb", "a \nb", ""),
        (b"x", "x", ""),
        (b"aaaa", "aaaa", ""),
    ],
)
def test_what_editors_write(tmp_path: Path, content: bytes, text: str, note: str) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    data = load(path)
    assert "".join(data.symbols[0][int(k)] for k in data.values[:, 0]) == text
    assert data.reading.partition("symbols" if len(set(text)) > 1 else "symbol")[2] == note
    packed = tmp_path / "y.TXT.gz"
    packed.write_bytes(gzip.compress(content))
    assert load(packed).values.tolist() == data.values.tolist()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"x.txt is empty; expected text\."),
        (b" \r\n\r\n", r"x.txt holds nothing but white space; expected text\."),
        (b"PK\x03\0\0", r"x.txt is no text \(it holds zero bytes\); expected a file of text in UTF-8"),
        ("né".encode("utf-16"), r"x.txt is UTF-16; expected a file of text in UTF-8: save it so\."),
        (b"ab\nc\x81\xff", r"x.txt is not UTF-8 \(byte 5, in line 2: .*\); expected a file of text in UTF-8"),
        (b"1.5 2.5\n1 2\n3 4\n", r"x.txt looks like a table of numbers \('1 2' in its second line\).*name it \.csv"),
        (b"day,sales\n2020-01,3\n2020-02,4\n", r"looks like a table of numbers .*unit=\"character\""),
        (b"3\n4\n5\n6\n", "looks like a table of numbers"),
    ],
)
def test_what_is_no_text(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        load(path)


def test_a_table_is_read_as_text_where_that_is_asked_for(write: Write) -> None:
    assert len(load(write("x.txt", "1 2\n1 2\n3 4\n"), unit="character").values) == 12


def test_digits_of_pi_are_a_text(write: Write) -> None:
    assert load(write("pi.txt", "3.14159265358979323846\n")).symbols[0][:3] == ("\n", ".", "1")


def test_unit_goes_with_texts(write: Write) -> None:
    path = write("x.csv", "y\n1\n2\n")
    for source in (path, [[1.0, 2.0]], "sunspots"):
        with pytest.raises(SettingsError, match=r"unit goes with a file of text \(\.txt\); expected none for .*unit="):
            load(source, unit="word")
    with pytest.raises(SettingsError, match=r"unit is 'line'; expected character or word\."):
        load(write("x.txt", "ab"), unit="line")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="Columns are named for a text, which has none"):
        load(write("x.txt", "ab"), target="a")


def test_other_texts_are_numbered_like_the_first(write: Write) -> None:
    known = load(write("a.txt", "cab"))
    other = load_like(write("b.txt", "dabble"), known)
    assert other.symbols == (("a", "b", "c", "d", "e", "l"),)
    assert "".join(other.symbols[0][int(k)] for k in other.values[:, 0]) == "dabble"
    words = load(write("a.txt", "so so"), unit="word")
    assert load_like(write("b.txt", "so what"), words).symbols == (("so", "what"),)


def test_a_text_is_not_like_numbers(write: Write) -> None:
    text = write("a.txt", "cab")
    with pytest.raises(DataError, match="a is text, and the data read before are no text"):
        load_like(text, load([[1.0, 2.0, 4.0]]))
    with pytest.raises(DataError, match=re.escape("arrays is no text, and the data read before are a text")):
        load_like([[1.0, 2.0]], load(text))
    with pytest.raises(DataError, match="b is no text, and the data read before are a text"):
        load_like(write("b.csv", "y\n1\n2\n"), load(text))


def test_symbols_made_by_hand_are_like_a_text(write: Write) -> None:
    known = load(write("a.txt", "cab"))
    own = Sequences("own", np.array([[1.0], [0.0]]), np.array([0, 2]), ("s",), ("1",), symbols=(("c", "z"),))
    other = load_like(own, known)
    assert (other.channels, other.symbols, other.values[:, 0].tolist()) == (
        ("symbol",),
        (("a", "b", "c", "z"),),
        [3, 2],
    )


def test_shakespeare_comes_back(shared_data: Path) -> None:
    path = shared_data / "tinyshakespeare.txt"
    data = load(path)
    assert repr(data) == "Sequences(tinyshakespeare: 1 of 1,115,394 steps, channels symbol, 65 symbols)"
    assert "".join(data.symbols[0][k] for k in data.values[:, 0].astype(int)) == path.read_text()
