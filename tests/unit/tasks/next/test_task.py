"""Next symbols and frames: what is asked, what is learnt from, how it is scored, what a user gets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import selfloop
from next_samples import events, frames, pattern, text_of, words_of
from selfloop.data.sequences import Sequences
from selfloop.errors import DataError, SettingsError
from selfloop.models.predictor import Predictor
from selfloop.report.study.page import render_report
from selfloop.results.study import StudyResult
from selfloop.tasks.asked import Asked
from selfloop.tasks.next.pieces import answered
from selfloop.tasks.next.scores import found_of, losses_of, metrics_of
from selfloop.tasks.next.task import Next
from selfloop.tasks.places import Block
from selfloop.tasks.registry import task_for
from selfloop.train.budget import Budget, Option
from selfloop.train.fitter import Fitter
from selfloop.train.saved import load_model

SMALL: dict[str, Any] = {
    "folds": 1, "seeds": 1, "epochs": 12, "params": 900, "candidates": ["gru"], "learning_rates": (0.02,),
    "workers": 1, "window": 3, "progress": False,
}  # fmt: skip


def design(data: Sequences, **asked: Any) -> tuple[Any, Any]:
    experiment = Next.design(data, None, Asked(**asked))
    return experiment, Fitter(
        experiment.task, experiment.data, experiment.folds[0],
        Budget(25, 25, (0.02,), 1, "chrono", {"gru": 12}, experiment.task.variants(data, None)[0]),
    )  # fmt: skip


class TestWhatIsAsked:
    def test_symbols_or_frames_without_answers_beside_them_ask_for_it(self) -> None:
        text = text_of(pattern(50))
        assert task_for(text, None)[0] is Next
        assert task_for(frames(), None)[0] is Next
        labelled = replace(text, labels=np.array([0]), classes=("x",))
        assert Next.suits(labelled) is None
        numbers = Sequences("n", np.arange(40.0)[:, None], np.array([0, 40]), ("v",), ("v",))
        assert Next.suits(numbers) is None

    def test_at_each_step_the_next_is_wanted_within_what_may_be_learnt_from(self) -> None:
        experiment, fitter = design(words_of(["abc", "ba", "cab"] * 6), folds=2)
        material, data = fitter.material, experiment.data
        for k in range(len(data)):
            own = material.wanted[material.offsets[k] : material.offsets[k + 1]]
            symbols = [data.symbols[0][int(v)] for v in data[k][:, 0]]
            if fitter.fold.fit[k]:
                names = material.pipeline.names
                assert [names[c] for c in own[:-1]] == symbols[1:]
                assert own[-1] == -1
            else:
                assert (own == -1).all()

    def test_frames_are_wanted_as_they_come(self) -> None:
        _, fitter = design(frames(), folds=2)
        material = fitter.material
        learnt = int(np.flatnonzero(fitter.fold.fit)[0])
        first, stop = material.offsets[learnt : learnt + 2]
        assert np.array_equal(material.wanted[first : stop - 1], material.inputs[first + 1 : stop])
        assert np.isnan(material.wanted[stop - 1]).all()

    def test_nothing_of_the_test_part_is_looked_at(self) -> None:
        text = pattern(300)
        experiment, fitter = design(text_of(text), folds=1)
        cut = int(experiment.folds[0].known[0])
        other = text_of(text[:cut] + "".join(reversed(text[cut:])))
        _, again = design(other, folds=1)
        assert np.array_equal(fitter.material.inputs, again.material.inputs)
        assert np.array_equal(fitter.material.wanted, again.material.wanted)
        assert len(fitter.material.inputs) == cut

    def test_the_time_since_the_last_event_is_an_input(self) -> None:
        experiment, fitter = design(events(), folds=1)
        assert "networks are told the time since the last step: times are not evenly spaced" in experiment.inferred
        inputs, data = fitter.material.inputs, experiment.data
        assert inputs.shape[1] == 3 == experiment.task.features(data, "")
        gap = fitter.material.pipeline.gap
        part = data.time[: int(fitter.fold.fit[0])]
        assert gap == np.median(np.diff(part))
        assert inputs[1:, 2] == pytest.approx(np.log1p(np.diff(data.time[: len(inputs)]) / gap))
        assert inputs[0, 2] == 0
        assert [each.first for each in fitter.material.pipeline.symbols] == [0]


class TestWhatCannotBeAsked:
    def test_a_vocabulary_of_one_symbol(self) -> None:
        with pytest.raises(DataError, match="character of text is 'a' at every step; expected two symbols or more"):
            Next.design(text_of("a" * 100), None, Asked())

    def test_a_million_different_symbols(self) -> None:
        names = tuple(str(k) for k in range(1_000_000))
        data = Sequences("ids", np.arange(1e6)[:, None], np.array([0, 1_000_000]), ("id",), ("ids",), symbols=(names,))
        with pytest.raises(DataError, match="id of ids has 1,000,000 different symbols in 1,000,000 steps, and 100 %"):
            Next.design(data, None, Asked())

    def test_numbers_that_are_neither_on_nor_off(self) -> None:
        data = replace(frames(), values=frames().values * 2)
        with pytest.raises(DataError, match="of pieces holds 2; expected 0 or 1"):
            Next.design(data, None, Asked())
        one = Sequences("n", np.arange(40.0)[:, None], np.array([0, 40]), ("v",), ("v",))
        with pytest.raises(DataError, match="has one channel of numbers and no symbols"):
            Next.design(one, None, Asked())
        still = replace(frames(), values=np.zeros_like(frames().values))
        with pytest.raises(DataError, match="no channel of pieces ever changes"):
            Next.design(still, None, Asked())

    def test_units_begin_with_short_memories_where_the_text_is_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        data = text_of(pattern(400))
        experiment = Next.design(data, None, Asked(folds=2))
        task, fold = experiment.task, experiment.folds[0]
        assert task.material(data, fold, "").memory == task.truncation == 64
        monkeypatch.setattr("selfloop.tasks.next.task.LONG", 100)
        assert task.material(data, fold, "").memory == task.final_material(data, "").memory == 3
        pieces = Next.design(frames(), None, Asked())
        assert pieces.task.material(frames(), pieces.folds[0], "").memory == 128

    def test_rare_symbols_are_told(self) -> None:
        rng = np.random.default_rng(0)
        words = [f"w{int(k)}" for k in rng.zipf(1.4, size=4000) % 2000]
        names = tuple(dict.fromkeys(words))
        codes = np.array([[float(names.index(w))] for w in words])
        data = Sequences("prose", codes, np.array([0, 4000]), ("word",), ("prose",), symbols=(names,))
        experiment = Next.design(data, None, Asked())
        known = sum(words.count(name) > 1 for name in names)
        assert isinstance(experiment.task, Next)
        assert experiment.task.size == known + 1
        assert experiment.task.regime(data, experiment.folds[0]).fewest == 40 * (known + 1)
        assert (
            f"what comes next: word, one of {known}; the {len(names) - known} rarest others count as one, unknown"
            in experiment.inferred[0]
        )


class TestScores:
    def test_of_symbols(self) -> None:
        answers = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [1.0, 0.0, 0.0]])
        truth = np.array([0, 1, 0])
        losses = losses_of(answers, truth)
        assert losses == pytest.approx([np.log(2), np.log(10), 0])
        found = metrics_of(losses, [found_of(answers, truth)])
        assert found["nats"] == pytest.approx(np.log(20) / 3)
        assert found["bits"] == pytest.approx(np.log2(20) / 3)
        assert found["perplexity"] == pytest.approx(20 ** (1 / 3))
        assert found["accuracy"] == pytest.approx(2 / 3)

    def test_of_frames_the_loss_is_summed_over_channels(self) -> None:
        answers, truth = np.array([[0.9, 0.2, 0.6], [0.5, 0.1, 0.1]]), np.array([[1.0, 0, 0], [1, 0, 1]])
        losses = losses_of(answers, truth)
        assert losses == pytest.approx([-np.log(0.9 * 0.8 * 0.4), -np.log(0.5 * 0.9 * 0.1)])
        assert found_of(answers, truth) == (2.0, 4.0)

    def test_what_cannot_come_and_came_costs_much_not_everything(self) -> None:
        assert np.isfinite(losses_of(np.array([[1.0, 0.0]]), np.array([1]))).all()


class TestReading:
    def test_pieces_of_a_long_text_answer_as_the_whole_does(self) -> None:
        _, fitter = design(text_of(pattern(2600)), folds=1)
        model, _ = fitter.train("gru", Option(0.02, 12), 0)
        data = fitter.data
        block = Block(np.array([1500]), np.array([2599]))
        whole = model.predict(data, block)
        parts = list(answered(model, data, block, 6))
        assert np.concatenate([part.steps for part in parts]).tolist() == list(range(1500, 2599))
        found = np.concatenate([part.answers for part in parts])
        assert found == pytest.approx(whole, abs=2e-5)  # a state of a thousand steps is all that there is

    def test_a_network_reads_step_by_step_what_it_reads_at_once(self) -> None:
        _, fitter = design(text_of(pattern(400)), folds=1)
        for model in (fitter.train("gru", Option(0.02, 12), 0)[0], fitter.fit(fitter.closed_form("ngrams"))[0]):
            data = fitter.data
            inputs = model.pipeline.inputs(data)
            whole = model.predict(data, Block(np.array([0]), data.lengths))
            walk = model.walk()
            first = walk(inputs[:3])
            rest = [walk(inputs[k : k + 1]) for k in range(3, 40)]
            assert np.stack([first, *rest]) == pytest.approx(whole[2:40], rel=1e-5)


@pytest.fixture(scope="module")
def text_study(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return selfloop.compare(text_of(pattern(500)), out=tmp_path_factory.mktemp("text"), **SMALL)


class TestAStudy:
    def test_networks_and_counts_learn_a_pattern_and_beat_frequencies(self, text_study: Any) -> None:
        scores = {row.candidate.name: row.score for row in text_study.result.leaderboard}
        assert scores["ngrams"] < 0.8 < 1.5 < scores["frequencies"]
        assert scores["gru"] < 1.2
        assert set(scores) == {"gru", "frequencies", "ngrams", "feed_forward"}

    def test_its_report_shows_a_sample_that_wraps(self, text_study: Any) -> None:
        result: StudyResult = text_study.result
        assert result.sample is not None
        assert len(result.sample.text) == 400
        assert set(result.sample.text) <= set("abcde")
        page = render_report(result)
        assert f'<pre class="sample" tabindex="0" aria-label="A text that was made">{result.sample.text}</pre>' in page
        assert "pre.sample { white-space: pre-wrap; overflow-wrap: anywhere; }" in page

    def test_its_models_say_what_comes_next_and_are_scored(self, text_study: Any) -> None:
        new = text_of(pattern(60, seed=7))
        for file in ("gru", "ngrams"):
            model = load_model(text_study.folder / f"{file}.safetensors")
            table = model.predict(new)
            assert table.columns == ["unique_id", "step", "next", "probability"]
            assert table["step"].to_list() == list(range(1, 61))
            after = dict(zip("abcde", "bcdea", strict=True))
            right = [after[a] == b for a, b in zip(pattern(60, seed=7), table["next"], strict=True)]
            assert np.mean(right) > 0.8
            assert model.score(new)["accuracy"] > 0.7

    def test_unknown_symbols_are_read_as_such(self, text_study: Any) -> None:
        model = load_model(text_study.folder / "ngrams.safetensors")
        found = model.predict(text_of("ab!cd?"))
        assert len(found) == 6
        assert np.isfinite(model.score(text_of("ab!cd?"))["nats"])

    def test_its_models_are_looked_into(self, text_study: Any, tmp_path: Path) -> None:
        path = selfloop.explore(text_study.folder / "gru.safetensors", text_of(pattern(30))).to_html(
            tmp_path / "x.html"
        )
        assert "After 30 steps of sequence text, this GRU finds" in path.read_text(encoding="utf-8")
        assert text_study.explanation is not None

    def test_numbers_where_it_knows_symbols_are_refused(self, text_study: Any) -> None:
        model = load_model(text_study.folder / "gru.safetensors")
        numbers = Sequences("n", np.arange(40.0)[:, None], np.array([0, 40]), ("character",), ("v",))
        with pytest.raises(DataError, match="holds numbers; this model expects symbols there"):
            model.predict(numbers)
        with pytest.raises(DataError, match="has no sequence of two steps or more"):
            model.score(text_of("a"))
        with pytest.raises(SettingsError, match="last counts steps of a forecast"):
            model.score(text_of("abc"), last=2)


class TestFrames:
    def test_a_study_of_frames(self, tmp_path: Path) -> None:
        study = selfloop.compare(frames(60), out=tmp_path, **{**SMALL, "epochs": 40})
        scores = {row.candidate.name: row.score for row in study.result.leaderboard}
        assert set(scores) == {"gru", "on_rates", "stay_rates", "feed_forward"}
        chance = 0.5004  # of the third channel, nats at a rate of 0.2
        assert scores["gru"] < chance + 0.35
        assert scores["stay_rates"] < scores["on_rates"]
        model = load_model(tmp_path / "gru.safetensors")
        assert model.predict(frames(2)).columns == ["unique_id", "step", "p_C", "p_E", "p_G"]
        assert study.explanation is not None
        with pytest.raises(DataError, match="expected 0 or 1"):
            model.predict(replace(frames(2), values=frames(2).values + 1))

    @pytest.mark.parametrize("name", ["on_rates", "stay_rates"])
    def test_rates_count_what_follows(self, name: str, tmp_path: Path) -> None:
        experiment, fitter = design(frames(), folds=2)
        model, _ = fitter.fit(fitter.closed_form(name))
        data, fold = experiment.data, fitter.fold
        counts = np.zeros((2, 3, 2))
        for k in np.flatnonzero(fold.fit):
            for now, after in zip(data[k][:-1], data[k][1:], strict=True):
                for channel in range(3):
                    counts[int(now[channel]), channel, int(after[channel])] += 1
        if name == "on_rates":
            counts[:] = counts.sum(0)
        assert model.rates == pytest.approx((counts[..., 1] + 0.5) / (counts.sum(-1) + 1))
        assert model.predict(data, Block(np.zeros(24, np.int64), np.ones(24, np.int64))).shape == (24, 3)

    def test_events_learn_from_the_wait(self) -> None:
        _, fitter = design(events(600), folds=1)
        model, _ = fitter.train("gru", Option(0.02, 12), 0)
        told = fitter.test(model)[0]["nats"]
        counted = fitter.test(fitter.fit(fitter.closed_form("ngrams"))[0])[0]["nats"]
        assert told < counted - 0.3
        with pytest.raises(SettingsError, match="also reads size and the time between steps, which nobody knows"):
            Predictor(_card(fitter, model), fitter.task, model).generate("x")


def _card(fitter: Fitter, model: Any) -> Any:
    from selfloop.results.study import Candidate
    from selfloop.study.refit import card_of
    from selfloop.tasks.task import Experiment

    experiment = Experiment(fitter.task, fitter.data, (fitter.fold,))
    return card_of(experiment, fitter.budget, Candidate("gru", "GRU", "recurrent", True), model, Option(0.02, 12))
