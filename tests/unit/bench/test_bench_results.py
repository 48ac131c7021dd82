from __future__ import annotations

from pathlib import Path

import msgspec

from bench_samples import bench
from selfloop.bench import Bench, Ratio
from selfloop.results.study import from_json, to_json

GOLDEN = Path(__file__).parents[2] / "golden" / "bench" / "bench.json"


def test_the_json_is_what_it_was() -> None:
    """A field that goes, or changes its name or place, breaks others' scripts: then SCHEMA must grow too."""
    found = bench(whole_grid=False, peers={"jax": 2.0, "onnxruntime": 1.5})
    assert msgspec.json.format(to_json(found)).decode() + "\n" == GOLDEN.read_text(encoding="utf-8")


def test_the_json_can_be_read_again() -> None:
    found = bench(whole_grid=True)
    assert from_json(to_json(found), Bench) == found


def test_slower_is_beyond_what_identical_code_shows() -> None:
    assert Ratio("torch", 1.0, 0.95, 0.93, 0.969, 0.1, 0.1).slower
    assert not Ratio("torch", 1.0, 0.95, 0.93, 0.971, 0.1, 0.1).slower
