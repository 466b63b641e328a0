"""Old binary workbooks (xls, and the et files of WPS), read by calamine.

It builds the whole sheet in memory and can be made to end its process, so even the first look happens in a child.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from crmtui.errors import FormatError, UsageError
from crmtui.formats.guard import run_guarded
from crmtui.formats.header import settle
from crmtui.formats.source import FixedSizeFile
from crmtui.formats.table import (
    MAX_COLUMNS,
    SAMPLE_ROWS,
    Choices,
    Detection,
    Note,
    Record,
    Sheet,
    place,
    too_many_columns,
)
from crmtui.i18n import _

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_LOOK_AT = 40
_EXACT = 10**15


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """Sheets, the one that holds the table, its header, columns and sample."""
    look_at = max(_LOOK_AT, (choices.header_row or 0) + SAMPLE_ROWS)
    name, sheets, rows = next(run_guarded(_beginning, path, data, choices.sheet, look_at, seconds=60))
    records = [Record(number, cells) for number, cells in rows]
    if not records:
        raise FormatError(_("the file holds no rows"), where=place(path))
    table = settle(records, choices.header_row, path)
    others = [sheet.name for sheet in sheets if sheet.name != name and not sheet.hidden]
    notes = list(table.notes)
    if others:
        text = _("sheet “{name}” is read; there are also: {others}").format(name=name, others=", ".join(others[:10]))
        notes.insert(0, Note("other_sheets", text))
    return Detection(
        format=format_id,
        sheet=name,
        sheets=tuple(sheets),
        header_row=table.header_row,
        columns=table.columns,
        sample=table.sample,
        notes=tuple(notes),
    )


def open_rows(path: Path, detection: Detection) -> "XlsRows":
    """The rows of the chosen sheet after its header."""
    return XlsRows(path, detection)


class XlsRows:
    """Rows of one worksheet; to be iterated inside ``run_guarded``. The position is known only at the beginning and the
    end."""

    def __init__(self, path: Path, detection: Detection) -> None:
        self._path = path
        self._detection = detection
        with FixedSizeFile(path) as source:
            self.size = source.size
            self._data = source.read(self.size) or b""
        self.position = 0
        self.notes: list[Note] = []

    def __enter__(self) -> "XlsRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file's content."""
        self._data = b""

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        sheets = _open(self._data, self._path)
        sheet = next((sheet for sheet in sheets if sheet.name == self._detection.sheet), sheets[0])
        for number, cells in _rows(sheet, self._path, self.notes):
            if number > self._detection.header_row:
                yield number, cells
        self.position = self.size


def _beginning(
    path: Path | None, data: bytes | None, asked: str | None, look_at: int
) -> Iterator[tuple[str, list[Sheet], list[tuple[int, list[str]]]]]:
    """Name of the chosen sheet, all sheets and the first rows; run in a child."""
    if data is None:
        with FixedSizeFile(path or Path()) as source:
            data = source.read(source.size) or b""
    found = _open(data, path)
    sheets = [Sheet(sheet.name, _size(sheet)[0], False) for sheet in found]
    if asked is None:
        chosen = next((sheet for sheet in found if min(_size(sheet)) > 1), found[0])
    else:
        numbered = found[int(asked) - 1] if asked.isdecimal() and 0 < int(asked) <= len(found) else None
        named = next((sheet for sheet in found if sheet.name == asked), numbered)
        if named is None:
            raise UsageError(_("there is no sheet “{name}”").format(name=asked), where=place(path))
        chosen = named
    rows = []
    for row in _rows(chosen, path, []):
        rows.append(row)
        if len(rows) >= look_at:
            break
    yield chosen.name, sheets, rows


def _open(data: bytes, path: Path | None) -> "list[CalamineSheet]":
    """The visible worksheets of a workbook."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = [
            workbook.get_sheet_by_name(sheet.name)
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
    except PasswordError:
        raise FormatError(_("the workbook is protected with a password"), where=place(path)) from None
    except (CalamineError, OSError, ValueError):
        raise FormatError(_("the workbook is damaged or was not copied completely"), where=place(path)) from None
    if not visible:
        raise FormatError(_("the workbook has no sheet with cells"), where=place(path))
    return visible


def _size(sheet: "CalamineSheet") -> tuple[int, int]:
    """Rows and columns up to the last cell."""
    return (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)


def _rows(sheet: "CalamineSheet", path: Path | None, notes: list[Note]) -> Iterator[tuple[int, list[str]]]:
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MAX_COLUMNS:
            raise too_many_columns(path, number)
        for column, value in enumerate(values, 1):
            if isinstance(value, float) and abs(value) >= _EXACT and len(notes) < 100:
                explanation = _("the spreadsheet stored this number without its last digits")
                notes.append(Note("precision_lost", explanation, number, column))
        if cells:
            yield number, cells


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return "" if value is None else str(value)
