"""The settings of the C library's allocator that both sides are timed under.

glibc gives large blocks back to the system as soon as they are freed, and fresh pages cost more than the arithmetic of
a small layer: torch alone ran 1.4 times as fast on some shapes with the tuned setting. It is read when a process
starts, so each setting has processes of its own.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping

from selfloop.results.bench import Allocator

VARIABLE = "GLIBC_TUNABLES"
TUNED = {
    "glibc.malloc.mmap_threshold": 32 * 2**20,  # the most that glibc takes: larger blocks still come fresh
    "glibc.malloc.trim_threshold": 2**32,  # keep freed memory
    "glibc.malloc.top_pad": 64 * 2**20,  # grow in large steps
}


def environment(allocator: Allocator, base: Mapping[str, str]) -> dict[str, str]:
    """The variables for a process under a setting; what `base` says about malloc is left out."""
    others = [t for t in base.get(VARIABLE, "").split(":") if t and not t.startswith("glibc.malloc.")]
    tuned = [f"{name}={value}" for name, value in TUNED.items()] if allocator == "tuned" else []
    kept = {name: value for name, value in base.items() if name != VARIABLE and not name.startswith("MALLOC_")}
    tunables = ":".join(others + tuned)
    return kept | ({VARIABLE: tunables} if tunables else {})


def available(wanted: tuple[Allocator, ...]) -> tuple[tuple[Allocator, ...], tuple[str, ...]]:
    """Of the settings that are wanted those that mean something here, and a note for each that does not."""
    if platform.libc_ver()[0] == "glibc":
        preloaded = os.environ.get("LD_PRELOAD", "")
        told = f"LD_PRELOAD is {preloaded}: if that is an allocator, the tuned setting does nothing."
        return wanted, (told,) if preloaded and "tuned" in wanted else ()
    told = "The C library is not glibc: its allocator was timed as it is; there is no tuned setting."
    return ("default",), (told,) if "tuned" in wanted else ()
