"""Tables on disk, and which column becomes what."""

import csv
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fixture_types import Write
from selfloop.data import Columns, load
from selfloop.errors import DataError, SettingsError


def test_etth1_says_what_it_uses_and_ignores(shared_data: Path) -> None:
    data = load(shared_data / "ETTh1.csv", columns=Columns(target="OT"))
    assert data.reading == (
        "using time=date, target=OT; ignoring HUFL, HULL, MUFL, MULL, LUFL, LULL (name them with inputs= to use them)"
    )
    assert (data.every, data.channels, data.ids, data.values.shape) == ("1h", ("OT",), ("OT",), (17420, 1))
    assert data.columns == Columns(time="date", target="OT")
    with (shared_data / "ETTh1.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert data.values[:, 0].tolist() == [float(row["OT"]) for row in rows]  # to the bit
    assert str(data.time[25]) == "2016-07-02T01:00:00.000000"


def test_etth1_with_inputs_puts_the_target_first(shared_data: Path) -> None:
    data = load(str(shared_data / "ETTh1.csv"), columns=Columns(target="OT", inputs=("LULL", "HUFL")))
    assert data.channels == ("OT", "LULL", "HUFL")
    np.testing.assert_array_equal(data[0][0], [30.5310001373291, 1.3400000333786009, 5.827000141143799])
    assert data.reading.startswith("using time=date, target=OT, inputs=LULL, HUFL; ignoring HULL, MUFL, MULL, LUFL (")


def test_etth1_without_a_target_lists_the_numeric_columns(shared_data: Path) -> None:
    with pytest.raises(DataError, match=r"7 numeric columns \(HUFL, HULL, .*, OT\).*target="):
        load(shared_data / "ETTh1.csv")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_suffixes_read_the_same(tmp_path: Path, suffix: str) -> None:
    frame = pl.DataFrame({"day": ["2021-03-01", "2021-03-02", "2021-03-03"], "v": [1.5, -2.25, 1e-3]})
    path = tmp_path / f"some{suffix}"
    if suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path, separator="\t" if suffix == ".tsv" else ",")
    data = load(path)
    assert (data.name, data.every, data.channels, data.reading) == ("some", "1d", ("v",), "using time=day, target=v")
    assert data.values[:, 0].tolist() == [1.5, -2.25, 1e-3]


@pytest.mark.parametrize(
    "text",
    [
        "a;b\n2020-01;1.5\n2020-02;2.5\n",
        "a\tb\n2020-01\t1.5\n2020-02\t2.5\n",
        "\ufeffa, b \r\n2020-01, 1.5\r\n2020-02, 2.5",
    ],
)
def test_csv_dialects(write: Write, text: str) -> None:
    data = load(write("x.csv", text))
    assert (data.channels, data.every, data.values[:, 0].tolist()) == (("b",), "1mo", [1.5, 2.5])


def test_blank_lines_at_the_end_and_words_for_missing(write: Write) -> None:
    path = write("x.csv", "t,v\n1,1\n2,NA\n3,n/a\n4,nan\n5,?\n6,7.5\n\n\n")
    assert load(path, missing="interpolate").values[:, 0].tolist() == [1, 2.3, 3.6, 4.9, 6.2, 7.5]


def test_a_decimal_after_hundreds_of_whole_numbers(write: Write) -> None:
    rows = "".join(f"{k},{k}\n" for k in range(500))
    data = load(write("x.csv", f"t,v\n{rows}500,0.5\n"))
    assert data.values[-2:, 0].tolist() == [499.0, 0.5]


def test_ids_with_leading_zeros_stay_text(write: Write) -> None:
    data = load(write("x.csv", "unique_id,ds,y\n007,1,5\n007,2,6\n7,1,8\n7,2,9\n"))
    assert data.ids == ("007", "7")


