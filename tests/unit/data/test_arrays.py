"""Arrays and .ts files."""

from pathlib import Path

import numpy as np
import pytest

from fixture_types import Write
from selfloop.data import Columns, load
from selfloop.errors import DataError, SettingsError


def test_numpy3d_is_cases_channels_steps() -> None:
    cube = np.arange(3 * 2 * 5, dtype=np.float32).reshape(3, 2, 5)
    data = load(cube, labels=np.array([10, 9, 10]), axes="cases,channels,steps")
    assert (len(data), data.lengths.tolist(), data.channels) == (3, [5, 5, 5], ("channel_1", "channel_2"))
    assert (data.classes, data.labels.tolist(), data.ids) == (("9", "10"), [1, 0, 1], ("0", "1", "2"))
    for k in range(3):
        np.testing.assert_array_equal(data[k], cube[k].T)
    assert data.reading == "using 2 channels and a label for each sequence; the axes are cases × channels × steps"


def test_lists_of_unequal_length() -> None:
    cases = [np.ones((3, 2)), [[1, 2], [3, 4], [5, 6], [7, 8]], np.zeros((1, 2), dtype=int)]
    data = load(cases, labels=["b", "a", "b"])
    assert (data.lengths.tolist(), data.labels.tolist()) == ([3, 4, 1], [1, 0, 1])
    assert data[1].tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert load([np.ones(3), np.ones(5)]).channels == ("value",)


def test_an_array_of_arrays() -> None:
    ragged = np.empty(2, dtype=object)
    ragged[:] = [np.ones(3), np.zeros(2)]
    assert load(ragged).lengths.tolist() == [3, 2]


def test_one_series() -> None:
    source = np.array([3.0, 1.0, 2.0])
    data = load(source)
    assert (len(data), data[0].tolist(), data.reading) == (1, [[3], [1], [2]], "using target=value")
    source[0] = 99.0
    assert data.values[0, 0] == 3.0  # a copy: frozen means frozen


def test_sequences_come_back_as_they_are() -> None:
    data = load([np.ones(3)])
    assert load(data) is data


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (np.ones((3, 2)), r"shape \(3, 2\) can be read in several ways"),
        ([1.0, 2.0], "The list holds numbers"),
        ([], "There are no sequences"),
        ([np.ones((3, 2)), np.ones((4, 3))], r"Sequence 1 \(counted from 0\) has 3 channels; expected 2"),
        ([np.ones((3, 2)), np.ones((0, 2))], r"Sequence 1 .* has shape \(0, 2\)"),
        ([np.ones((3, 2, 2))], r"Sequence 0 .* has shape \(3, 2, 2\)"),
        ([["a", "b"]], "Sequence 0 .*not an array of numbers"),
        ([np.array([1.0, np.nan])], r"'value' is missing in step 1 of sequence 0 \(both counted from 0\)"),
        (np.full((2, 1, 3), np.inf), r"is infinite in step 0 of sequence 0"),
    ],
)
def test_wrong_arrays(source: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(source)


def test_wrong_labels_and_columns() -> None:
    with pytest.raises(DataError, match="3 labels for 2 sequences"):
        load([np.ones(2), np.ones(3)], labels=["a", "b", "a"])
    for gap in (None, float("nan")):
        with pytest.raises(DataError, match=r"label of sequence 1 \(counted from 0\) is missing"):
            load([np.ones(2), np.ones(3)], labels=[1.0, gap])
    with pytest.raises(SettingsError, match="arrays, which has none"):
        load([np.ones(2)], columns=Columns(target="y"))
    with pytest.raises(SettingsError, match="labels go with arrays"):
        load("airline", labels=[1])


TS = """#a comment
@problemName Small
@timeStamps false
@univariate false
@dimensions 2
@equalLength false
@classLabel true cat dog

@data
1,2,3:4,5,6:dog
7:8:cat
1.5,-2e-3: 3, 4 :cat
"""


def test_ts(write: Write) -> None:
    data = load(write("small.ts", TS))
    assert (data.name, data.classes, data.labels.tolist()) == ("small", ("cat", "dog"), [1, 0, 0])
    assert (data.lengths.tolist(), data.ids) == ([3, 1, 2], ("1", "2", "3"))
    assert data[0].tolist() == [[1, 4], [2, 5], [3, 6]]
    assert data[2].tolist() == [[1.5, 3], [-0.002, 4]]


def test_ts_without_labels_is_for_forecasts(write: Write) -> None:
    data = load(write("x.ts", "@classLabel false\n@data\n1,2,3\n4,5\n"))
    assert (data.labels, data.classes, data.channels, data.lengths.tolist()) == (None, (), ("value",), [3, 2])


def test_ts_with_missing_values(write: Write) -> None:
    path = write("x.ts", TS.replace("4,5,6", "4,?,6"))
    with pytest.raises(DataError, match=r"'channel_2' is missing in line 10, step 2 \(counted from 1\)"):
        load(path)
    assert load(path, missing="interpolate")[0][1].tolist() == [2, 5]
    assert load(path, missing="drop").lengths.tolist() == [2, 1, 2]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("4,5,6", "4,5", "line 10 has channels of 3, 2 steps"),
        ("7:8:cat", "7:cat", "line 11 has 1 channels; expected 2"),
        ("7:8:cat", "7:8:9:cat", "line 11 has 3 channels; expected 2"),
        ("7:8:cat", "7:8:cow", "line 11 ends in the label 'cow'; expected one of @classLabel: cat, dog"),
        ("7:8:cat", "7:8:", "line 11 ends in the label ''"),
        ("7:8:cat", "7:x:cat", "line 11 holds something that is no number"),
        ("@data\n", "", "line 9 holds values before @data"),
        ("@timeStamps false", "@timeStamps true", "only files with @timeStamps false"),
        (TS[TS.index("@data") :], "", "has no @data line"),
        (TS[TS.index("1,2,3") :], "", "has no cases after @data"),
        (TS, "", "is empty"),
    ],
)
def test_wrong_ts(write: Write, old: str, new: str, message: str) -> None:
    assert old in TS
    with pytest.raises(DataError, match=f"x.ts.*{message}"):
        load(write("x.ts", TS.replace(old, new)))


def test_ts_has_no_columns(write: Write) -> None:
    with pytest.raises(SettingsError, match=r"a \.ts file, which has none"):
        load(write("x.ts", TS), columns=Columns(label="a"))


def test_the_real_ts_files(shared_data: Path) -> None:
    data = load(shared_data / "JapaneseVowels_TRAIN.ts")
    assert (len(data), data.values.shape, data.classes) == (270, (4274, 12), tuple("123456789"))
    assert np.bincount(data.labels).tolist() == [30] * 9
    assert data[0][:2, 0].tolist() == [1.860936, 1.891651]
