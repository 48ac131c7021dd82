"""The explorer as a file: self-contained, safe whatever the names, small, and true to what it was given."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer_samples import golden_exploration, random_exploration
from own_cells import OWN, registered
from selfloop.errors import ShapeError, StudyError
from selfloop.kinds import Gate, Kind, kind_of, kinds
from selfloop.report.explore import explorer_style, render_explorer, widget_facts, widget_module, write_explorer
from selfloop.report.explore.equations import ShareFacts, equations, facts
from selfloop.report.web.modules import script
from selfloop.results.array import Array
from selfloop.results.exploration import Exploration, Finding
from selfloop.results.study import from_json, to_json

GOLDEN = Path(__file__).parents[2] / "golden" / "explorer" / "cells.json"


@pytest.fixture(scope="module")
def small() -> Exploration:
    return random_exploration(("lstm", "gru", "rnn"), T=5, input_size=3, hidden_size=4)


def test_arrays_keep_every_bit() -> None:
    values = np.array([[0.1, np.nan, -0.0], [np.inf, -np.inf, 5e-324]])
    for dtype in (np.float32, np.float64):
        kept = from_json(to_json(Array.of(values.astype(dtype))), Array).numpy()
        assert kept.tobytes() == values.astype(dtype).tobytes()
    assert Array.of([1, 2]).dtype == "float64"
    with pytest.raises(ShapeError, match=r"holds 8 bytes; expected 12 of float32"):
        Array((3,), "float32", Array.of(np.zeros(2, np.float32)).base64)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"h0": Array.of(np.zeros(5))}, r"h0 of 'lstm' has shape \(5,\); expected \(4,\)"),
        ({"c0": None}, "belong to the LSTM"),
        ({"gates": {}}, "gates of 'lstm' are"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(small: Exploration, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ShapeError, match=said):
        replace(small.models[0], **change)


def test_models_must_read_the_same_steps(small: Exploration) -> None:
    with pytest.raises(ShapeError, match="no model"):
        replace(small, models=())
    with pytest.raises(ShapeError, match="one name"):
        replace(small, models=(small.models[0], small.models[0]))
    with pytest.raises(ShapeError, match="same number of steps"):
        replace(small, raw=Array.of(np.zeros((4, 3))))


def embedded(page: str, name: str) -> str:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_holds_what_it_was_given_whatever_the_names(small: Exploration) -> None:
    nasty = '</script><script>alert("1")</script><!-- & \u2028 \'"'
    head = small.models[0].head
    assert head is not None
    model = replace(small.models[0], head=replace(head, labels=(nasty, "b", "c")), findings=(Finding(nasty, nasty),))
    exploration = replace(small, models=(model,), data=nasty, sequence=nasty, headline=nasty, facts=(nasty,))
    page = render_explorer(exploration)
    assert from_json(embedded(page, "exploration").encode(), Exploration) == exploration
    assert "<script>alert" not in page
    assert page.count("<script") == 3
    assert page.count("</script>") == 3
    assert "http:" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https:" not in page


def test_a_part_of_a_sequence_says_so(small: Exploration) -> None:
    page = render_explorer(replace(small, first_step=99_995, total_steps=100_000))
    assert "steps 99,996 to 100,000 of 100,000" in page
    assert "sequence 7 · all 5 steps" in render_explorer(small)


def test_200_steps_of_64_units_stay_under_2_mb() -> None:
    exploration = random_exploration(("lstm", "gru", "rnn"), T=200, input_size=24, hidden_size=64)
    assert len(render_explorer(exploration).encode()) < 2_000_000


def test_a_file_that_cannot_be_written_is_one_sentence(small: Exploration, tmp_path: Path) -> None:
    made = write_explorer(small, tmp_path / "new" / "explorer.html")
    assert [each.name for each in made.parent.iterdir()] == ["explorer.html"]
    with pytest.raises(StudyError, match=r"cannot be written to .* name a file"):
        write_explorer(small, made.parent)
    assert [each.name for each in made.parent.iterdir()] == ["explorer.html"]


def test_the_code_shown_is_the_code_that_runs() -> None:
    shown = equations(kind_of("lstm"))
    lines = (Path(__file__).parents[3] / "src" / shown.file).read_text(encoding="utf-8").splitlines()
    assert [line.text for line in shown.lines] == [
        line.strip() for line in lines[shown.line - 1 : shown.line - 1 + len(shown.lines)]
    ]
    assert {"i", "f", "g", "o", "c", "h"} <= {line.symbol for line in shown.lines}
    assert {line.symbol for line in equations(kind_of("gru")).lines} >= {"r", "z", "n", "h"}
    assert equations(kind_of("gru")).lines != equations(kind_of("gru_reset_before")).lines


def test_each_gate_of_each_cell_has_a_colour_of_its_own_from_the_table() -> None:
    """Two cells may use one letter: each keeps its own colour, and what keeps and writes has the same in all."""
    other = Kind(name="other", label="Other", gates=(Gate("fade", "f", "#123456"), Gate("x", "x", "#654321", "tanh")))
    with registered(other):
        css = explorer_style()
        assert set(json.loads(widget_facts())["kinds"]) == {kind.name for kind in kinds()}
    assert "--gate-lstm-f: #D55E00; " in css
    assert "--gate-other-f: #123456; " in css
    assert "--gate-keep: #D55E00; --gate-write: #0072B2; " in css
    assert "other" not in explorer_style()
    for kind in kinds():
        assert all(f"--gate-{kind.name}-{gate.symbol}: {gate.colour}; " in css for gate in kind.gates)


def test_a_cell_that_nobody_wrote_down_has_no_code_and_one_s_own_has_its_own() -> None:
    with registered(*OWN):
        known = facts().kinds
    assert known["blob"].code is None
    code = known["leaky"].code
    assert code is not None
    assert (code.file, [line.symbol for line in code.lines]) == ("own_cells.py", ["a", "v", "h"])
    assert known["leaky"].keep == ShareFacts("a", rest=True, text="1 − a")
    assert known["lstm"].code is not None
    assert known["lstm"].code.file == "selfloop/cells/lstm.py"


def test_modules_are_joined_once_each_after_what_they_need() -> None:
    joined = script("page.js")
    names = re.findall(r'^modules\["([\w-]+\.js)"\] =', joined, re.MULTILINE)
    assert len(names) == len(set(names)) > 20
    assert names[-1] == "page.js"
    for name, body in zip(names, re.split(r'^modules\["[\w-]+\.js"\] =', joined, flags=re.MULTILINE)[1:], strict=True):
        for needed in re.findall(r'modules\["([\w-]+\.js)"\];', body):
            assert names.index(needed) < names.index(name)
    assert not re.search(r"^(import|export) ", joined, re.MULTILINE)
    assert re.search(r"^export const \{ render \}", widget_module(), re.MULTILINE)
    assert set(json.loads(widget_facts())) == {"kinds"}


def test_what_the_node_tests_are_held_to_is_what_the_cells_make() -> None:
    """Remade by the cells and autograd; another processor may round each of 5 steps' sums otherwise."""
    kept, made = from_json(GOLDEN.read_bytes(), Exploration), golden_exploration()
    assert [model.name for model in kept.models] == [model.name for model in made.models]
    for old, new in zip(kept.models, made.models, strict=True):
        assert old.gradients is not None
        assert new.gradients is not None
        pairs = [(old.hidden, new.hidden), (old.gradients.hidden, new.gradients.hidden), (old.W_hh, new.W_hh)]
        for one, other in [*pairs, *((old.gates[symbol], new.gates[symbol]) for symbol in new.gates)]:
            torch.testing.assert_close(
                torch.tensor(one.numpy()), torch.tensor(other.numpy()), rtol=0, atol=256 * np.finfo(float).eps
            )
