"""A table in Markdown: a line for each row; what would end a cell or a line is escaped so that it shows as it is."""

import re
from collections.abc import Sequence
from typing import BinaryIO

from crmtui.formats.csv_writer import cell_text
from crmtui.formats.table import Column, Profile, Row, row_values

_SIGNS = re.compile(r"[\\`*_{}\[\]<>#|~&]")
_CONTROL = re.compile(
    r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_RIGHT = frozenset(("number", "money"))


def create(
    stream: BinaryIO, format_id: str, columns: Sequence[Column], profile: Profile, for_file: bool
) -> "MarkdownTable":
    """A table on ``stream``, its header already written."""
    return MarkdownTable(stream, columns)


def escape(text: str) -> str:
    """``text`` for a cell: signs of Markdown behind a backslash, line ends as ``<br>``, what shows nothing as its symbol."""
    text = _SIGNS.sub(lambda match: "\\" + match.group(), text)
    text = _LINE_END.sub("<br>", text)
    return _CONTROL.sub(_symbol, text)


def _symbol(match: re.Match[str]) -> str:
    code = ord(match.group())
    return " " if code == 9 else chr(0x2400 + code) if code < 0x20 else "\ufffd"


class MarkdownTable:
    """Rows as lines between bars; figures stand to the right."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column]) -> None:
        self.guarded = self.shortened = 0
        self._stream = stream
        self._columns = columns
        self._line([escape(column.label) for column in columns])
        self._line(["---:" if column.kind in _RIGHT else "---" for column in columns])

    def write(self, row: Row) -> None:
        """Write one row."""
        self._line([escape(cell_text(value)) for value in row_values(row, self._columns)])

    def finish(self) -> None:
        """A table has no end."""

    def abandon(self) -> None:
        """Nothing is held."""

    def _line(self, cells: Sequence[str]) -> None:
        self._stream.write(f"| {' | '.join(cells)} |\n".encode())
