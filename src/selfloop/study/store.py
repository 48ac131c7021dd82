"""The store of a study: one SQLite file in its folder. A trial is in it whole, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from selfloop.errors import StudyError
from selfloop.results.study import Trial, from_json, to_json

FILE = "study.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS trials (
    candidate TEXT NOT NULL,
    fold INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    trial BLOB NOT NULL,
    predictions BLOB NOT NULL,
    PRIMARY KEY (candidate, fold, seed)
);
"""
Arrays = Mapping[str, NDArray[np.floating[Any]]]


class Store:
    """Facts and finished trials of one study, on disk as soon as they are known."""

    def __init__(self, folder: Path) -> None:
        """Open or make the store in `folder`.

        Raises:
            StudyError: the folder cannot be made, or holds a file of that name that is no store.
        """
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = _opened(self.path)
        except (OSError, sqlite3.Error) as error:
            if "locked" in str(error):
                text = f"{folder} is in use by another process; wait for it, or give another --out."
                raise StudyError(text) from error
            raise StudyError(f"{folder} cannot hold a study ({error}); give another folder with --out.") from error

    def claim(self, identity: Mapping[str, object]) -> None:
        """Make the folder this study's, or check that it already is.

        Args:
            identity: what makes it the same study: settings, data, version; JSON as it stands.

        Raises:
            StudyError: it holds another study; the message says what differs.
        """
        wanted = msgspec.json.decode(msgspec.json.encode(identity))
        raw = self.fact("identity")
        if raw is None:
            self.record("identity", msgspec.json.encode(wanted))
            return
        held = msgspec.json.decode(raw)
        differing = [name for name in {**held, **wanted} if held.get(name) != wanted.get(name)]
        if differing:
            each = "; ".join(
                f"{n}: it has {_short(held.get(n))}, you ask for {_short(wanted.get(n))}" for n in differing
            )
            raise StudyError(
                f"{self.path.parent} holds another study ({each}); give another --out, or repeat its settings."
            )

    def fact(self, name: str) -> bytes | None:
        """A recorded fact, or None."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def record(self, name: str, value: bytes) -> None:
        """Record a fact, once: an earlier one is replaced."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def add(self, trial: Trial, predictions: Arrays) -> None:
        """Record a finished trial and what it predicted."""
        arrays = {name: np.ascontiguousarray(array) for name, array in predictions.items()}
        row = (trial.candidate, trial.fold, trial.seed, to_json(trial), safetensors.numpy.save(arrays))
        self._db.execute("INSERT INTO trials VALUES (?, ?, ?, ?, ?)", row)

    def forget(self, trial: Trial) -> None:
        """Take a trial out again, to be run anew."""
        key = (trial.candidate, trial.fold, trial.seed)
        self._db.execute("DELETE FROM trials WHERE candidate = ? AND fold = ? AND seed = ?", key)

    def trials(self) -> tuple[Trial, ...]:
        """All finished trials, by candidate, fold and seed."""
        rows = self._db.execute("SELECT trial FROM trials ORDER BY candidate, fold, seed").fetchall()
        return tuple(from_json(row[0], Trial) for row in rows)

    def predictions(self, candidate: str, fold: int, seed: int) -> dict[str, NDArray[np.floating[Any]]]:
        """What a finished trial predicted; empty when it diverged or failed."""
        query = "SELECT predictions FROM trials WHERE candidate = ? AND fold = ? AND seed = ?"
        row = self._db.execute(query, (candidate, fold, seed)).fetchone()
        return {} if row is None else dict(safetensors.numpy.load(row[0]))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        db.execute("PRAGMA locking_mode=EXCLUSIVE")  # one process a study; the lock dies with it
        # The write-ahead log survives a kill at any moment, and costs a trial one write.
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:12] + "…"
