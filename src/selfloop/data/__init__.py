"""A user's file, frame or arrays -> `Sequences`; the built-in sets; times. No torch here."""

from selfloop.data.builtin import BUILTIN, GENERATED, load_builtin
from selfloop.data.load import load, load_like
from selfloop.data.missing import Missing
from selfloop.data.rolls import holds_test
from selfloop.data.sequences import Columns, Sequences
from selfloop.data.times import future_times, time_text
from selfloop.data.write import as_text, check_writable, write_table

__all__ = [
    "BUILTIN",
    "GENERATED",
    "Columns",
    "Missing",
    "Sequences",
    "as_text",
    "check_writable",
    "future_times",
    "holds_test",
    "load",
    "load_builtin",
    "load_like",
    "time_text",
    "write_table",
]
