"""From a trained model and a user's sequence to numbers: the model's own, to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

import selfloop
from selfloop import cells, nn
from selfloop.data import Sequences, load
from selfloop.errors import DataError, ModelFileError, SettingsError, TraceError
from selfloop.inside.explore.explore import exploration_of, explore
from selfloop.inside.explore.shown_steps import Part, choose
from selfloop.models.predictor import Predictor
from selfloop.report.explore import render_explorer
from selfloop.results.exploration import Exploration, TracedModel
from selfloop.results.study import from_json, to_json
from train_samples import made, series

CELLS: dict[str, Any] = {
    "rnn": cells.RNN,
    "lstm": cells.LSTM,
    "gru": cells.GRU,
    "rnn_relu": cells.ReluRNN,
    "gru_reset_before": cells.ChoGRU,
}
FORECASTS = [
    {"kind": "both"},
    {"kind": "level", "log": True},
    {"kind": "changes", "skip": True, "season": 1},
    {"kind": "seasonal changes", "log": True, "skip": True},
]


def own_cell(model: TracedModel) -> Any:
    weights = [
        None if each is None else torch.tensor(each.numpy())
        for each in (model.W_ih, model.W_hh, model.b_ih, model.b_hh)
    ]
    return CELLS[model.cell](*(None if each is None else each.double() for each in weights))


def by_cells(model: TracedModel) -> dict[str, torch.Tensor]:
    """Every step by the equations in float64, with a graph: states and gates, (T, H) each."""
    cell = own_cell(model)
    states = {"h": model.h0, "c": model.c0}
    now = {name: torch.tensor(states[name].numpy()).double()[None].requires_grad_() for name in cell.kind.states}
    rows: dict[str, list[torch.Tensor]] = {}
    for x in torch.tensor(model.inputs.numpy()).double():
        step = cell.step(x[None], **now)
        now = step.states
        for name, value in {**{gate.symbol: gate_value for gate, gate_value in step.gates.items()}, **now}.items():
            value.retain_grad()
            rows.setdefault(name, []).append(value)
    return rows  # type: ignore[return-value]


def check_against_cells(model: TracedModel) -> dict[str, Any]:
    """Float32 numbers are the equations' to rounding: 64 units of it, over steps that feed each other."""
    rows, most = by_cells(model), 64 * torch.finfo(torch.float32).eps
    recorded = {"h": model.hidden, "c": model.cell_state, **model.gates}
    for name, array in recorded.items():
        if array is None:
            continue
        made_up = torch.cat(list(rows[name])).detach()
        torch.testing.assert_close(torch.tensor(array.numpy()).double(), made_up, rtol=most, atol=most)
        assert float(made_up.abs().max()) > 1e-3
    return rows


def one_of(data: Sequences, k: int) -> Sequences:
    return data.take([k])


