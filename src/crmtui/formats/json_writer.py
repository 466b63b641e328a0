"""JSON: one array, or one object on each line (jsonl). Rows may be nested and are written as they are."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import BinaryIO

from crmtui.formats.table import Column, Profile, Row


def create(
    stream: BinaryIO, format_id: str, columns: Sequence[Column], profile: Profile, for_file: bool
) -> "JsonTable":
    """A JSON table on ``stream``; there is nothing to guard, and files and streams are alike."""
    return JsonTable(stream, columns, lines=format_id == "jsonl")


def plain(value: object) -> object:
    """What the json module cannot write by itself: dates ISO, Decimal as its digits in a string, so that no cent is
    lost."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def one_line(text: str) -> str:
    """JSON without the characters that some readers take for line ends although JSON does not."""
    if text.isascii():
        return text
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")


class JsonTable:
    """Objects one after another; a row given as a sequence becomes an object by column keys."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column], *, lines: bool) -> None:
        self.guarded = self.shortened = 0
        self._stream = stream
        self._keys = [column.key for column in columns]
        self._lines = lines
        self._first = True
        self._encode = json.JSONEncoder(ensure_ascii=False, default=plain, allow_nan=False).encode

    def write(self, row: Row) -> None:
        """Write one object."""
        document = row if isinstance(row, Mapping) else dict(zip(self._keys, row, strict=False))
        # A lone surrogate is written as the escape that JSON has for it.
        body = one_line(self._encode(document)).encode("utf-8", "backslashreplace")
        if self._lines:
            self._stream.write(body + b"\n")
        else:
            self._stream.write((b"[\n" if self._first else b",\n") + body)
        self._first = False

    def finish(self) -> None:
        """Close the array."""
        if not self._lines:
            self._stream.write(b"[]\n" if self._first else b"\n]\n")

    def abandon(self) -> None:
        """Nothing is held."""
