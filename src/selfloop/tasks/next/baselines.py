"""What has to be beaten: frequencies, n-grams, and of frames how often a channel that was on stays on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selfloop.data.sequences import Floats, Sequences
from selfloop.results.study import Setting
from selfloop.tasks.model import Arrays, ClosedForm, Fields, Signature, Size, floats, read_fields
from selfloop.tasks.next.counts import Level, padded
from selfloop.tasks.next.folds import NextFold
from selfloop.tasks.next.material import pipeline_of
from selfloop.tasks.next.ngrams import NGrams, chosen, fitted
from selfloop.tasks.next.pipeline import NextPipeline, read_pipeline
from selfloop.tasks.places import Block

if TYPE_CHECKING:
    from selfloop.tasks.next.task import Next
    from selfloop.tasks.task import Task

MOST_ORDER = 6


@dataclass(frozen=True, eq=False)
class SymbolCounts:
    """N-grams of known symbols.

    Attributes:
        pipeline: names symbols.
        grams: of the known ones and the unknown one.
    """

    pipeline: NextPipeline
    grams: NGrams

    @property
    def parameters(self) -> int:
        """Counts."""
        return self.grams.parameters

    @property
    def operations(self) -> int:
        """For one new step."""
        return self.grams.operations

    def predict(self, data: Sequences, where: Block) -> Floats:
        """(places, K) probabilities of what comes next."""
        flat, places = padded(self.pipeline.classes(data), data.offsets, self.grams.size, self.grams.order - 1)
        return self._wide(self.grams.probabilities(flat, places[where.flat(data)] + 1))

    def walk(self) -> Callable[[Floats], Floats]:
        """Takes (T, I) inputs that follow those before, gives (K,) what comes next: the last symbols are its state."""
        order, size = self.grams.order, self.grams.size
        last = np.full(max(order - 1, 0), size, dtype=np.int64)
        target = self.pipeline.target or 0

        def read(inputs: Floats) -> Floats:
            nonlocal last
            seen = np.concatenate([last, inputs[:, target].astype(np.int64) - 1])
            last = seen[len(seen) - order + 1 :]
            return np.asarray(self._wide(self.grams.probabilities(last, np.array([len(last)])))[0])

        return read

    def step(self) -> Callable[[], object]:
        """Of the counts."""
        return self.grams.step()

    def fields(self) -> Fields:
        """Vocabulary and order."""
        return {**self.pipeline.fields(), "order": self.grams.order}

    def arrays(self) -> Arrays:
        """Contexts, grams and counts of each order."""
        held = self.pipeline.arrays()
        for k, level in enumerate(self.grams.levels, start=1):
            held |= {f"contexts.{k}": level.contexts, f"grams.{k}": level.grams, f"counts.{k}": level.counts}
        return held

    def _wide(self, found: Floats) -> Floats:
        """As many answers as a network has; see `NextPipeline`."""
        return np.pad(found, ((0, 0), (0, self.pipeline.size - found.shape[1])))


@dataclass(frozen=True)
class OrderField:
    """What a description says of the counts."""

    order: Size


@dataclass(frozen=True)
class Counted(ClosedForm):
    """N-grams, their order chosen on validation."""

    most: int = MOST_ORDER

    def applies(self, task: Task) -> bool:
        """To symbols."""
        return getattr(task, "kind", "symbols") == "symbols"

    def fit(self, task: Next, data: Sequences, fold: NextFold) -> SymbolCounts:
        """Counts of the steps to learn from."""
        part = data.until(fold.fit)
        pipeline = pipeline_of(task.asks(data), part)
        models = self._fitted(pipeline, part, self.most)
        known = data.until(fold.known)
        wanted = fold.valid.flat(known) + 1
        return SymbolCounts(pipeline, models[chosen(models, pipeline.classes(known), known.offsets, wanted)])

    def refit(self, task: Next, data: Sequences) -> SymbolCounts:
        """With the order that validates best, counts of all."""
        return self.again(task, data, self.fit(task, data, task.whole(data)))

    def again(self, task: Next, data: Sequences, chosen: SymbolCounts) -> SymbolCounts:
        """One order."""
        pipeline, order = pipeline_of(task.asks(data), data), chosen.grams.order
        return SymbolCounts(pipeline, self._fitted(pipeline, data, order)[-1])

    def read(self, task: Next, fields: Fields, arrays: Arrays, signature: Signature) -> SymbolCounts:
        """Counts, which must be sorted and name known contexts."""
        pipeline = read_pipeline(fields, arrays, signature, task.target_of(signature), task.size)
        size, levels = len(pipeline.names), []
        contexts = 1
        for k in range(1, read_fields({"order": fields["order"]}, OrderField).order + 1):
            keys = _sorted(arrays, f"contexts.{k}", (size + 1) * contexts)
            contexts = len(keys)
            grams = _sorted(arrays, f"grams.{k}", contexts * size)
            counts = floats(arrays, f"counts.{k}", len(grams))
            if not (counts >= 1).all():
                raise ValueError(f"counts.{k} has counts below one")
            levels.append(Level.of(keys, grams, counts, size))
        return SymbolCounts(pipeline, NGrams(tuple(levels), size))

    def settings(self, model: SymbolCounts) -> dict[str, Setting]:
        """What validation chose."""
        return {"order": model.grams.order}

    def _fitted(self, pipeline: NextPipeline, part: Sequences, most: int) -> tuple[NGrams, ...]:
        return fitted(pipeline.classes(part), part.offsets, len(pipeline.names), most)


def _sorted(arrays: Arrays, name: str, beyond: int) -> NDArray[Any]:
    """(n,) rising whole numbers from 0 to `beyond` − 1.

    Raises:
        KeyError, ValueError: they are not.
    """
    found = arrays[name]
    fine = found.dtype == np.int64 and found.ndim == 1 and len(found) > 0
    if not (fine and found[0] >= 0 and found[-1] < beyond and bool((np.diff(found) > 0).all())):
        raise ValueError(f"{name} is {found.dtype} {found.shape}; expected rising int64 below {beyond}")
    return found


@dataclass(frozen=True, eq=False)
class Rates:
    """How often each channel is on, after a step where it was off and after one where it was on.

    Attributes:
        pipeline: frames as they are.
        rates: (2, channels).
    """

    pipeline: NextPipeline
    rates: Floats
    operations: int = 0

    @property
    def parameters(self) -> int:
        """Rates that differ."""
        return int(self.rates.size if (self.rates[0] != self.rates[1]).any() else self.rates[0].size)

    def predict(self, data: Sequences, where: Block) -> Floats:
        """(places, channels) probabilities of being on next."""
        return self._after(self.pipeline.inputs(data)[where.flat(data)])

    def walk(self) -> Callable[[Floats], Floats]:
        """Takes (T, channels) frames, and gives (channels,) what comes next."""
        return lambda frames: self._after(frames[-1])

    def step(self) -> Callable[[], object] | None:
        """Nothing is computed."""
        return None

    def fields(self) -> Fields:
        """The pipeline's."""
        return self.pipeline.fields()

    def arrays(self) -> Arrays:
        """The rates."""
        return {**self.pipeline.arrays(), "rates": self.rates}

    def _after(self, frames: Floats) -> Floats:
        return np.asarray(np.where(frames > 0, self.rates[1], self.rates[0]))


