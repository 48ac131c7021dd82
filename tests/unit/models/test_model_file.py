"""Model files: every candidate comes back to the bit, and nothing that is not one gets in."""

import json
import pickle
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import safetensors.numpy
import torch

from selfloop.errors import ModelFileError
from selfloop.models.card import from_text, to_text
from selfloop.models.file import KEY
from selfloop.train.saved import load_model
from train_samples import CLOSED_CLASSIFIERS, HALF_WIDTHS, NETWORKS, cases, forecast_fitter, made, series

FORECASTS = [
    *[("forecast", c, s) for c in NETWORKS for s in ({}, {"skip": True, "log": True, "kind": "seasonal changes"})],
    *[("forecast", c, {}) for c in ("naive", "seasonal_naive", "ridge_ar")],
    ("forecast", "lstm", {"layers": 2, "season": 1, "kind": "level"}),
]
CLASSIFIERS = [
    *[("classify", c, s) for c in NETWORKS for s in ({}, {"direction": "one", "pool": "last", "layers": 2})],
    *[("classify", c, {}) for c in CLOSED_CLASSIFIERS],
]


@pytest.mark.parametrize(("task", "candidate", "settings"), [*FORECASTS, *CLASSIFIERS])
def test_every_candidate_comes_back_to_the_bit(
    task: str, candidate: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    predictor = made(task, candidate, **settings)
    data = forecast_fitter().data if task == "forecast" else cases(23, seed=5)
    random = torch.random.get_rng_state()
    again = load_model(predictor.save(tmp_path / "model.safetensors"))
    assert torch.equal(torch.random.get_rng_state(), random), "opening a model must not touch the user's random numbers"
    assert again.card == predictor.card
    assert type(again.model) is type(predictor.model)
    assert (again.model.parameters, again.model.operations) == (predictor.model.parameters, predictor.model.operations)
    assert again.predict(data).equals(predictor.predict(data))
    if task == "forecast":
        assert np.array_equal(again.half_widths, HALF_WIDTHS)
    else:
        assert again.half_widths is None
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
    again.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "model.safetensors").read_bytes()


