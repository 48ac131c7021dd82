"""Columns of symbols, and labels at each step, in tables."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from fixture_types import Write
from selfloop.data import Columns, Sequences, load, load_like
from selfloop.errors import DataError, SettingsError


def words(data: Sequences, channel: int = 0) -> list[str]:
    return [data.symbols[channel][int(k)] for k in data.values[:, channel]]


def tags(data: Sequences) -> list[str | None]:
    return [None if k < 0 else data.classes[k] for k in data.tags]


LOG = "machine,event,load\n" + "".join(
    f"{who},{event},{k}\n"
    for k, (who, event) in enumerate([(7, "start"), (7, "hot"), (9, "start"), (7, "stop"), (9, "NA")])
)


def test_a_target_of_text_is_a_series_of_symbols(write: Write) -> None:
    data = load(write("x.csv", LOG), target="event", id="machine")
    assert (data.ids, data.offsets.tolist(), data.channels) == (("7", "9"), [0, 3, 5], ("event",))
    assert data.symbols == (("NA", "hot", "start", "stop"),)
    assert words(data) == ["start", "hot", "stop", "start", "NA"]
    assert data.columns == Columns(id="machine", target="event", symbols=("event",))
    assert data.reading == (
        "using id=machine, target=event; ignoring load (name them with inputs= to use them); event has 4 symbols"
    )
    both = load(write("x.csv", LOG), target="event", id="machine", inputs="load")
    assert (both.symbols[1], both.values[:, 1].tolist()) == ((), [0, 1, 3, 2, 4])


def test_symbols_among_the_inputs_of_a_label(write: Write) -> None:
    text = "id,v,side,label\n1,0.5,left,a\n1,1,right,a\n2,2,left,b\n"
    data = load(write("x.csv", text), inputs=("v", "side"))
    assert (data.symbols, data.labels.tolist(), words(data, 1)) == (
        ((), ("left", "right")),
        [0, 1],
        ["left", "right", "left"],
    )
    again = load_like(write("y.csv", "side,v,id\nright,3,1\nup,4,1\n"), data)
    assert again.symbols == ((), ("left", "right", "up"))
    assert again.values.tolist() == [[3, 1], [4, 2]]


def test_a_forecast_of_numbers_reads_numbers(write: Write) -> None:
    path = write("x.csv", "y,sky\n1,blue\n2,grey\n")
    with pytest.raises(DataError, match=r"the input 'sky' is text \('blue' in row 2 .*; expected numbers"):
        load(path, target="y", inputs="sky")


def test_numbers_with_a_slip_are_no_symbols(write: Write) -> None:
    path = write("x.csv", "y,z\n1.5,1\n1.7,2\n1.9kg,3\n2.5,4\n")
    with pytest.raises(DataError, match=r"the target 'y' is text \('1.5' in row 2 .*; expected numbers"):
        load(path, target="y")


def test_symbols_that_look_like_numbers_later_are_the_same_symbols(write: Write) -> None:
    known = load(write("x.csv", "code\nA\n1\nB\n007\n1\n"), target="code")
    assert known.symbols == (("007", "1", "A", "B"),)
    again = load_like(write("y.csv", "code\n1\n2\n1\n"), known)
    assert words(again) == ["1", "2", "1"]
    assert again.symbols == (("007", "1", "A", "B", "2"),)


@pytest.mark.parametrize("library", ["polars", "pandas", "pyarrow"])
def test_frames(library: str) -> None:
    held = {"id": [3, 3, 4, 4], "word": ["b", "a", "b", "ü b"], "tag": ["x y", "z", "x y", "x y"]}
    frame = {"polars": pl.DataFrame, "pandas": pd.DataFrame, "pyarrow": pa.table}[library](held)
    data = load(frame)
    assert data.reading == "using id=id, label=tag, inputs=word; a label at each step; word has 3 symbols"
    assert (words(data), tags(data), data.ids) == (held["word"], held["tag"], ("3", "4"))


def test_categories() -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 1, 1, 2],
            "size": pd.Categorical([10, 9, 10, 9], categories=[9, 10, 11]),
            "word": pd.Categorical(["b", "a", "b", "b"], categories=["z", "b", "a"], ordered=True),
            "state": pd.Categorical(["on", None, "off", "on"], categories=["off", "on", "broken"]),
        }
    )
    data = load(frame, label="state", inputs=("size", "word"))
    assert data.symbols == (("9", "10"), ("a", "b"))
    assert (words(data, 0), words(data, 1)) == (["10", "9", "10", "9"], ["b", "a", "b", "b"])
    assert (tags(data), data.classes, data.class_type) == (["on", None, "off", "on"], ("off", "on"), "category")
    enum = pl.DataFrame({"e": pl.Series(["b", "a", "b"], dtype=pl.Enum(["b", "a", "c"]))})
    assert load(enum, target="e").symbols == (("a", "b"),)


@pytest.mark.parametrize(
    ("labels", "classes", "kind"),
    [
        ([1, 10, 9, 9], ("1", "9", "10"), "whole"),
        ([True, False, True, True], ("False", "True"), "yes or no"),
        ([1.0, None, 2.0, 2.0], ("1", "2"), "decimal"),
        (["a b", " ", "c", None], ("a b", "c"), "text"),
    ],
)
def test_labels_of_steps(labels: list[object], classes: tuple[str, ...], kind: str) -> None:
    for frame in (pl.DataFrame({"id": [1, 1, 1, 2], "v": [0.5, 1, 2, 3], "class": labels}, strict=False),):
        data = load(frame)
        assert (data.classes, data.class_type, data.labels, data.columns.label_of) == (classes, kind, None, "step")
        texts = [None if each is None or not str(each).strip() else str(each).removesuffix(".0") for each in labels]
        assert tags(data) == texts


def test_nan_is_no_label() -> None:
    frame = pd.DataFrame({"id": [1, 1, 1], "v": [1, 2, 3], "label": [1.0, np.nan, 0.0]})
    assert tags(load(frame)) == ["1", None, "0"]
    assert tags(load(frame.astype({"label": "Int64"}))) == ["1", None, "0"]
    assert tags(load(pl.DataFrame({"id": [1, 1, 1], "v": [1, 2, 3], "label": [1.0, np.nan, 0.0]}))) == ["1", None, "0"]
    assert tags(load(frame.assign(label=["a", np.nan, "b"]))) == ["a", None, "b"]


def test_rows_of_sequences_that_are_mixed_keep_their_labels(write: Write) -> None:
    data = load(write("x.csv", "id,time,v,label\n1,2,12,b\n2,1,21,c\n1,1,11,a\n2,2,22,\n"))
    assert data.values[:, 0].tolist() == [11, 12, 21, 22]
    assert tags(data) == ["a", "b", "c", None]
    assert tags(data.take([1])) == ["c", None]
    dropped = load(write("y.csv", "id,v,label\n1,1,a\n1,,b\n1,3,c\n"), missing="drop")
    assert tags(dropped) == ["a", "c"]


def test_the_states_of_a_machine_over_time(write: Write) -> None:
    text = "time,temp,state\n" + "".join(f"2020-01-0{k},{k}.5,{'run' if k % 4 else 'stop'}\n" for k in range(1, 10))
    data = load(write("x.csv", text), label="state")
    assert (len(data), data.ids, data.named, data.channels) == (1, ("x",), False, ("temp",))
    assert data.reading == "using time=time, label=state, inputs=temp; a label at each step"
    assert tags(data)[2:5] == ["run", "stop", "run"]
    uneven = load(write("x.csv", text.replace("2020-01-09", "2020-01-12")), label="state")
    assert uneven.reading.endswith("a label at each step; the times are irregular: steps are taken in order")


def test_labels_in_blocks_ask_for_the_id(write: Write) -> None:
    text = "who,v,kind\n" + "".join(f"{who},{k},{'ab'[who % 2]}\n" for who in (5, 6, 7) for k in range(3))
    with pytest.raises(DataError, match=r"it is not clear which rows with a label make one sequence; .* id= "):
        load(write("x.csv", text), label="kind")
    assert load(write("x.csv", text), label="kind", id="who").labels.tolist() == [1, 0, 1]
    with pytest.raises(DataError, match="it is not clear which rows with a label make one sequence"):
        load(write("x.csv", "v,kind\n1,a\n2,a\n"), label="kind")


def test_a_label_that_is_the_same_in_a_sequence_must_be_whole(write: Write) -> None:
    with pytest.raises(DataError, match=r"the label column 'label' is empty in row 3 \(the header is row 1\)"):
        load(write("x.csv", "id,v,label\n1,1,a\n1,2,\n2,3,b\n"))
    with pytest.raises(DataError, match=r"the label column 'label' is empty in row 2"):
        load(write("x.csv", "id,v,label\n1,1,\n1,2,\n2,3,\n"))


def test_lists_are_no_labels() -> None:
    with pytest.raises(
        DataError, match=r"the column 'label' is of type List\(Int64\); expected names or whole numbers"
    ):
        load(pl.DataFrame({"id": [1, 1], "v": [1, 2], "label": [[1], [2]]}))


def test_labels_of_steps_that_are_asked_for(write: Write) -> None:
    path = write("x.csv", "id,v,label\n1,1,a\n1,2,a\n2,3,b\n")
    assert tags(load(path, columns=Columns(label_of="step"))) == ["a", "a", "b"]


def test_measurements_are_no_labels(write: Write) -> None:
    with pytest.raises(DataError, match=r"the label 'label' is number \('0.5' .*a measurement that differs from step"):
        load(write("x.csv", "id,v,label\n1,1,0.5\n1,2,0.75\n2,3,1\n"))


def test_other_rows_are_read_step_by_step_like_the_first(write: Write) -> None:
    known = load(write("x.csv", "id,v,label\n1,1,a\n1,2,b\n"))
    constant = load_like(write("y.csv", "id,v,label\n1,1,b\n1,2,b\n"), known)
    assert (constant.labels, tags(constant)) == (None, ["b", "b"])
    for text in ("id,v\n1,1\n1,2\n", "id,v,label\n1,1,\n1,2,\n", 'id,v,label\n1,1," "\n1,2," "\n'):
        bare = load_like(write("z.csv", text), known)
        assert (bare.labels, bare.tags, bare.classes) == (None, None, ("a", "b"))
    whole = load(write("x.csv", "id,v,label\n1,1,a\n1,2,a\n2,2,b\n"))
    with pytest.raises(DataError, match="the label of sequence '1' changes from 'a'"):
        load_like(write("y.csv", "id,v,label\n1,1,a\n1,2,b\n"), whole)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (
            "error",
            r"the value of 'w' is missing in row 3 .*; expected a symbol: fill it in, or choose missing=\"drop\"\.",
        ),
        (
            "interpolate",
            r"the value of 'w' is missing in row 3 .*there is nothing between symbols; .* missing=\"drop\"",
        ),
    ],
)
def test_a_symbol_that_is_missing(write: Write, missing: str, message: str) -> None:
    path = write("x.csv", "w,z\na,1\n,2\nb,3\n-,4\n")
    with pytest.raises(DataError, match=message):
        load(path, target="w", missing=missing)  # type: ignore[arg-type]
    assert words(load(path, target="w", missing="drop")) == ["a", "b", "-"]


def test_times_of_events_may_be_uneven(write: Write) -> None:
    data = load(write("x.csv", "time,w\n2020-01-01,a\n2020-01-05,b\n2020-01-06,a\n"), target="w")
    assert data.reading == (
        "using time=time, target=w; w has 2 symbols; the times are irregular: steps are taken in order"
    )


def test_free_text_is_told(write: Write) -> None:
    rows = "".join(f"remark number {k}\n" for k in range(1200)) + "ok\n" * 300
    data = load(write("x.csv", "note\n" + rows), target="note")
    assert data.reading.endswith("note has 1,201 symbols in 1,500 steps: most are there once")


def test_yes_or_no_stays_a_number(write: Write) -> None:
    data = load(write("x.csv", "id,on,label\n1,true,a\n1,false,b\n"), inputs="on")
    assert (data.symbols, data.values[:, 0].tolist()) == ((), [1, 0])


def test_label_and_target_exclude_each_other(write: Write) -> None:
    with pytest.raises(SettingsError, match="Both a target"):
        load(write("x.csv", LOG), target="event", label="machine")


def test_repr_counts_symbols_of_each_channel() -> None:
    frame = pl.DataFrame({"a": ["x", "y"], "b": ["u", "u"], "c": [1, 2]})
    assert repr(load(frame, target="a", inputs=("b", "c"))) == (
        "Sequences(frame: 1 of 2 steps, channels a, b, c, 2 and 1 symbols)"
    )
