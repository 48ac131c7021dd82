"""What a study ran on: recorded with it, since numbers depend on it."""

from __future__ import annotations

import platform
from importlib.metadata import version


def versions() -> dict[str, str]:
    """Versions of what computes, and the kind of machine."""
    found = {name: version(name) for name in ("selfloop", "torch", "numpy", "scipy", "scikit-learn")}
    return {"python": platform.python_version(), **found, "machine": f"{platform.system()} {platform.machine()}"}
