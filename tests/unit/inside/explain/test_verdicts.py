"""When something is wrong it is said, and when nothing is, nothing is alarmed about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from selfloop.inside.explain.compare_models import headline, together
from selfloop.inside.explain.findings import depends_on, findings_of, knows_nothing, reach
from selfloop.results.explanation import HorizonCurve, LagGradient, ModelInsight, Saturation
from selfloop.results.exploration import Horizon


def curve(steps: int | None, low: int | None, high: int | None, window: int = 100) -> HorizonCurve:
    zeros = (0.0,) * window
    return HorizonCurve(tuple(range(window)), zeros, zeros, zeros, 0.5, Horizon(steps, low, high, window, 0.01), 64)


def gradient(factor: float, growth: float = 1.0, steps: int = 100) -> LagGradient:
    return LagGradient(tuple((factor ** np.arange(steps)).tolist()), float(np.log(factor)), 64, 1.0, growth, 0.7)


def model(**changes: Any) -> ModelInsight:
    """A healthy LSTM that remembers 20 steps."""
    healthy = ModelInsight(
        "lstm", "LSTM", "lstm", 4, 0.5, 2.0, gradient(0.99), curve(20, 18, 22), "", (3.0, 9.0, 12.0, 40.0),
        (Saturation("input", "i", (0.99, 0.5, 0.0, 0.0), (0.0,) * 4),), None, (),
        "guessing by the classes’ frequencies",
    )  # fmt: skip
    return replace(healthy, **changes)


def alarms(found: ModelInsight) -> list[str]:
    return [each.alarm for each in findings_of(found, 500) if each.alarm]


def said(found: ModelInsight, longest: int = 500) -> str:
    return " ".join(f"{each.sentence} {each.next}" for each in findings_of(found, longest))


def test_a_healthy_model_raises_no_alarm() -> None:
    assert alarms(model()) == []
    found = said(model())
    assert (
        "Inputs older than 20 steps [18–22] change this LSTM’s loss by under 1 %. A window of 27 steps may do" in found
    )


def test_a_short_memory_is_no_defect_even_where_the_gradient_vanishes() -> None:
    short = model(horizon=curve(2, 2, 2), gradient=gradient(0.3), time_constants=(2.0, 2.0, 2.1, 1.9))
    assert alarms(short) == []
    assert reach(short.gradient) == 8  # 0.3 ** 8 < 1e-4
    assert "no defect" in said(short)


def test_a_model_that_knows_nothing_and_whose_signal_vanishes() -> None:
    lost = model(loss=2.01, gradient=gradient(0.5), horizon=curve(0, 0, 3), time_constants=(2.0,) * 4)
    assert knows_nothing(lost)
    assert alarms(lost) == ["uninformed", "vanishing", "halving"]
    assert "chrono" in said(lost)
    assert "a gated cell" in said(replace(lost, cell="rnn", label="RNN", time_constants=(), saturation=()))
    assert headline([lost]) == "This LSTM does no better than guessing by the classes’ frequencies."


def test_an_exploding_gradient_says_where_to_clip() -> None:
    assert alarms(model(gradient=gradient(0.99, growth=5000.0))) == ["exploding"]
    assert "Clip gradients at 0.700, the 90th percentile here." in said(model(gradient=gradient(0.99, growth=5000.0)))
    assert alarms(model(gradient=gradient(0.99, growth=113.0))) == []


def test_the_edge_of_the_window_is_said_and_how_to_look_further() -> None:
    edge = model(horizon=curve(None, None, None))
    assert (
        "Inputs older than 99 steps still change this LSTM’s loss by 1 % or more. Look further back: window=200."
        in said(edge)
    )
    assert headline([edge]) == "This LSTM remembers more than 99 steps; further back was not looked."
    assert "under" not in headline([model(), edge])
    assert "Look further" not in said(edge, longest=100)
    assert depends_on(curve(None, 84, None)) == "more than 99 steps [84–more]"
    assert depends_on(edge.horizon) == "more than 99 steps"


def test_a_truncation_is_named_where_it_leaves_something_out() -> None:
    assert "over 34 steps covers 97 % of the signal" in said(model(gradient=gradient(0.9, steps=100)))
    assert "Truncated" not in said(model(gradient=gradient(0.99)))  # 95 of the 100 steps that were looked at


def test_of_one_step_nothing_is_said_about_the_past() -> None:
    assert "there is no past to remember" in said(model(horizon=curve(0, 0, 0, window=1)))


def with_falls(steps: int, falls: float) -> ModelInsight:
    horizon = replace(curve(steps, steps, steps).horizon, falls=falls)
    return model(horizon=replace(curve(steps, steps, steps), horizon=horizon))


def test_a_past_that_only_hurts_is_said_to_be_no_help() -> None:
    found = said(with_falls(0, 0.12))
    assert (
        "Inputs before the last step do not help this LSTM: with others in their place its loss is up to 12 % lower."
        in found
    )
    assert "change this LSTM’s loss by" not in found
    assert "reads the last step alone: it may do better" in found
    assert "Inputs older than 6 steps do not help this LSTM" in said(with_falls(6, 0.03))
    assert "reads the last 8 steps: it may do better" in said(with_falls(6, 0.03))
    assert headline([with_falls(0, 0.12)]) == (
        "This LSTM remembers 0 steps: without older inputs its loss would rise by under 1 %, or fall."
    )


def test_a_share_of_what_the_past_is_worth_is_not_called_one_of_the_loss() -> None:
    """Of a loss of 0.001, inputs that add 0.015 change it fifteenfold: under 1 % is of what the past is worth."""
    sure = replace(curve(5, 5, 5), horizon=replace(curve(5, 5, 5).horizon, of="past"))
    assert "change this LSTM’s loss by under 1 % of what the whole past is worth." in said(model(horizon=sure))
    assert headline([model(horizon=sure)]).endswith("change its loss by under 1 % of what the whole past is worth.")
    both = headline([model(), model(name="gru", label="GRU", horizon=sure)])
    assert both.endswith("by under 1 %, of the loss or of what the whole past is worth.")


def test_no_better_is_not_said_of_what_is_a_little_better() -> None:
    assert "does hardly better than" in said(model(loss=1.96))
    assert "does no better than" in said(model(loss=2.0))
    assert "does no better than" in said(model(loss=2.03))
    assert "does worse than" in said(model(loss=2.1))
    assert not knows_nothing(model(loss=1.9))


def test_no_effect_of_the_past() -> None:
    assert "the past has no measurable effect" in said(model(horizon=curve(0, 0, 0)))


def test_a_gate_that_is_mostly_shut_is_what_remembering_looks_like() -> None:
    """Written once in a hundred steps is written; never is never."""
    assert alarms(model(saturation=(Saturation("input", "i", (0.99, 0.99, 0.99, 0.99), (0.0,) * 4),))) == []
    assert alarms(model(saturation=(Saturation("input", "i", (1.0, 0.99, 0.5, 0.0), (0.0,) * 4),))) == ["unwritten"]
    gru = Saturation("update", "z", (0.0,) * 4, (1.0, 1.0, 0.0, 0.0))
    assert "above 0.9 at every step" in said(model(cell="gru", saturation=(gru,)))


def test_a_few_slow_units_among_many_fast_ones() -> None:
    assert "a few slow units carry them" in said(model(time_constants=(2.0, 2.0, 2.0, 60.0)))


def test_both_directions_have_no_horizon() -> None:
    both = model(horizon=None, gradient=None, no_horizon="This LSTM reads in both directions.")
    assert [each.sentence for each in findings_of(both, 9)] == ["This LSTM reads in both directions."]
    assert "gates do" in headline([both])


def test_beside_each_other_memory_is_missing_only_where_it_pays() -> None:
    far = model(name="gru", label="GRU", loss=0.3, horizon=curve(60, 55, 64))
    near = model(loss=0.5)
    (found,) = together([near, far])
    assert found.alarm == "short memory"
    assert found.sentence.startswith(
        "The GRU uses inputs up to 60 steps [55–64] back and has the lowest loss; this LSTM"
    )
    assert together([replace(near, loss=0.301), far])[0].alarm == ""  # no lower by what matters
    (unclear,) = together([near, replace(far, horizon=curve(21, 19, 25))])  # the intervals overlap
    assert (unclear.alarm, "is not shown" in unclear.sentence) == ("", True)
    assert together([near]) == ()


def test_the_headline_names_all_that_were_measured() -> None:
    assert headline([model(), model(name="gru", label="GRU", horizon=curve(30, 30, 30))]) == (
        "This LSTM remembers 20 steps [18–22] and this GRU 30 steps: older inputs change their losses by under 1 %."
    )


@pytest.mark.parametrize(
    "changes", [{"gradient": LagGradient((None, None), None, 3, None, None, None)}, {"uninformed": None}]
)
def test_what_is_not_known_is_no_evidence(changes: dict[str, Any]) -> None:
    assert alarms(model(**changes)) == []


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_diverged_model_is_said_to_be_one_and_nothing_else(loss: float) -> None:
    lost = model(loss=loss, horizon=None, gradient=None, no_horizon="It is not finite.")
    assert alarms(lost) == ["diverged"]
    assert len(findings_of(lost, 500)) == 1
    assert headline([lost]) == "This LSTM’s loss is not a finite number: nothing was measured."


def test_what_goes_at_each_step_is_said_as_it_is() -> None:
    assert "lets 91 % of its memory go at each step" in said(model(time_constants=(1.1, 1.1, 1.1)))


def test_the_headline_names_the_others_where_the_first_knows_nothing() -> None:
    lost = model(loss=2.01)
    assert headline([lost, model(name="gru", label="GRU", horizon=curve(1, 1, 1))]) == (
        "This LSTM does no better than guessing by the classes’ frequencies; this GRU remembers 1 step: older inputs "
        "change its loss by under 1 %."
    )
    assert headline([model(loss=140.0)]) == "This LSTM does worse than guessing by the classes’ frequencies."


def test_one_number_says_how_long_a_window_may_do() -> None:
    """The gradient reaches further than what the answers use: the truncation does not ask for its own number."""
    found = said(model(gradient=gradient(0.95, steps=200), horizon=curve(20, 18, 22, window=200)))
    assert "try compare with window=27" in found
    assert "Its answers use less of it: how many steps a window needs, the horizon says." in found
    near = said(model(gradient=gradient(0.5, steps=200), horizon=curve(20, 18, 22, window=200)))
    assert "Longer ones add next to nothing" in near
