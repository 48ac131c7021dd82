"""The command line: one file a command. Results go to standard output, all else to standard error."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `selfloop`; the exit code is 0, 2 for what the user can mend, 1 for what only we can, 130 when stopped."""
    from selfloop.cli.app import run

    sys.exit(run(sys.argv[1:]))
