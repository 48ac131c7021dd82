"""The optional peers: which of them can be timed here. None is loaded."""

from __future__ import annotations

from importlib.util import find_spec

from selfloop.bench.plan import OPTIONAL_PEERS, Peer
from selfloop.errors import SettingsError

NEEDS: dict[Peer, tuple[str, ...]] = {"jax": ("jax",), "onnxruntime": ("onnxruntime", "onnx")}  # packages


def available(wanted: tuple[Peer, ...] | None) -> tuple[tuple[Peer, ...], tuple[str, ...]]:
    """Of the peers that are wanted (None: of all) those that can be timed, and a note for each that cannot.

    Raises:
        SettingsError: one that is wanted by name needs what is not installed.
    """
    absent = {peer: missing for peer in OPTIONAL_PEERS if (missing := _missing(peer))}
    for peer in wanted or ():
        if peer in absent:
            raise SettingsError(_refused(peer, absent[peer]))
    if wanted is not None:
        return wanted, ()
    return tuple(peer for peer in OPTIONAL_PEERS if peer not in absent), tuple(_note(*pair) for pair in absent.items())


def _missing(peer: Peer) -> str | None:
    """The first package that it needs and that is not installed."""
    return next((package for package in NEEDS[peer] if find_spec(package) is None), None)


def _note(peer: Peer, package: str) -> str:
    return f"{package} is not installed: {'' if package == peer else f'{peer} is '}not timed."


def _refused(peer: Peer, package: str) -> str:
    if package == peer:
        return (
            f"{peer} is not installed; expected it because --against names it. Leave it out, or `pip install {peer}`."
        )
    return (
        f"{package} is not installed; expected it because --against names {peer}, whose model it writes. "
        f"Leave {peer} out, or `pip install {package}`."
    )
