"""Python in a process of its own, on the same native module: the installed one, or under `make sanitize` that one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SHARED = HERE.parents[1]  # tests/, where `sanitized` lies
SAME_MODULE = "import os\nif 'SELFLOOP_NATIVE' in os.environ:\n    import sanitized\n"


def ran(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `code` where the native tests lie."""
    path = os.pathsep.join([str(SHARED), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-c", SAME_MODULE + code],
        cwd=HERE,
        env=os.environ | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
    )


def fresh(code: str, **environment: str) -> str:
    """What it prints; it must end well."""
    done = ran(code, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
