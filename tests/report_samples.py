"""Study results as a real comparison would leave them, made from a fixed generator: no training, no data."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np

from selfloop.report import render_report
from selfloop.results.study import (
    Candidate,
    Claim,
    Confusion,
    Coverage,
    Curve,
    DataSummary,
    ForecastExample,
    Metric,
    Row,
    StudyResult,
    TaskWords,
    Trial,
    Verdict,
)

MASE = Metric("mase", "MASE", True, "mean absolute error over that of the seasonal naive forecast in training")
MAE = Metric("mae", "MAE", True, "mean absolute error, in the target's own unit")
RMSE = Metric("rmse", "RMSE", True, "root mean squared error, in the target's own unit")
ACCURACY = Metric("accuracy", "accuracy", False, "share of sequences whose class was found", "difference")
LOG_LOSS = Metric("log_loss", "log loss", True, "mean negative log probability of the true class")

RNN = Candidate("rnn", "RNN", "recurrent", True)
LSTM = Candidate("lstm", "LSTM", "recurrent", True)
GRU = Candidate("gru", "GRU", "recurrent", True)
RIDGE = Candidate("ridge_ar", "ridge autoregression", "baseline", True)
FEED = Candidate("feed_forward", "feed-forward network", "baseline", True)
NAIVE = Candidate("naive", "naive", "baseline", True)
SEASONAL = Candidate("seasonal_naive", "seasonal naive", "baseline", True)
SUMMARY = Candidate("summary", "linear on summary features", "baseline", True)
MAJORITY = Candidate("majority", "majority class", "baseline", True)


def curve(rng: np.random.Generator, start: float, floor: float, epochs: int) -> Curve:
    """A loss that falls, then turns up a little on the validation part."""
    epoch = np.arange(epochs)
    train = floor * 0.9 + (start - floor) * np.exp(-epoch / 4) + rng.normal(0, floor * 0.01, epochs)
    valid = floor + (start - floor) * np.exp(-epoch / 4) + floor * 4e-4 * np.maximum(0, epoch - 12) ** 2
    valid += rng.normal(0, floor * 0.015, epochs)
    return Curve(tuple(map(float, train)), tuple(map(float, valid)), int(np.argmin(valid)))


def trials(
    rng: np.random.Generator,
    skills: dict[Candidate, float],  # the mean of the first metric
    metrics: tuple[Metric, ...],
    folds: int,
    seeds: int,
    spread: float,
) -> tuple[Trial, ...]:
    """Every candidate on every fold and seed; recurrent ones with curves."""
    hardness = rng.normal(0, spread, folds)
    made = []
    for place, (candidate, skill) in enumerate(skills.items()):
        for fold in range(folds):
            for seed in range(seeds):
                noise = rng.normal(0, spread / 4) + hardness[fold]
                if metrics[0].lower_is_better:
                    score = skill * math.exp(noise)
                else:
                    score = min(0.999, skill + noise * 0.6 * min(skill, 1 - skill))
                values = {metric.name: float(score * 17**k) for k, metric in enumerate(metrics)}
                networked = candidate.family == "recurrent" or candidate.name == "feed_forward"
                made.append(
                    Trial(
                        candidate=candidate.name,
                        fold=fold,
                        seed=seed,
                        status="ok",
                        metrics=values,
                        parameters=[4801, 4836, 4790, 25, 4900, 0, 0][place % 7],
                        operations=[4672, 4700, 4655, 24, 4768, 1, 1][place % 7],
                        train_seconds=float(abs(rng.normal(6 if networked else 0.02, 0.004))),
                        step_microseconds=float(abs(rng.normal(31 if networked else 1.4, 0.01))),
                        settings={"learning_rate": 0.003, "hidden_size": 32} if networked else {},
                        curve=curve(rng, 1.4, 0.28 * (1 + 0.1 * place), 24 + 3 * seed) if networked else None,
                    )
                )
    return tuple(made)


def row(candidate: Candidate, made: tuple[Trial, ...], metrics: tuple[Metric, ...], naive: str) -> Row:
    """The leaderboard's line of one candidate."""
    mine = [trial for trial in made if trial.candidate == candidate.name]
    ok = [trial for trial in mine if trial.status == "ok"]
    first = metrics[0].name
    by_fold = [
        np.mean([trial.metrics[first] for trial in ok if trial.fold == fold])
        for fold in sorted({trial.fold for trial in ok})
    ]
    means = {m.name: float(np.mean([t.metrics[m.name] for t in ok])) for m in metrics} if ok else {}
    base = {m.name: np.mean([t.metrics[m.name] for t in made if t.candidate == naive and t.metrics]) for m in metrics}
    return Row(
        candidate=candidate,
        score=float(np.mean(by_fold)) if ok else None,
        spread=float(np.std(by_fold, ddof=1)) if len(by_fold) > 1 else None,
        metrics=means,
        relative={
            m.name: float(means[m.name] - base[m.name] if m.effect == "difference" else means[m.name] / base[m.name])
            for m in metrics
            if m.name in means
        },
        parameters=mine[0].parameters,
        operations=mine[0].operations,
        train_seconds=float(np.mean([trial.train_seconds for trial in mine])),
        search_seconds=31.0 if mine[0].curve else 0.0,
        step_microseconds=float(np.mean([trial.step_microseconds for trial in mine])),
        trials=len(mine),
        diverged=len(mine) - len(ok),
    )


