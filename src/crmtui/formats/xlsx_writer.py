"""XLSX in constant memory: inline texts, typed cells, a frozen bold header, widths and a filter; never a formula.

Columns that say what they are (``Column.about``) are listed in a data dictionary, the last sheet, which also holds the values that cells
of a column offer.
"""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import IO, BinaryIO

from crmtui.formats.csv_writer import cell_text
from crmtui.formats.table import Column, Kind, Profile, Row, row_values
from crmtui.formats.xlsx_parts import (
    DICTIONARY_SHEET,
    column_letters,
    escape,
    package_parts,
    sheet_head,
    sheet_tail,
    text_row,
)
from crmtui.i18n import _

SHEET_ROWS = 1_048_576
# Above 2 GiB a part needs ZIP64, which Excel reports as damage; a further sheet is opened long before.
_SHEET_BYTES = 1_900_000_000
_CELL_CHARACTERS = 32_767
_EXACT_DIGITS = 15
_WIDTH_ROWS = 100
_FLUSH_ROWS = 500
_DICTIONARY_COLUMNS = 4  # before the values that are offered
_STYLES: dict[Kind, int] = {"date": 2, "datetime": 3, "money": 4}
_ROW_IS_PLAIN = re.compile(r"[&<>\x00-\x08\x0b-\x1e\ufffe\uffff\ud800-\udfff]|_x|[ \t\n](?:\x1f|\Z)|(?:\A|\x1f)[ \t\n]")
_ONLY_TEXT = frozenset((str,))


def create(
    stream: BinaryIO, format_id: str, columns: Sequence[Column], profile: Profile, for_file: bool
) -> "XlsxTable":
    """A workbook on ``stream``; texts are typed as text, so neither profile needs to change them."""
    return XlsxTable(stream, columns)


