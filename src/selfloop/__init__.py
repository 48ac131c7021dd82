"""Recurrent networks that you can see through, trust and run."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