@pytest.fixture(
    params=[("forecast", "gru"), *[("classify", c) for c in CLOSED_CLASSIFIERS[1:]]],
    ids=["gru", *CLOSED_CLASSIFIERS[1:]],
)
def good(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    task, candidate = request.param
    settings = {"skip": True} if task == "forecast" else {}
    return made(task, candidate, **settings).save(tmp_path / "model.safetensors")


def refused(path: Path) -> str:
    """The one sentence that opening the file ends with."""
    with pytest.raises(ModelFileError) as caught:
        load_model(path)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert "\n" not in said
    assert said.endswith(".")
    return said


def rewrite(path: Path, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Path:
    """The same file with `change` done to its description and its arrays."""
    with safetensors.safe_open(path, framework="numpy") as file:
        card, arrays = json.loads(file.metadata()[KEY]), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    change(card, arrays)
    safetensors.numpy.save_file(arrays, path, metadata={KEY: json.dumps(card)})
    return path


def test_a_truncated_file(good: Path) -> None:
    whole = good.read_bytes()
    for cut in [*range(24), *range(24, len(whole), len(whole) // 60), len(whole) - 1]:
        good.write_bytes(whole[:cut])
        refused(good)


def test_a_file_with_something_behind_it(good: Path) -> None:
    good.write_bytes(good.read_bytes() + b"\0")
    refused(good)


def test_a_flipped_bit_in_the_header_is_refused_or_harmless(good: Path) -> None:
    whole = bytearray(good.read_bytes())
    header = 8 + struct.unpack("<Q", whole[:8])[0]
    harmless = 0
    for place in range(0, header, 5):
        bit = 1 << (place % 8)
        whole[place] ^= bit
        good.write_bytes(whole)
        with suppress(ModelFileError):
            load_model(good)
            harmless += 1
        whole[place] ^= bit
    assert harmless < 0.6 * header / 5  # names, versions, the ids of series


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\0" * 8, b"\xff" * 64, pickle.dumps({"a": np.zeros(3)}), b"unique_id,ds,y\n1,2,3\n", b"PK\3\4" * 99],
    ids=["empty", "json", "zeros", "ones", "pickle", "table", "zip"],
)
def test_a_file_of_another_kind(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    assert "is not a model file, or is damaged" in refused(path)


def test_no_pickle_is_ever_run(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(3)}, tmp_path / "model.safetensors")
    refused(tmp_path / "model.safetensors")


def test_a_folder_and_nothing_at_all(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path)
    assert "does not exist" in refused(tmp_path / "absent.safetensors")


def test_a_safetensors_file_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    for metadata in (None, {"format": "pt"}):
        safetensors.numpy.save_file({"weight": np.zeros((3, 4))}, path, metadata=metadata)
        assert refused(path).endswith("not a selfloop model; expected 'selfloop' in its metadata.")


def test_a_type_of_number_that_numpy_does_not_know(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"weight": torch.zeros(3, dtype=torch.bfloat16)}, tmp_path / "b", metadata={KEY: "{}"})
    refused(tmp_path / "b")


def test_another_format_names_the_version_that_wrote_it(good: Path) -> None:
    def later(card: dict[str, Any], arrays: dict[str, Any]) -> None:
        card.update(format=2, version="9.1", treatment={"kind": "new in 9.1"}, task="translate")

    expected = f"{good} has model format 2; this selfloop reads format 1: use the version that wrote it, 9.1."
    assert refused(rewrite(good, later)) == expected


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"format": 1}', '{"format": "1"}', "\ud800"])
def test_a_description_that_is_none(text: str, good: Path) -> None:
    with safetensors.safe_open(good, framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    try:
        safetensors.numpy.save_file(arrays, good, metadata={KEY: text})
    except UnicodeEncodeError:
        return  # cannot even be written
    assert "its description cannot be read" in refused(good)


def test_each_array_is_needed_in_its_shape_and_type_with_finite_numbers(good: Path) -> None:
    whole = good.read_bytes()
    with safetensors.safe_open(good, framework="numpy") as file:
        names = list(file.keys())
    spoil = {
        "missing": lambda a: None,
        "longer": lambda a: np.concatenate([a, a]),
        "deeper": lambda a: a[..., None],
        "scalar": lambda a: np.zeros((), dtype=a.dtype),
        "empty": lambda a: a[:0],
        "whole numbers": lambda a: a.astype(np.int64),
        "half as fine": lambda a: a.astype(np.float16),
        "NaN": lambda a: np.full_like(a, np.nan),
        "infinite": lambda a: np.full_like(a, np.inf),
    }
    for name in names:
        for how, change in spoil.items():
            if how == "missing" and name == "half_widths":
                continue  # a model without intervals is one as well
            good.write_bytes(whole)

            def spoiled(
                card: dict[str, Any], arrays: dict[str, Any], name: str = name, change: Callable[..., Any] = change
            ) -> None:
                array = change(arrays.pop(name))
                if array is not None:
                    arrays[name] = array

            assert "its numbers do not fit its description" in refused(rewrite(good, spoiled)), f"{name}: {how}"


@pytest.mark.parametrize(
    "changes",
    [
        {"candidate": "transformer"},
        {"candidate": "majority"},
        {"candidate": "naive", "task": "classify"},
        {"candidate": "summary", "task": "forecast"},
        {"task": "translate"},
        {"horizon": 0},
        {"horizon": -3},
        {"horizon": 10**12},
        {"season": 0},
        {"hidden_size": None},
        {"hidden_size": 0},
        {"hidden_size": 2**30},
        {"layers": 0},
        {"layers": 10**9},
        {"layers": 2},
        {"window": 7},
        {"ridge_window": 2**30},
        {"channels": []},
        {"channels": ["a", "b", "c"]},
        {"series": ["1"]},
        {"treatment": None},
        {"treatment": "level"},
    ],
    ids=str,
)
def test_a_description_that_the_numbers_do_not_fit(changes: dict[str, Any], tmp_path: Path) -> None:
    path = made("forecast", "gru", skip=True).save(tmp_path / "model.safetensors")
    refused(rewrite(path, lambda card, arrays: card.update(changes)))


@pytest.mark.parametrize("changes", [{"task": "forecast"}, {"classes": []}, {"classes": ["a"]}, {"direction": "both"}])
def test_a_classifiers_description_that_its_numbers_do_not_fit(changes: dict[str, Any], tmp_path: Path) -> None:
    path = made("classify", "lstm", direction="one").save(tmp_path / "model.safetensors")
    refused(rewrite(path, lambda card, arrays: card.update(changes)))


def test_half_widths_under_their_earlier_name(tmp_path: Path) -> None:
    predictor = made("forecast", "gru")
    path = predictor.save(tmp_path / "model.safetensors")
    load = load_model(rewrite(path, lambda card, arrays: arrays.update(quantiles=arrays.pop("half_widths"))))
    assert np.array_equal(load.half_widths, HALF_WIDTHS)
    data = forecast_fitter().data
    assert load.predict(data).equals(predictor.predict(data))


@pytest.mark.parametrize("direction", ["one", "both"])
def test_weights_of_earlier_files_with_a_list_of_layers_for_each_direction(direction: str, tmp_path: Path) -> None:
    predictor = made("classify", "gru", direction=direction, layers=2)

    def earlier(card: dict[str, Any], arrays: dict[str, Any]) -> None:
        for name in [name for name in arrays if ".layers." in name]:
            reads = "backwards" if name.endswith("_reverse") else "forwards"
            arrays[name.replace(".layers.", f".{reads}.").removesuffix("_reverse")] = arrays.pop(name)
        assert sum("backwards" in name for name in arrays) == (8 if direction == "both" else 0)

    path = predictor.save(tmp_path / "model.safetensors")
    again = load_model(rewrite(path, earlier))
    assert again.predict(cases(23, seed=5)).equals(predictor.predict(cases(23, seed=5)))
    missing = rewrite(path, lambda card, arrays: arrays.pop("network.encoder.forwards.1.weight_hh_l0"))
    assert "its numbers do not fit its description" in refused(missing)


def test_a_forecast_of_series_that_all_bear_one_label(tmp_path: Path) -> None:
    """Two classes or more are what a classification needs, and nothing else."""
    data = replace(series(90, 117), labels=np.zeros(2, dtype=np.int64), classes=("a",))
    found = made("forecast", "gru")
    predictor = replace(found, card=replace(found.card, classes=data.classes))
    again = load_model(predictor.save(tmp_path / "model.safetensors"))
    assert again.predict(data).equals(found.predict(data))


def test_a_model_is_replaced_whole_or_not_at_all(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = good.read_bytes()

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space left"):
        made("classify", "majority").save(good)
    assert good.read_bytes() == before


def test_the_description_is_readable_json(good: Path) -> None:
    with safetensors.safe_open(good, framework="numpy") as file:
        text = file.metadata()[KEY]
    flat, card = msgspec.json.decode(text), from_text(text)
    assert card.format == flat["format"] == 1
    assert replace(card, version="") == replace(load_model(good).card, version="")
    assert msgspec.json.decode(to_text(card)) == flat
    # What its task and its parts say stands beside the rest, in the same object.
    assert set(card.more) <= set(flat)
    assert "more" not in flat
    assert set(card.more) >= ({"horizon", "season", "treatment"} if card.task == "forecast" else {"pool"})
    assert {"treatment", "penalty", "slope"} & set(card.more)