def test_nixtla_columns_interleaved(write: Write) -> None:
    path = write(
        "x.csv", "unique_id,ds,y,z\nB,2020-01,1,5\nA,2020-02,2,6\nB,2020-02,3,7\nA,2020-03,4,8\nB,2020-03,5,9\n"
    )
    data = load(path)
    assert data.reading == "using id=unique_id, time=ds, target=y; ignoring z (name them with inputs= to use them)"
    assert (data.ids, data.every, data.offsets.tolist()) == (("B", "A"), "1mo", [0, 3, 5])
    assert data.values[:, 0].tolist() == [1, 3, 5, 2, 4]
    assert [str(t)[:7] for t in data.time] == ["2020-01", "2020-02", "2020-03", "2020-02", "2020-03"]


def test_many_ignored_columns_are_counted(write: Write) -> None:
    names = [f"c{k}" for k in range(9)]
    path = write("x.csv", ",".join(names) + ",note\n" + ("1," * 9 + "hot\n") * 3)
    assert load(path, columns=Columns(target="c4")).reading == (
        "using target=c4; ignoring c0, c1, c2, c3, c5, ... and 3 more (name them with inputs= to use them), "
        "note (not numbers)"
    )


LONG = "case,speaker,step,f1,f2\n" + "".join(
    f"{case},{who},{step},{case}.{step},{step}\n"
    for case, who, steps in (("u1", "b", 3), ("u2", "a", 2), ("u3", "b", 4))
    for step in range(steps)
)


def test_classification_in_long_form(write: Write) -> None:
    data = load(write("x.csv", LONG.replace("u", "")), columns=Columns(label="speaker"))
    assert data.reading == "using id=case, time=step, label=speaker, inputs=f1, f2"
    assert (data.channels, data.classes, data.labels.tolist()) == (("f1", "f2"), ("a", "b"), [1, 0, 1])
    assert (data.ids, data.lengths.tolist(), data.every) == (("1", "2", "3"), [3, 2, 4], "1i")
    assert data[1].tolist() == [[2.0, 0.0], [2.1, 1.0]]


def test_a_column_called_label_beside_an_id_is_the_label(write: Write) -> None:
    data = load(write("x.csv", "id,label,v\n1,10,0.5\n1,10,0.25\n2,9,3\n"))
    assert (data.columns.label, data.classes, data.labels.tolist()) == ("label", ("9", "10"), [1, 0])


def test_a_label_that_changes_within_an_id_belongs_to_each_step(write: Write) -> None:
    data = load(write("x.csv", LONG.replace("u3,b,2", "u3,a,2")), columns=Columns(label="speaker"))
    assert data.reading.endswith("label=speaker, inputs=f2; ignoring f1 (not numbers); a label at each step")
    assert (data.labels, data.classes, data.columns.label_of) == (None, ("a", "b"), "step")
    assert data.tags.tolist() == [1, 1, 1, 0, 0, 1, 1, 0, 1]


def test_a_group_must_not_change_within_an_id(write: Write) -> None:
    with pytest.raises(DataError, match=r"'u1' changes from '0' \(row 2 .*\) to '1' \(row 3 \(the header is row 1\)\)"):
        load(write("x.csv", LONG), columns=Columns(label="speaker", inputs=("f1",), groups="f2", time="step"))


def test_a_label_without_an_id_asks_for_it(write: Write) -> None:
    with pytest.raises(DataError, match=r"id= \(columns are kind, v\)"):
        load(write("x.csv", "kind,v\na,1\na,1\nb,2\nb,2\na,3\na,3\n"), columns=Columns(label="kind"))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (Columns(target="ot"), "no column 'ot', wanted as target. Did you mean 'OT'"),
        (Columns(id="place", target="OT"), "no column 'place', wanted as id. There is: date, OT, city"),
        (Columns(time="dates", target="OT"), "wanted as time. Did you mean 'date'"),
        (Columns(label="citty"), "wanted as label. Did you mean 'city'"),
        (Columns(target="OT", inputs=("citi",)), "wanted as input. Did you mean 'city'"),
        (Columns(target="OT", inputs=("city",)), r"the input 'city' is text \('Ulm' in row 2"),
        (Columns(time="city"), r"the time column 'city' is text \('Ulm' in row 2 .*ISO dates"),
    ],
)
def test_wrong_columns(write: Write, columns: Columns, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write("x.csv", "date,OT,city\n2020-01,1,Ulm\n2020-02,2,Bonn\n"), columns=columns)


