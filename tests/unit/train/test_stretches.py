"""Rows of long series, chunks of rows, and the state that a row hands to the next."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from selfloop.train.truncated_bptt import Carry, batches, chunks, detached, stretch

QUICK = settings(max_examples=120)
lengths = st.lists(st.integers(1, 130), min_size=1, max_size=5)


def flat(sizes: list[int], gap: int) -> tuple[np.ndarray, np.ndarray]:
    """Starts and stops of series with `gap` steps after each that belong to no row: what follows the training part."""
    ends = np.cumsum([n + gap for n in sizes])
    return ends - gap - np.array(sizes), ends - gap


@QUICK
@given(
    sizes=lengths, gap=st.integers(0, 3), rows=st.integers(1, 20), shortest=st.integers(1, 30), step=st.integers(1, 9)
)
def test_rows_cover_every_step_once_in_order(sizes: list[int], gap: int, rows: int, shortest: int, step: int) -> None:
    starts, stops = flat(sizes, gap)
    cut = stretch(starts, stops, rows, shortest, step)
    covered = np.concatenate([np.arange(a, b) for a, b in zip(cut.start, cut.stop, strict=True)])
    assert covered.tolist() == [t for a, b in zip(starts, stops, strict=True) for t in range(a, b)]
    assert len(cut) <= rows + len(sizes)
    followed = set()
    for row, before in enumerate(cut.follows.tolist()):
        if cut.start[row] in starts:
            assert before == -1
        else:
            assert cut.stop[before] == cut.start[row]
            followed.add(before)
    for row in range(len(cut)):
        size = cut.stop[row] - cut.start[row]
        if row in followed:
            assert size >= shortest
            assert size % step == 0
        else:
            assert size >= 1


@QUICK
@given(sizes=lengths, gap=st.integers(0, 3), size=st.integers(1, 7), steps=st.integers(1, 40))
def test_chunks_walk_every_step_once_and_say_what_is_padding(sizes: list[int], gap: int, size: int, steps: int) -> None:
    starts, stops = flat(sizes, gap)
    cut = stretch(starts, stops, 6, 4)
    seen: list[int] = []
    order = batches(cut, size)
    assert sorted(np.concatenate(order).tolist()) == list(range(len(cut)))
    for batch in order:
        assert len(batch) <= size
        walked: list[list[int]] = [[] for _ in batch]
        for index, inside in chunks(cut, batch, steps):
            assert index.shape == inside.shape
            assert index.shape[1] == len(batch)
            assert 1 <= len(index) <= steps
            for column, row in enumerate(batch):
                assert (index[:, column] < cut.stop[row]).all(), "padding repeats the row's last step, never the future"
                walked[column] += index[inside[:, column], column].tolist()
        for column, row in enumerate(batch):
            assert walked[column] == list(range(cut.start[row], cut.stop[row]))
            seen += walked[column]
    assert sorted(seen) == [t for a, b in zip(starts, stops, strict=True) for t in range(a, b)]


def test_like_lengths_share_a_batch() -> None:
    cut = stretch(np.array([0, 50, 60]), np.array([50, 60, 108]), 1, 1000)
    assert [b.tolist() for b in batches(cut, 2)] == [[1, 2], [0]]


def test_a_row_starts_from_the_state_that_its_forerunner_ended_with() -> None:
    """A scripted network whose state is the last flat step it was really shown, plus one: so a row must start at it."""
    starts, stops = np.array([0, 100]), np.array([53, 122])
    cut = stretch(starts, stops, 4, 8, step=4)  # rows of 20, 20 and 13 steps; 20 and 2
    assert (cut.stop - cut.start).tolist() == [20, 20, 13, 20, 2]
    carry = Carry(cut)
    for epoch in range(3):
        for batch in batches(cut, 3):
            state, steps = carry.start(batch), 0
            for column, row in enumerate(batch):
                expected = 0.0 if cut.follows[row] == -1 or state is None else float(cut.start[row])
                h = 0.0 if state is None else float(state[1][0][0, column, 0])
                assert epoch == 0 or h == expected
                assert h in (0.0, expected)
            for index, _ in chunks(cut, batch, 4):
                steps += len(index)
                first = torch.from_numpy(cut.start[batch])
                end = (first + steps).to(torch.float32)[None, :, None]  # it goes on counting where a row is padded
                state = [(torch.zeros_like(end), -end), (end,)]
                carry.end(batch, steps, detached(state))
    last = carry.start(np.array([1, 0, 4]))
    assert last is not None
    assert last[1][0][0, :, 0].tolist() == [20.0, 0.0, 120.0]
    assert last[0][1][0, :, 0].tolist() == [-20.0, 0.0, -120.0]


def test_nothing_is_known_before_the_first_row_has_ended() -> None:
    cut = stretch(np.array([0]), np.array([40]), 4, 4, step=5)
    carry = Carry(cut)
    assert carry.start(np.array([0, 1])) is None
    carry.end(np.array([0, 1]), 5, [(torch.ones(1, 2, 3),)])
    assert carry.start(np.array([0, 1])) is None, "after 5 of 10 steps no row has ended"
    carry.end(np.array([0, 1]), 10, [(torch.ones(1, 2, 3),)])
    state = carry.start(np.array([0, 2]))
    assert state is not None
    assert state[0][0][0].tolist() == [[0.0] * 3, [1.0] * 3]


def test_a_detached_state_has_no_history() -> None:
    w = torch.ones(2, requires_grad=True)
    state = detached([(w * 2, w * 3), (w * 4,)])
    assert [len(layer) for layer in state] == [2, 1]
    assert not any(s.requires_grad for layer in state for s in layer)
