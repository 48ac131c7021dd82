from __future__ import annotations

import platform

import pytest

from selfloop.bench.allocator import TUNED, VARIABLE, available, environment


def test_the_default_is_the_default_whatever_the_user_had_set() -> None:
    base = {VARIABLE: "glibc.malloc.top_pad=1:glibc.cpu.x86_shstk=off", "MALLOC_TRIM_THRESHOLD_": "5", "HOME": "/h"}
    assert environment("default", base) == {"HOME": "/h", VARIABLE: "glibc.cpu.x86_shstk=off"}
    assert environment("default", {"HOME": "/h"}) == {"HOME": "/h"}


def test_tuned() -> None:
    tunables = environment("tuned", {VARIABLE: "glibc.malloc.top_pad=1:glibc.cpu.x86_shstk=off"})[VARIABLE].split(":")
    assert tunables == ["glibc.cpu.x86_shstk=off", *(f"{name}={value}" for name, value in TUNED.items())]


def test_without_glibc_there_is_one_setting_and_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    settings, notes = available(("default", "tuned"))
    assert settings == ("default",)
    assert "not glibc" in notes[0]


def test_another_allocator_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.36"))
    monkeypatch.setenv("LD_PRELOAD", "libjemalloc.so")
    settings, notes = available(("default", "tuned"))
    assert settings == ("default", "tuned")
    assert "libjemalloc.so" in notes[0]
    assert available(("default",))[1] == ()
