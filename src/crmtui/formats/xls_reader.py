"""Workbooks read by calamine: the old binary ones (xls, and the et files of WPS) and xlsb.

It builds the whole sheet in memory and can be made to end its process, so even the first look happens in a child.
"""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from crmtui.errors import FormatError, UsageError
from crmtui.formats.guard import run_guarded
from crmtui.formats.header import looks_like_data, settle
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
from crmtui.formats.xlsx_package import damaged, open_package
from crmtui.i18n import _

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_LOOK_AT = 40
_EXACT = 10**15
_HEAD = 64 * 1024
_SHORT_CELLS = range(12, 19)
_CLEARLY = 0.1  # what a later sheet must have over an earlier one to be taken for the data


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """Sheets, the one that holds the table, its header, columns and sample."""
    look_at = max(_LOOK_AT, (choices.header_row or 0) + SAMPLE_ROWS)
    name, sheets, rows = next(run_guarded(_beginning, path, data, choices.sheet, look_at, seconds=60))
    records = [Record(number, cells) for number, cells in rows]
    if not records:
        raise FormatError(_("the file holds no rows"), where=place(path))
    table = settle(records, choices.header_row, path)
    others = [sheet.name for sheet in sheets if sheet.name != name and not sheet.hidden]
    hidden = [sheet.name for sheet in sheets if sheet.hidden]
    notes = list(table.notes)
    if hidden:
        notes.insert(0, Note("hidden_sheets", _("hidden sheets: {names}").format(names=", ".join(hidden[:10]))))
    if others:
        text = _("sheet “{name}” is read; there are also: {others}").format(name=name, others=", ".join(others[:10]))
        notes.insert(0, Note("other_sheets", text))
    return Detection(
        format=format_id,
        sheet=name,
        sheets=tuple(sheets),
        header_row=table.header_row,
        header_confidence=table.confidence,
        skipped_rows=table.skipped,
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
        workbook = _open(self._data, self._path)
        with _calamine(self._path):
            sheet = workbook.get_sheet_by_name(self._detection.sheet or "")
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
    workbook = _open(data, path)
    hidden = _worksheets(workbook)
    if not hidden:
        raise FormatError(_("the workbook has no sheet with cells"), where=place(path))
    sheets: list[Sheet] = []
    beginnings: dict[str, list[tuple[int, list[str]]]] = {}
    for name in hidden:
        with _calamine(path):
            sheet = workbook.get_sheet_by_name(name)
        sheets.append(Sheet(name, _height(sheet), hidden[name]))
        beginnings[name] = list(islice(_rows(sheet, path, []), look_at))
        del sheet  # each holds all of its cells
    chosen = _choose(sheets, beginnings, path) if asked is None else _asked(sheets, asked, path)
    yield chosen, sheets, beginnings[chosen]


def _asked(sheets: list[Sheet], asked: str, path: Path | None) -> str:
    """The sheet asked for by name or number."""
    names = [sheet.name for sheet in sheets]
    if asked in names:
        return asked
    if asked.isdecimal() and 0 < int(asked) <= len(names):
        return names[int(asked) - 1]
    raise UsageError(
        _("there is no sheet “{name}”").format(name=asked),
        where=place(path),
        hint=_("Its sheets: {names}.").format(names=", ".join(names)),
    )


def _choose(sheets: list[Sheet], beginnings: dict[str, list[tuple[int, list[str]]]], path: Path | None) -> str:
    """The first visible sheet that looks clearly more like data than those before it: explanations often come first."""
    visible = [sheet.name for sheet in sheets if not sheet.hidden] or [sheet.name for sheet in sheets]
    best, best_score = "", 0.0
    for name in visible:
        score = looks_like_data([cells for _number, cells in beginnings[name]])
        if score > best_score + _CLEARLY:
            best, best_score = name, score
    if best:
        return best
    filled = next((name for name in visible if beginnings[name]), None)
    if filled is None:
        raise FormatError(_("the file holds no rows"), where=place(path))
    return filled


def _open(data: bytes, path: Path | None) -> "CalamineWorkbook":
    """The workbook; one that is a ZIP only within the limits of an xlsx."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if data.startswith(b"PK"):
        with open_package(io.BytesIO(data), path) as archive:
            _check_cell_notation(archive, path)
    try:
        with _calamine(path):
            return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError:
        raise FormatError(
            _("the workbook is protected with a password"),
            where=place(path),
            hint=_("Open it in Excel or WPS, remove the password (File, Info, Protect), save and import again."),
        ) from None
    except CalamineError:
        raise damaged(path) from None


@contextmanager
def _calamine(path: Path | None) -> Iterator[None]:
    """What calamine raises for files it cannot make sense of, as our error; a panic inside of it is no Exception."""
    try:
        yield
    except (OSError, ValueError, IndexError, RuntimeError):
        raise damaged(path) from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise damaged(path) from None
        raise


def _check_cell_notation(archive: ZipFile, path: Path | None) -> None:
    """Refuse an xlsb whose cells are in the short form that Excel reads but does not write: calamine passes over them."""
    parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".bin")]
    for part in parts:
        try:
            with archive.open(part) as content:
                head = content.read(_HEAD)
        except (BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error):
            raise damaged(path) from None
        if any(kind in _SHORT_CELLS for kind in _record_kinds(head)):
            raise FormatError(
                _("the workbook stores its cells in a short form that is not read"),
                where=place(path),
                hint=_("Open it in a spreadsheet program, save it as XLSX and import that."),
            )


def _record_kinds(block: bytes) -> Iterator[int]:
    """The kinds of the records in the beginning of a sheet: each is a kind, a length and so many bytes."""
    at = 0
    while at + 6 < len(block):
        kind = block[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (block[at] & 0x7F) << 7
            at += 1
        yield kind
        length = shift = 0
        while at < len(block):
            length |= (block[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not block[at - 1] & 0x80 or shift > 21:
                break
        at += length


def _worksheets(workbook: "CalamineWorkbook") -> dict[str, bool]:
    """The sheets with cells, in their order, and whether each is hidden."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return {
        sheet.name: sheet.visible != SheetVisibleEnum.Visible
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    }


def _height(sheet: "CalamineSheet") -> int:
    """Rows up to the last cell."""
    return sheet.end[0] + 1 if sheet.end else 0


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
