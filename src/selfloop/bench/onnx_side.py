"""The layers in ONNX Runtime: its own recurrent operators, forward alone."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from onnx import ModelProto

from selfloop.bench.inputs import Inputs
from selfloop.bench.onnx_model import model
from selfloop.bench.plan import Work
from selfloop.bench.side import Arrays, Side


def onnx_side(work: Work, inputs: Inputs, threads: int) -> Side:
    """The layer as a session of ONNX Runtime; of one step, the state carried."""
    weights = {name: weight.numpy() for name, weight in inputs.weights.items()}
    run = session(model(work.kind, weights, work.shape.steps, work.shape.batch), threads).run
    states = {f"{name}0": getattr(inputs, name) for name in work.kind.states}
    step = work.mode == "step"
    feeds = {name: (state if step else state * 0)[None].numpy() for name, state in states.items()}
    feeds["x"] = inputs.x.numpy()
    wanted = None if not step else [f"{name[0]}_n" for name in states]

    def call() -> Any:
        found = run(wanted, feeds)
        if step:
            feeds.update(zip(states, found, strict=True))
        return found

    return Side("onnxruntime", call, _read_step if step else _read, "onnxruntime")


def session(file: ModelProto, threads: int) -> Any:
    """What runs a model: `run(outputs, feeds)`."""
    runtime = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Its threads would go on spinning into the next side's turn.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return runtime.InferenceSession(file.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _read(returned: Any) -> Arrays:
    return {"output": np.asarray(returned[0][:, 0], np.float64), **_read_step(returned[1:])}


def _read_step(returned: Any) -> Arrays:
    return {name: np.asarray(state[0], np.float64) for name, state in zip(("h_n", "c_n"), returned, strict=False)}
