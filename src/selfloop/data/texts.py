"""Files of text: one sequence of characters, or of words."""

from __future__ import annotations

import gzip
import re
import unicodedata
import zlib
from pathlib import Path
from typing import get_args

import numpy as np

from selfloop.data.build import finish
from selfloop.data.draft import Draft, said_of_symbols
from selfloop.data.files import name_of
from selfloop.data.sequences import Columns, Ints, Sequences, Unit
from selfloop.data.text_files import is_number, latin, short
from selfloop.errors import DataError, SettingsError, nearest
from selfloop.words import count

SUFFIXES = (".txt", ".txt.gz")
CHANNEL = "symbol"
UNICODE = 0x110000  # numbers that a character can have
SEEN = 50  # lines that are looked at to tell a table from a text


def load_text(path: Path, unit: Unit | None) -> Sequences:
    """A file of text as one sequence of symbols.

    Args:
        path: of the file, gzipped or not.
        unit: what a symbol is; None: a character, unless the file looks like a table.

    Raises:
        DataError: the file is no text, holds nothing, or is a table by its looks.
        SettingsError: there is no such unit.
    """
    check_unit(unit)
    text, notes = read_text(path)
    if not text.strip():
        raise DataError(f"{path.name} {'holds nothing but white space' if text else 'is empty'}; expected text.")
    if unit is None:
        _no_table(text, path.name)
    word = unit or "character"
    codes, names = symbols_of(text, word)
    draft = Draft(
        name=path.name,
        values=codes.astype(np.float64)[:, None],
        offsets=np.array([0, len(codes)], dtype=np.int64),
        channels=(CHANNEL,),
        ids=("0",),
        place=lambda step: f"{word} {step + 1} (counted from 1)",
        symbols=(names,),
        notes=notes,
    )
    columns = Columns(symbols=draft.channels, unit=word)
    reading = f"using {count(len(codes), word)}: {said_of_symbols(names, len(codes))}"
    return finish(draft, missing="error", columns=columns, reading=reading, name=name_of(path))


def check_unit(unit: Unit | None) -> None:
    """Raise where a unit is none.

    Raises:
        SettingsError: it is not.
    """
    if unit is not None and unit not in get_args(Unit):
        raise SettingsError(f"unit is {unit!r}; expected character or word. {nearest(str(unit), get_args(Unit))}")


def symbols_of(text: str, unit: Unit) -> tuple[Ints, tuple[str, ...]]:
    """(steps,) which symbol each is, and the names of the different ones, sorted by code point.

    Words are runs of letters, digits and underscores, with the apostrophes inside of them; every other sign that is no
    white space is a word of its own, and so is the end of a line.

    Args:
        text: to be taken apart.
        unit: what a symbol is.
    """
    if unit == "word":
        words = words_of(text)
        names = tuple(sorted(set(words)))
        index = {name: k for k, name in enumerate(names)}
        return np.fromiter((index[word] for word in words), dtype=np.int64, count=len(words)), names
    points = np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
    there = np.zeros(UNICODE, dtype=bool)
    there[points] = True
    different = np.flatnonzero(there)
    numbers = np.zeros(UNICODE, dtype=np.int64)
    numbers[different] = np.arange(len(different))
    return numbers[points], tuple(map(chr, different.tolist()))


def words_of(text: str) -> list[str]:
    """The words of a text in order, as `symbols_of` says."""
    marks = "".join(sorted(sign for sign in set(text) if unicodedata.category(sign).startswith("M")))
    letter = rf"[\w{re.escape(marks)}]"  # \w leaves out the vowel signs of many scripts
    return re.findall(rf"\n|{letter}+(?:['’]{letter}+)*|\S", text)


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a file with plain ends of lines, and what was decided in reading it.

    Raises:
        DataError: it cannot be opened, is not compressed as its suffix says, or is no text.
    """
    content = read_bytes(path)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        what = "UTF-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "no text (it holds zero bytes)"
        raise DataError(f"{path.name} is {what}; expected a file of text in UTF-8: save it so.")
    notes: list[str] = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        guessed = latin(content)
        if guessed is None:
            line = content.count(b"\n", 0, error.start) + 1
            raise DataError(
                f"{path.name} is not UTF-8 (byte {error.start + 1:,}, in line {line:,}: {error.reason}); expected a "
                "file of text in UTF-8: save it so."
            ) from error
        text = guessed
        notes.append("it is no UTF-8: read as Latin-1")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        notes.append("line ends of Windows are read as plain ones")
    return text, tuple(notes)


def read_bytes(path: Path) -> bytes:
    """What a file holds, unpacked.

    Raises:
        DataError: it cannot be opened, or is not compressed as its suffix says.
    """
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix.lower() == ".gz" else content
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} is not a readable gzip file ({short(error)}); compress it again.") from error
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be opened ({error.strerror}); expected a file that you may read."
        ) from error


def _no_table(text: str, name: str) -> None:
    """Raise where lines are rows of numbers, as far as one can see: characters of these would say little.

    Raises:
        DataError: they are.
    """
    lines = [line.strip() for line in text[: 1 << 16].split("\n")[: SEEN + 1] if line.strip()]
    for separator in (",", ";", "\t", None):
        rows = [[field.strip() for field in line.split(separator)] for line in lines[1:]]
        fields = [field for row in rows for field in row]
        alike = len(rows) >= 2 and len({len(row) for row in rows}) == 1
        if alike and sum(map(is_number, fields)) * 2 >= len(fields):
            raise DataError(
                f"{name} looks like a table of numbers ({lines[1][:40]!r} in its second line), and .txt is read as "
                "text; expected sentences: name it .csv or .tsv, or choose --unit character to read it all the same."
            )