@dataclass(frozen=True)
class FrameRates(ClosedForm):
    """Of each channel by itself: how often it is on next, whether it is on now or off."""

    by_state: bool = True

    def applies(self, task: Task) -> bool:
        """To frames."""
        return getattr(task, "kind", "symbols") == "frames"

    def fit(self, task: Next, data: Sequences, fold: NextFold) -> Rates:
        """Count the steps to learn from."""
        return self.refit(task, data.until(fold.fit))

    def refit(self, task: Next, data: Sequences) -> Rates:
        """Count all that follows something; each rate as if it had been seen on and off half a time more."""
        follows = np.ones(len(data.values), dtype=bool)
        follows[data.offsets[:-1][data.lengths > 0]] = False
        now, after = data.values[np.flatnonzero(follows) - 1], data.values[follows]
        counts = [((now == state).sum(0), ((now == state) * after).sum(0)) for state in (0, 1)]
        if not self.by_state:
            counts = [(counts[0][0] + counts[1][0], counts[0][1] + counts[1][1])] * 2
        rates = np.array([(on + 0.5) / (seen + 1.0) for seen, on in counts])
        return Rates(pipeline_of(task.asks(data), data), rates)

    def read(self, task: Next, fields: Fields, arrays: Arrays, signature: Signature) -> Rates:
        """The rates, shares all of them."""
        rates = floats(arrays, "rates", 2, len(signature.channels))
        if not ((rates > 0) & (rates < 1)).all():
            raise ValueError("rates are not between 0 and 1")
        return Rates(read_pipeline(fields, arrays, signature, None, task.size), rates)


FREQUENCIES = Counted("frequencies", "symbol-frequency model", naive=True, most=1)
NGRAMS = Counted("ngrams", "Kneser-Ney n-gram model")
ON_RATES = FrameRates("on_rates", "on-rate model", naive=True, by_state=False)
STAY_RATES = FrameRates("stay_rates", "stay-rate model")