@pytest.mark.parametrize("candidate", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("settings", FORECASTS, ids=lambda settings: "-".join(map(str, settings.values())))
def test_a_forecaster_s_answers_are_its_own_and_its_gradients_autograd_s(
    candidate: str, settings: dict[str, Any]
) -> None:
    predictor, data = made("forecast", candidate, **settings), series(90, 117)
    exploration = exploration_of(predictor, data, sequence_id="1")
    (model,) = exploration.models
    assert (exploration.steps, exploration.total_steps, model.cell) == (117, 117, candidate)
    own = predictor.predict(one_of(data, 1))["selfloop"].to_numpy()
    assert model.answers is not None
    # A linear skip is a product in float64, which rounds otherwise over other numbers of rows.
    assert model.answers.numpy()[-1] == pytest.approx(own, rel=1e-13 if "skip" in settings else 0)
    rows = check_against_cells(model)
    # The page's head gives the same answers: scores, scaled, on top of what needs no network.
    head = model.head
    assert head is not None
    assert head.offset is not None
    scores = model.hidden.numpy().astype(float) @ head.W.numpy().T.astype(float) + head.b.numpy()
    values = scores * np.array(head.scale) + head.offset.numpy()
    np.testing.assert_allclose(np.exp(values) if head.transform == "exp" else values, model.answers.numpy(), rtol=1e-5)
    # And its loss is the mean squared error of the scores, at the last origin whose future is known.
    pull, targets = model.gradients, exploration.targets
    assert pull is not None
    assert targets is not None
    assert (pull.loss, pull.step) == ("squared_error", 117 - 1 - 3)
    assert np.isnan(targets.numpy()[-1]).all()
    assert targets.numpy()[pull.step].tolist() == data.values[90 + 114 : 90 + 117, 0].tolist()
    wanted = targets.numpy()[pull.step]
    z = np.log(wanted) if head.transform == "exp" else wanted
    goal = torch.tensor((z - head.offset.numpy()[pull.step]) / np.array(head.scale))
    W, b = torch.tensor(head.W.numpy()).double(), torch.tensor(head.b.numpy()).double()
    ((rows["h"][pull.step][0] @ W.T + b - goal) ** 2).mean().backward()
    check_gradients(model, rows)


def check_gradients(model: TracedModel, rows: dict[str, Any]) -> None:
    """Up to the loss's step; beyond it nothing is pulled at."""
    pull = model.gradients
    assert pull is not None
    for name, array in (("h", pull.hidden), ("c", pull.cell)):
        if array is None:
            continue
        true = torch.cat([torch.zeros_like(row) if row.grad is None else row.grad for row in rows[name]])
        most = float(true.abs().max())
        assert most > 0
        torch.testing.assert_close(torch.tensor(array.numpy()).double(), true, rtol=1e-4, atol=1e-5 * most)
        assert not array.numpy()[pull.step + 1 :].any()
    check_paths(model, rows)


def check_paths(model: TracedModel, rows: dict[str, torch.Tensor]) -> None:
    """The belt's part, and of each gate what autograd sends through its rows of U alone."""
    assert model.gradients is not None
    paths = {name: path.numpy() for name, path in model.gradients.paths.items()}
    grads = {name: torch.cat([torch.zeros_like(r) if r.grad is None else r.grad for r in rows[name]]) for name in rows}
    lstm, keeping = model.cell == "lstm", {"lstm": "f", "gru": "z"}.get(model.cell)
    if keeping is not None:
        belt = grads["c" if lstm else "h"] * torch.cat(list(rows[keeping])).detach()
        np.testing.assert_allclose(
            paths.pop("belt"), belt.norm(dim=1).numpy(), rtol=1e-3, atol=1e-5 * float(belt.max())
        )
    cell, order = own_cell(model), [gate.symbol for gate in own_cell(model).kind.gates]
    assert list(paths) == order
    for k, symbol in enumerate(order):
        U = cell.W_hh[k * model.hidden_size : (k + 1) * model.hidden_size]
        value = torch.cat(list(rows[symbol])).detach()
        inside = grads[symbol] * (1 - value**2 if symbol in "gnh" else value * (1 - value))
        if model.cell == "gru" and symbol == "n":
            inside = inside * torch.cat(list(rows["r"])).detach()
        carried = (inside @ U).norm(dim=1).numpy()
        np.testing.assert_allclose(paths[symbol], carried, rtol=1e-3, atol=1e-5 * float(carried.max()))


@pytest.mark.parametrize("candidate", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("pool", ["last", "mean"])
def test_a_classifier_s_answer_is_its_own_and_its_gradients_autograd_s(candidate: str, pool: str) -> None:
    predictor = made("classify", candidate, direction="one", pool=pool)
    data = load([np.linspace(-1, 2, 22).reshape(11, 2), np.ones((3, 2))], labels=["class 2", "class 0"])
    exploration = exploration_of(predictor, data)
    (model,) = exploration.models
    assert exploration.target_class == 2
    assert "the first of 2" in exploration.facts
    own = predictor.predict(one_of(data, 0)).select("p_class 0", "p_class 1", "p_class 2").row(0)
    assert model.answers is not None
    np.testing.assert_allclose(model.answers.numpy()[-1], own, rtol=0 if pool == "last" else 1e-6)
    rows, head = check_against_cells(model), model.head
    assert head is not None
    W, b = torch.tensor(head.W.numpy()).double(), torch.tensor(head.b.numpy()).double()
    h = torch.cat(list(rows["h"]))
    read = h[-1] if pool == "last" else h.mean(0)
    functional.cross_entropy((read @ W.T + b)[None], torch.tensor([2])).backward()
    check_gradients(model, rows)


def test_without_a_label_the_loss_is_of_its_own_answer() -> None:
    predictor = made("classify", "lstm", direction="one", pool="last")
    exploration = exploration_of(predictor, np.linspace(-1, 2, 22).reshape(11, 2))
    model = exploration.models[0]
    assert exploration.target_class is None
    assert model.gradients is not None
    assert model.answers is not None
    assert model.gradients.output == int(model.answers.numpy()[-1].argmax())
    assert "true class is not known" in exploration.headline


@pytest.mark.parametrize("pool", ["last", "mean"])
@pytest.mark.parametrize("layers", [1, 2])
def test_both_directions_answer_together_if_the_sequence_ended_at_each_step(pool: str, layers: int) -> None:
    predictor = made("classify", "gru", direction="both", pool=pool, layers=layers)
    steps = np.linspace(-1, 2, 22).reshape(11, 2)
    exploration = exploration_of(predictor, load([steps], labels=["class 2"], axes="steps,channels"))
    model = exploration.models[0]
    assert any("both directions" in fact for fact in exploration.facts)
    head, answers, pull = model.head, model.answers, model.gradients
    assert head is not None
    assert head.others is not None
    assert answers is not None
    for t in range(11):
        own = (
            predictor.predict([steps[: t + 1]], axes="steps,channels")
            .select("p_class 0", "p_class 1", "p_class 2")
            .row(0)
        )
        np.testing.assert_allclose(answers.numpy()[t], own, rtol=1e-5)
    # The head's part of what is shown, and the rest, are the scores.
    rows, H = check_against_cells(model), model.hidden_size
    h = torch.cat(list(rows["h"]))
    read = h if pool == "last" else h.cumsum(0) / torch.arange(1, 12)[:, None]
    W, b = torch.tensor(head.W.numpy()).double(), torch.tensor(head.b.numpy()).double()
    scores = read @ W.T + b + torch.tensor(head.others.numpy()).double()
    torch.testing.assert_close(torch.softmax(scores, 1), torch.tensor(answers.numpy()).double(), rtol=1e-4, atol=1e-5)
    assert np.abs(head.others.numpy()).max() > 1e-3
    # And what the loss asks of the reading that is shown is autograd's.
    assert pull is not None
    assert (pull.step, pull.output, H) == (10, 2, 6)
    functional.cross_entropy(scores[-1:], torch.tensor([2])).backward()
    check_gradients(model, rows)


def test_layers_of_one_model_are_shown_each_the_one_that_answers_first() -> None:
    predictor = made("forecast", "lstm", layers=2)
    upper, lower = exploration_of(predictor, series(90, 117)).models
    assert (upper.label, lower.label) == ("LSTM layer 2", "LSTM layer 1")
    assert upper.inputs.numpy().tobytes() == lower.hidden.numpy().tobytes()
    assert upper.head is not None
    assert lower.head is None
    assert upper.input_names[0] == "layer 1 unit 1"
    for model in (upper, lower):
        check_against_cells(model)


def test_models_stand_side_by_side_on_the_same_steps(tmp_path: Path) -> None:
    paths = [made("forecast", name).save(tmp_path / f"{name}.safetensors") for name in ("lstm", "gru")]
    exploration = exploration_of(paths[0], series(90, 117), against=[paths[1], str(paths[0])])
    assert [model.name for model in exploration.models] == ["lstm", "gru", "lstm-2"]
    assert [model.label for model in exploration.models] == ["LSTM 1", "GRU", "LSTM 2"]
    assert from_json(to_json(exploration), Exploration) == exploration
    page = explore(paths[0], series(90, 117)).to_html(tmp_path / "out" / "page.html")
    assert "this LSTM forecasts" in page.read_text(encoding="utf-8")


def test_100_000_steps_show_a_stated_part_that_starts_where_the_whole_was(tmp_path: Path) -> None:
    predictor, data = made("forecast", "lstm"), series(100_000)
    exploration = exploration_of(predictor, data)
    assert exploration.total_steps == 100_000
    assert exploration.first_step + exploration.steps == 100_000
    text = render_explorer(exploration)
    assert len(text.encode()) < 2_000_000
    assert f"steps {exploration.first_step + 1:,} to 100,000 of 100,000" in text
    near = exploration_of(predictor, data, first=99_990, steps=5)
    assert (near.first_step, near.steps) == (99_989, 5)
    inside = 99_989 - exploration.first_step
    assert near.models[0].h0.numpy().tobytes() == exploration.models[0].hidden.numpy()[inside - 1].tobytes()
    assert (
        near.models[0].hidden.numpy().tobytes() == exploration.models[0].hidden.numpy()[inside : inside + 5].tobytes()
    )


def test_a_part_fits_the_budget_and_the_user_s_wish() -> None:
    room: dict[str, Any] = {"fixed": 1_000_000, "each": 5_000}
    assert choose(200, first=None, steps=None, **room) == Part(125, 200)
    assert choose(60, first=None, steps=None, **room) == Part(0, 60)
    assert choose(200, first=11, steps=20, **room) == Part(10, 30)
    assert choose(200, first=None, steps=150, **room) == Part(50, 200)
    assert choose(200, first=None, steps=None, fixed=9_000_000, each=9, edges=(0, 200)) == Part(0, 50)
    with pytest.raises(SettingsError, match=r"first is 201; expected a step from 1 to 200"):
        choose(200, first=201, steps=None, **room)
    with pytest.raises(SettingsError, match=r"steps is 0; expected 1 or more"):
        choose(200, first=None, steps=0, **room)
    with pytest.raises(SettingsError, match=r"first is 3; expected 1, or nothing"):
        choose(200, first=3, steps=None, fixed=0, each=1, edges=(0, 200))
    assert choose(200, first=71, steps=None, fixed=0, each=1, edges=(0, 70, 150, 200)) == Part(70, 150)


@pytest.mark.parametrize("steps", [1, 2])
def test_a_sequence_of_one_step_is_no_exception(steps: int) -> None:
    predictor = made("classify", "lstm", direction="one", pool="last")
    exploration = exploration_of(predictor, np.ones((steps, 2)), axes="steps,channels")
    assert exploration.steps == steps
    render_explorer(exploration)


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        (torch.nn.LSTM(3, 5, batch_first=True), "lstm"),
        (torch.nn.RNN(3, 5, nonlinearity="relu", bias=False), "rnn_relu"),
        (nn.GRU(3, 4, reset_after=False, dtype=torch.float64), "gru_reset_before"),
        (torch.nn.GRU(3, 4, bidirectional=True), "gru"),
    ],
)
def test_a_layer_of_the_user_s_own(layer: Any, kind: str) -> None:
    x = torch.linspace(-2, 2, 21).reshape(7, 3)
    exploration = exploration_of(layer, x)
    (model,) = exploration.models
    assert model.cell == kind
    assert model.hidden.dtype == ("float64" if kind == "gru_reset_before" else "float32")
    check_against_cells(model)
    own = layer(x.to(layer.weight_ih_l0.dtype)[None] if layer.batch_first else x.to(layer.weight_ih_l0.dtype))[0]
    torch.testing.assert_close(torch.tensor(model.hidden.numpy()), own.detach().reshape(7, -1)[:, : layer.hidden_size])
    assert type(layer).__module__.startswith(("torch", "selfloop"))  # untouched
    render_explorer(exploration)


