"""The built-in sets equal the originals; the generators hold the answer where they say, and nowhere else."""

import math
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from selfloop.data import BUILTIN, GENERATED, Columns, Sequences, load, load_builtin
from selfloop.errors import SettingsError


@pytest.mark.parametrize("name", BUILTIN)
def test_every_name_loads(name: str) -> None:
    data = load(name)
    assert data.name == name
    assert np.isfinite(data.values).all()
    assert data.offsets[0] == 0
    assert data.offsets[-1] == len(data.values)
    assert len(data.ids) == len(set(data.ids)) == len(data)
    assert (data.labels is None) == (data.classes == ())
    assert load_builtin(name).fingerprint == data.fingerprint


def test_sets_are_small_and_credited() -> None:
    folder = Path(str(files("selfloop.data"))) / "sets"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 1_000_000
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for word in ("UCI", "CC BY 4.0", "Kudo", "Changed"):
        assert word in readme


@pytest.mark.parametrize(
    ("name", "file", "every", "steps"),
    [("sunspots", "monthly-sunspots.csv", "1mo", 2820), ("airline", "airline-passengers.csv", "1mo", 144)],
)
def test_series_equal_the_originals(shared_data: Path, name: str, file: str, every: str, steps: int) -> None:
    lines = (shared_data / file).read_text().splitlines()[1:]
    pairs = [line.replace('"', "").split(",") for line in lines]
    data = load(name)
    assert (data.every, data.values.shape) == (every, (steps, 1))
    assert data.values[:, 0].tolist() == [float(value) for _, value in pairs]
    assert [str(time)[:7] for time in data.time] == [month for month, _ in pairs]


def test_vowels_equal_the_originals(shared_data: Path) -> None:
    cases, labels = [], []
    for part in ("TRAIN", "TEST"):
        text = (shared_data / f"JapaneseVowels_{part}.ts").read_text()
        for line in text[text.index("@data") :].splitlines()[1:]:
            *channels, label = line.split(":")
            cases.append([[float(v) for v in channel.split(",")] for channel in channels])
            labels.append(label)
    whole, train, test = (load(f"japanese-vowels{part}") for part in ("", "-train", "-test"))
    assert (len(whole), len(train), len(test)) == (640, 270, 370)
    for data, chosen in ((whole, slice(None)), (train, slice(270)), (test, slice(270, None))):
        assert [data.classes[k] for k in data.labels] == labels[chosen]
        for k, case in enumerate(cases[chosen]):
            assert data[k].T.tolist() == case  # to the bit


