"""`selfloop.explain(model, data)`: what a trained model remembers, how it learnt that, and what its gates do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from selfloop.checked import whole_number
from selfloop.data import Missing, Sequences
from selfloop.errors import SettingsError
from selfloop.inside.explain import compare_models, findings, measure
from selfloop.inside.explain.cases import Cases
from selfloop.inside.explain.sample import cases_of
from selfloop.inside.explore.explore import part_of, shown
from selfloop.inside.explore.subjects import case_in, data_for, predictors_of
from selfloop.models.predictor import Predictor
from selfloop.results.explanation import Explanation, ModelInsight
from selfloop.results.exploration import Exploration, TracedModel
from selfloop.words import count

WINDOW = 500
CHARTS = 90_000  # bytes of the charts of one model, and of those of all together
OVERLAP = "what is read before {each}s of one sequence overlaps, so that intervals of horizons are too narrow"
AS_GIVEN = (
    "Measured on these data as they were given: if they are what a model learnt from, its loss on new ones may well be "
    "higher."
)


@dataclass(frozen=True, eq=False)
class Explained:
    """What was found.

    Attributes:
        explanation: all of it, as data.
    """

    explanation: Explanation

    def to_html(self, path: str | Path) -> Path:
        """Write one HTML file that needs nothing else, and return its path.

        Raises:
            StudyError: the file cannot be written.
        """
        from selfloop.report.explain.page import write_explanation

        return write_explanation(self.explanation, path)

    def plots(self, folder: str | Path) -> list[Path]:
        """Write every chart as PNG and SVG, and return their paths.

        Raises:
            StudyError: the folder cannot be written to.
        """
        from selfloop.report.explain.page import write_plots

        return write_plots(self.explanation, folder)

    def __repr__(self) -> str:
        """What was found, in sentences."""
        return repr(self.explanation)


def explain(
    model: Any,
    data: Any,
    *,
    against: Sequence[Any] = (),
    sequence_id: str | None = None,
    window: int = WINDOW,
    missing: Missing = "error",
    axes: str | None = None,
) -> Explained:
    """Say how far back a model's answers depend on what it read, how far its learning signal reaches, and why.

    Args:
        model: one that `selfloop compare` saved: a path, or a `Predictor` such as `Study.best_recurrent`.
        data: what it predicts on, with the truth where there is one: new sequences tell more than those it learnt from.
        against: more models of the same task, measured on the same cases.
        sequence_id: which sequence the page steps through; the first one if left out.
        window: how many steps back are looked at, 2 or more.
        missing: what to do about missing values.
        axes: of arrays, where their shape and the number of channels do not decide: "cases,steps,channels".

    Raises:
        SettingsError: a model has no recurrent layer.
        DataError: the data have other columns, or no such sequence.
        ModelFileError: a path is not one of a model.
    """
    window = whole_number("window", window, least=0)
    if window < 2:
        raise SettingsError(f"window is {window}; expected 2 steps or more.")
    for each in (model, *against):
        if isinstance(each, nn.Module):
            raise SettingsError(
                f"model is a {type(each).__name__}, a module; expected a saved model's path or a Predictor such as "
                "Study.best_recurrent. Look into modules of your own with selfloop.trace(model), into one layer with "
                "selfloop.explore(layer, sequence)."
            )
    predictors = predictors_of([model, *against])
    read = data_for(predictors, data, missing, axes)
    return Explained(explanation_of(predictors, read, sequence_id, window))


def explanation_of(
    predictors: Sequence[Predictor],
    data: Sequences,
    sequence_id: str | None = None,
    window: int = WINDOW,
    basis: str = AS_GIVEN,
) -> Explanation:
    """What `explain` shows, as data.

    Args:
        predictors: that were trained on such data; the first one comes first.
        data: as they read them.
        sequence_id: whose steps are shown; None takes the first.
        window: steps that are read before each loss.
        basis: what these data are to the models, in a sentence.
    """
    case = case_in(predictors, data, sequence_id)
    exploration = shown(case, part_of(case, beside=CHARTS * (1 + len(predictors))))
    traced = [_answering(exploration, subject.name) for subject in case.subjects]
    cases = [cases_of(predictor, data, window) for predictor in predictors]
    measured = [
        replace(measure.insight_of(each, model.name, model.label), ledger=measure.ledger_of(model))
        for each, model in zip(cases, traced, strict=True)
    ]
    longest = int(data.lengths.max())
    models = tuple(findings.with_findings(each, longest) for each in measured)
    first = cases[0]
    alike = all(first.comparable(each) for each in cases[1:])
    return Explanation(
        headline=compare_models.headline(models),
        facts=_facts(first, data, models),
        loss=first.of,
        models=models,
        findings=compare_models.together(models) if alike else compare_models.APART,
        exploration=_with_findings(exploration, models),
        basis=basis,
    )


def _facts(cases: Cases, data: Sequences, models: Sequence[ModelInsight]) -> tuple[str, ...]:
    """What was looked at."""
    looked = f"measured on {count(len(cases), cases.each)} of {data.name}"
    fewer = [m.horizon.cases for m in models if m.horizon is not None and m.horizon.cases < len(cases)]
    if fewer:
        least, most = min(fewer), max(fewer)
        looked += f", the horizon on {least if least == most else f'{least} to {most}'} of them"
    said = looked, f"up to {count(cases.window, 'step')} back"
    several = len(cases) > len(data) and any(model.horizon is not None for model in models)
    return (*said, OVERLAP.format(each=cases.each)) if several else said


def _answering(exploration: Exploration, name: str) -> TracedModel:
    """The last layer of a subject: of several, the one that is numbered highest."""
    own = [model for model in exploration.models if model.name == name or model.name.rpartition("-")[0] == name]
    return max((model for model in own if model.layers == model.layer), key=lambda model: model.name == name)


def _with_findings(exploration: Exploration, models: Sequence[ModelInsight]) -> Exploration:
    """The page that steps through a model says beside it what was measured."""
    known = {model.name: model for model in models}
    traced = tuple(
        replace(
            model,
            by_lag=() if (found := known[model.name]).gradient is None else found.gradient.values,
            horizon=None if found.horizon is None else found.horizon.horizon,
            findings=found.findings,
        )
        if model.name in known
        else model
        for model in exploration.models
    )
    return replace(exploration, models=traced)