def test_what_is_not_finite_stays_at_its_place() -> None:
    x = torch.linspace(-2, 2, 21).reshape(7, 3)
    x[4, 1] = float("nan")
    model = exploration_of(torch.nn.LSTM(3, 5), x).models[0]
    assert np.isfinite(model.hidden.numpy()[:4]).all()
    assert np.isnan(model.hidden.numpy()[4:]).all()


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    forecaster, data = made("forecast", "lstm"), series(90, 117)
    with pytest.raises(SettingsError, match=r"^.+ has no recurrent layer to look inside; expected an RNN, LSTM or GRU"):
        exploration_of(made("forecast", "ridge_ar"), data)
    with pytest.raises(SettingsError, match="has no recurrent layer"):
        exploration_of(made("classify", "feed_forward", direction="one"), np.ones((4, 2)))
    with pytest.raises(DataError, match=r"has no sequence '11'\. Did you mean '1'\?"):
        exploration_of(forecaster, data, sequence_id="11")
    with pytest.raises(DataError, match="channels"):
        exploration_of(forecaster, np.ones((30, 3)))
    with pytest.raises(DataError, match="2 steps; this model forecasts from 5 or more"):
        exploration_of(forecaster, np.ones((2, 2)), axes="steps,channels")
    with pytest.raises(ModelFileError, match="does not exist"):
        exploration_of(tmp_path / "no.safetensors", data)
    with pytest.raises(SettingsError, match=r"model is a dict; expected a saved model's path"):
        exploration_of({}, data)
    with pytest.raises(SettingsError, match="another task"):
        exploration_of(forecaster, data, against=[made("classify", "lstm", direction="one", pool="last")])
    with pytest.raises(DataError, match=r"has 2 channels; expected 3, the layer's input_size"):
        exploration_of(torch.nn.LSTM(3, 5), np.ones((4, 2)))
    with pytest.raises(SettingsError, match="num_layers=1"):
        exploration_of(torch.nn.LSTM(3, 5, num_layers=2), np.ones((4, 3)))
    with pytest.raises(TraceError, match=r"its weights are torch\.bfloat16; make model and input float32"):
        exploration_of(torch.nn.LSTM(3, 5, dtype=torch.bfloat16), np.ones((4, 3)))


