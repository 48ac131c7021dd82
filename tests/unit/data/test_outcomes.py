"""Numbers of whole sequences as people bring them: each is read as it was meant, or refused in one sentence."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from selfloop.data import Sequences, load, load_like
from selfloop.data.sequences import Floats
from selfloop.errors import DataError, SettingsError

CASES, STEPS = 12, 5
AXES = "cases,steps,channels"


def frame(label: Any, first_row_only: bool = False) -> pl.DataFrame:
    """Rows of sequences s0, s1, ...; `label` is a number for each, in all of its rows or in the first."""
    rows = [
        (f"s{k}", t, 0.1 * k + t, label(k) if t == 0 or not first_row_only else None)
        for k in range(CASES)
        for t in range(STEPS)
    ]
    return pl.DataFrame(rows, schema=["id", "time", "value", "weight"], orient="row", strict=False)


def cube() -> Floats:
    return np.random.default_rng(0).normal(size=(CASES, STEPS, 2))


def numbers() -> Floats:
    return np.random.default_rng(1).normal(size=CASES)


def column(data: Sequences) -> list[float]:
    assert data.outcomes is not None
    assert data.outcomes.shape[1] == 1
    return data.outcomes[:, 0].tolist()


class TestColumns:
    @pytest.mark.parametrize("first_row_only", [False, True])
    def test_a_number_in_every_row_or_in_one(self, first_row_only: bool) -> None:
        data = load(frame(lambda k: 0.37 * k, first_row_only), label="weight")
        assert column(data) == [0.37 * k for k in range(CASES)]
        assert data.outcome_names == ("weight",)
        assert (data.labels, data.classes, data.channels) == (None, (), ("value",))
        assert (data.columns.label, data.columns.outcomes) == (None, ("weight",))
        assert "label=weight" in data.reading

    def test_rows_in_any_order(self) -> None:
        rows = frame(lambda k: 0.37 * k).sample(fraction=1.0, shuffle=True, seed=3)
        data = load(rows, label="weight")
        assert dict(zip(data.ids, column(data), strict=True)) == {f"s{k}": 0.37 * k for k in range(CASES)}

    def test_whole_numbers_are_classes_as_well(self) -> None:
        data = load(frame(lambda k: k % 3), label="weight")
        assert column(data) == [float(k % 3) for k in range(CASES)]
        assert data.classes == ("0", "1", "2")
        assert data.labels.tolist() == [k % 3 for k in range(CASES)]

    def test_fractions_that_come_again_are_classes_as_well(self) -> None:
        data = load(frame(lambda k: k % 2 + 0.5), label="weight")
        assert data.classes == ("0.5", "1.5")
        assert column(data)[:2] == [0.5, 1.5]

    def test_texts_and_yes_or_no_are_classes_alone(self) -> None:
        for label in ("ab", (True, False)):
            data = load(frame(lambda k, label=label: label[k % 2]), label="weight")
            assert data.outcomes is None
            assert data.columns.outcomes == ()

    def test_several(self, tmp_path: Path) -> None:
        both = frame(lambda k: 0.37 * k).with_columns(height=pl.col("weight") * 2 + 1)
        both.write_csv(tmp_path / "x.csv")
        for source in (both, tmp_path / "x.csv"):
            data = load(source, label=["weight", "height"])
            assert data.outcome_names == ("weight", "height")
            np.testing.assert_allclose(data.outcomes[:, 1], 2 * data.outcomes[:, 0] + 1)
            assert data.channels == ("value",)
            assert "labels=weight, height" in data.reading

    @pytest.mark.parametrize(
        ("label", "said"),
        [
            (lambda k: None if k == 3 else 0.37 * k, "'weight' of sequence 's3' is missing; expected a finite number"),
            (lambda k: float("inf") if k == 3 else 0.37 * k, "'weight' of sequence 's3' is infinite"),
            (lambda k: (1 + k) * 1.1e-150, "'weight' of sequence 's11' is 1.32e-149, .* too small to calculate"),
        ],
    )
    def test_what_is_missing_or_of_no_size(self, label: Any, said: str) -> None:
        with pytest.raises(DataError, match=said):
            load(frame(label), label="weight")

    def test_a_number_that_changes(self) -> None:
        rows = frame(lambda k: 0.37 * k).with_columns(weight=pl.col("weight") + 0.1 * pl.col("time"))
        with pytest.raises(DataError, match="a measurement that differs from step to step"):
            load(rows, label="weight")
        rows = rows.with_columns(height=1.5)
        with pytest.raises(DataError, match=r"'weight' of sequence 's0' changes from 0 \(row 0 .* to 0.1 \(row 1 "):
            load(rows, label=["height", "weight"])

    def test_several_of_which_one_is_text_or_named_twice(self) -> None:
        rows = frame(lambda k: 0.37 * k).with_columns(name=pl.lit("x"))
        with pytest.raises(DataError, match="the label 'name' is text"):
            load(rows, label=["weight", "name"])
        with pytest.raises(SettingsError, match="'weight' is named for two parts"):
            load(rows, label=["weight", "weight"])
        with pytest.raises(DataError, match="no column 'hight', wanted as label"):
            load(rows, label=["weight", "hight"])


class TestLike:
    """Other data, read as some were: to predict nobody needs the numbers."""

    def known(self) -> Sequences:
        return load(frame(lambda k: 0.37 * k), label="weight")

    def test_with_other_numbers(self) -> None:
        assert column(load_like(frame(lambda k: k), self.known())) == [float(k) for k in range(CASES)]

    def test_without_any(self) -> None:
        rows = frame(lambda k: 0.37 * k)
        for other in (rows.drop("weight"), rows.with_columns(weight=pl.lit(None, dtype=pl.Float64))):
            data = load_like(other, self.known())
            assert data.outcomes is None
            assert data.channels == ("value",)

    def test_whole_sequences_lose_a_step_in_their_middle(self) -> None:
        rows = frame(lambda k: 0.37 * k).drop("weight")
        rows = rows.with_columns(value=pl.when(pl.col("time") == 2).then(None).otherwise(pl.col("value")))
        assert load_like(rows, self.known(), missing="drop").lengths.tolist() == [STEPS - 1] * CASES


class TestArrays:
    @pytest.mark.parametrize("kind", [np.array, list, pd.Series, pl.Series, torch.tensor, lambda y: [[v] for v in y]])
    def test_a_number_for_each(self, kind: Any) -> None:
        data = load(cube(), labels=kind(numbers().tolist()), axes=AXES)
        np.testing.assert_allclose(column(data), numbers(), rtol=1e-6)
        assert data.labels is None
        assert data.outcome_names == ("outcome",)

    def test_names_are_kept(self) -> None:
        assert load(cube(), labels=pd.Series(numbers(), name="weight"), axes=AXES).outcome_names == ("weight",)
        two = pd.DataFrame({"a": numbers(), "b": 2 * numbers()})
        assert load(cube(), labels=two, axes=AXES).outcome_names == ("a", "b")

    def test_several(self, tmp_path: Path) -> None:
        two = np.stack([numbers(), np.arange(CASES)], axis=1)
        np.savez(tmp_path / "x.npz", X=cube(), y=two)
        for data in (load(cube(), labels=two, axes=AXES), load(tmp_path / "x.npz", axes=AXES)):
            assert np.array_equal(data.outcomes, two)
            assert data.outcome_names == ("outcome_1", "outcome_2")
            assert data.labels is None

    def test_whole_numbers_are_classes_as_well(self) -> None:
        data = load(cube(), labels=np.arange(CASES), axes=AXES)
        assert len(data.classes) == CASES
        assert column(data) == list(range(CASES))

    @pytest.mark.parametrize(
        ("labels", "said"),
        [
            ([*numbers()[:-1], np.nan], "label of sequence 11 .* is missing"),
            ([*numbers()[:-1], np.inf], "'outcome' of sequence '11' is infinite"),
            ([[1.5, 2.0]] * 11 + [[1.5, np.nan]], "'outcome_2' of sequence '11' is missing"),
            ([[1.5, 2.0]] * 11 + [[1.5]], "as many numbers as for every other"),
            ([["a", "b"]] * CASES, r"rows such as \['a', 'b'\]"),
        ],
    )
    def test_what_is_no_number_for_each(self, labels: Any, said: str) -> None:
        with pytest.raises(DataError, match=said):
            load(cube(), labels=labels, axes=AXES)

    def test_decimals(self) -> None:
        labels = [Decimal(k) / 7 for k in range(CASES)]
        assert load(cube(), labels=labels, axes=AXES).outcomes[7, 0] == 1.0


class TestTs:
    def write(self, path: Path, *lines: str) -> Path:
        path.write_text("\n".join(("@problemName x", "@targetlabel true", "@data", *lines)), encoding="utf-8")
        return path

    def test_a_number_last(self, tmp_path: Path) -> None:
        data = load(self.write(tmp_path / "x.ts", "1,2,3:4,5,6:1.5", "2,3:4,4:-2"))
        assert column(data) == [1.5, -2.0]
        assert data.lengths.tolist() == [3, 2]
        assert data.labels is None

    @pytest.mark.parametrize(
        ("last", "said"), [("?", "'outcome' of sequence '2' is missing"), ("cat", "line 5 ends in 'cat'")]
    )
    def test_none(self, tmp_path: Path, last: str, said: str) -> None:
        with pytest.raises(DataError, match=said):
            load(self.write(tmp_path / "x.ts", "1,2:1.5", f"2,3:{last}"))
