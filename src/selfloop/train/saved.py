"""From a model file to a model. torch is loaded where the model is a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from selfloop.errors import ModelFileError
from selfloop.kinds import kinds
from selfloop.models import file
from selfloop.models.card import Card
from selfloop.models.predictor import Predictor
from selfloop.tasks import registry
from selfloop.tasks.model import Arrays, ClosedForm, Model, Pipeline, fed
from selfloop.tasks.task import Task

if TYPE_CHECKING:
    from selfloop.train.network import Network

WEIGHTS = "network."


def load_model(path: str | Path) -> Predictor:
    """Open a model that `selfloop compare` saved.

    Raises:
        ModelFileError: missing, damaged, or not one of ours.
    """
    path = Path(path)
    card, arrays = file.read(path)
    try:
        task = registry.restored(card.task, card.more)
        return Predictor(card, task, _model(card, task, arrays), task.read_calibration(arrays))
    except ModelFileError:
        raise
    except file.DAMAGE as error:
        raise file.damaged(path, error) from error


def _model(card: Card, task: Task, arrays: Arrays) -> Model:
    output = task.output(card.signature)
    if output.wanted == "class" and output.size < 2:
        raise ValueError("fewer than two classes")
    row = next((row for row in task.baselines if row.name == card.candidate), None)
    if isinstance(row, ClosedForm):
        return row.read(task, card.more, arrays, card.signature)
    from selfloop.train.model import NetworkModel

    if row is None and card.candidate not in {kind.name for kind in kinds()}:
        raise ValueError(f"{card.candidate!r} is no candidate of task {card.task!r}")
    pipeline = task.pipeline(card.more, arrays, card.signature)
    network = _network(card, task, pipeline, arrays)
    return NetworkModel(pipeline, network, output)


def _network(card: Card, task: Task, pipeline: Pipeline, arrays: Arrays) -> Network:
    import torch

    from selfloop.train.budget import Option
    from selfloop.train.front import front_of
    from selfloop.train.network import Network, build_encoder, readout_of

    if card.hidden_size is None:
        raise ValueError("a network has a size")
    with torch.device("meta"):  # without memory, and without drawing from the user's random numbers
        option = Option(0.0, card.hidden_size, card.window)
        columns, symbols = pipeline.features(len(card.channels)), pipeline.symbols
        encoder = build_encoder(task, card.candidate, option, card.layers, fed(columns, symbols))
        front, output = front_of(columns, symbols), task.output(card.signature)
        network = Network(encoder, readout_of(task, card.window), output, front)
    own = {
        name.removeprefix(WEIGHTS): torch.from_numpy(array)
        for name, array in arrays.items()
        if name.startswith(WEIGHTS)
    }
    for name, tensor in own.items():
        if tensor.dtype != torch.float32 or not bool(tensor.isfinite().all()):
            raise ValueError(f"{WEIGHTS}{name} is {tensor.dtype}; expected finite float32")
    network.load_state_dict(own, assign=True)
    return network.eval()
