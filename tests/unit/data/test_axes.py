"""Which axis of an array is which: as the user says, as shapes and labels decide, or refused with all readings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from selfloop.data import Sequences, load, load_like
from selfloop.errors import DataError, SettingsError

CASES, STEPS, CHANNELS = 7, 11, 3
TRUE = np.random.default_rng(5).normal(size=(CASES, STEPS, CHANNELS))
LABELS = [f"kind {k % 2}" for k in range(CASES)]
ORDERS = {
    "cases,steps,channels": TRUE,
    "cases,channels,steps": TRUE.transpose(0, 2, 1),
    "steps,cases,channels": TRUE.transpose(1, 0, 2),
    "channels,steps,cases": TRUE.transpose(2, 1, 0),
}


def same(data: Sequences, expected: np.ndarray = TRUE) -> None:
    assert (len(data), data.lengths.tolist()) == (len(expected), [expected.shape[1]] * len(expected))
    for k, case in enumerate(expected):
        np.testing.assert_array_equal(data[k], case)


@pytest.mark.parametrize("make", [np.asarray, lambda array: torch.tensor(array, requires_grad=True)])
@pytest.mark.parametrize("axes", ORDERS)
def test_axes_as_the_user_says(axes: str, make: Any) -> None:
    data = load(make(ORDERS[axes]), axes=axes, labels=LABELS)
    same(data)
    assert data.reading.endswith(f"; the axes are {axes.replace(',', ' × ')}")
    same(load(make(ORDERS[axes]), axes=axes.replace(",", ", ")))


@pytest.mark.parametrize("labels", [None, LABELS])
def test_a_cube_that_nothing_decides_is_refused_with_both_readings(labels: Any) -> None:
    for array in (TRUE, torch.tensor(TRUE)):
        with pytest.raises(DataError) as refused:
            load(array, labels=labels)
        assert str(refused.value) == (
            "The array of shape (7, 11, 3) can be read in two ways: as 7 cases of 11 steps of 3 channels "
            "(axes='cases,steps,channels'), or as 7 cases of 3 steps of 11 channels (axes='cases,channels,steps'); "
            "say which with axes=."
        )


def test_a_square_is_never_decided_by_its_shape() -> None:
    with pytest.raises(DataError, match="two ways"):
        load(np.ones((1, 3, 3)))
    with pytest.raises(DataError, match="two ways"):
        load([np.ones((3, 3)), np.ones((3, 3))])
    with pytest.raises(DataError, match="two ways"):
        load_like(np.ones((5, 3, 3)), load([np.ones((4, 3)), np.ones((5, 3))]))


def test_one_step_is_no_sequence() -> None:
    for cube in (TRUE[:, :, :1], TRUE[:, :, :1].transpose(0, 2, 1)):
        same(load(cube, labels=LABELS), TRUE[:, :, :1])
        same(load(torch.tensor(cube)), TRUE[:, :, :1])
        same(load(list(cube)), TRUE[:, :, :1])
    same(load(TRUE[:1, :, :1]), TRUE[:1, :, :1])
    assert load(np.ones((4, 1, 1)), labels=list("abab")).lengths.tolist() == [1] * 4


def test_labels_decide() -> None:
    for flat in (TRUE[:, :, 0], TRUE[:, :, 0].T):
        same(load(flat, labels=LABELS), TRUE[:, :, :1])
    same(load(TRUE[:, :, :1].transpose(1, 0, 2), labels=LABELS), TRUE[:, :, :1])  # as torch has it by default
    with pytest.raises(DataError, match=r"steps,cases,channels.*channels,cases,steps"):
        load(TRUE.transpose(1, 0, 2), labels=LABELS)


def test_lists_of_matrices() -> None:
    for axes in ("steps,channels", "cases,steps,channels"):
        same(load(list(TRUE), axes=axes))
    turned = [torch.tensor(case.T) for case in TRUE]
    for axes in ("channels,steps", "cases,channels,steps"):
        same(load(turned, axes=axes))
    for cases, first, second in ((list(TRUE), 11, 3), (turned, 3, 11)):
        with pytest.raises(DataError) as refused:
            load(cases)
        assert str(refused.value) == (
            f"The list of arrays of shape ({first}, {second}) can be read in two ways: as one sequence of {first} "
            f"steps of {second} channels (axes='steps,channels'), or as one sequence of {second} steps of {first} "
            "channels (axes='channels,steps'); say which with axes=."
        )


def test_unequal_lengths_decide() -> None:
    cases = [TRUE[0], TRUE[1][:5], TRUE[2][:1]]
    for given in (cases, [case.T for case in cases]):
        data = load(given)
        assert data.lengths.tolist() == [11, 5, 1]
        for k, case in enumerate(cases):
            np.testing.assert_array_equal(data[k], case)


def test_the_rows_of_frames_are_steps() -> None:
    import pandas as pd

    same(load([pd.DataFrame(case) for case in TRUE]))


def test_a_matrix() -> None:
    assert load(np.ones((1, 9))).lengths.tolist() == load(np.ones((9, 1))).lengths.tolist() == [9]
    with pytest.raises(DataError) as refused:
        load(TRUE[0])
    assert str(refused.value) == (
        "The array of shape (11, 3) can be read in several ways: as one sequence of 11 steps of 3 channels "
        "(axes='steps,channels'), or as one sequence of 3 steps of 11 channels (axes='channels,steps'), or as 11 cases "
        "of 3 steps (axes='cases,steps'); say which with axes=."
    )
    same(load(TRUE[0], axes="steps,channels"), TRUE[:1])
    same(load(TRUE[0].T, axes="channels,steps"), TRUE[:1])
    same(load(TRUE[:, :, 0], axes="cases,steps"), TRUE[:, :, :1])
    same(load(TRUE[:, :, 0].T, axes="steps,cases"), TRUE[:, :, :1])


def test_the_channels_of_a_model_decide() -> None:
    def like(source: Any, channels: int) -> Sequences:
        names = tuple(f"c{k}" for k in range(channels))
        return load_like(source, replace(load(np.ones(3)), channels=names))

    for cube in (TRUE, TRUE.transpose(0, 2, 1)):
        same(like(cube, 3))
        same(like(list(cube), 3))
        same(like(cube[0], 3), TRUE[:1])
    same(like(TRUE[:, :, 0], 1), TRUE[:, :, :1])
    with pytest.raises(DataError, match="has the channels"):
        like(TRUE, 4)
    with pytest.raises(DataError, match="has the channels"):
        like(list(TRUE), 4)


@pytest.mark.parametrize(
    ("source", "axes", "said"),
    [
        (TRUE, "cases,steps", "axes is 'cases,steps' for an array of shape .* such as cases,steps,channels"),
        (TRUE[0], "cases,steps,channels", "for an array of shape .* such as steps,channels"),
        (list(TRUE), "cases,steps", "for each array of a list"),
        (TRUE, "cases,time,channels", "axes is 'cases,time,channels'; expected cases, steps and channels"),
        (TRUE, "cases,cases,steps", "expected cases, steps and channels"),
        (TRUE[0], "cases,channels", "expected cases, steps and channels"),
        ("airline", "steps,channels", "axes go with arrays; expected none for a file"),
    ],
)
def test_axes_that_do_not_fit(source: Any, axes: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(source, axes=axes)


def test_axes_of_a_frame() -> None:
    import polars as pl

    frame = pl.DataFrame({"y": [1.0, 2.0]})
    with pytest.raises(SettingsError, match="axes go with arrays; expected none for a frame"):
        load(frame, axes="steps,channels")
    with pytest.raises(SettingsError, match="axes go with arrays"):
        load_like(frame, load(frame), axes="steps,channels")


def test_arrays_of_too_many_or_no_axes() -> None:
    for array in (np.ones((2, 3, 4, 5)), np.array(3.0)):
        with pytest.raises(DataError, match="expected cases, steps and channels"):
            load(array)


def test_files_of_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", TRUE)
    same(load(tmp_path / "a.npy", axes="cases,steps,channels"))
    assert load(tmp_path / "a.npy", axes="cases,steps,channels").name == "a"
    with pytest.raises(DataError, match="two ways"):
        load(tmp_path / "a.npy")
    np.savez(tmp_path / "b.npz", X=TRUE.transpose(0, 2, 1), y=np.array(LABELS))
    data = load(str(tmp_path / "b.npz"), axes="cases,channels,steps")
    same(data)
    assert (data.classes, data.labels.tolist()) == (("kind 0", "kind 1"), [k % 2 for k in range(CASES)])
    np.savez_compressed(tmp_path / "c.npz", series=TRUE[0, :, 0])
    assert load(tmp_path / "c.npz").values[:, 0].tolist() == TRUE[0, :, 0].tolist()
    assert load(tmp_path / "a.npy", labels=LABELS, axes="cases,steps,channels").classes == ("kind 0", "kind 1")
    np.save(tmp_path / "holes.npy", np.array([1.0, np.nan, 2.0]))
    with pytest.raises(DataError, match=r"holes.npy: the value of 'value' is missing in step 1 of sequence 0"):
        load(tmp_path / "holes.npy")


def test_files_that_hold_no_array(tmp_path: Path) -> None:
    np.savez(tmp_path / "many.npz", first=TRUE, second=TRUE)
    with pytest.raises(
        DataError, match=r"many.npz holds the arrays first, second; expected one, or one and its labels"
    ):
        load(tmp_path / "many.npz")
    np.savez(tmp_path / "parts.npz", train=TRUE, test=TRUE)  # as piano rolls are kept
    with pytest.raises(DataError, match=r"expected arrays of 0 and 1.*; of other numbers, one array a file"):
        load(tmp_path / "parts.npz")
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    for name in ("junk.npy", "junk.npz"):
        (tmp_path / name).write_bytes(np.random.default_rng(0).bytes(300))
    np.savez(tmp_path / "whole.npz", TRUE)
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:900])
    (tmp_path / "empty.npy").write_bytes(b"")
    np.savez(tmp_path / "none.npz")
    for name in ("objects.npy", "junk.npy", "junk.npz", "cut.npz", "empty.npy"):
        with pytest.raises(DataError, match=rf"{name} is not a readable file of NumPy arrays"):
            load(tmp_path / name)
    with pytest.raises(DataError, match=r"none.npz holds the arrays \(none\)"):
        load(tmp_path / "none.npz")