def test_vowels_read_from_the_original_file_are_the_same_data(shared_data: Path) -> None:
    assert load(shared_data / "JapaneseVowels_TEST.ts").fingerprint == load("japanese-vowels-test").fingerprint


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("airlines", {}, "Did you mean 'airline'"),
        ("airline", {"lag": 3}, "lag goes with the built-in sets 'recall' and 'adding'"),
        ("temporal-order", {"lag": 3}, "lag goes with"),
        ("airline", {"seed": 3}, "cases and seed go with generated sets"),
        ("recall", {"lag": 0}, "lag is 0; expected 1 or more"),
        ("recall", {"cases": -1}, "cases is -1"),
        ("recall", {"columns": Columns(target="x")}, "which has none"),
    ],
)
def test_settings_that_do_not_go_together(name: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_builtin(name, **settings)


def test_lag_reaches_recall_through_load_and_nothing_else(tmp_path: Path) -> None:
    assert load("recall", lag=7).reading == "generated: lag 7, 2000 cases, seed 0"
    path = tmp_path / "x.csv"
    path.write_text("v\n1\n")
    with pytest.raises(SettingsError, match=r"the file x\.csv"):
        load(path, lag=3)


@pytest.mark.parametrize("lag", [1, 13, 50])
def test_recall_holds_the_answer_at_the_marker(lag: int) -> None:
    data = load_builtin("recall", lag=lag, cases=403, seed=5)
    assert (len(data), data.channels[8], data.classes) == (403, "marker", data.channels[:8])
    assert len(set(data.lengths.tolist())) > 5
    for k, x in enumerate(data):
        assert set(np.unique(x)) == {0.0, 1.0}
        np.testing.assert_array_equal(x[:, :8].sum(axis=1), 1)  # a symbol at every step
        assert np.flatnonzero(x[:, 8]).tolist() == [len(x) - 1 - lag]
        assert x[len(x) - 1 - lag, :8].argmax() == data.labels[k]


def test_temporal_order_is_task_6a() -> None:
    data = load_builtin("temporal-order", cases=403, seed=5)
    assert data.classes == ("Q", "R", "S", "U")
    seen: dict[str, set[int]] = {"length": set(), "first": set(), "second": set()}
    for k, x in enumerate(data):
        word = [data.channels[j] for j in x.argmax(axis=1)]
        np.testing.assert_array_equal(x.sum(axis=1), 1)
        (first, one), (second, two) = [(t, symbol) for t, symbol in enumerate(word) if symbol in "XY"]
        assert {"XX": "Q", "XY": "R", "YX": "S", "YY": "U"}[one + two] == data.classes[data.labels[k]]
        assert (word[0], word[-1]) == ("E", "B")
        assert (word.count("E"), word.count("B")) == (1, 1)
        for name, value in (("length", len(word)), ("first", first), ("second", second)):
            seen[name].add(value)
    assert seen == {"length": set(range(100, 111)), "first": set(range(10, 21)), "second": set(range(50, 61))}


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_a_seed_sets_everything_and_labels_are_even(name: str) -> None:
    one, again, other = (load_builtin(name, cases=101, seed=seed) for seed in (3, 3, 4))
    assert one.fingerprint == again.fingerprint != other.fingerprint
    if one.labels is None:
        return
    counts = np.bincount(one.labels, minlength=len(one.classes))
    assert counts.max() - counts.min() <= 1
    assert (one.labels[1:] < one.labels[:-1]).any()  # in no order


def summary(data: Sequences) -> np.ndarray:
    parts = [[f(x, axis=0) for f in (np.mean, np.std, np.min, np.max)] + [x[0], x[-1], [len(x)]] for x in data]
    return np.array([np.concatenate(part) for part in parts])


def last_steps(count: int) -> Callable[[Sequences], np.ndarray]:
    return lambda data: np.array([x[-count:].ravel() for x in data])


def accuracy(data: Sequences, features: Callable[[Sequences], np.ndarray], model: str) -> float:
    """Share found in the second half, trained on the first."""
    x, half = features(data), len(data) // 2
    forest = RandomForestClassifier(60, min_samples_leaf=3, random_state=0)
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300))
    fitted = {"forest": forest, "linear": linear}[model].fit(x[:half], data.labels[:half])
    return float(fitted.score(x[half:], data.labels[half:]))


def bound(chance: float, cases: int) -> float:
    """Four standard deviations of a binomial share above chance: 3 in 100,000 guessers do better."""
    return chance + 4 * math.sqrt(chance * (1 - chance) / cases)


@pytest.mark.parametrize("model", ["linear", "forest"])
@pytest.mark.parametrize("lag", [12, 50])
def test_recall_needs_memory(lag: int, model: str) -> None:
    data = load_builtin("recall", lag=lag, cases=2000, seed=11)
    assert accuracy(data, summary, model) <= bound(1 / 8, 1000)
    assert accuracy(data, last_steps(min(lag, 20)), model) <= bound(1 / 8, 1000)


def test_recall_is_found_where_the_window_reaches_the_marker() -> None:
    """The bound above can fail: one step more, and the answer is in sight."""
    data = load_builtin("recall", lag=12, cases=2000, seed=11)
    assert accuracy(data, last_steps(13), "linear") >= 0.99


@pytest.mark.parametrize("model", ["linear", "forest"])
def test_temporal_order_needs_memory(model: str) -> None:
    """Counts of X and Y tell Q and U, and R or S by a guess: 3/4. The last 39 steps never reach back to step 60."""
    data = load_builtin("temporal-order", cases=2000, seed=11)
    assert accuracy(data, summary, model) <= bound(3 / 4, 1000)
    assert accuracy(data, last_steps(39), model) <= bound(1 / 4, 1000)


def test_the_package_loads_no_frame_library_and_no_torch() -> None:
    code = (
        "import sys, selfloop.data as d; d.load_builtin('recall', cases=3); "
        "print([m for m in ('torch', 'polars', 'narwhals', 'pandas', 'pyarrow', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
