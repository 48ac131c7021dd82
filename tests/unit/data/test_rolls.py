"""Piano rolls with a part to test on, from .mat and .npz."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
from numpy.typing import NDArray

from selfloop.data import Columns, Sequences, holds_test, load, load_like
from selfloop.errors import DataError, SettingsError

Roll = NDArray[Any]


def rolls(count: int, notes: int, seed: int) -> list[Roll]:
    random = np.random.default_rng(seed)
    return [(random.random((4 + k, notes)) < 0.3).astype(np.uint8) for k in range(count)]


def objects(pieces: list[Roll]) -> NDArray[Any]:
    held = np.empty((1, len(pieces)), dtype=object)
    held[0] = pieces
    return held


TRAIN, VALID, TEST = rolls(3, 88, 1), rolls(2, 88, 2), rolls(2, 88, 3)


@pytest.fixture
def chorales(tmp_path: Path) -> Path:
    path = tmp_path / "chorales.mat"
    parts = {"traindata": objects(TRAIN), "validdata": objects(VALID), "testdata": objects(TEST)}
    scipy.io.savemat(path, parts)
    return path


def same(data: Sequences, pieces: list[Roll]) -> None:
    assert len(data) == len(pieces)
    for read, piece in zip(data, pieces, strict=True):
        assert read.tolist() == piece.tolist()


def test_what_is_learnt_from_and_what_is_tested(chorales: Path) -> None:
    data = load(chorales)
    same(data, TRAIN + VALID)
    assert (data.channels[0], data.channels[-1], len(data.channels)) == ("note_21", "note_108", 88)
    assert (data.name, data.ids, data.named) == (
        "chorales", ("train 1", "train 2", "train 3", "valid 1", "valid 2"), False,
    )  # fmt: skip
    assert (data.columns, data.symbols, data.labels, data.tags) == (Columns(), (), None, None)
    assert data.reading == (
        "using 88 channels that are on or off; 3 pieces of train and 2 pieces of valid; "
        "2 pieces of test set apart, to be tested"
    )
    assert holds_test(chorales)
    assert holds_test(str(chorales))
    test = load_like(chorales, data)
    same(test, TEST)
    assert (test.ids, test.channels) == (("test 1", "test 2"), data.channels)
    assert test.reading == "using 88 channels that are on or off; 2 pieces of test"


def test_pieces_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    train = rolls(11, 3, 4)
    np.savez(path, **{f"train_{k}": piece for k, piece in enumerate(train)}, test_0=train[0])  # type: ignore[arg-type]
    data = load(path)
    same(data, train)
    assert data.channels == ("channel_1", "channel_2", "channel_3")
    same(load_like(path, data), train[:1])


def test_pieces_of_one_length(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    stack = np.array([[[0, 1], [1, 1]], [[1, 0], [0, 0]], [[0, 1], [0, 1]]], dtype=bool)
    np.savez(path, traindata=stack, testdata=stack[0])
    same(load(path), list(stack))
    same(load_like(path, load(path)), [stack[0]])


def test_without_a_part_to_test_on(tmp_path: Path) -> None:
    path = tmp_path / "x.mat"
    scipy.io.savemat(path, {"traindata": objects(TRAIN), "note": "mine"})
    assert not holds_test(path)
    data = load(path)
    assert data.reading == "using 88 channels that are on or off; 3 pieces of train"
    same(load_like(path, data), TRAIN)


@pytest.mark.parametrize("source", ["sunspots", "no-such.mat", [[1.0]], None])
def test_others_bring_none(source: object) -> None:
    assert not holds_test(source)


def test_arrays_with_labels_stay_what_they_were(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, x=np.zeros((4, 3, 2)), y=[0, 0, 1, 1])
    assert load(path, axes="cases,steps,channels").labels.tolist() == [0, 0, 1, 1]
    np.savez(path, train=np.zeros((4, 3, 2)), other=np.zeros((4, 3, 2)))
    with pytest.raises(DataError, match=r"x\.npz holds the arrays train, other; expected one, or one and its labels"):
        load(path)


def savez(**arrays: Any) -> Callable[[Path], None]:
    return lambda path: np.savez(path, **arrays)


def savemat(**arrays: Any) -> Callable[[Path], None]:
    return lambda path: scipy.io.savemat(path, arrays)


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("x.mat", savemat(a=TRAIN[0]), "x.mat holds the arrays a; expected arrays of 0 and 1, steps by notes, named"),
        ("x.mat", savemat(testdata=objects(TEST)), "x.mat holds the arrays testdata; expected"),
        ("x.mat", lambda path: path.write_bytes(b"no"), "x.mat is not a readable MATLAB file .*write it again"),
        ("x.mat", lambda path: path.write_bytes(b""), "x.mat is not a readable MATLAB file"),
        ("x.mat", savemat(traindata="text"), "x.mat: traindata, piece 1, is <U4 of shape"),
        ("x.mat", savemat(traindata=objects([TRAIN[0][None]])), r"piece 1, is uint8 of shape \(1, 4, 88\)"),
        ("x.npz", savez(train=TRAIN[0] / 2), r"x.npz: train, piece 1, holds 0.5; expected arrays of 0 and 1"),
        ("x.npz", savez(train=TRAIN[0] * np.nan), r"piece 1, holds nan"),
        ("x.npz", savez(train=TRAIN[0], test=TRAIN[0][:, :5]), "holds pieces of 5 and 88 notes; expected the same"),
        ("x.npz", savez(train=objects(TRAIN)), "x.npz is not a readable file .* of unequal length as train_0, train_1"),
        ("x.npz", savez(train_0=TRAIN[0][0]), r"train_0, piece 1, is uint8 of shape \(88,\)"),
    ],
)
def test_what_is_no_roll(tmp_path: Path, name: str, write: Callable[[Path], None], message: str) -> None:
    path = tmp_path / name
    write(path)
    with pytest.raises(DataError, match=message):
        load(path)


def test_settings_that_do_not_go_with_rolls(chorales: Path) -> None:
    with pytest.raises(SettingsError, match="Columns are named for a file of piano rolls, which has none"):
        load(chorales, target="note_21")
    with pytest.raises(SettingsError, match="unit goes with a file of text"):
        load(chorales, unit="word")
    with pytest.raises(SettingsError, match="labels go with arrays; expected none for a file of piano rolls"):
        load(chorales, labels=[1, 2])


@pytest.mark.parametrize(("name", "counts"), [("JSB_Chorales", (305, 77)), ("Nottingham", (867, 170))])
def test_the_originals(shared_data: Path, name: str, counts: tuple[int, int]) -> None:
    path = shared_data / f"{name}.mat"
    data = load(path)
    assert (len(data), len(load_like(path, data))) == counts
    held = scipy.io.loadmat(path)
    same(data, [*held["traindata"][0], *held["validdata"][0]])


def test_newer_matlab_files_say_how_to_be_saved(tmp_path: Path) -> None:
    path = tmp_path / "new.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(512))
    with pytest.raises(DataError, match=r"new.mat is a MATLAB file of version 7.3; expected 7 or older: save it"):
        load(path)
