"""A class that is one case in forty, from data to verdict: never to say it is right nearly always, and no good."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import selfloop
from selfloop.data import load

pytestmark = pytest.mark.usefixtures("charts_left_out")


def test_who_finds_a_rare_fault_beats_who_never_says_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(40)
    sequences = list(rng.normal(size=(400, 40, 1)))
    for fault in range(0, 400, 40):
        sequences[fault][15:] += 3.0  # a level shift
    labels = ["fault" if k % 40 == 0 else "fine" for k in range(400)]
    study = selfloop.compare(
        load(sequences, labels=labels),
        out=tmp_path,
        candidates=("rnn",),
        folds=5,
        seeds=1,
        params=100,
        learning_rates=(0.01,),
        epochs=6,
        workers=1,
        explain=False,
    )
    verdict = study.verdict
    assert verdict.metric.name == "balanced_accuracy"
    assert any(line.startswith("balanced accuracy decides (2.5 % of the sequences are 'fault'")
               for line in study.result.choices)  # fmt: skip
    board = {row.candidate.name: row for row in study.result.leaderboard}
    assert board["majority"].score == 0.5
    assert board["majority"].metrics["accuracy"] == 0.975
    assert verdict.pick != "majority"
    (claim,) = [claim for claim in verdict.claims if claim.other == "majority"]
    assert claim.outcome == "better"
    assert "is shown better than the majority class on these data: balanced accuracy " in claim.sentence
    assert claim.effect is not None
    assert claim.effect > 0.3