def board(
    made: tuple[Trial, ...], candidates: tuple[Candidate, ...], metrics: tuple[Metric, ...], naive: str
) -> tuple[Row, ...]:
    """Best first; without a score last."""
    rows = [row(candidate, made, metrics, naive) for candidate in candidates]
    sign = 1 if metrics[0].lower_is_better else -1
    return tuple(sorted(rows, key=lambda each: math.inf if each.score is None else sign * each.score))


def claims(rows: tuple[Row, ...], pick: str, metric: Metric, band: float) -> tuple[Claim, ...]:
    """A claim on each other candidate, worded by how far apart the two are."""
    chosen = next(each for each in rows if each.candidate.name == pick)
    made = []
    for other in rows:
        if other is chosen or other.score is None or chosen.score is None:
            continue
        ratio = metric.effect == "ratio"
        effect = chosen.score / other.score if ratio else chosen.score - other.score
        away = math.log(effect) if ratio else effect
        gap = f"{100 * abs(effect - ratio):.0f} {'%' if ratio else 'percentage points'}"
        gap += " lower" if away < 0 else " higher"
        made.append(
            Claim(
                other=other.candidate.name,
                outcome="better" if abs(away) > band else "no difference found",
                scores=(chosen.score, other.score),
                effect=effect,
                interval=(math.exp(away - band), math.exp(away + band)) if ratio else (away - band, away + band),
                p_value=0.004 if abs(away) > band else 0.31,
                smallest_detectable=1.6 * band,
                sentence=f"The {metric.label} of this {chosen.candidate.label} is {gap} than that of "
                f"{other.candidate.label} on this series; shown in words that fill a line and a half of a wide page.",
            )
        )
    return tuple(made)


def forecast_example(rng: np.random.Generator, names: tuple[str, ...]) -> ForecastExample:
    """Monthly counts with a season, and forecasts of 12 months from four origins."""
    steps, horizon = 150, 12
    step = np.arange(steps)
    truth = 240 + 1.1 * step + 40 * np.sin(2 * np.pi * step / 12) + rng.normal(0, 9, steps)
    months = tuple(str(np.datetime64("1949-01", "M") + int(k)) + "-01" for k in step)
    origins = tuple(int(k) for k in (100, 112, 124, 137))
    forecasts, intervals = {}, {}
    for place, name in enumerate(names):
        paths = [
            tuple(
                float(v)
                for v in truth[o + 1 : o + 1 + horizon]
                + rng.normal(0, 5 + 4 * place, len(truth[o + 1 : o + 1 + horizon]))
            )
            for o in origins
        ]
        forecasts[name] = tuple(paths)
        half = 8 + 2.0 * np.arange(len(paths[-1])) + 3 * place
        intervals[name] = {
            level: tuple((float(v - k * w), float(v + k * w)) for v, w in zip(paths[-1], half, strict=True))
            for level, k in (("80", 1.0), ("95", 1.7))
        }
    return ForecastExample("passengers", "passengers", months, tuple(map(float, truth)), origins, forecasts, intervals)


