"""What a user may enter beside the names of networks, and what becomes of it: an `Entry` of a name of its own."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from selfloop.entries.estimator import SEED, fresh, parameters_of
from selfloop.entries.ready import READY
from selfloop.errors import SettingsError, nearest
from selfloop.kinds import kinds
from selfloop.tasks.entry import Entry, Packed
from selfloop.tasks.model import Signature
from selfloop.tasks.output import ValueOutput
from selfloop.tasks.task import Task

LONGEST = 60  # characters of a name
MOST = 2000  # characters of what an entry is recorded as
EXPECTED = (
    "a name, an object with fit and predict, a factory (input_size, output_size) of torch modules, a pair of a name "
    "and one of these, or module:name"
)


def is_entry(value: Any) -> bool:
    """Whether a candidate is not the name of a network."""
    if isinstance(value, str):
        return ":" in value or value in READY
    pair = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)
    return pair or callable(value) or _estimates(value) or _is_module(value)


def divided(candidates: Any) -> tuple[Any, tuple[Any, ...]]:
    """Candidates as a user wrote them: the names of networks, and the entries among them.

    What is neither is left among the names, whose reader refuses it.
    """
    if isinstance(candidates, str) or getattr(candidates, "ndim", 1) == 0:
        return ((), (candidates,)) if is_entry(candidates) else (candidates, ())
    one = _estimates(candidates) or isinstance(candidates, type) or _is_module(candidates)
    if one or not isinstance(candidates, Iterable):
        return ((), (candidates,)) if is_entry(candidates) else (candidates, ())
    several = list(candidates)
    found = tuple(each for each in several if is_entry(each))
    return ([each for each in several if not is_entry(each)] if found else several), found


def entries(wanted: Sequence[Any], task: Task) -> tuple[Entry, ...]:
    """The entries of a study.

    Args:
        wanted: as the user gave them.
        task: as it is set.

    Raises:
        SettingsError: one is none, cannot be imported, needs another package or another task, or has a name that is
            taken.
    """
    taken = {name.lower() for kind in kinds() for name in (kind.name, kind.label)}
    taken |= {name.lower() for row in task.baselines for name in (row.name, row.label)}
    found: list[Entry] = []
    for each in wanted:
        entry = _entry(each, task, taken)
        taken.add(entry.name.lower())
        found.append(entry)
    return tuple(found)


def _entry(value: Any, task: Task, taken: set[str]) -> Entry:
    name = ""
    if isinstance(value, tuple):
        name, value = _named(value[0], taken), value[1]
    ready = READY.get(value) if isinstance(value, str) else None
    if ready is not None:
        made: Any = ready.maker(value, classes=not isinstance(task.output(Signature(())), ValueOutput))
        shown, reads = ready.label, ready.reads
    else:
        made = imported(value) if isinstance(value, str) else value
        shown, reads = "", getattr(made, "selfloop_reads", None)
    kind, sample = _looked_at(made)
    name = name or _free(shown or _called(made, sample), taken)
    if kind == "estimator":
        reads = _checked(name, reads or getattr(sample, "selfloop_reads", None), task)
        _check_probable(name, sample, task)
    return Entry(
        name=name,
        kind="estimator" if kind == "estimator" else "module",
        made=Packed(made),
        described=described(sample if kind == "estimator" else made),
        seeded=kind == "module" or any(each.split("__")[-1] == SEED for each in parameters_of(sample)),
        reads=reads,
        streams=bool(getattr(made, "selfloop_streams", False)),
    )


def _looked_at(made: Any) -> tuple[str, Any]:
    """ "estimator" and one of them, or "module"."""
    if _is_module(made):
        raise SettingsError(
            f"candidate {type(made).__name__} is a module already; expected what makes one: a factory "
            "(input_size, output_size), since its sizes are the data's and each fold begins anew."
        )
    if isinstance(made, type) and _is_module(made, issubclass):
        return "module", None
    if not isinstance(made, type) and _estimates(made):
        return "estimator", made
    if not callable(made):
        raise SettingsError(f"candidate {_short(made)} is of type {type(made).__name__}; expected {EXPECTED}.")
    if not _binds(made, 0) and _binds(made, 2):  # the sizes of a module
        return "module", None
    try:
        sample = fresh(made)
    except Exception as error:
        raise SettingsError(
            f"candidate {_short(made)} cannot be made without arguments ({type(error).__name__}: {_line(error)}); "
            f"expected {EXPECTED}."
        ) from error
    if _is_module(sample) and _binds(made, 2):
        return "module", None
    if not _estimates(sample):
        raise SettingsError(
            f"candidate {_short(made)} makes something of type {type(sample).__name__}, which has no fit and predict; "
            f"expected {EXPECTED}."
        )
    return "estimator", sample


def _is_module(value: Any, how: Callable[[Any, Any], bool] = isinstance) -> bool:
    """Whether it is a torch module, or a class of them; who has one has loaded torch."""
    torch = sys.modules.get("torch.nn")
    return torch is not None and how(value, torch.Module)


def _binds(made: Any, count: int) -> bool:
    """Whether it can be called with so many arguments."""
    try:
        inspect.signature(made).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def _estimates(value: Any) -> bool:
    return all(callable(getattr(value, door, None)) for door in ("fit", "predict"))


def imported(text: str) -> Any:
    """What "package.module:name" names, looked for in the current directory as well, as `python -m` does.

    Raises:
        SettingsError: there is none, or its module raises.
    """
    module, _, name = text.partition(":")
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    try:
        found = import_module(module)
    except Exception as error:
        raise SettingsError(
            f"candidate {text!r} cannot be imported ({type(error).__name__}: {_line(error)}); expected module:name "
            "with a module that is installed or in the current directory."
        ) from error
    for part in name.split("."):
        if not hasattr(found, part):
            public = [each for each in vars(found) if not each.startswith("_")] if hasattr(found, "__dict__") else []
            raise SettingsError(f"candidate {text!r}: {module} has no {part!r}. {nearest(part, public)}")
        found = getattr(found, part)
    return found


def described(made: Any) -> str:
    """What makes it the same in a second run: class and settings, or the name of a factory."""
    if isinstance(made, partial):
        text = f"{described(made.func)} {made.args!r} {made.keywords!r}"
    elif isinstance(made, type) or not _estimates(made):
        text = f"{getattr(made, '__module__', '')}.{getattr(made, '__qualname__', type(made).__qualname__)}"
    else:
        try:
            settings = sorted(made.get_params(deep=False).items())
        except (AttributeError, TypeError):
            settings = []
        inner = ", ".join(f"{key}={described(v) if _estimates(v) else repr(v)}" for key, v in settings)
        text = f"{type(made).__module__}.{type(made).__qualname__}({inner})"
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)[:MOST]


def _called(made: Any, sample: Any) -> str:
    """The name of its class, or of the factory."""
    if sample is not None:
        return type(sample).__name__
    inner: Callable[..., Any] = made.func if isinstance(made, partial) else made
    name = str(getattr(inner, "__name__", type(inner).__name__))
    return "module" if name == "<lambda>" else name


def _free(name: str, taken: set[str]) -> str:
    """The name, numbered where it is taken."""
    found, count = name, 2
    while found.lower() in taken:
        found, count = f"{name}-{count}", count + 1
    return found


def _named(name: str, taken: set[str]) -> str:
    clean = name.strip()
    if not clean or len(clean) > LONGEST or not clean.isprintable() or "," in clean:
        raise SettingsError(
            f"the name {name!r} of an entry is none; expected 1 to {LONGEST} printable characters without a comma."
        )
    if clean.lower() in taken:
        raise SettingsError(f"the name {clean!r} of an entry is taken by another candidate; give it one of its own.")
    return clean


def _checked(name: str, reads: Any, task: Task) -> str:
    """The form in which an estimator has the data."""
    forms = task.estimator_forms
    if not forms:
        raise SettingsError(
            f"{name} has fit and predict, and the task {task.name} hands nothing to such an entry; enter a factory "
            "(input_size, output_size) of torch modules, or leave it out."
        )
    if reads is not None and reads not in forms:
        raise SettingsError(f"{name} reads {reads!r}; for the task {task.name} expected {' or '.join(forms)}.")
    return forms[0] if reads is None else str(reads)


def _check_probable(name: str, sample: Any, task: Task) -> None:
    if task.scores_probabilities and not callable(getattr(sample, "predict_proba", None)):
        raise SettingsError(
            f"{name} has no predict_proba, and the task {task.name} scores how probable answers are said to be; "
            "enter an estimator that says so, such as scikit-learn's CalibratedClassifierCV around it, or leave it out."
        )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def _short(value: Any) -> str:
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
    return " ".join(text.split())[:80]
