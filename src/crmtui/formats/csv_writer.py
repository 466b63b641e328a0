"""CSV and TSV as files for Excel and WPS (UTF-8 with a mark, CRLF) or as a stream for programs (plain UTF-8, LF)."""

import csv
import io
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import BinaryIO

from crmtui.formats.formula_guard import guard
from crmtui.formats.table import Column, Profile, Row, row_values


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
        self.guarded = 0
        self._columns = columns
        self._spreadsheet = profile == "spreadsheet"
        # Half a surrogate pair cannot be written in UTF-8; the database refuses them, so a mark of replacement is enough.
        encoding = "utf-8-sig" if for_file else "utf-8"
        self._text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="", write_through=False)
        delimiter, line_end = "\t" if format_id == "tsv" else ",", "\r\n" if for_file else "\n"
        self._usual = csv.writer(self._text, delimiter=delimiter, lineterminator=line_end)
        # The module quotes a lone CR only where its line end contains one, and every reader takes it for the end of the row.
        self._quoted = csv.writer(self._text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
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
        self._text.flush()
        self._text.detach()

    def _guard(self, value: str) -> str:
        text = guard(value)
        self.guarded += text is not value
        return text

    def _write(self, cells: list[str]) -> None:
        writer = self._quoted if any("\r" in cell or "\n" in cell for cell in cells) else self._usual
        writer.writerow(cells)
