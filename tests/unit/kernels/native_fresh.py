"""Python in a process of its own, on the same native module: the installed one, or under `make sanitize` that one."""

from __future__ import annotations

import os
import subprocess
import sys

SAME_MODULE = "import os\nif 'SELFLOOP_NATIVE' in os.environ:\n    import sanitized\n"


def ran(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `code` where the native tests lie."""
    return subprocess.run(
        [sys.executable, "-c", SAME_MODULE + code],
        cwd=os.path.dirname(__file__),
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def fresh(code: str, **environment: str) -> str:
    """What it prints; it must end well."""
    done = ran(code, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