def forecast_study() -> StudyResult:
    """Seven candidates on one monthly series: a recurrent pick, one run of the RNN diverged."""
    rng = np.random.default_rng(20240517)
    skills = {RNN: 0.94, LSTM: 0.80, GRU: 0.79, RIDGE: 0.85, FEED: 0.88, NAIVE: 1.31, SEASONAL: 1.06}
    metrics = (MASE, MAE, RMSE)
    made = list(trials(rng, skills, metrics, folds=10, seeds=3, spread=0.08))
    lost = next(k for k, t in enumerate(made) if (t.candidate, t.fold, t.seed) == ("rnn", 6, 1))
    made[lost] = replace(made[lost], status="diverged", metrics={}, curve=Curve((1.4, 9.1, None), (1.4, None, None), 0))
    candidates = tuple(skills)
    rows = board(tuple(made), candidates, metrics, "seasonal_naive")
    verdict = Verdict(
        metric=MASE,
        margin=0.03,
        pick="gru",
        best="gru",
        best_recurrent="gru",
        headline="This GRU is the pick on this series: its MASE is 0.789 against 1.06 for the seasonal naive, 26 % "
        "lower. It is shown better than 5 of the 6 others, not told apart from this LSTM, and takes 4,655 "
        "multiply-adds a step.",
        pick_reason="This GRU has the best mean MASE (0.789), and no cheaper one comes within 3 % of it.",
        claims=claims(rows, "gru", MASE, 0.045),
        notes=(
            "All 21 pairs of candidates form one family, since any could have been the pick: the chance that this "
            "study makes a false claim at all is at most 5 %.",
            "This RNN diverged in 1 of 30 runs; its scores are means over the rest, and it cannot be the pick unless "
            "every candidate diverged somewhere.",
        ),
    )
    return StudyResult(
        task="forecast",
        words=TaskWords(
            "Forecast of passengers",
            "passengers",
            "forecasts.csv",
            "It writes forecasts, a row a step: unique_id, ds, selfloop.",
        ),
        data=DataSummary(
            "airline",
            1,
            1440,
            1440,
            1440,
            ("passengers", "fares"),
            "passengers",
            "9f" * 32,
            "using time=month, target=passengers; ignoring region (name it with --inputs to use it)",
        ),
        metrics=metrics,
        candidates=candidates,
        folds=10,
        seeds=3,
        fold_text="10 expanding windows of 120 months, each 109 forecasts of 12 steps",
        choices=(
            "Task forecast: the file has a time column and no label.",
            "Season 12: inferred from monthly times.",
            "Inputs are seasonal changes of the logarithm: chosen on inner validation, the same for all networks.",
        ),
        trials=tuple(made),
        leaderboard=rows,
        verdict=verdict,
        settings={
            "horizon": 12,
            "season": 12,
            "folds": 10,
            "seeds": 3,
            "margin": 0.03,
            "params": None,
            "layers": 1,
            "init": "chrono",
            "learning_rates": "0.001, 0.003, 0.01",
            "epochs": 60,
            "patience": 8,
            "skip": True,
        },
        command="selfloop compare airline --horizon 12 --out airline-study",
        versions={"selfloop": "0.1.0", "python": "3.11.2", "torch": "2.13.0", "numpy": "2.4.1"},
        seconds=1421.7,
        examples=(forecast_example(rng, ("gru", "lstm", "ridge_ar", "seasonal_naive")),),
        coverage=tuple(
            Coverage(each.name, level, level + float(rng.normal(0, 0.02)), 61.5 * (1.5 if level > 0.9 else 1))
            for each in candidates
            for level in (0.8, 0.95)
        ),
        models={"pick": "gru.safetensors", "best_recurrent": "gru.safetensors"},
    )