class XlsxTable:
    """Rows as worksheets, a further one whenever one is full."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column], *, sheet_rows: int = SHEET_ROWS) -> None:
        self.guarded = self.shortened = 0
        self._columns = columns
        self._limit = sheet_rows
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._letters = [column_letters(index) for index in range(len(columns))]
        self._typed = any(column.kind != "text" for column in columns)
        self._opening = [f'<c r="{letters}' for letters in self._letters]
        self._widths = [_width(column.label) + 2 for column in columns]
        self._waiting: list[Sequence[object]] = []  # the first rows, until the widths of the columns are known
        self._buffer: list[str] = []
        self._sheet: IO[bytes] | None = None
        self._row = 0
        self._bytes = 0
        self._sheets: list[int] = []
        self._lists = self._offered()

    @property
    def sheets(self) -> int:
        """How many sheets of rows there are so far."""
        return max(1, len(self._sheets))

    def write(self, row: Row) -> None:
        """Write one row of values; what does not fit the kind of its column is written as text."""
        values = row_values(row, self._columns)
        if self._sheet is None:
            self._waiting.append(list(values))
            if len(self._waiting) >= _WIDTH_ROWS:
                self._begin()
            return
        self._row_of(values)

    def finish(self) -> None:
        """Close the last sheet and write the parts that name them all."""
        if self._sheet is None:
            self._begin()
        self._end_sheet()
        rows, dictionary = list(self._sheets), None
        if any(column.about for column in self._columns):
            dictionary = self._dictionary()
            rows.append(len(self._columns) + 1)
        for part, content in package_parts(_("Customers"), self._letters[-1], rows, dictionary).items():
            self._zip.writestr(part, content)
        self._zip.close()

    def abandon(self) -> None:
        """Let go of the container; what it still wants to write does not matter."""
        for part in (self._sheet, self._zip):
            try:
                if part is not None:
                    part.close()
            except OSError:
                continue  # no space left, which is why we are here

    def _begin(self) -> None:
        for values in self._waiting:
            for index, value in enumerate(values[: len(self._widths)]):
                self._widths[index] = max(self._widths[index], _width(cell_text(value)[:60]) + 1)
        self._open_sheet()
        waiting, self._waiting = self._waiting, []
        for values in waiting:
            self._row_of(values)

    def _row_of(self, values: Sequence[object]) -> None:
        if self._row >= self._limit or self._bytes > _SHEET_BYTES:
            self._end_sheet()
            self._open_sheet()
        self._row += 1
        number = str(self._row)
        if self._typed or not _ONLY_TEXT.issuperset(map(type, values)):
            self._mixed_row(number, values)
        else:
            self._text_row(number, values)  # type: ignore[arg-type]
        if len(self._buffer) >= _FLUSH_ROWS:
            self._flush()

    def _text_row(self, number: str, texts: Sequence[str]) -> None:
        """One search tells that a row needs no escaping, as nearly all do not."""
        together = "\x1f".join(texts)
        if (
            _ROW_IS_PLAIN.search(together)
            or together.count("\x1f") >= max(1, len(texts))
            or len(together) > _CELL_CHARACTERS
        ):
            cells = [
                self._text(opening, number, text) for opening, text in zip(self._opening, texts, strict=False) if text
            ]
        else:
            middle = number + '" t="inlineStr"><is><t>'
            cells = [
                opening + middle + text + "</t></is></c>"
                for opening, text in zip(self._opening, texts, strict=False)
                if text
            ]
        self._buffer.append(f'<row r="{number}">{"".join(cells)}</row>')

    def _mixed_row(self, number: str, values: Sequence[object]) -> None:
        cells = []
        for opening, column, value in zip(self._opening, self._columns, values, strict=False):
            if value is None or value == "":
                continue
            typed = _TYPED[column.kind](value) if column.kind in _TYPED else None
            if typed is not None:
                cells.append(f'{opening}{number}"{typed}</c>')
            else:
                cells.append(self._text(opening, number, cell_text(value)))
        self._buffer.append(f'<row r="{number}">{"".join(cells)}</row>')

    def _text(self, opening: str, number: str, text: str) -> str:
        if len(text) > _CELL_CHARACTERS:
            self.shortened += 1
            text = text[: _CELL_CHARACTERS - 1] + "…"  # Excel calls the workbook damaged if one cell holds more
        return f'{opening}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'

    def _flush(self) -> None:
        assert self._sheet is not None
        block = "".join(self._buffer).encode()
        self._bytes += len(block)
        self._sheet.write(block)
        self._buffer.clear()

    def _open_sheet(self) -> None:
        number = len(self._sheets) + 1
        self._sheet = self._zip.open(f"xl/worksheets/sheet{number}.xml", "w")
        self._row, self._bytes = 1, 0
        labels = [column.label for column in self._columns]
        self._buffer.append(sheet_head(labels, self._widths, first=number == 1))

    def _offered(self) -> dict[str, str]:
        """By column, the cells of the data dictionary with the values it offers."""
        first = column_letters(_DICTIONARY_COLUMNS)
        return {
            self._letters[index]: f"'{DICTIONARY_SHEET}'!${first}${index + 2}"
            f":${column_letters(_DICTIONARY_COLUMNS + len(column.choices) - 1)}${index + 2}"
            for index, column in enumerate(self._columns)
            if column.choices and column.about
        }

    def _dictionary(self) -> tuple[str, str]:
        """Write the sheet that says what each column is; its name and last column."""
        labels = [_("Column"), _("Place"), _("Field"), _("Kind"), _("Values that are offered")]
        most = max(len(column.choices) for column in self._columns)
        labels += [""] * max(0, most - 1)
        rows = [
            [column.label, letters, *(*column.about.split(" · ", 1), "")[:2], *column.choices]
            for column, letters in zip(self._columns, self._letters, strict=True)
        ]
        widths = [max(map(_width, texts)) + 2 for texts in zip(labels[:4], *(row[:4] for row in rows), strict=True)]
        content = sheet_head(labels, [*widths, *([14] * max(1, most))], first=False)
        content += "".join(text_row(number, row) for number, row in enumerate(rows, 2))
        last = column_letters(len(labels) - 1)
        name = f"xl/worksheets/sheet{len(self._sheets) + 1}.xml"
        self._zip.writestr(name, content + sheet_tail(last, len(rows) + 1))
        return DICTIONARY_SHEET, last

    def _end_sheet(self) -> None:
        assert self._sheet is not None
        self._buffer.append(sheet_tail(self._letters[-1], self._row, self._lists))
        self._flush()
        self._sheet.close()
        self._sheets.append(self._row)


def _width(text: str) -> int:
    """Columns of digits a text needs, roughly: a Hanzi takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _number(value: object) -> str | None:
    """A number cell after its reference; None for what Excel would not keep exactly."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if isinstance(value, str) and value != _shortest(number):
        return None  # 007 and 1.50 would come back as 7 and 1.5
    if (
        not number.is_finite()
        or len(number.normalize().as_tuple().digits) > _EXACT_DIGITS
        or abs(number.adjusted()) > 300
    ):
        return None
    return f"><v>{number:f}</v>" if -20 < number.adjusted() < 20 else None


def _shortest(number: Decimal) -> str:
    """A number in as few digits as a cell would show it with."""
    if not number.is_finite() or abs(number.adjusted()) > _EXACT_DIGITS or (number.is_signed() and not number):
        return ""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _money(value: object) -> str | None:
    number = _number(value)
    return None if number is None else f' s="{_STYLES["money"]}"{number}'


def _bool(value: object) -> str | None:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.casefold())
    return f' t="b"><v>{int(value)}</v>' if isinstance(value, bool) else None


def _moment(value: object, style: int, *, whole_days: bool) -> str | None:
    """A date cell; None for partial dates and for days before March 1900, which Excel counts wrongly or not at all."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, date):
        return None
    moment = value.replace(tzinfo=None) if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    past = moment - datetime(1899, 12, 30)
    if past.days < 61 or (whole_days and (past.seconds or past.microseconds)):
        return None
    if whole_days:
        return f' s="{style}"><v>{past.days}</v>'
    return f' s="{style}"><v>{past.days + round((past.seconds + past.microseconds / 1e6) / 86_400, 9):.9f}</v>'


_TYPED: dict[Kind, Callable[[object], str | None]] = {
    "number": _number,
    "money": _money,
    "bool": _bool,
    "date": lambda value: _moment(value, _STYLES["date"], whole_days=True),
    "datetime": lambda value: _moment(value, _STYLES["datetime"], whole_days=False),
}
