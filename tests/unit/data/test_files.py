"""Files as people have them: marks in numbers, compression, encodings, columnar and JSON formats, the archives'."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fixture_types import Write
from selfloop.cli.app import run
from selfloop.data import Columns, load, load_like
from selfloop.errors import DataError, SettingsError

FRAME = pl.DataFrame({"day": ["2021-03-01", "2021-03-02", "2021-03-03"], "v": [1.5, -2.25, 1e-3]})


def values(path: Path, target: str) -> list[float]:
    return load(path, columns=Columns(target=target)).values[:, 0].tolist()


@pytest.mark.parametrize(
    ("text", "expected", "note"),
    [
        ("d;v\n2020-01;1,5\n2020-02;-2\n2020-03;0,125", [1.5, -2, 0.125], "decimal commas"),
        ("d;v\n2020-01;1.234,5\n2020-02;12.345.678\n2020-03;7", [1234.5, 12345678, 7], "decimal commas"),
        ("d\tv\n2020-01\t1 234,5\n2020-02\t3\n2020-03\tNA\n2020-04\t2", [1234.5, 3, 2.5, 2], "decimal commas"),
        ("d;v\n2020-01;1\u202f234,5\n2020-02;3,25", [1234.5, 3.25], "decimal commas"),
        ("d;v\n2020-01;1,5e3\n2020-02;2,0E-1", [1500, 0.2], "decimal commas"),
        ('d,v\n2020-01,"1,234.5"\n2020-02,"12,345"\n2020-03,7', [1234.5, 12345, 7], "commas between thousands"),
        ('d,v\n2020-01,"1,234,567"\n2020-02,"12,345"', [1234567, 12345], "commas between thousands"),
        ("d,v\n2020-01,1'234.5\n2020-02,3", [1234.5, 3], "commas between thousands"),
    ],
)
def test_marks_in_numbers(write: Write, text: str, expected: list[float], note: str) -> None:
    data = load(write("x.csv", text), missing="interpolate")
    assert data.values[:, 0].tolist() == expected
    assert data.reading == f"using time=d, target=v; numbers are read with {note}"


def test_groups_of_three_are_decided_by_the_rest_of_the_file(write: Write) -> None:
    table = "d;v;w\n2020-01;1,234;{0}\n2020-02;5,678;{1}\n"
    assert values(write("a.csv", table.format("0,5", "7,25")), target="v") == [1.234, 5.678]
    assert values(write("b.csv", table.format("1,234.5", "7")), target="v") == [1234, 5678]
    assert values(write("c.csv", table.format("0.5", "7.25")), target="v") == [1234, 5678]
    dotted = "d;v;w\n2020-01;1.234;{0}\n2020-02;5.678;{1}\n"
    assert values(write("d.csv", dotted.format("0,5", "7,25")), target="v") == [1234, 5678]
    assert values(write("e.csv", dotted.format("0.5", "7.25")), target="v") == [1.234, 5.678]
    assert values(write("f.csv", dotted.format("5", "7")), target="v") == [1.234, 5.678]  # as everywhere


def test_groups_of_three_that_nothing_decides_are_refused(write: Write) -> None:
    with pytest.raises(DataError) as refused:
        load(write("x.csv", 'd,v\n2020-01,"1,234"\n2020-02,987\n'))
    assert str(refused.value) == (
        "x.csv: the column 'v' holds '1,234', which is 1,234 with a comma between thousands or 1.234 with a decimal "
        "comma; expected numbers that show which: write them with a decimal point and without a mark between thousands."
    )


@pytest.mark.parametrize("cell", ["1,23,4", "1,2;3,4", "1.2.3", "12,34.5", "a,5", "1,5 kg"])
def test_what_is_no_number_stays_text(write: Write, cell: str) -> None:
    data = load(write("x.tsv", f"d\tv\tw\n2020-01\t1\t{cell}\n2020-02\t2\t3\n"))
    assert data.reading == "using time=d, target=v; ignoring w (not numbers)"


def test_names_with_leading_zeros_stay_text_beside_decimal_commas(write: Write) -> None:
    data = load(write("x.csv", "unique_id;y\n007;1,5\n7;2,5\n"))
    assert data.ids == ("007", "7")


@pytest.mark.parametrize("suffix", [".feather", ".arrow", ".ipc", ".json", ".jsonl", ".ndjson", ".csv.gz", ".TSV.GZ"])
def test_formats_read_the_same(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"some.thing{suffix}"
    if suffix in (".feather", ".ipc"):
        FRAME.write_ipc(path, compression="lz4" if suffix == ".feather" else "uncompressed")
    elif suffix == ".arrow":
        FRAME.write_ipc_stream(path)
    elif suffix == ".json":
        FRAME.write_json(path)
    elif suffix.lower().endswith(".gz"):
        path.write_bytes(gzip.compress(FRAME.write_csv(separator="\t" if "TSV" in suffix else ",").encode()))
    else:
        FRAME.write_ndjson(path)
    data = load(path)
    assert (data.name, data.every, data.reading) == ("some.thing", "1d", "using time=day, target=v")
    assert data.values[:, 0].tolist() == [1.5, -2.25, 1e-3]
    new = load_like(path, data)
    assert new.fingerprint == data.fingerprint


def test_json_lines_gzipped(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(FRAME.write_ndjson().encode()))
    assert load(path).values[:, 0].tolist() == [1.5, -2.25, 1e-3]


def test_json_of_columns_says_what_is_expected(write: Write) -> None:
    for columns in ({"v": {"0": 1, "1": 2}}, {"v": [1, 2]}):
        with pytest.raises(DataError, match=r"x.json holds one object, not rows; expected a list of records"):
            load(write("x.json", json.dumps(columns)))


@pytest.mark.parametrize(
    "name", ["x.feather", "x.arrow", "x.json", "x.jsonl", "x.jsonl.gz", "x.csv.gz", "x.tsv.gz", "x.tsv"]
)
@pytest.mark.parametrize("size", [0, 4001])
def test_garbage_is_one_clear_error(tmp_path: Path, name: str, size: int) -> None:
    path = tmp_path / name
    path.write_bytes(np.random.default_rng(5).bytes(size))
    with pytest.raises(DataError, match=f"{name} is (not a readable|empty)"):
        load(path)


def test_a_gzip_file_that_is_cut(tmp_path: Path) -> None:
    rows = "".join(f"{k},{k * k}\n" for k in range(30000))
    whole = gzip.compress(f"t,v\n{rows}".encode())
    (tmp_path / "x.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"x.csv.gz is not a readable"):
        load(tmp_path / "x.csv.gz")


UCR = "1\t0.5\t-1.5\t2.5\n-1\t1e-3\t2\tNaN\n1\t3\t4\t5\n"


def test_the_ucr_archives_tables(write: Write) -> None:
    data = load(write("Gun_TRAIN.tsv", UCR))
    assert (data.name, data.classes, data.labels.tolist()) == ("Gun_TRAIN", ("-1", "1"), [1, 0, 1])
    assert [case[:, 0].tolist() for case in data] == [[0.5, -1.5, 2.5], [0.001, 2], [3, 4, 5]]
    assert data.reading == "using 1 channel and a label for each sequence; a case a row, its label first"
    test = write("Gun_TEST.tsv", UCR.replace("0.5", "9"))
    new = load_like(test, data)
    assert new[0][0, 0] == 9
    with pytest.raises(DataError, match=r"'value' is missing in row 1, step 2 \(counted from 1\)"):
        load(write("x.tsv", UCR.replace("-1.5", "NaN")))
    with pytest.raises(SettingsError, match="a file of cases without a header, which has none"):
        load(test, columns=Columns(label="1"))


@pytest.mark.parametrize("text", ["1\t0.5\t2\n2\t0.7\t3\n", "1\t0.5\t2\n1.5\t0.7\t3\n", "1\t0.5\n1\t0.7\n"])
def test_numbers_without_a_header_that_are_no_cases(write: Write, text: str) -> None:
    with pytest.raises(DataError, match=r"x.tsv starts with numbers \(1, 0.5.*expected a header line"):
        load(write("x.tsv", text))


def test_cases_with_a_word_in_them(write: Write) -> None:
    with pytest.raises(DataError, match="starts with numbers, but is no table of numbers"):
        load(write("x.tsv", UCR.replace("1e-3", "low")))


AEON = """\ufeff%# This is a cut down version of a problem, useful for very slow tests
% Two comments
@problemName UnitTest
@timeStamps False
@missing false
@univariate true
@equalLength true
@seriesLength 3
@classLabel true 1 2
@data
573.0,375.0,301.0:1
% between cases
394.0,264.0,140.0:2
"""


def test_ts_files_with_comments_and_a_byte_order_mark(write: Write) -> None:
    data = load(write("UnitTest_TRAIN.ts", AEON))
    assert (data.labels.tolist(), data[1][:, 0].tolist()) == ([0, 1], [394, 264, 140])


def test_latin_1_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("Größe;café\n1,5;a\n2,5;é\n".encode("latin-1"))
    data = load(path)
    assert data.channels == ("Größe",)
    assert data.reading == (
        "using target=Größe; ignoring café (not numbers); it is no UTF-8: read as Latin-1; numbers are read with "
        "decimal commas"
    )
    path.write_bytes(b"v\n1\n" + bytes([0x81, 0x07]) + b"\n")
    with pytest.raises(DataError, match="not a readable table of text"):
        load(path)


def test_columns_of_true_and_false(write: Write) -> None:
    text = "ds,y,promotion,late\n2020-01,1,true,FALSE\n2020-02,2,false,False\n2020-03,4,true,True\n"
    data = load(write("x.csv", text), columns=Columns(target="y", inputs=("promotion", "late")))
    assert data.values.tolist() == [[1, 1, 0], [2, 0, 0], [4, 1, 1]]
    assert (
        "ignoring promotion, late (name them with inputs= to use them)"
        in load(write("x.csv", text), columns=Columns(target="y")).reading
    )
    with pytest.raises(DataError, match=r"the value of 'late' is missing in row 3"):
        load(write("x.csv", text.replace("False", "")), columns=Columns(target="y", inputs=("late",)))
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"y": [1.0, 2, 3], "on": ["true", None, "false"]})
    with pytest.raises(DataError, match=r"the value of 'on' is missing in row 1"):
        load(frame, columns=Columns(target="y", inputs=("on",)))
    labelled = "id,label,v\n1,true,0.5\n2,false,3\n"
    assert load(write("y.csv", labelled)).classes == ("false", "true")  # as they are written


def test_duplicate_headers_are_refused(write: Write) -> None:
    for header in ("a,b,a", "a,b, a ", '"a\nx",b,"a x"'):
        with pytest.raises(DataError, match=r"x.csv has more than one column 'a( x)?'; expected different names"):
            load(write("x.csv", f"{header}\n1,2,3\n"))


def test_columns_without_a_name(write: Write) -> None:
    assert load(write("x.csv", ",y\n0,1\n1,2\n")).reading.startswith("using target=y; ignoring  (name")
    assert load(write("x.csv", "y,,,\n1,,,\n2,,,\n")).reading == "using target=y"
    assert load(write("x.csv", "y,,\n1,2,3\n2,4,5\n")).reading == (
        "using target=y; ignoring column 2, column 3 (name them with inputs= to use them)"
    )


def test_the_command_line_names_the_folder_after_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sales.csv.gz").write_bytes(gzip.compress(b"y\n1\n2\n"))
    assert run(["compare", "sales.csv.gz", "--quiet"]) == 2
    assert "series 'y' has 2 steps" in capsys.readouterr().err