def classify_study() -> StudyResult:
    """Six candidates on cases of nine classes, five folds; a baseline is not far behind."""
    rng = np.random.default_rng(7)
    skills = {LSTM: 0.975, GRU: 0.971, RNN: 0.948, SUMMARY: 0.962, FEED: 0.934, MAJORITY: 0.118}
    skills = {replace(c, streams=c.family == "baseline"): skill for c, skill in skills.items()}
    metrics = (ACCURACY, LOG_LOSS)
    made = trials(rng, skills, metrics, folds=5, seeds=3, spread=0.6)
    rows = board(made, tuple(skills), metrics, "majority")
    classes = tuple(f"speaker {k}" for k in range(1, 10))

    def confusion(name: str, hits: float) -> Confusion:
        counts = rng.dirichlet(np.full(9, 0.4), size=9) * 64 * (1 - hits) + np.eye(9) * 64 * hits
        return Confusion(name, classes, tuple(tuple(float(v) for v in np.round(line, 1)) for line in counts))

    verdict = Verdict(
        metric=ACCURACY,
        margin=0.02,
        pick="summary",
        best="lstm",
        best_recurrent="lstm",
        headline="The linear on summary features is the pick on these data: its accuracy is 0.945 against 0.118 for "
        "the majority class, 82.7 percentage points higher. It is shown better than the majority class, not told apart "
        "from the rest, and takes 24 multiply-adds a step.",
        pick_reason="The linear on summary features has a mean accuracy of 0.945 against 0.961 of the best, this LSTM "
        "(1.6 percentage points lower); of the 3 candidates within 2 percentage points of it, it is the cheapest, with "
        "24 multiply-adds a step against 4,700. Whether a self loop helps on these data is undecided: the best "
        "recurrent network is this LSTM (accuracy 0.961).",
        claims=claims(rows, "summary", ACCURACY, 0.02),
        notes=("Networks read in both directions, so that they cannot stream.",),
    )
    return StudyResult(
        task="classify",
        words=TaskWords(
            "Classification by speaker",
            "speaker",
            "labels.csv",
            "It writes the label of each sequence with its probabilities.",
        ),
        data=DataSummary(
            "japanese-vowels",
            640,
            9961,
            7,
            29,
            tuple(f"c{k}" for k in range(1, 13)),
            "speaker",
            "03" * 32,
            "using label=speaker, inputs=c1 to c12",
        ),
        metrics=metrics,
        candidates=tuple(skills),
        folds=5,
        seeds=3,
        fold_text="5 stratified folds of 128 sequences",
        choices=("Task classify: every sequence has one label.", "Hidden sizes 30, 26 and 58: 4,801 parameters."),
        trials=made,
        leaderboard=rows,
        verdict=verdict,
        settings={"folds": 5, "seeds": 3, "direction": "both", "pool": "mean", "margin": None},
        command="selfloop compare japanese-vowels",
        versions={"selfloop": "0.1.0", "python": "3.11.2", "torch": "2.13.0"},
        seconds=88.4,
        confusions=(confusion("lstm", 0.97), confusion("gru", 0.96), confusion("summary", 0.95)),
        models={"pick": "summary.safetensors", "best_recurrent": "lstm.safetensors"},
    )


@cache
def forecast_page() -> str:
    """The report of `forecast_study`; drawing its charts takes seconds, so one serves all tests of a process."""
    return render_report(forecast_study())


@cache
def classify_page() -> str:
    """The report of `classify_study`."""
    return render_report(classify_study())
