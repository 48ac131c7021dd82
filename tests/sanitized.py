"""A pytest plugin, `-p sanitized`: tests see the native module that SELFLOOP_NATIVE names, not the installed one."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location

spec = spec_from_file_location("selfloop._native", os.environ["SELFLOOP_NATIVE"])
assert spec is not None
assert spec.loader is not None
module = module_from_spec(spec)
spec.loader.exec_module(module)
sys.modules["selfloop._native"] = module