def test_in_a_notebook_it_is_a_widget_that_holds_the_same(tmp_path: Path) -> None:
    anywidget = pytest.importorskip("anywidget")
    shown = explore(torch.nn.GRU(3, 4), np.ones((5, 3)))
    assert isinstance(shown, anywidget.AnyWidget)
    assert from_json(shown.exploration_json.encode(), Exploration) == shown.exploration
    assert "export const { render }" in shown._esm
    assert "application/vnd.jupyter.widget-view+json" in shown._repr_mimebundle_()[0]
    assert shown.to_html(tmp_path / "page.html").exists()


def test_without_anywidget_it_still_writes_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    shown = explore(torch.nn.GRU(3, 4), np.ones((5, 3)))
    assert repr(shown).startswith("Explorer of GRU on one array, sequence 1, 5 steps")
    assert "selfloop[notebook]" in repr(shown)
    assert shown.to_html(tmp_path / "page.html").exists()


def test_nothing_of_the_user_s_model_changes() -> None:
    predictor: Predictor = made("forecast", "gru")
    model: Any = predictor.model
    network = model.network
    before = [(parameter.detach().clone(), parameter.grad) for parameter in network.parameters()]
    exploration_of(predictor, series(90, 117))
    after = [(parameter.detach().clone(), parameter.grad) for parameter in network.parameters()]
    for (weight, gradient), (new, pulled) in zip(before, after, strict=True):
        assert torch.equal(weight, new)
        assert gradient is pulled
    assert selfloop.explore is explore
