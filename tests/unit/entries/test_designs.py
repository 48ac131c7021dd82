"""What estimators are handed of each task: its form, and nothing of the part that is tested."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from next_samples import events, frames, text_of, words_of
from own_entries import Answers, Means
from selfloop.data import Sequences, load
from selfloop.entries.answers import chances
from selfloop.entries.estimator import fit_estimator
from selfloop.entries.resolve import entries
from selfloop.errors import EntryError, SettingsError
from selfloop.tasks import step_design
from selfloop.tasks.asked import Asked
from selfloop.tasks.next.task import Next
from selfloop.tasks.regress.task import Regress
from selfloop.tasks.tag.task import Tag
from selfloop.tasks.task import Experiment
from tag_samples import tagged, worded

Seen = list[tuple[Any, ...]]


class Spy:
    """Keeps what it was handed."""

    def __init__(self, seen: Seen, classes: int) -> None:
        self.seen, self.classes = seen, classes

    def __deepcopy__(self, memo: Any) -> Spy:
        return Spy(self.seen, self.classes)

    def fit(self, X: Any, y: Any) -> Spy:
        self.seen.append((_array(X), _array(y)))
        self.each = y.shape[1:]
        return self

    def predict(self, X: Any) -> Any:
        self.seen.append((_array(X),))
        return np.zeros((X.shape[0], *self.each))

    def predict_proba(self, X: Any) -> Any:
        self.seen.append((_array(X),))
        shape = (X.shape[0], *(self.each or (self.classes,)))
        return np.full(shape, 0.5 if self.each else 1 / self.classes)


def _array(x: Any) -> Any:
    return x.toarray() if sparse.issparse(x) else x.copy()


def asked(task: Any, data: Sequences, **wanted: Any) -> Experiment:
    made: Experiment = task.design(data, None, Asked(**{"folds": 2, **wanted}))
    return made


def designs(experiment: Experiment, fold: int = 0, window: int | None = None, reads: str = "") -> Any:
    task = experiment.task
    form = reads or task.estimator_forms[0]
    return task.designs(experiment.data, experiment.folds[fold], "", form, window)


def fitted(experiment: Experiment, made: Any, window: int | None = None) -> Any:
    return fit_estimator(entries([made], experiment.task)[0], designs(experiment, window=window), 0)


def scores_of(experiment: Experiment, made: Any, window: int | None = None) -> dict[str, float]:
    found = fitted(experiment, made, window)
    scores: dict[str, float] = experiment.task.test(found.model, experiment.data, experiment.folds[0])[0]
    return scores


def fit_alone(experiment: Experiment, design: Any) -> Any:
    """Answers of scikit-learn at the validation part, without our code around it."""
    valid = next(design.rows(design.known(), design.valid))
    return KNeighborsClassifier(3).fit(*design.learnt()).predict_proba(valid)


def numbered(several: bool = False) -> Sequences:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(int(rng.integers(4, 8)), 2)) for _ in range(40)]
    told: Any = [[a.mean(0)[0] + 5, 1e4 * a.max()] if several else a.mean(0)[0] + 5 for a in arrays]
    return load(arrays, labels=told, axes="steps,channels")


SENTENCES = [f"a/D {w}/N runs/V" for w in "abcdefgh"] + [f"the/D {w}/N falls/V not/" for w in "stuvwxyz"]
SENTENCES *= 2
CASES: dict[str, Any] = {
    "regress": (Regress, numbered(True), {}),
    "tag numbers": (Tag, tagged([12] * 12), {}),
    "tag in time": (Tag, tagged([80, 60]), {}),
    "tag in time, one way": (Tag, tagged([80, 60]), {"direction": "one"}),
    "tag words": (Tag, worded(SENTENCES), {}),
    "next text": (Next, text_of("abcab" * 40 + "xyzzy" * 40), {}),
    "next words": (Next, words_of([f"{a}b{c}ba" for a in "abcd" for c in "vwxyz"]), {}),
    "next events": (Next, events(120), {}),
    "next frames": (Next, frames(), {}),
}


def without_test(experiment: Experiment, fold: int) -> Sequences:
    """Other values, symbols and answers in all that the fold tests, and nothing else changed."""
    data, cut = experiment.data, experiment.folds[fold]
    values, tags, outcomes = data.values.copy(), data.tags, data.outcomes
    if isinstance(experiment.task, Regress):
        assert outcomes is not None
        steps = np.isin(np.repeat(np.arange(len(data)), data.lengths), cut.test)
        outcomes = outcomes.copy()
        outcomes[cut.test] = 1e6
    else:
        late = 1 if isinstance(experiment.task, Next) else 0
        known = np.maximum(cut.fit, np.where(cut.valid.stop > cut.valid.first, cut.valid.stop + late, 0))
        steps = np.arange(len(values)) - np.repeat(data.offsets[:-1], data.lengths) >= np.repeat(known, data.lengths)
    assert steps.any()
    symbols = data.symbols
    for k in range(values.shape[1]):
        if symbols and symbols[k]:
            symbols = (*symbols[:k], (*symbols[k], "never seen"), *symbols[k + 1 :])
            values[steps, k] = len(symbols[k]) - 1
        else:
            values[steps, k] = 1 - values[steps, k]
    if tags is not None:
        tags = np.where(steps, 0, tags)
    return replace(data, values=values, symbols=symbols, tags=tags, outcomes=outcomes)


@pytest.mark.parametrize("name", CASES)
def test_nothing_of_the_test_part_is_seen_before_it_is_asked_for(name: str) -> None:
    task, data, wanted = CASES[name]
    experiment = asked(task, data, **wanted)
    other = without_test(experiment, 0)
    handed: list[Seen] = []
    for given in (experiment.data, other):
        handed.append([])
        spy = Spy(handed[-1], len(given.classes) or getattr(experiment.task, "size", 0))
        changed = replace(experiment, data=given)
        entry = entries([("spy", lambda spy=spy: spy.__deepcopy__({}))], experiment.task)[0]
        found = fit_estimator(entry, designs(changed), 0)
        known = found.model.design.known()
        found.model.predict(known, experiment.folds[0].valid)
    assert len(handed[0]) == len(handed[1]) >= 2
    for one, two in zip(*handed, strict=True):
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)


def test_an_end_of_the_learnt_part_is_an_end_to_a_window_that_looks_ahead() -> None:
    experiment = asked(Tag, tagged([80, 60]))
    (design,) = designs(experiment, window=5)
    x = design.learnt()[0]
    assert (x[int(experiment.folds[0].fit[0]) - 1, 3:] == 0).all()
    assert (x[10] != 0).all()


class TestRegress:
    @pytest.mark.parametrize(("reads", "shape"), [("summary", (15,)), ("steps", (12,)), ("arrays", (2, 6))])
    def test_forms_are_those_of_a_classification(self, reads: str, shape: tuple[int, ...]) -> None:
        experiment = asked(Regress, numbered())
        (design,) = designs(experiment, reads=reads)
        x, y = design.learnt()
        assert x.shape == (len(experiment.folds[0].fit), *shape)
        assert y.shape == (len(x),)

    def test_numbers_are_scaled_by_the_learnt_part_and_come_back_in_their_units(self) -> None:
        experiment = asked(Regress, numbered(True))
        (design,) = designs(experiment)
        x, y = design.learnt()
        assert y.shape == (len(x), 2)
        np.testing.assert_allclose(y.mean(0), 0, atol=1e-9)
        np.testing.assert_allclose(y.std(0), 1)
        fold, data = experiment.folds[0], experiment.data
        assert data.outcomes is not None
        np.testing.assert_allclose(design.answers(data, fold.fit, y), data.outcomes[fold.fit])

    def test_what_tells_one_number_gets_a_copy_for_each(self) -> None:
        experiment = asked(Regress, numbered(True))
        found = fitted(experiment, GradientBoostingRegressor(n_estimators=2))
        assert found.settings == {"reads": "summary", "copies": 2}
        assert scores_of(experiment, GradientBoostingRegressor(n_estimators=20))["r2"] > 0.5
        assert scores_of(asked(Regress, numbered()), Ridge(1e-3))["r2"] > 0.99  # the mean is among the summaries


class TestTag:
    def test_numbers_of_the_steps_around_stand_side_by_side_oldest_first(self) -> None:
        experiment = asked(Tag, tagged([12] * 12))
        (design,) = designs(experiment, window=4)  # one more ahead than behind
        x, y = design.learnt()
        part = design.part
        level = (part.values - part.values.mean(0)) / part.values.std(0)
        np.testing.assert_allclose(x[3], level[2:6, 0])
        np.testing.assert_allclose(x[0], [0, *level[:3, 0]])
        np.testing.assert_array_equal(y, part.tags)

    def test_one_way_they_end_at_the_step(self) -> None:
        (design,) = designs(asked(Tag, tagged([12] * 12), direction="one"), window=3)
        x = design.learnt()[0]
        assert (x[0, :2] == 0).all()
        np.testing.assert_array_equal(x[1:10, 1], x[:9, 2])

    def test_only_steps_with_a_label_are_learnt_and_symbols_are_sparse_ones(self) -> None:
        experiment = asked(Tag, worded(SENTENCES))
        (design,) = designs(experiment, window=3)
        x, y = design.learnt()
        assert sparse.issparse(x)
        assert set(y.tolist()) == {0, 1, 2}
        assert len(y) == x.shape[0] == 3 * int((experiment.folds[0].fit > 0).sum())
        assert x.shape[1] == 3 * (2 + len(design.pipeline.vocabularies[0].names))
        np.testing.assert_array_equal(x.sum(1).ravel(), np.full((1, len(y)), 3))
        assert x.max() == 1

    @pytest.mark.parametrize("made", [LogisticRegression(), RandomForestClassifier(20), BernoulliNB(), SVC()])
    def test_scikit_learns_tag(self, made: Any) -> None:
        assert scores_of(asked(Tag, worded(SENTENCES)), made)["accuracy"] > 0.9

    def test_what_takes_no_sparse_matrix_says_so_or_gets_an_array_from_a_step_before_it(self) -> None:
        experiment = asked(Tag, worded(SENTENCES))
        with pytest.raises(TypeError, match="Sparse data was passed"):
            fitted(experiment, GaussianNB())
        dense = FunctionTransformer(lambda x: x.toarray(), accept_sparse=True)
        assert scores_of(experiment, lambda: make_pipeline(dense, GaussianNB()))["accuracy"] > 0.6

    @pytest.mark.parametrize(("task", "data"), [(Tag, tagged([12] * 12)), (Next, frames())])
    def test_a_form_that_steps_do_not_have_is_one_sentence(self, task: Any, data: Any) -> None:
        forest = RandomForestClassifier()
        forest.selfloop_reads = "steps"
        with pytest.raises(SettingsError, match=r"reads 'steps'; for the task (tag|next) expected windows\."):
            entries([forest], asked(task, data).task)

    def test_validation_chooses_the_window(self) -> None:
        experiment = asked(Tag, tagged([12] * 12))
        losses = {d.settings["window"]: d.loss(fit_alone(experiment, d)) for d in designs(experiment)}
        assert len(losses) == 3
        best = min(losses, key=lambda window: losses[window])
        assert fitted(experiment, KNeighborsClassifier(3)).settings == {"window": best}

    def test_many_steps_are_thinned_and_it_is_recorded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(step_design, "MOST", 20)
        (design,) = designs(asked(Tag, tagged([12] * 12)), window=1)
        x, y = design.learnt()
        assert 10 < len(x) == len(y) == design.settings["examples"] <= 20


class TestNext:
    def test_the_last_symbols_say_the_next(self) -> None:
        experiment = asked(Next, text_of("abcde" * 60))
        (design,) = designs(experiment, window=2)
        x, y = design.learnt()
        assert sparse.issparse(x)
        assert x.shape == (int(experiment.folds[0].fit[0]) - 1, 2 * (2 + 5))
        names = design.pipeline.names
        assert [names[k] for k in y[:5]] == list("bcdea")
        row = x[1].toarray().ravel()
        np.testing.assert_array_equal(np.flatnonzero(row), [2 + 0, 7 + 2 + 1])  # a, then b
        assert scores_of(experiment, LogisticRegression(C=100), 2)["accuracy"] == 1

    def test_other_channels_and_the_time_between_stand_beside(self) -> None:
        (design,) = designs(asked(Next, events(120)), window=2)
        x, y = design.learnt()
        assert x.shape[1] == 2 * ((2 + 3) + 1 + 1)
        assert y.min() >= 1

    def test_frames_are_arrays_and_y_is_the_next_frame(self) -> None:
        experiment = asked(Next, frames())
        (design,) = designs(experiment, window=2)
        x, y = design.learnt()
        assert x.shape == (len(y), 6)
        np.testing.assert_array_equal(x[1, 3:], y[0])
        assert set(np.unique(y).tolist()) == {0, 1}

    @pytest.mark.parametrize(
        ("made", "copies"),
        [
            (RandomForestClassifier(10), 1),
            (KNeighborsClassifier(3), 1),
            (MLPClassifier((8,), solver="lbfgs", alpha=1e-2, max_iter=1000), 1),
            (LogisticRegression(), 3),
            (GaussianNB(), 3),
        ],
    )
    def test_scikit_learns_say_frames(self, made: Any, copies: int) -> None:
        experiment = asked(Next, frames())
        found = fitted(experiment, made, 1)
        assert found.settings.get("copies", 1) == copies
        said = found.model.predict(experiment.data, experiment.folds[0].test)
        first = experiment.data.values[experiment.folds[0].test.flat(experiment.data), 0]
        np.testing.assert_array_equal(said[:, 0] < 0.5, first == 1)  # it alternates

    @pytest.mark.parametrize("made", [RandomForestClassifier(5), LogisticRegression()])
    def test_a_channel_that_never_changes_is_as_it_always_was(self, made: Any) -> None:
        data = frames()
        data = replace(data, values=np.concatenate([data.values[:, :2], np.zeros((len(data.values), 1))], axis=1))
        found = fitted(asked(Next, data), made, 2)
        said = found.model.predict(data, asked(Next, data).folds[0].test)
        assert said[:, 2].max() < 0.01

    @pytest.mark.parametrize("made", [Means, SVC(), Ridge()])
    def test_what_says_no_probabilities_is_refused_before_anything_runs(self, made: Any) -> None:
        with pytest.raises(SettingsError, match=r"has no predict_proba, and the task next scores how probable") as said:
            entries([made], asked(Next, frames()).task)
        assert "\n" not in str(said.value)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (lambda n: np.full((n, 2), 0.5), r"predict_proba gives an array of shape \(5, 2\); expected \(5, 3\)"),
            (lambda n: np.full((n, 3), 1.5), r"predict_proba gives 1\.5; expected probabilities, 0 to 1"),
            (lambda n: np.full((n, 3), np.nan), r"numbers that are not finite"),
            (lambda n: [np.full((n, 2), 0.5)] * 2, r"predict_proba gives 2 arrays; expected 3, one a channel"),
            (lambda n: [np.full((n, 1), 1.0)] * 3, r"predict_proba gives an array of shape \(5, 1\)"),
            (lambda n: [np.full((n, 2), 0.9)] * 3, r"adds up to 1\.8"),
            (lambda n: None, r"predict_proba gives None"),
        ],
    )
    def test_chances_that_are_none_are_refused(self, given: Any, said: str) -> None:
        with pytest.raises(EntryError, match=said):
            chances(Answers(chances=given), np.zeros((5, 1)), 3)
