"""Asking a trace: which call, layer and direction; what was not kept, and why; what a model must have."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

import selfloop
from selfloop import nn
from selfloop.errors import SelfloopError, SettingsError, ShapeError, TraceError
from selfloop.tracing.native_part import NativePart

T, B, I, H = 5, 3, 7, 9  # noqa: E741 (the input size's letter)


class Model(torch.nn.Module):
    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.encoder = nn.LSTM(I, H, **options)
        self.decoder = nn.GRU(H * (1 + self.encoder.bidirectional), H)
        self.head = torch.nn.Linear(H, 2)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.head(self.decoder(self.encoder(x)[0])[0])
        return y


@pytest.fixture
def model() -> Model:
    torch.manual_seed(0)
    return Model()


@pytest.fixture
def x() -> Tensor:
    torch.manual_seed(1)
    return torch.randn(T, B, I)


def says(error: type[SelfloopError], sentence: str) -> Any:
    """The whole sentence, in one."""
    return pytest.raises(error, match=f"^{re.escape(sentence)}$")


def test_a_layer_by_its_name_and_by_itself(model: Model, x: Tensor) -> None:
    with selfloop.trace(model) as t:
        model(x).sum().backward()
    assert list(t) == ["encoder", "decoder"]
    assert len(t) == 2
    assert "encoder" in t
    assert model.encoder in t  # type: ignore[comparison-overlap]  # as `t[model.encoder]`
    assert "head" not in t
    assert t.get("nonesuch") is None
    assert t.model is model
    assert t["encoder"].hidden is t[model.encoder].hidden
    assert tuple(t["encoder"].gates) == ("input", "forget", "candidate", "output")
    assert tuple(t["decoder"].gates) == ("reset", "update", "candidate")
    assert t["decoder"].cell is None
    assert t["decoder"].grad_cell is None
    assert torch.equal(t["decoder"].x, t["encoder"].hidden)
    assert t["encoder"].direction == "forward"
    assert t["encoder"].layer == 0
    assert "grad_gates" in dir(t["encoder"])
    assert repr(t) == "Trace of Model (calls: 'encoder': 1, 'decoder': 1)"


def test_names_that_there_are_not(model: Model) -> None:
    t = selfloop.trace(model)
    with says(SettingsError, "The model has no layer 'encodr'. Did you mean 'encoder'?"):
        t["encodr"]
    with says(SettingsError, "'head' is a Linear; expected a recurrent layer. There is: encoder, decoder."):
        t["head"]
    with says(SettingsError, "The model is a Model; expected a recurrent layer. There is: encoder, decoder."):
        t[""]
    with says(SettingsError, "This LSTM is no part of the model. There is: encoder, decoder."):
        t[nn.LSTM(I, H)]
    with says(SettingsError, "3 is no name; expected a layer's name or the module itself. There is: encoder, decoder."):
        t[3]  # type: ignore[index]
    with pytest.raises(AttributeError, match="'TracedLayer' object has no attribute 'gate'"):
        t["encoder"].gate  # noqa: B018
    with pytest.raises(KeyError):
        t["encodr"]
    with says(SettingsError, "The model has no layer 'rnn'. The model is itself the only one: \"\"."):
        selfloop.trace(nn.RNN(I, H))["rnn"]


def test_layers_of_a_container_are_named(x: Tensor) -> None:
    model = torch.nn.ModuleDict({"reader": torch.nn.ModuleList([nn.RNN(I, H), nn.RNN(H, H)]), "other": nn.RNN(I, H)})
    with says(SettingsError, "'reader' is a ModuleList; expected a recurrent layer. There is: reader.0, reader.1."):
        selfloop.trace(model)["reader"]


def test_a_gate_that_there_is_not(model: Model, x: Tensor) -> None:
    with selfloop.trace(model) as t:
        model(x)
    with says(SettingsError, "There is no gate 'forgt' here. There is: input, forget, candidate, output."):
        t["encoder"].gates["forgt"]
    with says(SettingsError, "There is no gate 'forget' here. There is: reset, update, candidate."):
        t["decoder"].gates["forget"]
    with selfloop.trace(plain := nn.RNN(I, H)) as t:
        plain(x)
    assert t[""].gates == {}
    with says(
        SettingsError,
        "There is no gate 'forget' here. A plain RNN has no gates: its hidden state is all there is.",
    ):
        t[""].gates["forget"]


def test_a_layer_that_was_not_called(model: Model, x: Tensor) -> None:
    sentence = (
        "Layer 'decoder' was not called; expected a call of the model that reaches it, inside "
        "`with selfloop.trace(model)`."
    )
    with selfloop.trace(model) as t:
        model.encoder(x)
    model.decoder(t["encoder"].hidden)  # after the block
    assert t["decoder"].calls == ()
    for ask in (lambda: t["decoder"].gates, lambda: t["decoder"].at()):
        with says(TraceError, sentence):
            ask()


def test_several_calls_layers_and_directions(x: Tensor) -> None:
    model = Model(num_layers=2, bidirectional=True)
    with selfloop.trace(model) as t:
        model(x)
        model(x[:2])
    encoder = t["encoder"]
    assert len(encoder.calls) == 2
    assert [(part.layer, part.direction) for part in encoder.calls[0].parts] == [
        (0, "forward"),
        (0, "backward"),
        (1, "forward"),
        (1, "backward"),
    ]
    assert encoder.at().hidden.shape == (2, B, H)
    assert encoder.at(call=0).hidden.shape == (T, B, H)
    assert encoder.at(layer=-1).x.shape == (2, B, 2 * H)
    assert encoder.at(call=0, layer=1, direction="backward") is encoder.calls[0].at(layer=1, direction="backward")
    with says(
        TraceError,
        "Layer 'encoder' has 2 calls of 2 layers in both directions; expected to be told which one: "
        "t['encoder'].at(call=-1, layer=0, direction=\"forward\").",
    ):
        encoder.gates  # noqa: B018
    with says(
        TraceError,
        "Layer 'decoder' has 2 calls of 1 layer; expected to be told which one: "
        "t['decoder'].at(call=-1, layer=0, direction=\"forward\").",
    ):
        t["decoder"].gates  # noqa: B018
    with says(SettingsError, "call is 2; Layer 'encoder' has 2 calls: give 0 to 1, or -1 for the last."):
        encoder.at(call=2)
    with says(SettingsError, "layer is 5; Call 1 of 'encoder' has 2 layers: give 0 to 1, or -1 for the last."):
        encoder.at(layer=5)
    with says(SettingsError, "direction is 'backwards'. Did you mean 'backward'?"):
        encoder.at(direction="backwards")
    with says(SettingsError, "Call 1 of 'decoder' reads forward only; expected direction='forward', got 'backward'."):
        t["decoder"].at(direction="backward")


def test_without_gradients_there_are_gates(model: Model, x: Tensor) -> None:
    sentence = (
        "Call 0 of 'encoder' has no gradients: no backward has reached it; expected loss.backward() on what came of "
        "it: call outside torch.no_grad(), and ask after backward."
    )
    for mode in (torch.no_grad, torch.inference_mode, torch.enable_grad):
        with selfloop.trace(model) as t, mode():
            y, _ = model.encoder(x)
        part = t["encoder"]
        assert torch.equal(part.hidden, y)
        assert part.gates["forget"].shape == (T, B, H)
        for name in ("grad_hidden", "grad_cell", "grad_gates"):
            with says(TraceError, sentence):
                getattr(part, name)


def test_another_backward_brings_other_gradients(model: Model, x: Tensor) -> None:
    with selfloop.trace(model) as t:
        y = model(x)
        y.sum().backward(retain_graph=True)
        first = t["encoder"].grad_hidden
        assert t["encoder"].grad_hidden is first  # computed once
        (3 * y).sum().backward()
    assert torch.allclose(t["encoder"].grad_hidden, 3 * first, rtol=1e-5)


def test_the_user_s_own_hooks_count(model: Model, x: Tensor) -> None:
    found = []
    for scale in (1.0, 2.0):
        with selfloop.trace(model.encoder) as t:
            y, _ = model.encoder(x)
            y.register_hook(lambda gradient, scale=scale: scale * gradient)
            y.sum().backward()
        found.append(t[""].grad_hidden)
    assert torch.equal(found[1], 2 * found[0])


def test_only_the_last_states_are_asked_of(x: Tensor) -> None:
    layer = nn.LSTM(I, H)
    with selfloop.trace(layer) as t:
        _, (h, c) = layer(x)
        c.sum().backward()
    own = torch.ones(B, H)
    assert torch.equal(t[""].grad_cell[-1], own)
    assert not t[""].grad_hidden[-1].any()
    assert t[""].grad_hidden[0].any()
    assert h.requires_grad


def missed_by_batch(layer: Any, x: Tensor) -> None:
    layer(x[:, :0])


def missed_by_transform(layer: Any, x: Tensor) -> None:
    torch.func.vmap(lambda one: layer(one)[0])(x[None])


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(
    ("spoil", "make", "sentence"),
    [
        (
            missed_by_batch,
            lambda: nn.GRU(I, H),
            "Call 0 of the model ran on torch's own forward pass, so no gates were kept: "
            "the input was empty or did not fit the layer, or "
            "the call was traced into a graph; call the model itself.",
        ),
        (
            missed_by_transform,
            lambda: nn.LSTM(I, H),
            "Call 0 of the model ran on the cells' equations, so no gates were kept: "
            "a torch.func transform or a forward-mode level was "
            "active, or the input was empty; call the model itself.",
        ),
        (
            lambda layer, x: layer(x),
            lambda: nn.LSTM(I, H, proj_size=2),
            "Call 0 of the model ran on torch's own forward pass, so no gates were kept: "
            "the layer has projections, proj_size=2; make it "
            "without.",
        ),
        (
            lambda layer, x: layer(x.bfloat16()),
            lambda: nn.RNN(I, H, dtype=torch.bfloat16),
            "Call 0 of the model ran on torch's own forward pass, so no gates were kept: "
            "its weights are torch.bfloat16; make model and "
            "input float32 or float64.",
        ),
    ],
)
def test_calls_that_kept_nothing_say_why(
    spoil: Callable[[Any, Tensor], object], make: Callable[[], Any], sentence: str, x: Tensor
) -> None:
    layer = make()
    with selfloop.trace(layer) as t:
        spoil(layer, x)
    assert t[""].calls[0].backend != "native"
    assert t[""].calls[0].parts == ()
    for ask in (lambda: t[""].gates, lambda: t[""].at(), lambda: t[""].grad_hidden):
        with says(TraceError, sentence):
            ask()


def test_one_call_that_kept_nothing_among_others(x: Tensor) -> None:
    layer = nn.GRU(I, H)
    with selfloop.trace(layer) as t:
        layer(x)
        layer(x[:, :0])
    assert [call.backend for call in t[""].calls] == ["native", "torch"]
    assert t[""].at(call=0).hidden.shape == (T, B, H)
    with pytest.raises(
        TraceError, match=r"^Call 1 of the model ran on torch's own forward pass, so no gates were kept: "
    ):
        t[""].at()


def test_models_without_our_layers() -> None:
    with says(
        SettingsError,
        "Linear has no RNN, LSTM or GRU of selfloop.nn; give a model that has one, such as selfloop.nn.LSTM.",
    ):
        selfloop.trace(torch.nn.Linear(2, 2))
    with says(
        SettingsError,
        "LSTM has no RNN, LSTM or GRU of selfloop.nn; its recurrent layers are torch's: call "
        "selfloop.accelerate(model) first.",
    ):
        selfloop.trace(torch.nn.LSTM(I, H))
    with says(
        SettingsError,
        "model is a int; expected a saved model's path, a Predictor such as Study.best_recurrent, or a "
        "torch.nn.Module.",
    ):
        selfloop.trace(3)  # type: ignore[arg-type]  # what is tested
    mixed = torch.nn.ModuleDict({"ours": nn.GRU(I, H), "theirs": torch.nn.GRU(I, H)})
    with says(
        SettingsError,
        "'theirs' is a GRU of torch's, which keeps no gates. Call selfloop.accelerate(model) first.",
    ):
        selfloop.trace(mixed)["theirs"]


def test_anyone_s_model_after_accelerate(x: Tensor) -> None:
    torch.manual_seed(0)
    model = torch.nn.ModuleDict({"lstm": parametrizations.weight_norm(torch.nn.LSTM(I, H), "weight_hh_l0")})
    expected, _ = selfloop.accelerate(copy.deepcopy(model))["lstm"](x)
    selfloop.accelerate(model)
    with selfloop.trace(model) as t:
        y, _ = model["lstm"](x)
        y.sum().backward()
    assert torch.equal(t["lstm"].hidden, expected)
    assert t["lstm"].grad_gates["forget"][1:].any()


def test_a_shared_layer_has_all_its_calls_under_each_name(x: Tensor) -> None:
    layer = nn.RNN(I, H)
    model = torch.nn.ModuleDict({"left": layer, "right": layer})
    with selfloop.trace(model) as t:
        model["left"](x)
        model["right"](x[:2])
    assert list(t) == ["left"]
    for name in ("left", "right"):
        assert [call.parts[0].hidden.shape[0] for call in t[name].calls] == [T, 2]


@pytest.fixture
def _compiler() -> Iterator[None]:
    torch.compiler.reset()
    yield
    torch.compiler.reset()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch's own compiler
@pytest.mark.filterwarnings(
    "ignore:The .grad attribute of a Tensor that is not a leaf"
)  # which it reads between graphs
@pytest.mark.usefixtures("_compiler")
def test_a_compiled_model_in_and_out_of_a_trace(model: Model, x: Tensor) -> None:
    compiled: Any = torch.compile(model, backend="aot_eager")
    compiled(x).sum().backward()  # compiled before anybody traces
    with selfloop.trace(model) as t:
        model(x).sum().backward()
    with selfloop.trace(compiled) as found:
        compiled(x).sum().backward()
    assert list(found) == ["encoder", "decoder"]
    assert torch.equal(found["encoder"].hidden, t["encoder"].hidden)
    assert torch.allclose(found["decoder"].grad_hidden, t["decoder"].grad_hidden, rtol=1e-5)
    compiled(x)
    assert len(found["encoder"].calls) == 1
    alone: Any = torch.compile(nn.GRU(I, H), backend="aot_eager")
    with selfloop.trace(alone) as t:
        alone(x)
    assert t[""].hidden is t[alone].hidden


def test_an_exception_inside_ends_the_recording_and_leaves_what_there_was(model: Model, x: Tensor) -> None:
    t = selfloop.trace(model)

    def fails() -> None:
        with t:
            model(x).sum().backward()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    model(x)
    assert len(t["encoder"].calls) == 1
    assert t["encoder"].grad_hidden.any()


def test_each_block_begins_afresh_and_blocks_do_not_nest_in_themselves(model: Model, x: Tensor) -> None:
    t = selfloop.trace(model)
    for steps in (2, 3):
        with t:
            model(x[:steps])
            assert t["encoder"].hidden.shape[0] == steps  # inside, too
        assert t["encoder"].hidden.shape[0] == steps
    with (
        t,
        says(TraceError, "This trace is recording already; expected one `with` at a time: make a second trace."),
    ):
        t.__enter__()


def test_an_input_that_was_written_to(x: Tensor) -> None:
    layer = nn.LSTM(I, H)
    with selfloop.trace(layer) as t:
        y, _ = layer(x)
    x.add_(1)
    assert torch.equal(t[""].hidden, y)
    with pytest.raises(ShapeError, match="input was written to after the call"):
        t[""].x  # noqa: B018


def test_lengths_and_states_that_were_written_to(x: Tensor) -> None:
    layer, h0, lengths = nn.GRU(I, H), torch.randn(1, B, H), torch.tensor([5, 2, 4])
    with selfloop.trace(layer) as t:
        y, _ = layer(x, h0, lengths=lengths)
    lengths.fill_(1)
    expected = h0[0].clone()
    h0.zero_()
    assert torch.equal(t[""].hidden, y)
    assert torch.equal(t[""].h0, expected)
    assert t[""].lengths.tolist() == [5, 2, 4]


def test_activation_checkpointing_calls_a_layer_twice(model: Model, x: Tensor) -> None:
    with selfloop.trace(model) as plain:
        model(x).sum().backward()
    with selfloop.trace(model) as t:
        checkpoint(model, x.requires_grad_(), use_reentrant=False).sum().backward()
    assert len(t["encoder"].calls) == 2
    assert torch.equal(t["encoder"].at(call=0).grad_hidden, plain["encoder"].grad_hidden)


def test_autocast_keeps_the_numbers_that_were_computed(x: Tensor) -> None:
    layer = nn.LSTM(I, H)
    with selfloop.trace(layer) as t, torch.autocast("cpu", torch.bfloat16):
        y, _ = layer(x)
        y.float().sum().backward()
    assert t[""].hidden.dtype is torch.float32
    assert torch.equal(t[""].hidden.bfloat16(), y)
    assert t[""].grad_hidden.any()


@pytest.mark.parametrize("diverged", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_decoder_of_many_calls_holds_one_copy_of_its_weights(dtype: torch.dtype, diverged: bool) -> None:
    layer: Any = nn.GRU(I, H, dtype=dtype)
    state = None
    if diverged:  # NaN is not equal to itself
        torch.nn.init.constant_(layer.weight_ih_l0, torch.nan)
    with selfloop.trace(layer) as t:
        for _ in range(20):
            y, state = layer(torch.randn(1, B, I, dtype=dtype), state)
        y.sum().backward()
    parts = [part for call in t[""].calls for part in call.parts]
    copies = {part._record.call.weights[0].data_ptr() for part in parts if isinstance(part, NativePart)}
    assert len(copies) == 1
    assert t[""].at(call=0).grad_hidden.any()


def test_calls_from_several_threads_do_not_mix(x: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    """All are between the first layer and the second at one time."""
    together, layer = threading.Barrier(3), nn.GRU(I, H, num_layers=2, dropout=0.5)

    def dropout(x: Tensor, share: float) -> Tensor:
        together.wait()
        return x

    monkeypatch.setattr("selfloop.nn.base.dropout", dropout)
    inputs = [x[:steps] for steps in (3, 4, 5)]
    with selfloop.trace(layer) as t:
        threads = [threading.Thread(target=layer, args=(one,)) for one in inputs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for call in t[""].calls:
        first, second = call.parts
        assert torch.equal(second.x, first.hidden)
    assert sorted(len(call.at().x) for call in t[""].calls) == [3, 4, 5]