def test_choices_that_contradict_each_other(write: Write) -> None:
    path = write("x.csv", "a,b,c\n1,2,3\n")
    with pytest.raises(SettingsError, match="leave one out"):
        load(path, columns=Columns(target="a", label="b"))
    with pytest.raises(SettingsError, match="'a' is named for two parts"):
        load(path, columns=Columns(target="a", inputs=("a",)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.csv is empty"),
        ("\n\n", "x.csv is empty"),
        ("a,b\n", r"x.csv has no rows of values.*\(a, b\)"),
        ("a,b\n\n\n", "has no rows of values"),
        ("a,b\nx,y\nz,w\n", r"no numeric column to forecast; its columns are a \(text\), b \(text\)"),
        ("1.5,2\n3,4\n", r"starts with numbers \(1.5, 2\)"),
        ("a,b\n1,2\n3,4,5\n", "not a readable table of text"),
        ("when,then,v\n2020-01,2020-02,3\n", r"more than one column of times \(when, then\).*time="),
        ("t,v\n2020-01,1\n2020-02,1,5", "not a readable table"),
    ],
)
def test_bad_tables(write: Write, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write("x.csv", text))


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.parquet", "x.ts"])
def test_garbage_is_one_clear_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(np.random.default_rng(5).bytes(4001))
    with pytest.raises(DataError, match=f"{name} is not a (readable|text)"):
        load(path)


def test_utf16_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("date,v\n2020-01,1\n2020-02,2\n", encoding="utf-16")
    with pytest.raises(DataError, match="UTF-8"):
        load(path)


def test_names_that_are_no_file(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("sales.csv", "a\n1\n")
    with pytest.raises(DataError, match=r"no file .*Did you mean 'sales.csv'"):
        load(tmp_path / "sale.csv")
    with pytest.raises(DataError, match=r"Did you mean 'japanese-vowels'"):
        load("japanese-vowel")
    with pytest.raises(DataError, match=r"Built-in sets are: sunspots, airline"):
        load(tmp_path / "qqqqq")
    with pytest.raises(DataError, match="no file"):
        load("a,b\n1,2\n" * 40)
    with pytest.raises(DataError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(DataError, match=r"suffix '.xlsx'; expected one of .csv"):
        load(write("book.xlsx", "x"))


def test_a_file_goes_before_a_built_in_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("recall").mkdir()  # such as a study's folder: no file
    assert load("recall", lag=3).name == "recall"
    Path("airline").write_text("x")
    with pytest.raises(DataError, match=r"also a built-in set: choose it with selfloop\.data\.load_builtin\(\.\.\.\)"):
        load("airline")


def test_a_path_with_wildcards_is_one_file(write: Write) -> None:
    write("x1.csv", "v\n1\n2\n")
    assert load(write("x[1].csv", "v\n3\n4\n")).values[:, 0].tolist() == [3, 4]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_may_not_be_read(write: Write) -> None:
    path = write("x.csv", "v\n1\n")
    path.chmod(0)
    with pytest.raises(DataError, match="cannot be opened"):
        load(path)


def test_time_none_takes_the_rows_in_order(write: Write) -> None:
    path = write("x.csv", "date,v\n2020-01-03,1\n2020-01-05,2\n2020-01-08,4\n")
    with pytest.raises(DataError, match="irregular"):
        load(path)
    data = load(path, columns=Columns(time="none"))
    assert (data.time, data.every, data.reading) == (None, None, "using target=v; ignoring date (not numbers)")
