"""Other data, read the way some were read before."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from selfloop.data import Columns, Sequences, load, load_like
from selfloop.errors import DataError

LONG = pl.DataFrame(
    {
        "case": ["a", "a", "b", "c", "c", "c"],
        "who": ["x", "x", "y", "z", "z", "z"],
        "u": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "v": [9.0, 8.0, 7.0, 6.0, 5.0, 4.0],
    }
)


@pytest.fixture
def trained() -> Sequences:
    return load(LONG, columns=Columns(label="who", inputs=("v", "u")))


def like(source: object, data: Sequences, **more: Any) -> Sequences:
    return load_like(source, data, **more)


def test_the_recorded_reading_reads_the_same(trained: Sequences) -> None:
    again = like(LONG, trained)
    assert again.fingerprint == trained.fingerprint
    assert (again.columns, again.ids, again.reading) == (trained.columns, trained.ids, trained.reading)


def test_labels_are_numbered_by_the_classes_of_the_first_data(trained: Sequences) -> None:
    some = like(LONG.filter(pl.col("case") != "a"), trained)
    assert (some.classes, some.labels.tolist()) == (("x", "y", "z"), [1, 2])


def test_the_label_may_be_absent(trained: Sequences) -> None:
    new = like(LONG.drop("who").with_columns(w=pl.lit(1.0)), trained)
    assert (new.labels, new.classes, new.channels) == (None, ("x", "y", "z"), ("v", "u"))
    assert new.columns.label is None
    np.testing.assert_array_equal(new.values, trained.values)


def test_other_columns_are_an_error_that_names_the_nearest(trained: Sequences) -> None:
    with pytest.raises(DataError, match=r"no column 'v', wanted as input. Did you mean 'V'"):
        like(LONG.rename({"v": "V"}), trained)
    with pytest.raises(DataError, match=r"no column 'case', wanted as id. Did you mean 'cases'"):
        like(LONG.rename({"case": "cases"}), trained)
    with pytest.raises(DataError, match="the class 'q'; expected only those of the first data"):
        like(LONG.with_columns(who=pl.lit("q")), trained)


def test_forecast_tables(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("date,a,b\n2020-01,1,2\n2020-02,3,4\n")
    data = load(path, columns=Columns(target="b"))
    path.write_text("extra,b,date\n7,6,2020-03\n8,9,2020-04\n")  # a is not needed, extra not looked at
    new = like(path, data)
    assert (new.values[:, 0].tolist(), new.every, new.columns) == ([6, 9], "1mo", data.columns)
    path.write_text("b\n1\n2\n")
    with pytest.raises(DataError, match="no column 'date', wanted as time"):
        like(path, data)


def test_nothing_is_inferred_that_was_not_recorded() -> None:
    data = load(pl.DataFrame({"y": [1.0, 2.0]}))
    new = like(pl.DataFrame({"ds": ["2020-01-01", "2020-01-09", "2020-01-10"], "y": [1.0, 2.0, 3.0]}), data)
    assert (new.time, new.columns) == (None, data.columns)


def test_built_in_sets_and_arrays() -> None:
    vowels = load("japanese-vowels-train")
    assert like("japanese-vowels-test", vowels).fingerprint == load("japanese-vowels-test").fingerprint
    new = like([np.ones((3, 12)), np.ones((5, 12))], vowels, labels=[9, 2])
    assert (new.labels.tolist(), new.classes) == ([8, 1], vowels.classes)
    with pytest.raises(
        DataError, match="has the channels channel_1, channel_2; expected channel_1, channel_2, channel_3"
    ):
        like([np.ones((3, 2))], vowels)
    sunspots = load("sunspots")
    assert like("sunspots", sunspots).fingerprint == sunspots.fingerprint
    with pytest.raises(DataError, match="has the channels Passengers; expected Sunspots"):
        like("airline", sunspots)
    assert like(np.ones(20), sunspots).channels == ("Sunspots",)  # arrays bring no names


def test_a_forecast_ignores_labels() -> None:
    data = load([np.ones((3, 2))], axes="steps,channels")
    new = like([np.ones((4, 2))], data, labels=["a"])
    assert (new.labels, new.classes) == (None, ())


def test_no_such_file(trained: Sequences) -> None:
    with pytest.raises(DataError, match=r"There is no file 'nowhere\.csv'"):
        like("nowhere.csv", trained)


def test_channels_come_in_the_order_of_the_first_data() -> None:
    """A table's target stands first; it need not in sequences that were made by hand."""
    columns = Columns(target="sales", inputs=("price", "stock"))
    values = np.arange(12.0).reshape(4, 3)
    data = Sequences("a", values, np.array([0, 4]), ("price", "sales", "stock"), ("1",), columns=columns)
    table = pl.DataFrame({"sales": values[:, 1], "stock": values[:, 2], "price": values[:, 0]})
    new = like(table, data)
    assert new.channels == data.channels
    assert new.target == 1
    np.testing.assert_array_equal(new.values, values)
    assert like(data, data).channels == data.channels
    first = load(table, columns=columns)
    assert first.channels == ("sales", "price", "stock")
    assert like(table, first).channels == first.channels
    with pytest.raises(DataError, match="has the channels sales, price, stock; expected price, sales, stock"):
        like(first, data)
