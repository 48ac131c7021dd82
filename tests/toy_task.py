"""A task from outside, in two files: a number for a whole sequence (here how far its first channel gets).

This one is the task; toy_values.py is what stands around its networks, and its baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Ints, Sequences
from selfloop.results.study import Metric, TaskWords
from selfloop.tasks.cases import CaseFold, CaseTask, read_scaler
from selfloop.tasks.inside import View
from selfloop.tasks.material import Material
from selfloop.tasks.metrics import MAE, RMSE
from selfloop.tasks.model import FEED_FORWARD, Arrays, Baseline, Fields, Model, Predicts, Signature, floats
from selfloop.tasks.output import Output
from selfloop.tasks.scaler import Scaler
from toy_output import Absolute
from toy_values import MEAN, EndFrame, ValuePipeline, values_of


@dataclass(frozen=True)
class Reach(CaseTask):
    """How far a sequence gets."""

    name: ClassVar[str] = "reach"
    metrics: ClassVar[tuple[Metric, ...]] = (RMSE, MAE)
    baselines: ClassVar[tuple[Baseline, ...]] = (MEAN, FEED_FORWARD)

    @classmethod
    def suits(cls, data: Sequences) -> str | None:
        return None  # only where it is asked for

    @classmethod
    def opening(cls, data: Sequences) -> Reach:
        return cls("one", "mean")

    def output(self, signature: Signature) -> Output:
        return Absolute(1)

    def wanted(self, data: Sequences) -> NDArray[Any]:
        return values_of(data)

    def split(self, data: Sequences, folds: int) -> list[tuple[Ints, Ints]]:
        parts = np.array_split(np.random.default_rng(0).permutation(len(data)), max(folds, 2))
        return [(np.setdiff1d(np.arange(len(data)), part), np.sort(part)) for part in parts[:folds]]

    def hold_out(self, data: Sequences, train: Ints, index: int) -> tuple[Ints, Ints]:
        shuffled = np.random.default_rng(index).permutation(train)
        cut = max(round(self.validation * len(train)), 1)
        return shuffled[cut:], shuffled[:cut]

    def material(self, data: Sequences, fold: CaseFold, variant: str) -> Material:
        found = super().material(data, fold, variant)
        target = Scaler.fit(values_of(data)[fold.fit])
        pipeline = ValuePipeline(found.pipeline.scaler, target=target)  # type: ignore[attr-defined]
        return replace(found, pipeline=pipeline, wanted=target.scale(values_of(data)))

    def pipeline(self, fields: Fields, arrays: Arrays, signature: Signature) -> ValuePipeline:
        target = Scaler(floats(arrays, "target.mean", 1), floats(arrays, "target.deviation", 1))
        return ValuePipeline(read_scaler(arrays, len(signature.channels)), target=target)

    def judged(self, model: Predicts, data: Sequences, cases: Ints) -> tuple[dict[str, float], Floats]:
        found = model.predict(data, cases)
        error = found - values_of(data)[cases]
        return {"rmse": float(np.sqrt((error**2).mean())), "mae": float(np.abs(error).mean())}, found

    def words(self, data: Sequences) -> TaskWords:
        return TaskWords("Regression of reach", "reach", "reaches.csv", "It writes a number for each sequence.")

    def table(self, model: Model, data: Sequences, signature: Signature, calibration: Floats | None) -> dict[str, Any]:
        return {"unique_id": list(data.ids), "reach": model.predict(data, np.arange(len(data)))[:, 0]}

    def asked_of(self, model: Any, some: Sequences) -> tuple[NDArray[Any], NDArray[Any] | None, str, str]:
        wanted = model.pipeline.target.scale(values_of(some))
        return wanted, values_of(some), "absolute error of the scaled number", "answering the mean"

    def view(self, model: Any, one: Sequences, signature: Signature) -> View:
        frame = EndFrame(model.pipeline.target, values_of(one)[0], len(one.values))
        inputs = model.pipeline.scaler.scale(one.values)
        return View(inputs, signature.channels, ("reach",), frame, loss_of="the reach", first_of="the reach")

    def headline(self, one: Sequences, stop: int, labels: Sequence[str], said: Sequence[tuple[str, Floats]]) -> str:
        return "; ".join(f"this {label} says {answer[0]:.3g}" for label, answer in said) + "."
