"""`python -m selfloop`: the command line where its script is not on the path."""

from __future__ import annotations

from selfloop.cli import main

if __name__ == "__main__":  # worker processes import this, too
    main()
