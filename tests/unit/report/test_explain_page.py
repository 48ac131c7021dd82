"""The page and the plot files of `selfloop explain`: self-contained, safe whatever the names, small, and true."""

from __future__ import annotations

import base64
import re
import struct
import xml.etree.ElementTree as ElementTree
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from explain_samples import sample_explanation, sample_gradient
from selfloop.errors import StudyError
from selfloop.report.charts.gradient import FLOOR, gradient_picture, power, relative
from selfloop.report.charts.horizon import horizon_picture, horizon_said
from selfloop.report.charts.ledger import UNITS, ledger_rows, ledger_timeline
from selfloop.report.charts.models import model_looks
from selfloop.report.charts.pixels import BROKEN, LEVELS, SIGNED, Ramp, bins, image
from selfloop.report.charts.timeline import Timeline
from selfloop.report.explain.page import (
    charts_fragment,
    explanation_fragment,
    render_explanation,
    write_explanation,
    write_plots,
)
from selfloop.report.explain.plots import plots
from selfloop.report.explore.page import explorer_fragment
from selfloop.report.web.compact import compact, once
from selfloop.results.array import Array
from selfloop.results.explanation import Explanation
from selfloop.results.exploration import Finding


@pytest.fixture(scope="module")
def small() -> Explanation:
    return sample_explanation()


@pytest.fixture(scope="module")
def page(small: Explanation) -> str:
    return render_explanation(small)


