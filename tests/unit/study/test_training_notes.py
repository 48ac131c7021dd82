"""What a verdict says of training that ended too early, or made things worse."""

from dataclasses import replace

from selfloop.results.study import Candidate, Metric
from selfloop.study.training_notes import of_training
from study_samples import trial

MASE = Metric("mase", "MASE", True, "")
ENTRANTS = (Candidate("rnn", "RNN", "recurrent", True), Candidate("gru", "GRU", "recurrent", True))
RUNS = [trial(name, fold, 0, metrics={"mase": 0.5}) for name in ("rnn", "gru") for fold in range(3)]


def test_nothing_is_said_where_patience_ended_every_run() -> None:
    assert of_training(RUNS, ENTRANTS, MASE) == ()


def test_runs_that_a_cap_ended_are_counted() -> None:
    capped = [replace(each, capped=each.fold < 2 and each.candidate == "gru") for each in RUNS]
    assert of_training(capped, ENTRANTS, MASE) == (
        "Training was still getting better when its epochs ended: in 2 of 3 runs of the GRU. More --epochs may do "
        "better.",
    )


def test_runs_far_worse_than_their_own_start_are_counted() -> None:
    starts = {"rnn": (0.4, 0.46, None), "gru": (0.5, 0.45, 0.1)}  # over a tenth worse: below 0.4545
    runs = [replace(each, start=starts[each.candidate][each.fold]) for each in RUNS]
    assert of_training(runs, ENTRANTS, MASE) == (
        "Training made the test part worse than the answer that the network starts from, by over a tenth of the error: "
        "in 1 of 3 runs of the RNN and 2 of 3 runs of the GRU.",
    )


def test_a_diverged_run_is_not_one_of_them() -> None:
    lost = [replace(each, start=0.1, status="diverged", metrics={}) for each in RUNS]
    assert of_training(lost, ENTRANTS, MASE) == ()


def test_an_entry_that_was_handed_a_part_of_the_steps_is_named_with_the_most_that_it_had() -> None:
    runs = [trial("Mine", fold, settings={"window": 4, "examples": 900 + fold}) for fold in range(3)]
    assert of_training([*RUNS, *runs], ENTRANTS, MASE) == (
        "Mine learnt from 902 steps at most, evenly thinned out of more.",
    )
