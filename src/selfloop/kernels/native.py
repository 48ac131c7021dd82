"""The native module, loaded once, and what it says of itself. No torch.

Importing this raises `NativeModuleError` where the module has not been built, or where `SELFLOOP_ISA` names an
instruction set that this build or this processor lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

from selfloop.errors import NativeModuleError

try:
    import selfloop._native as native
except ModuleNotFoundError as missing:
    if missing.name != "selfloop._native":
        raise
    raise NativeModuleError(
        "selfloop's native module is not built here; run `pip install -e .` in the checkout, or `make test`."
    ) from None
except ImportError as refused:  # SELFLOOP_ISA, or a library that the module needs
    raise NativeModuleError(f"selfloop's native module cannot be loaded: {refused}") from None

__all__ = ["NativeInfo", "native", "native_info"]


@dataclass(frozen=True)
class NativeInfo:
    """How selfloop's kernels run in this process."""

    isa: str  # the instruction set in use: "avx512", "avx2", "neon", "plain"; SELFLOOP_ISA chooses another
    fused: bool  # has fused multiply-add: the same bits as every other instruction set that has it
    available: tuple[str, ...]  # what this build holds and this processor runs; "wide" is for tests
    lanes_float32: int  # numbers in a vector
    lanes_float64: int
    threads: str  # "gomp": OpenMP's, torch's own where torch is loaded; "none": there is no OpenMP, one thread is used
    version: str  # of selfloop, as it was built


def native_info() -> NativeInfo:
    """Say which instruction set and which threads selfloop's kernels use in this process."""
    info = native.info()
    return NativeInfo(
        isa=info["isa"],
        fused=info["fused"],
        available=tuple(info["available"]),
        lanes_float32=info["lanes_f32"],
        lanes_float64=info["lanes_f64"],
        threads=info["threads"],
        version=info["version"],
    )
