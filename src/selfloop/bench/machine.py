"""Where a run takes place, without loading what it names."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from selfloop.bench.plan import OPTIONAL_PEERS
from selfloop.kernels.native import native_info
from selfloop.machine import cores
from selfloop.results.bench import Machine


def machine() -> Machine:
    """This one."""
    found = {"python": platform.python_version()}
    for name in ("selfloop", "torch", "numpy", *OPTIONAL_PEERS):
        known = _version(name)
        found |= {name: known} if known else {}
    return Machine(_processor(), cores(), platform.platform(), native_info().isa, found)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """Its name; Linux tells it in a file."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()
