"""CSV and TSV as files for Excel and WPS (UTF-8 with a mark, CRLF) or as a stream for programs (plain UTF-8, LF)."""

import csv
import io
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import BinaryIO

from crmtui.formats.formula_guard import guard
from crmtui.formats.table import Column, Profile, Row, row_values

_BUFFERED = 256 * 1024


def create(stream: BinaryIO, format_id: str, columns: Sequence[Column], profile: Profile, for_file: bool) -> "CsvTable":
    """A CSV or TSV table on ``stream``, its header already written."""
    return CsvTable(stream, format_id, columns, profile, for_file)


def cell_text(value: object) -> str:
    """A value as text: nothing for None, ISO for dates and times, plain digits for Decimal, true and false."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


class CsvTable:
    """Rows as CSV; in the profile ``spreadsheet`` texts that look like formulas are guarded and counted."""

    def __init__(
        self, stream: BinaryIO, format_id: str, columns: Sequence[Column], profile: Profile, for_file: bool
    ) -> None:
        self.guarded = self.shortened = 0
        self._stream = stream
        self._columns = columns
        self._spreadsheet = profile == "spreadsheet"
        self._text = io.StringIO(newline="")
        delimiter, line_end = "\t" if format_id == "tsv" else ",", "\r\n" if for_file else "\n"
        self._usual = csv.writer(self._text, delimiter=delimiter, lineterminator=line_end)
        # The module leaves a lone CR bare when its line end has none, yet every reader ends the row there.
        self._quoted = csv.writer(self._text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
        if for_file:
            self._text.write("\ufeff")
        self._write([column.label for column in columns])

    def write(self, row: Row) -> None:
        """Write one row of values."""
        values = row_values(row, self._columns)
        if self._spreadsheet:
            self._write([self._guard(value) if type(value) is str else cell_text(value) for value in values])
        else:
            self._write([value if type(value) is str else cell_text(value) for value in values])

    def finish(self) -> None:
        """Hand everything to the stream, which stays open."""
        # Half a surrogate pair has no UTF-8; the database refuses it, so a replacement is enough.
        self._stream.write(self._text.getvalue().encode("utf-8", "replace"))
        self._text.seek(0)
        self._text.truncate()

    def abandon(self) -> None:
        """Nothing is held but text in memory."""

    def _guard(self, value: str) -> str:
        text = guard(value)
        self.guarded += text is not value
        return text

    def _write(self, cells: list[str]) -> None:
        writer = self._quoted if any("\r" in cell or "\n" in cell for cell in cells) else self._usual
        writer.writerow(cells)
        if self._text.tell() > _BUFFERED:
            self.finish()
