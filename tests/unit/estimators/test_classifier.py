"""The classifier as strangers use it: scikit-learn's tools around it, and X and y as they bring them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.parallel import Parallel, delayed

import selfloop
from selfloop import Classifier
from selfloop.errors import DataError, SettingsError
from selfloop.tasks.classify.task import Classify

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SMALL: dict[str, Any] = {"epochs": 2, "params": 100, "learning_rates": (0.01,)}
rng = np.random.default_rng(0)
X = rng.normal(size=(48, 9))
Y = np.where(X[:, :5].mean(1) > 0, "up", "down")
CUBE = np.stack([X, X + 1], 2)
PEOPLE = np.arange(48) % 6
LONG = pd.DataFrame(
    {"trial": np.repeat([f"t{k}" for k in range(48)], 9), "a": X.ravel(), "b": X.ravel() + 1, "move": np.repeat(Y, 9)}
)


@pytest.fixture(scope="module")
def fitted() -> Classifier:
    return Classifier(**SMALL).fit(X, Y)


def test_labels_probabilities_and_score_agree(fitted: Classifier) -> None:
    found, sure = fitted.predict(X), fitted.predict_proba(X)
    assert fitted.classes_.tolist() == ["down", "up"]
    assert (found == fitted.classes_[sure.argmax(1)]).all()
    assert sure.sum(1) == pytest.approx(1, abs=1e-15)
    assert fitted.score(X, Y) == (found == Y).mean() > 0.7
    weights = np.arange(48.0)
    assert fitted.score(X, Y, sample_weight=weights) == pytest.approx(((found == Y) * weights).sum() / weights.sum())


def test_the_answers_are_those_of_the_saved_model(fitted: Classifier, tmp_path: Any) -> None:
    saved = selfloop.load_model(fitted.save(tmp_path / "model.safetensors"))
    table = saved.predict(X, axes="cases,steps")
    assert table["label"].to_list() == fitted.predict(X).tolist()
    assert table["p_up"].to_numpy() == pytest.approx(fitted.predict_proba(X)[:, 1], rel=1e-6)


@pytest.mark.parametrize(
    "labels", [np.array(["10", "9"]), np.array([10, 9, -8]), np.array([True, False]), np.array([0.0, 2.0])]
)
def test_classes_have_the_order_and_type_of_y(labels: Any) -> None:
    """Texts of numbers are sorted as texts, and by number in the model."""
    y = labels[np.arange(48) % len(labels)]
    made = Classifier("ridge_raw").fit(X, y)
    assert made.classes_.tolist() == np.unique(labels).tolist()
    assert made.classes_.dtype == labels.dtype
    sure, names = made.predict_proba(X), list(made.predictor_.card.classes)
    raw = made.predictor_.model.predict(selfloop.data.load(X, axes="cases,steps"), np.arange(48))
    for k, label in enumerate(made.classes_.tolist()):
        name = str(int(label)) if isinstance(label, float) else str(label)
        assert sure[:, k] == pytest.approx(raw[:, names.index(name)])


def test_a_grid_over_cells_in_two_processes() -> None:
    search = GridSearchCV(Classifier(**SMALL), {"cell": ["gru", "lstm"]}, cv=2)
    alone = search.fit(X, Y)
    two = clone(search).set_params(n_jobs=2).fit(X, Y)
    assert (alone.cv_results_["mean_test_score"] == two.cv_results_["mean_test_score"]).all()
    assert alone.best_params_["cell"] in ("gru", "lstm")


def test_cross_validation_with_groups() -> None:
    made = Classifier(**SMALL, axes="cases,steps,channels")
    assert len(cross_val_score(made, CUBE, Y, groups=PEOPLE, cv=GroupKFold(3))) == 3


def test_groups_stay_together_in_the_validation_split() -> None:
    seen = []
    before = Classify.hold_out

    def hold_out(self: Any, data: Any, train: Any, index: int) -> Any:
        seen.append((data.groups, before(self, data, train, index)))
        return seen[-1][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Classify, "hold_out", hold_out)
        Classifier("ridge_raw").fit(X, Y, groups=PEOPLE)
    groups, (fit, valid) = seen[0]
    assert groups == tuple(map(str, PEOPLE))
    assert {groups[k] for k in fit}.isdisjoint({groups[k] for k in valid})


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
def test_behind_a_scaler_in_a_pipeline(output: str) -> None:
    made = make_pipeline(StandardScaler(), Classifier(**SMALL)).set_output(transform=output).fit(X, Y)
    assert made.predict_proba(X).shape == (48, 2)


def test_a_frame_of_a_case_a_row_is_a_matrix(fitted: Classifier) -> None:
    wide = pd.DataFrame(X, columns=[f"step {k}" for k in range(9)])
    made = Classifier(**SMALL).fit(wide, pd.Series(Y))
    assert (made.predict_proba(wide) == fitted.predict_proba(X)).all()
    with pytest.raises(ValueError, match="feature names should match"):
        made.predict(wide.rename(columns={"step 0": "other"}))


@pytest.mark.parametrize("library", [pd.DataFrame, lambda frame: pl.from_pandas(frame)])
def test_rows_of_steps_give_a_frame_back(library: Callable[[Any], Any]) -> None:
    frame = library(LONG)
    made = Classifier("summary", id="trial", label="move").fit(frame)
    found, sure = made.predict(frame), made.predict_proba(frame)
    assert type(found) is type(sure) is type(frame)
    assert list(found.columns) == ["unique_id", "label"]
    assert list(sure.columns) == ["unique_id", "p_down", "p_up"]
    truth = dict(zip(LONG["trial"], LONG["move"], strict=True))
    right = [truth[k] == label for k, label in zip(found["unique_id"], found["label"], strict=True)]
    assert made.score(frame) == np.mean(right) > 0.8
    assert made.classes_.tolist() == ["down", "up"]
    named = Classifier("summary", id="trial").fit(frame, "move")
    assert named.predict(frame).equals(found)


def test_lists_of_unequal_length() -> None:
    some = [case[: 5 + k % 4] for k, case in enumerate(X)]
    made = Classifier(**SMALL).fit(some, Y)
    assert made.predict([X[0], X[1, :3]]).shape == (2,)
    assert made.n_features_in_ == 1


def test_axes_that_were_read_once_are_read_again() -> None:
    """Of (cases, 2, 2) nothing says which are the channels."""
    made = Classifier("summary", axes="cases,channels,steps").fit(CUBE.transpose(0, 2, 1), Y)
    square = CUBE[:, :2]
    assert (made.predict_proba(square) != made.predict_proba(square.transpose(0, 2, 1))).any()
    other = Classifier("summary", axes="cases,steps,channels").fit(CUBE, Y)
    assert (made.predict_proba(square.transpose(0, 2, 1)) == other.predict_proba(square)).all()


def test_a_pickle_holds_the_file_and_answers_the_same(fitted: Classifier) -> None:
    raw = pickle.dumps(fitted)
    assert b"torch" not in raw
    wanted = fitted.predict_proba(X)
    for other in (pickle.loads(raw), copy.deepcopy(fitted)):
        assert other.predictor_ is not fitted.predictor_
        assert (other.predict_proba(X) == wanted).all()
        assert other.get_params() == fitted.get_params()
    two = Parallel(2)(delayed(fitted.predict_proba)(X) for _ in range(2))
    assert all((found == wanted).all() for found in two)


def test_threads_fit_the_same_as_one_after_the_other(fitted: Classifier) -> None:
    made = Parallel(2, prefer="threads")(delayed(clone(fitted).fit)(X, Y) for _ in range(2))
    assert all((each.predict_proba(X) == fitted.predict_proba(X)).all() for each in made)


def test_random_states() -> None:
    def first(state: Any) -> float:
        return Classifier(**SMALL, random_state=state).fit(X, Y).predict_proba(X)[0, 0]

    assert first(0) == first(0) != first(1)
    assert first(np.random.RandomState(3)) == first(np.random.RandomState(3))
    np.random.seed(5)  # noqa: NPY002 - what random_state=None draws from
    drawn = first(None)
    np.random.seed(5)  # noqa: NPY002
    assert drawn == first(None) != first(None)


def test_a_comparison_inside_uses_its_pick_and_leaves_nothing_behind(
    capfd: pytest.CaptureFixture[str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = Classifier("compare", **SMALL, folds=2, seeds=1).fit(X, Y)
    assert capfd.readouterr() == ("", "")
    assert not list(tmp_path.iterdir())
    assert made.predictor_.card.candidate == made.study_.verdict.pick
    again = pickle.loads(pickle.dumps(made))
    assert (again.predict(X) == made.predict(X)).all()
    assert again.study_.verdict.headline == made.study_.verdict.headline
    made.set_params(cell="gru").fit(X[:30, :6], np.arange(30) % 3)  # which knows nothing of the first data
    assert made.classes_.tolist() == [0, 1, 2]
    assert made.n_features_in_ == 6
    assert not hasattr(made, "study_")


def test_holes_can_be_filled() -> None:
    torn = X.copy()
    torn[3, 2] = np.nan
    made = Classifier("summary", missing="interpolate").fit(torn, Y)
    torn[3, 2] = (torn[3, 1] + torn[3, 3]) / 2
    wanted = Classifier("summary").fit(torn, Y).predict_proba(torn)
    assert made.predict_proba(torn) == pytest.approx(wanted, rel=1e-9)  # the mean in two roundings


def test_the_users_random_numbers_and_threads_are_left_alone() -> None:
    torch.manual_seed(7)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    Classifier(**SMALL).fit(X, Y)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_a_column_vector_is_flattened_with_a_warning() -> None:
    with pytest.warns(DataConversionWarning, match="column-vector"):
        made = Classifier("summary").fit(X, Y[:, None])
    assert made.predict(X).shape == (48,)


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
def test_a_training_that_brought_nothing_is_told() -> None:
    with pytest.warns(ConvergenceWarning, match="the saved model is that start"):
        Classifier(**SMALL).fit(X[:4], ["a", "a", "b", "b"])


def torn(value: float) -> Any:
    found = X.copy()
    found[3, 2] = value
    return found


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Classifier().predict(X), NotFittedError, "not fitted yet"),
        (lambda: Classifier().save("m"), NotFittedError, "not fitted yet"),
        (lambda: Classifier().fit(X, ["a"] * 48), DataError, "only one class, 'a'"),
        (lambda: Classifier().fit(X[:4], ["a", "a", "a", "b"]), SettingsError, "class 'b' has 1 case to learn from"),
        (lambda: Classifier().fit(torn(np.nan), Y), DataError, "X has NaN at step 2 of case 3"),
        (lambda: Classifier().fit(torn(-np.inf), Y), DataError, "X has an infinite value at step 2 of case 3"),
        (lambda: Classifier().fit(CUBE, Y), DataError, "say which with axes="),
        (lambda: Classifier().fit(X), ValueError, "requires y to be passed"),
        (lambda: Classifier().fit(CUBE), SettingsError, "requires y to be passed"),
        (lambda: Classifier().fit(X, np.where(np.arange(48) == 3, None, Y)), DataError, "The label of case 3"),
        (lambda: Classifier().fit(X, X[:, 0]), ValueError, "Unknown label type: continuous"),
        (lambda: Classifier().fit(X, Y[:9]), ValueError, "inconsistent numbers of samples"),
        (lambda: Classifier().fit(X, Y, groups=[1, 2]), ValueError, "inconsistent numbers of samples"),
        (lambda: Classifier(id="trial").fit(LONG, Y), SettingsError, "y is given beside a frame whose columns"),
        (lambda: Classifier(id="trial").fit(LONG), DataError, "label="),
        (lambda: Classifier("gruu").fit(X, Y), SettingsError, "no candidate 'gruu'. Did you mean 'gru'"),
        (lambda: Classifier(["gru"]).fit(X, Y), SettingsError, "expected the name of a candidate, or 'compare'"),  # type: ignore[arg-type]
        (lambda: Classifier("summary", hidden_size=3).fit(X, Y), SettingsError, "no recurrent network"),
        (lambda: Classifier("compare", hidden_size=3).fit(X, Y), SettingsError, "give params="),
        (lambda: Classifier(hidden_size=0).fit(X, Y), SettingsError, "hidden_size is 0; expected 1 or more"),
        (lambda: Classifier(pool="max").fit(X, Y), SettingsError, "expected last or mean"),  # type: ignore[arg-type]
        (lambda: Classifier(random_state="x").fit(X, Y), ValueError, "cannot be used to seed"),
        (lambda: Classifier(learning_rates=1e38, epochs=2).fit(X, Y), selfloop.errors.StudyError, "diverged at every"),
        (lambda: Classifier().set_params(cel="gru"), ValueError, "Invalid parameter 'cel'"),
        (lambda: Classifier(cel="gru"), TypeError, "unexpected keyword argument 'cel'"),  # type: ignore[call-arg]
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_other_channels_and_other_steps_are_refused(fitted: Classifier) -> None:
    with pytest.raises(ValueError, match="X has 5 features, but Classifier is expecting 9"):
        fitted.predict(X[:, :5])
    made = Classifier("summary", axes="cases,steps,channels").fit(CUBE, Y)
    with pytest.raises(DataError, match="expected channel_1, channel_2"):
        made.predict(np.concatenate([CUBE, CUBE], 2))
    with pytest.raises(DataError, match="has no labels"):
        made.score(CUBE)
