"""What a user gets of a tagger: a row a step, in the order of the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from selfloop.data.sequences import Sequences
from selfloop.data.zones import shown
from selfloop.tasks.model import Model, Signature
from selfloop.tasks.tag.folds import whole


def table(model: Model, data: Sequences, signature: Signature) -> dict[str, Any]:
    """`unique_id`, the step (counted from 0) or its time `ds`, `label`, and a probability for each class."""
    found = model.predict(data, whole(data, np.arange(len(data))))
    columns: dict[str, Any] = {"unique_id": np.repeat(np.array(data.ids, dtype=object), data.lengths).tolist()}
    if data.time is None:
        columns["step"] = np.concatenate([np.arange(length) for length in data.lengths])
    else:
        columns["ds"] = shown(data.time, data.zone)
    columns["label"] = [signature.classes[k] for k in found.argmax(1)]
    return {**columns, **{f"p_{name}": found[:, k] for k, name in enumerate(signature.classes)}}