class Reader(HTMLParser):
    """Ids, what points at them, and the text that a reader sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.hidden += tag in ("script", "style")
        if found.get("id"):
            self.ids.append(str(found["id"]))
        self.links += [str(found[key])[1:] for key in ("href", "xlink:href") if str(found.get(key)).startswith("#")]
        self.links += str(found.get("aria-labelledby") or "").split()

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        self.text += "" if self.hidden else data.replace("\N{NO-BREAK SPACE}", " ")


def pixels(uri: str) -> list[list[tuple[str, int]]]:
    """(colour, opacity) of each pixel: PNG read once more, for indexed colours without filters."""
    data, at, parts = base64.b64decode(uri.removeprefix("data:image/png;base64,")), 8, {}
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        parts[kind] = data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size]) == (zlib.crc32(kind + parts[kind]),)
        at += 12 + size
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    raw = zlib.decompress(parts[b"IDAT"])
    assert len(raw) == height * (width + 1)
    colours = [parts[b"PLTE"][k : k + 3].hex().upper() for k in range(0, len(parts[b"PLTE"]), 3)]
    assert len(colours) == len(parts[b"tRNS"])
    lines = [raw[k * (width + 1) : (k + 1) * (width + 1)] for k in range(height)]
    assert all(line[0] == 0 for line in lines)
    return [[(f"#{colours[each]}", parts[b"tRNS"][each]) for each in line[1:]] for line in lines]


def test_a_pixel_is_its_value() -> None:
    values = np.array([[0.0, 1.0, 0.5], [-1.0, np.nan, 7.0], [np.inf, -0.004, -np.inf]])
    drawn = pixels(image(values, SIGNED))
    assert drawn[0] == [(SIGNED.positive, 0), (SIGNED.positive, 255), (SIGNED.positive, round(255 * 16 / LEVELS))]
    assert drawn[1] == [(SIGNED.negative, 255), (BROKEN, 255), (SIGNED.positive, 255)]
    assert drawn[2] == [(BROKEN, 255), (SIGNED.positive, 0), (BROKEN, 255)]
    gate = Ramp("#123456", "#123456")
    ramp = pixels(image(np.linspace(0, 1, 101)[None], gate))[0]
    assert {colour for colour, _ in ramp} == {"#123456"}
    assert max(abs(opacity / 255 - k / 100) for k, (_, opacity) in enumerate(ramp)) <= 0.5 / LEVELS + 0.5 / 255


def test_columns_that_stand_for_several_steps() -> None:
    values = np.array([[1.0], [2.0], [3.0], [np.nan], [10.0]])
    assert bins(values, 2)[:, 0].tolist()[::2] == [1.5, 10.0]
    assert np.isnan(bins(values, 2)[1, 0])
    assert bins(values, 3, "sum")[0, 0] == 6.0
    assert bins(values, 1) is values


def test_the_page_says_all_that_was_found(small: Explanation, page: str) -> None:
    reader = Reader(page)
    for said in [small.headline, *small.facts, small.loss]:
        assert said in reader.text
    findings = [*small.findings, *(found for model in small.models for found in model.findings)]
    places = [reader.text.index(found.sentence) for found in findings]
    assert places == sorted(places)
    assert all(f"Next: {found.next}" in reader.text for found in findings)
    order = ["What was found", "How far back it reaches", "How much of the learning signal", "How long each unit keeps"]
    order += ["Inside this LSTM", "Inside this GRU", "Inside this RNN", "Step through the numbers"]
    after = reader.text[reader.text.index(small.facts[-1]) :].split("Step through\n", 1)[1]
    assert [after.index(each) for each in order] == sorted(after.index(each) for each in order)
    for source in ("Khandelwal", "Pascanu", "Tallec", "Karpathy", "Hochreiter", "Elman"):
        assert source in reader.text
    assert "This RNN has no gate that keeps" in reader.text
    assert "z keeps and 1 − z writes" in reader.text


def test_ids_are_unlike_and_links_lead_somewhere(small: Explanation, page: str) -> None:
    twice = sample_explanation(("lstm", "lstm", "rnn_relu", "gru_reset_before"), T=9, hidden_size=3)
    for text in (page, render_explanation(twice)):
        reader = Reader(text)
        assert len(reader.ids) == len(set(reader.ids))
        assert set(reader.links) <= set(reader.ids)
        assert re.findall(r"url\(#([^)]+)\)", text)
        assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(reader.ids)


def test_every_figure_is_drawn_for_both_widths_and_told_in_words(page: str) -> None:
    figures = re.findall(r'<figure id="(explain-[\w-]+)">(.*?)</figure>', page, re.DOTALL)
    assert [key for key, _ in figures] == [
        "explain-horizon", "explain-gradient-by-lag", "explain-time-constants",
        "explain-gates-lstm", "explain-saturation-lstm", "explain-ledger-lstm",
        "explain-gates-gru", "explain-saturation-gru", "explain-ledger-gru", "explain-gates-rnn",
    ]  # fmt: skip
    for _, figure in figures:
        assert re.findall(r'<div class="drawing (\w+)" role="img" aria-label="[^"]{40,}">', figure) == [
            "wide",
            "narrow",
        ]
        assert re.search(r"<figcaption>[^<]{40,}</figcaption>", figure)
        widths = [float(width) for width in re.findall(r'<svg [^>]*?width="([\d.]+)"', figure)]
        assert widths[0] <= 816
        assert widths[1] <= 344


def test_images_are_held_once(small: Explanation, page: str) -> None:
    images = re.findall(r'<image id="(explain-image-\d+)" href="(data:[^"]+)"', page)
    # Gates and states: 5 of the LSTM, 4 of the GRU, 1 of the RNN; two ledgers.
    assert len(images) == len({data for _, data in images}) == 12
    assert page.count("data:image/png") == 12
    for name, _ in images:
        assert page.count(f'href="#{name}"') == 2
    values = small.exploration.models[0].gates["f"].numpy().astype(float)
    order = np.argsort(-values.mean(axis=0), kind="stable")
    assert images[0][1] == image(values[:, order].T, Ramp("#D55E00", "#D55E00"))


def test_compact_drawings_keep_what_is_seen() -> None:
    circle = '<path transform="translate(2.1,42.1)" d="M2.7,0A2.7,2.7,0,1,1,-2.7,0A2.7,2.7,0,1,1,2.7,0" fill="red"'
    assert compact(f'<g class="x"><g></g>{circle} stroke-width="2"/></g>') == (
        '<g><circle cx="2.1" cy="42.1" r="2.7" fill="red"/></g>'
    )
    kept = '<path d="M0,0L5,5" stroke="red" stroke-width="2"/>'
    assert compact(kept) == kept
    line = f'<path d="M0,0{"L1,2" * 100}" stroke="red"/>'
    assert once(f"<svg>{line}</svg>") == f"<svg>{line}</svg>"
    shared = once(f"<svg>{line}{line}</svg>")
    assert shared.count("L1,2L1,2L1,2") < 2 * line.count("L1,2L1,2L1,2")
    assert shared.count('<use href="#explain-line-0"/>') == 2


def test_the_page_is_one_file_and_safe_whatever_the_names() -> None:
    nasty = '</script><script>alert("1")</script><!-- & \u2028 \'" <b>'
    usual = sample_explanation(("lstm",), T=7, hidden_size=3)
    model = replace(usual.models[0], label=nasty, name=nasty, findings=(Finding(nasty, nasty),))
    traced = replace(usual.exploration.models[0], label=nasty, name=nasty)
    exploration = replace(
        usual.exploration, models=(traced,), data=nasty, sequence=nasty, headline=nasty, facts=(nasty,),
        raw_names=(nasty, "b", "c"), time=tuple(nasty for _ in range(7)),
    )  # fmt: skip
    page = render_explanation(
        replace(usual, models=(model,), headline=nasty, facts=(nasty,), loss=nasty, exploration=exploration)
    )
    assert "<script>alert" not in page
    assert "<b>" not in page.replace("<b>selfloop</b>", "").split("<script", 1)[0].replace("<b>&lt;", "")
    assert page.count("<script") == page.count("</script>") == 3
    for scheme in ("http:", "https:"):
        assert scheme not in page.replace("http://www.w3.org/", "")


def test_a_fragment_is_all_but_the_head(small: Explanation, page: str) -> None:
    fragment = explanation_fragment(small)
    assert "<h1" not in fragment.markup
    assert "<h2" not in fragment.markup
    assert '<h3 id="explain-findings">' in fragment.markup
    assert '<h2 id="explain-findings">' in page
    assert ".explorer" in fragment.css
    assert fragment.css in page
    own = [each for each in Reader(fragment.markup).ids if not each.startswith("explor")]
    assert all(each.startswith("explain-") for each in own)
    charts = charts_fragment(small)
    assert "<script" not in charts.markup
    assert 'id="explorer"' not in charts.markup
    assert len(charts.markup) > 100_000
    assert fragment.markup.startswith(charts.markup)


def test_200_steps_of_64_units_and_three_models_stay_small() -> None:
    explanation = sample_explanation(T=200, channels=24, hidden_size=64)
    page = render_explanation(explanation)
    explorer = explorer_fragment(explanation.exploration)
    assert len(page.encode()) < 2_000_000
    assert len(page.encode()) - len(explorer.encode()) < 350_000


def test_long_and_wide_ones_stay_small_and_say_what_is_left_out() -> None:
    explanation = sample_explanation(("lstm",), T=1500, channels=80, hidden_size=130)
    fragment = explanation_fragment(explanation).markup
    charts = len(fragment.encode()) - len(explorer_fragment(explanation.exploration).encode())
    assert charts < 350_000
    assert "A column is the mean of 6 steps." in fragment
    assert "Of 130 units, one in 3 is drawn." in fragment
    assert "The first 64 of 80 channels are shown." in fragment


@pytest.mark.parametrize(
    ("kind", "hidden_size"), [("lstm", 1), ("gru", 3), ("gru_reset_before", 1), ("rnn", 1), ("rnn_relu", 3)]
)
def test_one_step_of_any_cell(kind: str, hidden_size: int, tmp_path: Path) -> None:
    explanation = sample_explanation((kind,), T=1, channels=1, hidden_size=hidden_size)
    page = render_explanation(explanation)
    assert "NaN" not in "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert write_plots(explanation, tmp_path)


def test_what_is_missing_is_said() -> None:
    usual = sample_explanation(("gru",), T=6, hidden_size=3)
    why = "This GRU reads in both directions: it has no one-way horizon."
    bare = replace(
        usual.models[0], gradient=None, horizon=None, no_horizon=why, time_constants=(), saturation=(), ledger=None,
        findings=(),
    )  # fmt: skip
    page = render_explanation(replace(usual, models=(bare,), findings=(), facts=(), headline="Nothing much."))
    assert page.count(why) == 2
    told = replace(bare, findings=(Finding(why),))
    once = render_explanation(replace(usual, models=(told,), findings=(), facts=(), headline="Nothing much."))
    assert once.count(why) == 1  # no headings without a chart that repeat it
    assert "explain-how-far" not in once
    assert "No gates were counted." in page
    assert "No ledger was made" in page
    assert "Nothing that calls for a remark." in page
    assert re.findall(r'<figure id="([\w-]+)"', page) == ["explain-gates-gru"]
    assert list(plots(replace(usual, models=(bare,)))) == ["gates-gru"]


def test_numbers_that_are_not_finite_are_drawn_at_their_place_or_said() -> None:
    usual = sample_explanation(("lstm", "rnn"), T=12, channels=2, hidden_size=3)
    nan, inf = float("nan"), float("inf")
    insight, traced = usual.models[0], usual.exploration.models[0]
    assert insight.horizon is not None
    assert insight.ledger is not None
    gate, raw = traced.gates["f"].numpy().copy(), usual.exploration.raw.numpy().copy()
    gate[4, 1], raw[5, 0], raw[:, 1] = np.nan, np.inf, np.nan
    written = insight.ledger.written.numpy().copy()
    written[0, 2], written[1] = np.inf, np.nan
    count = len(insight.horizon.lags)
    insight = replace(
        insight, gradient=replace(sample_gradient(0.5, 12), values=(0.4, None, inf, 0.0, *[0.1] * 8)),
        horizon=replace(insight.horizon, change=(nan, *insight.horizon.change[1:]), low=(nan,) * count),
        time_constants=(nan, inf, 3.0), ledger=replace(insight.ledger, written=Array.of(written)),
        saturation=tuple(replace(each, open=(nan, 0.5, 1.0), shut=(nan, 0.25, 0.0)) for each in insight.saturation),
    )  # fmt: skip
    traced = replace(traced, gates={**traced.gates, "f": Array.of(gate)})
    exploration = replace(usual.exploration, models=(traced, usual.exploration.models[1]), raw=Array.of(raw))
    explanation = replace(usual, models=(insight, usual.models[1]), exploration=exploration)
    page = render_explanation(explanation)
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert "NaN" not in drawn
    assert "Infinity" not in drawn
    for said in [
        "not finite at 2 of 12 lags", "A gap stands for a number that is not finite", "1 time constant cannot be drawn",
        "1,000,000 steps and more, 1 unit, are drawn at the top", "Grey is not a finite number", "Grey: not a finite",
    ]:  # fmt: skip
        assert said in page
    forget = pixels(re.findall(r'<image id="explain-image-0" href="([^"]+)"', page)[0])
    assert sum(pixel == (BROKEN, 255) for row in forget for pixel in row) == 1
    dead = replace(sample_gradient(0.5, 4), values=(None, inf, nan, 0.0), slope=None)
    said = render_explanation(replace(usual, models=(replace(usual.models[0], gradient=dead),)))
    assert "no gradient that is a finite number above 0" in said


def test_gradients_are_shares_of_what_the_step_feels() -> None:
    gradient = sample_gradient(0.5, 4)
    assert relative(gradient) == pytest.approx((1.0, 0.5, 0.25, 0.125))
    assert relative(replace(gradient, values=(None, 0.0, 2.0, 1.0))) == (None, 0.0, 1.0, 0.5)
    assert [power(value) for value in (1.0, 0.01, 1e-4, FLOOR, 1e5)] == ["1", "0.01", "10⁻⁴", "10⁻¹²", "10⁵"]


def test_horizons_in_words(small: Explanation) -> None:
    curve = small.models[0].horizon
    assert curve is not None

    def said(steps: int | None, low: int | None, high: int | None) -> str:
        return horizon_said(replace(curve, horizon=replace(curve.horizon, steps=steps, low=low, high=high, window=40)))

    assert said(18, 15, 22) == "18 steps [15 to 22]"
    assert said(1, 1, 1) == "1 step"
    assert said(18, 15, None) == "18 steps [15 to more]"
    assert said(None, 30, None) == "more than 39 steps [30 to more]"
    assert said(None, None, None) == "more than 39 steps"
    for steps, low, high in [(None, None, None), (None, 3, None), (18, 0, None), (0, 0, 0), (90, 80, None)]:
        horizon = replace(curve, horizon=replace(curve.horizon, steps=steps, low=low, high=high, window=40))
        models = (replace(small.models[0], horizon=horizon), *small.models[1:])
        drawn = horizon_picture(replace(small, models=models), model_looks(small))
        assert drawn is not None
        assert all(f"LSTM: {horizon_said(horizon)}" in drawing.svg for drawing in drawn.drawings)
        # What lies beyond the lags that were tried widens the axis, not the drawing.
        widths = [float(re.findall(r'width="([\d.]+)"', drawing.svg)[0]) for drawing in drawn.drawings]
        assert widths[0] <= 816
        assert widths[1] <= 344


def test_the_ledger_keeps_its_sums_and_names_the_step() -> None:
    explanation = sample_explanation(("lstm",), T=400, channels=1, hidden_size=20)
    ledger, exploration = explanation.models[0].ledger, explanation.exploration
    assert ledger is not None
    written = ledger.written.numpy()
    timeline = ledger_timeline(exploration, ledger)
    assert timeline.skip > 0
    assert np.abs(written[:UNITS, 1 : timeline.skip + 1]).max() < 0.01 * np.abs(written[:UNITS]).max()
    assert timeline.first + timeline.steps - 1 == 400
    rows = ledger_rows(ledger, exploration)
    assert len(rows) == UNITS
    for place, row in enumerate(rows):
        assert row["unit"] == str(ledger.units[place] + 1)
        assert row["when"] == f"step {int(np.abs(written[place]).argmax())}"
    short = sample_explanation(("gru",), T=5, hidden_size=3)
    assert short.models[0].ledger is not None
    assert ledger_timeline(short.exploration, short.models[0].ledger).skip == 0


def test_columns_of_a_part_are_numbered_as_in_the_whole() -> None:
    usual = sample_explanation(("lstm",), T=50, hidden_size=3)
    exploration = replace(usual.exploration, first_step=99_950, total_steps=100_000)
    assert Timeline.of(exploration, 8).first == 99_951
    assert Timeline.of(exploration, 8).end == 100_000
    page = render_explanation(replace(usual, exploration=exploration))
    assert ">99,951<" in page
    assert "steps 99,951 to 100,000 of 100,000" in page


def test_models_of_one_kind_are_told_apart() -> None:
    looks = model_looks(sample_explanation(("lstm", "lstm", "gru"), T=4, hidden_size=2))
    assert [look.label for look in looks.values()] == ["LSTM (lstm)", "LSTM (lstm-2)", "GRU"]
    assert len({(look.colour, tuple(look.dash)) for look in looks.values()}) == 3
    alike = model_looks(sample_explanation(("rnn", "rnn_relu"), T=4, hidden_size=2))  # two kinds of one colour
    assert len({tuple(look.dash) for look in alike.values()}) == 2
    usual = sample_explanation(("lstm",), T=4, hidden_size=2)
    models, traced = [], []
    for name in ("Über/1", "über 1", "🙂"):
        models.append(replace(usual.models[0], name=name))
        traced.append(replace(usual.exploration.models[0], name=name))
    exploration = replace(usual.exploration, models=tuple(traced))
    slugs = [each.slug for each in model_looks(replace(usual, models=tuple(models), exploration=exploration)).values()]
    assert len(set(slugs)) == 3
    assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in slugs)


def test_long_names_stay_inside_the_drawings() -> None:
    usual = sample_explanation(("lstm", "lstm", "gru"), T=30, hidden_size=2)
    models = tuple(replace(model, label="a network with a name that goes on") for model in usual.models)
    for draw in (horizon_picture, gradient_picture):
        drawn = draw(replace(usual, models=models), model_looks(replace(usual, models=models)))
        assert drawn is not None
        widths = [float(re.findall(r'width="([\d.]+)"', drawing.svg)[0]) for drawing in drawn.drawings]
        assert widths[0] <= 816
        assert widths[1] <= 344


def test_plots_are_files_of_their_own(small: Explanation, tmp_path: Path) -> None:
    made = write_plots(small, tmp_path / "new" / "plots")
    names = [
        "horizon", "gradient-by-lag", "time-constants", "gates-lstm", "saturation-lstm", "ledger-lstm", "gates-gru",
        "saturation-gru", "ledger-gru", "gates-rnn",
    ]  # fmt: skip
    assert [path.name for path in made] == [f"{name}.{kind}" for name in names for kind in ("svg", "png")]
    assert sorted(made) == sorted((tmp_path / "new" / "plots").iterdir())
    for path in made:
        data = path.read_bytes()
        if path.suffix == ".png":
            width, height = struct.unpack(">II", data[16:24])
            assert data[:8] == b"\x89PNG\r\n\x1a\n"
            assert width > 1200
            assert height > 300
            continue
        text = data.decode()
        root = ElementTree.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in text
        assert "<title>" in text
        assert "<desc>" in text
    assert "#332288" in made[0].read_text(encoding="utf-8")
    assert "data:image/png" in made[6].read_text(encoding="utf-8")


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    small = sample_explanation(("rnn",), T=3, hidden_size=2)
    made = write_explanation(small, tmp_path / "new" / "explain.html")
    assert [each.name for each in made.parent.iterdir()] == ["explain.html"]
    with pytest.raises(StudyError, match=r"The explanation cannot be written to .* name a file"):
        write_explanation(small, made.parent)
    with pytest.raises(StudyError, match=r"The plots cannot be written to .* name a folder"):
        write_plots(small, made)
