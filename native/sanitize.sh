#!/usr/bin/env bash
# Runs the native tests under the sanitizers, for every instruction set that this processor runs.
#
# Under Python the sanitizer's runtime must be there before anything else, and with it the C++ library, lest exceptions
# pass it by. Python itself leaks what it interned; that is not looked for. NumPy is the only library with native code.
# A fault aborts, so that Python says which test it was in, and pytest leaves the process's own output alone.
set -euo pipefail
: "${BUILD:?the folder of the sanitized module}" "${PYTHON:?the interpreter}" "${CASES:=150}"
module=$(realpath "$BUILD"/_native*.so)  # tests that start a process do so from another folder
preload="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libstdc++.so)"
export SELFLOOP_NATIVE=$module
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1
export SELFLOOP_FUZZ_CASES=$CASES OMP_NUM_THREADS=3 PYTHONMALLOC=malloc PYTHONPATH=tests
isas=$(LD_PRELOAD=$preload "$PYTHON" -c "import sanitized; print(*sanitized.module.info()['available'])")
for isa in $isas; do
  echo "$isa"
  SELFLOOP_ISA=$isa LD_PRELOAD=$preload "$PYTHON" -m pytest -p sanitized -p no:cacheprovider -n 0 -q --capture=sys \
    tests/unit/kernels/test_native_*.py
done
