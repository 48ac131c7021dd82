"""One thread for each test process, and for what it starts: xdist runs a process a core.

With torch's own choice, two processes of two threads on two cores made small matrix products 20 times slower.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported, which conftest comes before
