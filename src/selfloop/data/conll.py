"""CoNLL files: a token a line, its annotations in columns, a blank line between sentences.

Formats: https://universaldependencies.org/format.html (.conllu); Tjong Kim Sang & De Meulder 2003 (the others).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from selfloop.data.roles import NO_TIME
from selfloop.data.sequences import Columns
from selfloop.data.table import Table
from selfloop.data.texts import read_text
from selfloop.errors import DataError

UNIVERSAL = (".conllu", ".conllu.gz")
PLAIN = (".conll", ".bio", ".iob", ".iob2", ".iobes")
SUFFIXES = (*UNIVERSAL, *PLAIN)
SENTENCE, WORD, TAG = "sentence", "word", "tag"
FIELDS = ("number", WORD, "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
"""Columns of a .conllu file, in order."""
PLACES = ("number", "head")
"""Those that say where in the sentence a word is, or another: of no use as symbols."""
NOTHING = "_"
DOCUMENT = "-DOCSTART-"


def conll_table(path: Path) -> Table:
    """A file of sentences as a table with a row a token, and a column that numbers the sentences from 1.

    Annotations of a .conllu file that are not given ("_") are empty; the spans of contracted words and the words that
    are left out of a sentence are skipped.

    Raises:
        DataError: the file cannot be read, holds no token, or a line has other columns; says which.
    """
    import polars as pl

    text, notes = read_text(path)
    universal = path.name.lower().endswith(UNIVERSAL)
    rows, lines, sentences = _tokens(text, path.name, universal)
    if not rows:
        raise DataError(
            f"{path.name} holds no token; expected one a line, its annotations in columns, and a blank line between "
            "sentences."
        )
    names = FIELDS if universal else _plain_names(len(rows[0]))
    columns = {name: [row[k] for row in rows] for k, name in enumerate(names) if name not in PLACES}
    frame = pl.DataFrame({SENTENCE: sentences, **columns}, schema_overrides=dict.fromkeys(columns, pl.String))
    if universal:
        given = [name for name in columns if name != WORD]
        frame = frame.with_columns(pl.when(pl.col(name) != NOTHING).then(pl.col(name)).alias(name) for name in given)
    table = Table.of(
        frame,
        name=path.name.partition(".")[0],
        title=path.name,
        first_row=1,
        counted="counted from 1",
        note="; ".join(notes),
    )
    return replace(table, lines=np.array(lines, dtype=np.int64), numbered=SENTENCE)


def conll_columns(asked: Columns, table: Table) -> Columns:
    """Words in, their tags out, a sentence a sequence, unless other columns are asked for."""
    label = asked.label
    if label is None and asked.target is None:
        label = "upos" if "upos" in table.kinds else TAG
    inputs = asked.inputs or ((WORD,) if asked.target is None else ())
    given = replace(asked, id=asked.id or SENTENCE, time=asked.time or NO_TIME, label=label, inputs=inputs)
    return given if label is None else replace(given, label_of="step")


def _tokens(text: str, name: str, universal: bool) -> tuple[list[list[str]], list[int], list[int]]:
    """The fields of each token, its line, and its sentence, both counted from 1."""
    rows: list[list[str]] = []
    lines: list[int] = []
    sentences: list[int] = []
    sentence, inside = 0, False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            inside = False
            continue
        if (universal and line.startswith("#")) or line.startswith(DOCUMENT):
            continue
        fields = line.rstrip("\n").split("\t") if universal else line.split()
        if universal and _is_no_word(fields[0]):
            continue
        _check(fields, len(FIELDS) if universal else len(rows[0]) if rows else 0, f"{name}, line {number:,}")
        sentence, inside = sentence + (not inside), True
        rows.append(list(map(str.strip, fields)))
        lines.append(number)
        sentences.append(sentence)
    return rows, lines, sentences


def _is_no_word(number: str) -> bool:
    """1-2 is a contraction of two words, 3.1 one that the sentence leaves out."""
    return not number.isdigit() and re.fullmatch(r"\d+[-.]\d+", number) is not None


def _check(fields: list[str], wanted: int, where: str) -> None:
    """Raise unless a line has the columns that it should have; 0: two or more."""
    if len(fields) == wanted or (wanted == 0 and len(fields) > 1):
        return
    if wanted == len(FIELDS) and len(fields) == 1 and " " in fields[0].strip():
        raise DataError(f"{where} has no tabs; expected {wanted} columns with a tab between them: write it again.")
    said = f"{wanted}" if wanted == len(FIELDS) else f"{wanted}, as the first token has" if wanted else "2 or more"
    raise DataError(
        f"{where} has {len(fields)} column{'' if len(fields) == 1 else 's'} ({' '.join(fields)[:40]!r}); expected "
        f"{said}: a word first and its tag last, a blank line between sentences."
    )


def _plain_names(count: int) -> tuple[str, ...]:
    return (WORD, *(f"column_{k}" for k in range(2, count)), TAG)
